"""What the board says of the night: whom to ring first, by when it ends, how others went."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fengsui.engines.calls import queries, services
from fengsui.engines.calls.models import Call
from fengsui.engines.calls.queries.forecast import ladder_left_s
from fengsui.engines.calls.tests import town
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Grant, Scope, Viewer
from fengsui.foundation.journal import clock as the_clock
from fengsui.gateways.channels.simulated import Behaviour

pytestmark = pytest.mark.usefixtures("node")
STRANGER = Viewer(5, "示意", (Grant("duty_officer", Scope.of("990202000000")),))
SECRETARY = Viewer(9, "示意", (Grant("village_secretary", Scope.of(town.COUNTY)),))


def _silent(people: int = 12, villages: int = 3, **changes: Any) -> int:
    town.phones({}, **town.silent_by_default())
    return town.open_callout(
        [
            town.party(n, place=town.village(0, n % villages), unit=town.village(0, n % villages))
            for n in range(1, people + 1)
        ],
        **changes,
    )


def _answer(callout_id: int, person_id: int) -> None:
    services.record_answer(
        viewer=town.viewer_of(person_id),
        call_id=town.call_of(callout_id, person_id).id,
        answer_kind="on_it",
        how="app",
    )


def test_one_person_of_every_silent_village_is_rung_first(clock: Any) -> None:
    callout_id = _silent()
    town.step()
    _answer(callout_id, 1)  # of the village with number 1
    first = queries.next_to_ring(callout_id, viewer=town.LEADER, limit=2)
    assert {one["unit_code"] for one in first} == {town.village(0, 0), town.village(0, 2)}
    assert {one["why"] for one in first} == {"silent_unit"}
    everybody = queries.next_to_ring(callout_id, viewer=town.LEADER, limit=50)
    assert len(everybody) == 11
    assert "1" not in {one["person_id"] for one in everybody}
    answered_there = [one for one in everybody if one["unit_code"] == town.village(0, 1)]
    assert "silent_unit" not in {one["why"] for one in answered_there}


def test_only_those_who_can_be_rung_by_this_viewer_are_on_the_list(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    unit = town.village(0, 0)
    silent = {**town.party(1, place=unit, unit=unit), "contacts": []}
    callout_id = town.open_callout([silent, town.party(2, place=unit, unit=unit)])
    town.step()
    found = queries.next_to_ring(callout_id, viewer=town.LEADER)
    assert [one["person_id"] for one in found] == ["2"]
    assert queries.next_to_ring(callout_id, viewer=SECRETARY) == []
    with pytest.raises(Problem, match="not_found"):
        queries.next_to_ring(callout_id, viewer=STRANGER)


def test_a_number_that_is_none_says_so(clock: Any) -> None:
    town.phones({1: [Behaviour.WRONG_NUMBER]}, **town.silent_by_default())
    callout_id = town.open_callout([town.party(1), town.party(2)])
    town.run(minutes=1)
    why = {
        one["person_id"]: one["why"] for one in queries.next_to_ring(callout_id, viewer=town.LEADER)
    }
    assert why == {"1": "dead_number", "2": "waiting"}


def test_by_the_time_that_was_told_everybody_has_an_end(clock: Any) -> None:
    callout_id = _silent()
    town.step()
    told = queries.board(callout_id, viewer=town.LEADER)
    ends_by = datetime.fromisoformat(told["ends_by"])
    whats = [one["what"] for one in told["deadlines"]]
    assert {"answer", "act", "end"} == set(whats)
    assert whats[-1] == "end"
    while the_clock.now() < ends_by + timedelta(seconds=15):
        town.step()
        clock.forward(seconds=15)
    town.step()
    board = queries.board(callout_id, viewer=town.LEADER)
    assert Call.objects.filter(ended_as="").count() == 0
    assert (board["ends_by"], board["deadlines"]) == (None, [])
    assert board["unreached_named"] == 12


@pytest.mark.parametrize(
    ("rung", "tries", "state", "left_s"),
    [
        (0, 0, "waiting", 4 * 60 + 3 * 100 + 900),
        (0, 3, "ringing", 60 + 3 * 100 + 900),
        (1, 2, "planned", 100 + 900),
        (2, 0, "waiting", 900),
        (2, 0, "knock", 0),
        (3, 0, "waiting", 0),
    ],
)
def test_what_is_left_of_a_ladder(rung: int, tries: int, state: str, left_s: int) -> None:
    rungs = [
        {"who": "holder", "tries": 3, "spacing_s": 60},
        {"who": "deputy", "tries": 2, "spacing_s": 100},
        {"who": "in_person", "patience_s": 900},
    ]
    assert ladder_left_s(rungs, rung=rung, tries=tries, state=state) == left_s


def test_townships_add_their_villages_up(clock: Any) -> None:
    town.phones(seed=4)
    callout_id = town.open_callout(
        [
            town.party(n, place=town.village(n % 2, n % 4), unit=town.village(n % 2, n % 4))
            for n in range(1, 41)
        ]
    )
    town.run(minutes=4)
    board = queries.board(callout_id, viewer=town.LEADER)
    for name in ("called", "unanswered"):
        assert sum(row[name] for row in board["by_township"]) == board[name]
    assert all(r["called"] == r["answered"] + r["unanswered"] for r in board["by_township"])
    assert [row["villages"] for row in board["by_township"]] == [2, 2]
    own = queries.board(callout_id, viewer=town.TOWNSHIP_OFFICER)
    assert [row["code"] for row in own["by_township"]] == [town.TOWNSHIPS[0]]


def test_the_rungs_of_now_are_not_told_from_the_tries_of_the_past(
    clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock goes on while a board is read; who has not been rung yet stands on a rung too."""
    town.phones({}, **town.silent_by_default())
    callout_id = town.open_callout([town.party(n) for n in range(1, 6)])
    later = the_clock.now() + timedelta(milliseconds=1)
    moving = iter([the_clock.now()])
    monkeypatch.setattr(the_clock, "now", lambda: next(moving, later))
    board = queries.board(callout_id, viewer=town.LEADER)
    assert board["by_rung"][0]["unanswered"] == 5


def test_a_list_is_asked_by_township_rung_and_channel(clock: Any) -> None:
    callout_id = _silent(people=9)
    town.run(minutes=7)
    page = queries.unanswered(callout_id, viewer=town.LEADER, limit=200)["items"]
    rungs = {one["rung"] for one in page}
    for rung in rungs:
        found = queries.unanswered(callout_id, viewer=town.LEADER, rung=rung, limit=200)["items"]
        assert {one["rung"] for one in found} == {rung}
    of_town = queries.unanswered(callout_id, viewer=town.LEADER, village=town.TOWNSHIPS[0])
    assert len(of_town["items"]) == 9
    other = queries.unanswered(callout_id, viewer=town.LEADER, village=town.TOWNSHIPS[1])
    assert other["items"] == []
    assert queries.unanswered(callout_id, viewer=town.LEADER, channel="email")["items"] == []


def test_earlier_nights_stand_beside_this_one(clock: Any) -> None:
    nights = []
    for answers in (4, 8):
        callout_id = _silent(people=8)
        town.step()
        clock.forward(seconds=60)
        for person in range(1, answers + 1):
            _answer(callout_id, person)
            clock.forward(seconds=30)
        services.stop_callout(viewer=town.LEADER, callout_id=callout_id, reason="示意")
        nights.append(callout_id)
        clock.forward(seconds=86_400)
    now = _silent(people=8)
    town.step()
    found = queries.earlier_nights(now, viewer=town.LEADER)
    assert [one["id"] for one in found] == [str(one) for one in (now, nights[1], nights[0])]
    assert [one["is_this"] for one in found] == [True, False, False]
    this, full, half = found
    assert (this["reached"], this["all_s"], this["curve"]) == (0, None, [(0, 0)])
    assert (full["reached"], full["half_s"], full["all_s"]) == (8, 150, 270)
    assert (half["reached"], half["half_s"], half["nine_tenths_s"]) == (4, 150, None)
    assert full["in_five_minutes"] == 8
    assert full["curve"][-1] == (270, 8)
    assert queries.earlier_nights(nights[0], viewer=town.LEADER)[0]["id"] == str(nights[0])
    with pytest.raises(Problem, match="not_found"):
        queries.earlier_nights(now, viewer=STRANGER)


def test_real_nights_and_exercises_are_not_compared(clock: Any) -> None:
    _silent(people=2)
    real = _silent(people=2, exercise=False)
    assert [one["id"] for one in queries.earlier_nights(real, viewer=town.LEADER)] == [str(real)]


@pytest.mark.parametrize("people", [5, 40])
def test_first_screens_cost_a_fixed_number_of_queries(clock: Any, people: int) -> None:
    callout_id = _silent(people=people)
    town.step()
    for look, most in ((queries.next_to_ring, 7), (queries.earlier_nights, 5)):
        with CaptureQueriesContext(connection) as captured:
            look(callout_id, viewer=town.LEADER)
        assert len(captured) <= most
