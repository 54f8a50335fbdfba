"""A view that an office keeps for its own: who finds it, and what it never opens."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Viewer, grants_of
from fengsui.foundation.ledgers import queries, services
from fengsui.foundation.ledgers.queries import PageRequest
from fengsui.foundation.ledgers.services.views import VIEWS_PER_PERSON
from tests.world import county as world

LEDGER = "households"
QUERY: dict[str, Any] = {"where": {"assist_level": "1"}, "order": "label"}
COLUMNS = ["label", "people_count"]


@pytest.fixture
def county(node: Any) -> world.County:
    return world.build()


def keep(viewer: Viewer, title: str = "需协助", *, is_shared: bool = True, **more: Any) -> str:
    said = {"query": QUERY, "columns": COLUMNS} | more
    made = services.save_view(
        viewer=viewer, ledger=LEDGER, title=title, is_shared=is_shared, **said
    )
    return str(made["id"])


def seen(viewer: Viewer) -> list[tuple[str, bool]]:
    return [(one["title"], one["is_own"]) for one in queries.views(LEDGER, viewer=viewer)]


def colleague(county: world.County, place: str) -> Viewer:
    person = county.ids["fengping_a"]
    grants = grants_of([["township_officer", place]])
    return Viewer(person_id=person, name="示意辛", grants=grants)


def test_a_view_is_shared_with_whoever_sees_the_whole_office(county: world.County) -> None:
    keep(county.viewer("qingshi"))
    keep(county.viewer("qingshi"), "只给自己", is_shared=False)
    assert seen(county.viewer("qingshi")) == [("只给自己", True), ("需协助", True)]
    # A colleague of the township and the county above it; not the next township, nor a village.
    assert seen(colleague(county, world.QINGSHI)) == [("需协助", False)]
    assert seen(county.viewer("officer")) == [("需协助", False)]
    assert seen(colleague(county, world.BAISHUI)) == []
    assert seen(county.viewer("shitan_a")) == []


def test_a_view_of_the_county_is_none_of_the_townships(county: world.County) -> None:
    keep(county.viewer("officer"))
    assert seen(county.viewer("leader")) == [("需协助", False)]
    assert seen(county.viewer("qingshi")) == []


def test_somebody_elses_view_is_neither_forgotten_nor_replaced(county: world.County) -> None:
    one = keep(county.viewer("qingshi"))
    other = colleague(county, world.QINGSHI)
    with pytest.raises(Problem) as refused:
        services.forget_view(viewer=other, ledger=LEDGER, view_id=int(one))
    assert refused.value.kind.code == "access.not_found"
    keep(other, query={"where": {}}, is_shared=True)
    mine = {view["id"]: view for view in queries.views(LEDGER, viewer=county.viewer("qingshi"))}
    assert mine[one]["query"] == QUERY
    assert sorted(view["is_own"] for view in mine.values()) == [False, True]


def test_it_is_taken_back_by_keeping_it_for_oneself(county: world.County) -> None:
    one = keep(county.viewer("qingshi"))
    assert keep(county.viewer("qingshi"), is_shared=False) == one
    assert seen(colleague(county, world.QINGSHI)) == []
    services.forget_view(viewer=county.viewer("qingshi"), ledger=LEDGER, view_id=int(one))
    assert seen(county.viewer("qingshi")) == []


def test_a_shared_view_opens_no_row_that_one_does_not_see(county: world.County) -> None:
    """What is kept is the question; the answer is each reader's own."""
    keep(county.viewer("qingshi"), query={"where": {}, "under": world.BAISHUI})
    (shared,) = queries.views(LEDGER, viewer=colleague(county, world.QINGSHI))
    asked = PageRequest(under=shared["query"]["under"], where=shared["query"]["where"])
    assert queries.page(LEDGER, asked, viewer=colleague(county, world.QINGSHI))["items"] == []
    assert queries.page(LEDGER, asked, viewer=county.viewer("officer"))["items"] != []


def test_whoever_may_not_see_the_register_sees_no_view_of_it(county: world.County) -> None:
    keep(county.viewer("officer"))
    stranger = Viewer(person_id=county.ids["school"], name="示意丑", grants=())
    with pytest.raises(Problem) as refused:
        queries.views(LEDGER, viewer=stranger)
    assert refused.value.kind.code == "access.not_found"


def test_views_have_a_limit_and_columns_that_exist(county: world.County) -> None:
    clerk = county.viewer("qingshi")
    for number in range(VIEWS_PER_PERSON):
        keep(clerk, f"视图{number}")
    with pytest.raises(Problem) as full:
        keep(clerk, "再来一个")
    assert full.value.kind.code == "ledgers.too_many_views"
    keep(clerk, "视图0", is_shared=False)
    with pytest.raises(Problem) as wrong:
        keep(clerk, "视图0", columns=["password"])
    assert wrong.value.kind.code == "ledgers.bad_query"
