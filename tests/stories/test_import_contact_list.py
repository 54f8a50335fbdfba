"""A contact list as offices keep it: whoever holds two posts stands there on two lines."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.imports.models import Import
from fengsui.foundation.imports.services import registers
from fengsui.foundation.imports.states import RowKind, RowState
from fengsui.foundation.ledgers import services as ledgers
from fengsui.foundation.people.models import ContactPoint, Person, PostHolding
from tests.world import county as world
from tests.world import office

HEADER = ["村", "姓名", "手机", "职务", "AB岗"]
PHONE = "00099990001"
SECRETARY = ["石滩村", "示意寅", PHONE, "村支书", "A 岗"]
GRID = ["石滩村", "示意寅", PHONE, "网格员", "B 岗"]
FLOOD = ["石滩村", "示意寅", "", "山洪预警员", ""]


@pytest.fixture
def county(node: Any) -> world.County:
    return world.build()


def look(county: world.County, *rows: list[Any]) -> Import:
    clerk = county.viewer("qingshi")
    content = office.csv_of([HEADER, *rows])
    return office.settle(clerk, office.bring(clerk, "persons", content, "通讯录.csv"))


def bring(county: world.County, *rows: list[Any]) -> Import:
    return office.carry_out(county.viewer("qingshi"), look(county, *rows))


def kinds(one: Import) -> list[RowKind]:
    return [row.kind for row in office.rows_of(one)]


def posts_of(name: str) -> list[tuple[str, str]]:
    held = PostHolding.objects.filter(person__name=name, until_at__isnull=True)
    return sorted((one.post.title, one.slot) for one in held.select_related("post"))


def test_one_person_on_two_lines_becomes_one_person_with_two_posts(county: world.County) -> None:
    one = look(county, SECRETARY, GRID, FLOOD)
    assert kinds(one) == [RowKind.NEW] * 3
    assert [row.is_further for row in office.rows_of(one)] == [False, True, True]
    done = office.carry_out(county.viewer("qingshi"), one)
    assert {row.state for row in office.rows_of(done)} == {RowState.DONE}
    person = Person.objects.get(name="示意寅")
    assert posts_of("示意寅") == [("山洪预警员", "A"), ("村支书", "A"), ("网格员", "B")]
    assert ContactPoint.objects.filter(person=person, value=PHONE).count() == 1


def test_the_same_lines_again_in_any_order_change_nothing(county: world.County) -> None:
    bring(county, SECRETARY, GRID, FLOOD)
    for rows in ([SECRETARY, GRID, FLOOD], [FLOOD, GRID, SECRETARY], [GRID], [FLOOD]):
        assert set(kinds(look(county, *rows))) == {RowKind.SAME}, rows


def test_a_new_line_adds_a_post_and_takes_none_away(county: world.County) -> None:
    bring(county, SECRETARY)
    one = look(county, GRID, SECRETARY)
    assert kinds(one) == [RowKind.CHANGED, RowKind.SAME]
    office.carry_out(county.viewer("qingshi"), one)
    assert posts_of("示意寅") == [("村支书", "A"), ("网格员", "B")]
    assert Person.objects.filter(name="示意寅").count() == 1


def test_one_line_alone_still_changes_the_post(county: world.County) -> None:
    bring(county, SECRETARY)
    one = look(county, GRID)
    assert kinds(one) == [RowKind.CHANGED]
    office.carry_out(county.viewer("qingshi"), one)
    assert posts_of("示意寅") == [("网格员", "B")]


def test_namesakes_with_two_numbers_stay_a_fault(county: world.County) -> None:
    other = [*GRID]
    other[2] = "00099990002"
    one = look(county, SECRETARY, other)
    assert kinds(one) == [RowKind.NEW, RowKind.FAULTY]
    assert any("与第 2 行重复" in text for text in office.said(county.viewer("qingshi"), one))


def test_a_number_on_one_of_the_lines_is_enough(county: world.County) -> None:
    done = bring(county, FLOOD, SECRETARY)
    assert {row.state for row in office.rows_of(done)} == {RowState.DONE}
    assert ContactPoint.objects.filter(person__name="示意寅", value=PHONE).count() == 1
    assert posts_of("示意寅") == [("山洪预警员", "A"), ("村支书", "A")]


def test_the_same_line_twice_is_one(county: world.County) -> None:
    assert kinds(look(county, SECRETARY, GRID, SECRETARY, GRID)) == [
        RowKind.NEW,
        RowKind.NEW,
        RowKind.SAME,
        RowKind.SAME,
    ]


def test_all_posts_of_the_list_are_undone_with_it(county: world.County) -> None:
    done = bring(county, SECRETARY, GRID)
    ledgers.undo(
        viewer=node_viewer(),
        change_set_id=int(str(registers.set_id(done.cause))),
        reason="示意理由",
    )
    assert posts_of("示意寅") == []
    assert not Person.objects.filter(name="示意寅", is_withdrawn=False).exists()


def test_lines_of_one_person_in_two_pieces_find_each_other(
    county: world.County, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fengsui.foundation.imports.services import carrying

    monkeypatch.setattr(carrying, "ROWS_PER_COMMAND", 1)
    done = bring(county, SECRETARY, GRID)
    assert {row.state for row in office.rows_of(done)} == {RowState.DONE}
    assert posts_of("示意寅") == [("村支书", "A"), ("网格员", "B")]
