"""What is shown, to whom, at what cost."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fengsui.engines.calls import queries, services
from fengsui.engines.calls.apply.writing import advance
from fengsui.engines.calls.models import Call
from fengsui.engines.calls.services.owning import this_driver
from fengsui.engines.calls.states import CallState
from fengsui.engines.calls.tests import town
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Grant, Scope, Viewer
from fengsui.foundation.journal import clock as the_clock

pytestmark = pytest.mark.usefixtures("node")
BOARD_QUERIES_MAX = 21


def _night(people: int = 40) -> int:
    town.phones(seed=3)
    return town.open_callout(
        [
            town.party(
                number,
                place=town.village(number % 2, number % 5),
                unit=town.village(number % 2, number % 5),
            )
            for number in range(1, people + 1)
        ]
    )


def test_a_viewer_sees_only_the_own_scope(clock: Any) -> None:
    callout_id = _night()
    town.run(minutes=3)
    everywhere = queries.board(callout_id, viewer=town.LEADER)
    own = queries.board(callout_id, viewer=town.TOWNSHIP_OFFICER)
    assert (everywhere["called"], own["called"]) == (40, 20)
    codes = {row["code"] for row in own["by_place"]}
    assert all(code.startswith("990101101") for code in codes)
    assert all(unit["code"].startswith("990101101") for unit in own["units"]["unanswered"])
    page = queries.unanswered(callout_id, viewer=town.TOWNSHIP_OFFICER, limit=200)
    assert all(item["place_code"].startswith("990101101") for item in page["items"])
    stranger = Viewer(5, "示意", (Grant("duty_officer", Scope.of("990202000000")),))
    for look in (queries.board, queries.unanswered, queries.curve, queries.by_rung):
        with pytest.raises(Problem, match="not_found"):
            look(callout_id, viewer=stranger)
    assert queries.my_open_calls(viewer=stranger) == []


def test_numbers_are_masked_and_looking_is_recorded(clock: Any) -> None:
    callout_id = _night(2)
    item = queries.unanswered(callout_id, viewer=town.LEADER)["items"][0]
    assert item["phone_masked"] == "*******0002"
    call_id = int(item["call_id"])
    secretary = Viewer(9, "示意", (Grant("village_secretary", Scope.of(town.COUNTY)),))
    with pytest.raises(Problem, match="not_allowed"):
        services.reveal_number(viewer=secretary, call_id=call_id, reason="电话核实")
    with pytest.raises(Problem, match="reason_required"):
        services.reveal_number(viewer=town.LEADER, call_id=call_id, reason=" ")
    shown = services.reveal_number(viewer=town.LEADER, call_id=call_id, reason="电话核实")
    assert shown == {"phone": town.phone(2)}


def test_the_unanswered_list_pages_without_gaps_or_repeats(clock: Any) -> None:
    callout_id = _night(25)
    seen, after = [], None
    while True:
        page = queries.unanswered(callout_id, viewer=town.LEADER, after=after, limit=7)
        seen += [item["person_id"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert sorted(map(int, seen)) == list(range(1, 26))
    assert len(seen) == 25


def test_the_board_of_a_past_moment_is_what_it_was_then(clock: Any) -> None:
    callout_id = _night()
    boards = []
    for _ in range(4):
        town.run(minutes=2)
        boards.append((the_clock.now(), queries.board(callout_id, viewer=town.LEADER)))
        clock.forward(seconds=1)
    town.run(minutes=60)
    names = (
        "called", "answered", "unanswered", "reached_in_person", "unreached_named",
        "needs_support", "units",
    )  # fmt: skip
    for at, then in boards:
        again = queries.board(callout_id, viewer=town.LEADER, at=at)
        assert {name: again[name] for name in names} == {name: then[name] for name in names}
        assert again["curve"] == then["curve"]
        assert again["callout"]["state"] == "open"


def test_counts_add_up_and_the_curve_only_rises(clock: Any) -> None:
    callout_id = _night()
    town.run(minutes=40)
    board = queries.board(callout_id, viewer=town.LEADER)
    ended = board["answered"] + board["reached_in_person"] + board["notified"]
    assert board["called"] == ended + board["unanswered"]
    counts = [count for _, count in board["curve"]]
    assert counts == sorted(counts)
    assert counts[-1] == ended
    assert sum(row["answered"] for row in board["by_place"]) == ended
    assert sum(row["tries"] for row in board["by_channel"]) > board["called"] - 1


@pytest.mark.parametrize("people", [10, 60])
def test_a_board_costs_a_fixed_number_of_queries(clock: Any, people: int) -> None:
    callout_id = _night(people)
    town.run(minutes=2)
    with CaptureQueriesContext(connection) as captured:
        queries.board(callout_id, viewer=town.LEADER)
    assert len(captured) <= BOARD_QUERIES_MAX
    with CaptureQueriesContext(connection) as captured:
        queries.unanswered(callout_id, viewer=town.LEADER)
    assert len(captured) <= 7  # one of them: who is rung beside


def test_a_person_sees_the_own_call_and_those_stood_in_for(clock: Any) -> None:
    clock.forward(hours=8)  # by day; red at night rings B from the first try on
    town.phones({}, **town.silent_by_default())
    callout_id = town.open_callout([town.party(1, deputies=[town.person(2)])])
    town.step()
    assert [row["stands_in"] for row in queries.my_open_calls(viewer=town.viewer_of(1))] == [False]
    assert queries.my_open_calls(viewer=town.viewer_of(2)) == []
    town.run(minutes=7)
    assert [row["stands_in"] for row in queries.my_open_calls(viewer=town.viewer_of(2))] == [True]
    mine = queries.my_open_call(viewer=town.viewer_of(1), subject_id=7)
    assert mine is not None
    assert (mine["id"], mine["answer_kind"]) == (str(town.call_of(callout_id, 1).id), None)


def _plan_of(sql: str, parameters: Any) -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
            return " ".join(str(row[-1]) for row in cursor.fetchall())
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}", parameters)
        return " ".join(row[0] for row in cursor.fetchall())


def test_the_hot_statements_use_the_indexes_meant_for_them(clock: Any) -> None:
    """The trap of a planner that prefers a state's index reads every waiting call."""
    _night(60)
    due = Call.objects.filter(driver=this_driver(), next_at__lte=the_clock.now()).order_by(
        "next_at"
    )
    sql, parameters = due.values_list("id", "state")[:1000].query.sql_with_params()
    assert "call_due" in _plan_of(sql, parameters)
    updates: list[tuple[str, Any]] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("UPDATE"):
            updates.append((sql, params))
        return execute(sql, params, many, context)

    ids = list(Call.objects.values_list("id", flat=True)[:50])
    with connection.execute_wrapper(keep):
        advance(
            ids,
            fact=0,
            progress=0,  # changes nothing: every call is further already
            lap=0,
            rung=0,
            tries=0,
            state=CallState.PLANNED,
            last_outcome="",
            heard_s=0,
            channel="voice",
            next_at=None,
        )
    plan = _plan_of(*updates[0])
    expected = "USING INTEGER PRIMARY KEY" if connection.vendor == "sqlite" else "calls_call_pkey"
    assert expected in plan
    assert "call_due" not in plan


def test_whoever_is_called_anew_is_handed_over_with_the_later_callout(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    short = {
        "name": "orange",
        "colour": "orange",
        "rungs": [
            {"who": "holder", "channels": ["voice"], "tries": 1, "spacing_s": 60, "patience_s": 60}
        ],
    }

    def handed_over() -> list[tuple[int, int, int]]:
        rows = queries.open_by_callout(town.COUNTY, viewer=town.LEADER)
        return [(row["callout_id"], row["open"], row["named"]) for row in rows]

    first = town.open_callout([town.party(1), town.party(2)], policy=short)
    town.run(minutes=3)
    assert handed_over() == [(first, 0, 2)]
    second = town.open_callout([town.party(1)])
    assert handed_over() == [(first, 0, 1), (second, 1, 0)], "nobody stands there twice"
    the_clock.forward(seconds=1)
    third = town.open_callout([town.party(2)])
    assert handed_over() == [(second, 1, 0), (third, 1, 0)]
