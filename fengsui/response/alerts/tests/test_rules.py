"""What follows what, and who may say yes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.response.alerts import rules
from fengsui.response.alerts.rules import Predecessor, Sequel, StandingAuthorisation
from fengsui.response.alerts.states import MOVES, AlertState, may_move

NOW = datetime(2026, 7, 16, 18, 10, tzinfo=UTC)


def before(level: str = "orange", **changes: object) -> Predecessor:
    known: dict[str, object] = {
        "alert_id": 7,
        "identifier": "first",
        "issuer": "示例县气象局",
        "category": "11B03",
        "level": level,
        "area_codes": ("439901101000",),
        "exercise": False,
    }
    return Predecessor(**(known | changes))  # type: ignore[arg-type]


def find(active: list[Predecessor], **changes: object) -> Predecessor | None:
    asked: dict[str, object] = {
        "issuer": "示例县气象局",
        "category": "11B03",
        "references": (),
        "area_codes": ("439901101201",),
        "exercise": False,
    }
    return rules.find_predecessor(**(asked | changes), active=active)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("msg_type", "level", "previous", "expected"),
    [
        ("Alert", "red", None, Sequel.NEW),
        ("Alert", "orange", "orange", Sequel.CONTINUED),  # 继续发布: nobody is called twice
        ("Update", "red", "orange", Sequel.UPGRADED),  # called anew
        ("Update", "yellow", "orange", Sequel.DOWNGRADED),
        ("Cancel", "orange", "orange", Sequel.LIFTED),
        ("Cancel", "orange", None, Sequel.LIFTED),  # a lifting never calls anybody, even unmatched
    ],
)
def test_what_a_new_message_is_to_the_one_in_force(
    msg_type: str, level: str, previous: str | None, expected: Sequel
) -> None:
    known = before(previous) if previous else None
    assert rules.sequel(msg_type=msg_type, level=level, predecessor=known) is expected


def test_a_reference_names_the_predecessor_also_as_a_cap_triple() -> None:
    assert find([before()], issuer="省气象局", references=("first",)) == before()
    assert find([before()], issuer="省气象局", references=("someone,first,2026-07-16",)) == before()


def test_the_same_hazard_on_other_ground_is_another_warning() -> None:
    assert find([before()], area_codes=("439901201000",)) is None
    assert find([before()], category="11B06") is None


def test_an_exercise_never_follows_a_real_warning() -> None:
    assert find([before()], exercise=True, references=("first",)) is None
    assert find([before(exercise=True)], references=("first",)) is None


def authorisation(**changes: object) -> StandingAuthorisation:
    known: dict[str, object] = {
        "id": 1,
        "levels": frozenset({"red"}),
        "prefix": "439901",
        "valid_from": NOW - timedelta(days=1),
        "valid_until": NOW + timedelta(days=1),
    }
    return StandingAuthorisation(**(known | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "given_", "expected"),
    [
        ({}, {}, True),
        ({}, {"signature_valid": False}, False),  # only what is verified
        ({}, {"level": "orange"}, False),  # only what was signed for
        ({}, {"kind": "monitoring_alarm"}, False),  # only official warnings
        ({}, {"exercise": True}, False),
        ({"valid_until": NOW}, {}, False),  # the end is not included
        ({"prefix": "430000"}, {}, False),
    ],
)
def test_a_standing_authorisation_covers_exactly_what_was_signed(
    changes: dict[str, object], given_: dict[str, object], expected: bool
) -> None:
    asked: dict[str, object] = {
        "kind": "official_warning",
        "level": "red",
        "signature_valid": True,
        "exercise": False,
        "place_code": "439901000000",
        "now": NOW,
    }
    found = rules.authorisation_for(
        **(asked | given_),  # type: ignore[arg-type]
        authorisations=[authorisation(**changes)],
    )
    assert (found is not None) is expected


def test_a_province_wide_code_means_the_whole_county_and_a_neighbour_means_nothing() -> None:
    assert rules.area_within(["430000000000"], "433126") == ["433126000000"]
    assert rules.area_within(["433126101000"], "433126") == ["433126101000"]
    assert rules.area_within(["433123000000"], "433126") == []


@given(
    description=st.text(max_size=200),
    category=st.text(max_size=30),
    level=st.sampled_from(["red", "orange", "yellow", "blue", "none"]),
    kind=st.sampled_from(["official_warning", "monitoring_alarm", "evacuation_instruction"]),
    people=st.integers(0, 99_999),
    shelter=st.text(max_size=60),
)
def test_the_short_text_always_fits_forty_characters(
    description: str, category: str, level: str, kind: str, people: int, shelter: str
) -> None:
    text = rules.short_text(
        kind=kind,
        category_name=category,
        level=level,
        description=description,
        people=people,
        shelter=shelter,
    )
    assert 0 < len(text) <= rules.SHORT_TEXT_LIMIT


def test_the_short_text_says_what_comes_and_where_to_go() -> None:
    text = rules.short_text(
        kind="official_warning",
        category_name="暴雨",
        level="red",
        description="预计未来3小时，青石镇降雨量将达100毫米以上，山洪风险极高。",
        people=32,
        shelter="村小学",
    )
    assert text == "3小时内雨量将达100毫米以上，危险区32人现在转到村小学。"


def test_no_move_leads_out_of_an_end() -> None:
    assert MOVES[AlertState.CANCELLED] == frozenset()
    assert not may_move("draft", AlertState.APPROVED)
    assert not may_move("cancelled", AlertState.ACTIVE)


@given(st.integers(0, 5), st.integers(0, 5))
def test_nobody_approves_their_own(author: int, approver: int) -> None:
    if rules.may_approve(author_id=author, approver_id=approver):
        assert author != approver != 0
