"""The index follows the registers, and answers only within a viewer's own jurisdiction."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Grant, Scope, Viewer, node_viewer
from fengsui.foundation.journal import clock, replay
from fengsui.foundation.ledgers import services as ledgers
from fengsui.foundation.people import services as people
from fengsui.review.search import queries, services
from fengsui.review.search.errors import QUESTION_TOO_SHORT
from fengsui.review.search.models import SearchKey
from fengsui.review.search.states import Kind
from fengsui.standards.divisions import scope_prefix
from tests.world import county as world

NODE = node_viewer()


def officer_of(code: str, role: str = "township_officer") -> Viewer:
    return Viewer(person_id=1, name="示意", grants=(Grant(role, Scope(scope_prefix(code))),))


def level() -> None:
    for _ in range(200):
        if not services.follow(clock.now()):
            return
    raise AssertionError("the index never gets level")


def titles(question: str, viewer: Viewer = NODE, **more: Any) -> list[str]:
    return [row["title"] for row in queries.find(question, viewer=viewer, **more)["items"]]


@pytest.fixture
def valley(node: Any) -> dict[str, int]:
    world.build()
    refs = people.register_people(
        viewer=NODE,
        is_invented=True,
        persons=[
            {"ref": "one", "name": "示意曾甲", "place_code": world.SHITAN},
            {"ref": "other", "name": "示意曾乙", "place_code": world.GAOZHAI},
        ],
        posts=[{"ref": "post", "place_code": world.SHITAN, "role": "grid_worker",
                "title": "石滩村一网格员"}],
        holdings=[{"post": "post", "person": "one"}],
        contact_points=[
            {"ref": "number", "person": "one", "kind": "phone", "value": "00012345678"},
            {"person": "other", "kind": "phone", "value": "00087655678"},
        ],
    )  # fmt: skip
    refs |= people.register_households(
        viewer=NODE,
        is_invented=True,
        households=[
            {"ref": "home", "place_code": world.SHITAN, "label": "示意曾家", "people_count": 4}
        ],
    )
    level()
    return refs


def test_a_name_its_pinyin_and_its_number_find_a_person(valley: dict[str, int]) -> None:
    for question in ("示意曾甲", "曾甲", "syzj", "zengjia", "00012345678", "45678"):
        assert "示意曾甲" in titles(question), question
    (found,) = [
        row for row in queries.find("曾甲", viewer=NODE)["items"] if row["kind"] == "persons"
    ]
    assert found["detail"] == {"titles": ["石滩村一网格员"], "phone_masked": "000****5678"}
    assert [one["code"] for one in found["path"]] == [world.COUNTY, world.QINGSHI, world.SHITAN]


def test_a_long_fact_is_indexed_in_several_steps(
    valley: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step holds up the writer for less than 10 ms, however many rows one fact has."""
    people.register_households(
        viewer=NODE,
        is_invented=True,
        households=[
            {"place_code": world.SHITAN, "label": f"示意长{n:02d}", "people_count": 1}
            for n in range(23)
        ],
    )
    monkeypatch.setattr(services, "ROWS_PER_STEP", 10)
    before = SearchKey.objects.filter(kind=Kind.HOUSEHOLD).values("entity").distinct().count()
    found = []
    for _ in range(3):
        assert services.follow(clock.now())
        rows = SearchKey.objects.filter(kind=Kind.HOUSEHOLD)
        found.append(rows.values("entity").distinct().count() - before)
    assert found == [10, 20, 23]
    # What came with it in the meantime is not forgotten.
    people.register_households(
        viewer=NODE,
        is_invented=True,
        households=[{"place_code": world.SHITAN, "label": "示意短", "people_count": 1}],
    )
    level()
    assert titles("示意短") == ["示意短"]
    assert titles("长22") == ["示意长22"]


def test_a_place_and_a_name_narrow_each_other(valley: dict[str, int]) -> None:
    assert {"示意曾甲", "示意曾乙"} <= set(titles("5678"))
    assert titles("青石 5678") == ["示意曾甲"]
    assert titles("5678 曾乙") == ["示意曾乙"]


def test_no_answer_leaves_its_jurisdiction(valley: dict[str, int]) -> None:
    assert "示意曾甲" in titles("5678", officer_of(world.QINGSHI))
    for stranger in (officer_of(world.BAISHUI), officer_of(world.GAOZHAI, "village_secretary")):
        for question in ("示意曾甲", "syzj", "00012345678", "示意曾家", "石滩村一网格员"):
            assert not {"示意曾甲", "示意曾家", "石滩村一网格员"} & set(titles(question, stranger))
    assert titles("示意曾甲", Viewer(person_id=0, name="")) == []
    # A role that sees places but no people gets no people.
    assert "示意曾甲" not in titles("曾甲", officer_of(world.COUNTY, "system_administrator"))


def test_a_masked_number_is_not_guessed_digit_by_digit(valley: dict[str, int]) -> None:
    """000****5678: one more digit at a time, by what answers and what does not."""
    number = "00012345678"
    curious = officer_of(world.QINGSHI)
    shorter = range(5, len(number))
    for question in ("{}", "青石 {}", "曾甲 {}"):
        told = [titles(question.format(number[-length:]), curious) for length in shorter]
        assert not [one for one in told if "示意曾甲" in one], question
    # What is shown anyway finds it, and so does a number that somebody knows.
    for known in ("5678", number):
        assert "示意曾甲" in titles(known, curious)
        assert "示意曾甲" in titles(f"曾甲 {known}", curious)


def test_an_index_that_is_wrong_shows_nothing_to_a_stranger(valley: dict[str, int]) -> None:
    """The keys of one township put under another's: the row itself is still gated."""
    SearchKey.objects.filter(kind=2, unit=world.QINGSHI[:9]).update(unit=world.BAISHUI[:9])
    assert "示意曾甲" not in titles("示意曾甲", officer_of(world.BAISHUI))


def test_a_corrected_name_and_a_new_number_are_found_and_the_old_ones_not(
    valley: dict[str, int],
) -> None:
    people.rename_person(viewer=NODE, person_id=valley["one"], name="示意单丙")
    people.replace_contact(
        viewer=NODE, contact_point_id=valley["number"], value="00033334444", reason="换了号码"
    )
    level()
    for question in ("单丙", "shanbing", "4444"):
        assert titles(question) == ["示意单丙"], question
    assert "示意单丙" not in titles("曾甲") + titles("00012345678")


def test_what_is_withdrawn_is_not_found_until_it_is_put_back(valley: dict[str, int]) -> None:
    ledgers.withdraw(viewer=NODE, ledger="persons", ids=[valley["one"]], reason="登记重复")
    ledgers.withdraw(viewer=NODE, ledger="households", ids=[valley["home"]], reason="登记重复")
    assert not {"示意曾甲", "示意曾家"} & set(
        titles("示意曾")
    )  # the row is gated before the index knows
    level()
    gone = SearchKey.objects.filter(entity__in=[valley["one"], valley["home"]])
    assert not gone.exists()
    ledgers.restore(viewer=NODE, ledger="persons", ids=[valley["one"]], reason="恢复登记")
    ledgers.change(viewer=NODE, ledger="persons", changes=[[valley["other"], {"name": "示意吴戊"}]])
    level()
    assert titles("曾甲") == ["示意曾甲"]
    assert titles("wuwu") == ["示意吴戊"]


def test_a_rebuild_and_a_new_kind_of_keys_lose_nothing(
    valley: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(SearchKey.objects.values_list("kind", "unit", "key", "entity"))
    replay.rebuild()
    monkeypatch.setattr(services, "KEYS_VERSION", services.KEYS_VERSION + 1)
    level()
    assert sorted(SearchKey.objects.values_list("kind", "unit", "key", "entity")) == before
    assert queries.find("曾甲", viewer=NODE)["behind"] == 0


def test_it_says_how_much_is_not_indexed_yet(valley: dict[str, int]) -> None:
    people.register_people(
        viewer=NODE,
        is_invented=True,
        persons=[{"ref": "new", "name": "示意丁", "place_code": world.SHITAN}],
    )
    assert queries.find("曾甲", viewer=NODE)["behind"] == 1


@pytest.mark.parametrize("question", ["", " ", "甲", "%", "'", "?", "\x00\x00"])
def test_a_question_that_says_nothing_is_refused(node: Any, question: str) -> None:
    with pytest.raises(Problem) as refused:
        queries.find(question, viewer=NODE)
    assert refused.value.kind is QUESTION_TOO_SHORT


@pytest.mark.parametrize("question", ["%%", "__", "' OR 1=1 --", "龘\x00龘", "龘龘", "9" * 40])
def test_a_hostile_question_finds_nothing(valley: dict[str, int], question: str) -> None:
    assert titles(question) == []
