"""The three-minute night by the wound clock: everyone is accounted for or named."""

from __future__ import annotations

import logging
import time
from typing import Any

import pytest

from fengsui.engines.calls import jobs as call_jobs
from fengsui.engines.calls import queries as calls
from fengsui.engines.calls.models import Call
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.accounts.queries import viewer_for_person
from fengsui.foundation.people.models import Post
from fengsui.readiness.watch import queries as watch_queries
from fengsui.readiness.watch import services as watch
from fengsui.response.alerts import queries as alerts
from fengsui.response.evacuations import queries as evacuations
from fengsui.review.demonstration import queries, scenario, services
from fengsui.review.demonstration.storm import STORM_ASSIST, STORM_HOUSEHOLDS
from fengsui.standards.divisions import full_code
from tests.world.demonstration import run_everything

log = logging.getLogger(__name__)
STEP_S = 15
WHEN_VILLAGES_ARE_NAMED_S = 600
COUNTS = ("called", "answered", "reached_in_person", "unreached_named", "needs_support")
PREPARED_WITHIN_S = 60  # on a busy machine; about a quarter of this on an idle one


@pytest.fixture
def people(node: Any) -> dict[str, Any]:
    began = time.perf_counter()
    links = services.prepare()
    assert time.perf_counter() - began < PREPARED_WITHIN_S
    call_jobs.restart()
    services.forget()
    return {
        role: viewer_for_person(int(link["person_id"]))
        for role, link in zip(
            (
                *("officer", "leader", "township", "secretary", "silent", "head"),
                *("security", "auditor"),
            ),
            links,
            strict=True,
        )
    }


def test_somebody_is_on_duty_tonight_and_taking_over_can_be_tried(
    people: dict[str, Any], clock: Any
) -> None:
    officer, leader = people["officer"], people["leader"]
    (room,) = Post.objects.filter(
        role="duty_room", place_code=full_code(officer.grants[0].scope.prefix)
    )
    how = watch_queries.standing(room.pk, viewer=officer)
    on_shift = {(one.position, one.person_id) for one in how.current}
    assert {("leader", leader.person_id), ("officer", officer.person_id)} <= on_shift
    assert len(on_shift) == 3, "one leader, two officers, as the rule asks"
    assert how.is_unsigned
    keys = [one.key for one in watch_queries.matters(room.pk, viewer=officer)]
    watch.sign_handover(viewer=officer, post_id=room.pk, keys=keys)
    assert not watch_queries.standing(room.pk, viewer=officer).is_unsigned


@pytest.mark.slow
def test_the_night_ends_with_everyone_accounted_for_or_named(
    people: dict[str, Any], clock: Any
) -> None:
    begun = services.start(viewer=people["officer"])
    assert begun["state"] == "running"
    alert = alerts.gate(int(begun["alert_id"]), viewer=people["officer"])
    assert (alert.exercise, alert.level, alert.state) == (True, "red", "active")
    assert alert.author_id == people["officer"].person_id
    preview = alerts.preview(alert)
    assert preview["danger_households"] == STORM_HOUSEHOLDS
    assert preview["assist_people"] == STORM_ASSIST

    callout_id, evacuation_id = int(begun["callout_id"]), int(alert.evacuation_id)
    opened = calls.callout(callout_id, viewer=node_viewer()).opened_at
    named_villages: set[str] = set()
    while queries.running_night() is not None:
        clock.forward(seconds=STEP_S)
        run_everything(clock)
        balance = evacuations.balance(evacuation_id, viewer=people["officer"])
        assert balance["should"] == balance["moved"] + balance["away"] + balance["not_yet"]
        seconds = (clock.now() - opened).total_seconds()
        if seconds == WHEN_VILLAGES_ARE_NAMED_S:
            board = calls.board(callout_id, viewer=people["officer"])
            named_villages = {
                unit["code"]
                for unit in board["units"]["unanswered"]
                if unit["state"] == "waiting" and not unit["code"].endswith("000")
            }
        assert seconds < scenario.NIGHT_S + 600, "the night does not end"

    storm = queries.preparation(viewer=node_viewer()).storm
    assert named_villages == set(storm["silent_village_codes"])
    ends = set(Call.objects.filter(callout_id=callout_id).values_list("ended_as", flat=True))
    assert ends <= {"answered", "reached_in_person", "unreached_named"}
    night = queries.latest_night(viewer=people["officer"])
    assert night.state == "finished"
    left = evacuations.still_missing(evacuation_id, viewer=people["officer"])
    assert len(left) == scenario.FINAL_HOUSEHOLDS
    assert all(one["label"] and one["responsible_name"] for one in left)
    assert sum(one["people"] for one in left) == night.balance["not_yet"]
    board = calls.board(callout_id, viewer=people["officer"])
    assert board["units"]["answered"] == board["units"]["called"]
    assert (
        board["answered"] + board["reached_in_person"] + board["unreached_named"]
        == (board["called"])
    )
    assert queries.shown(viewer=people["officer"])["state"] == "finished"
    assert services.stop(viewer=people["officer"])["state"] == "idle"
    assert alerts.gate(alert.pk, viewer=people["officer"]).state == "cancelled"
    log.info("night %s, board %s", night.balance, {k: board[k] for k in COUNTS})


def test_whoever_presses_the_button_cannot_be_the_one_who_approves(
    people: dict[str, Any], clock: Any
) -> None:
    begun = services.start(viewer=people["leader"])
    alert = alerts.gate(int(begun["alert_id"]), viewer=people["leader"])
    assert alert.author_id == people["leader"].person_id
    assert alert.approver_id not in (0, people["leader"].person_id)
    with pytest.raises(Problem, match="already_running"):
        services.start(viewer=people["officer"])
    assert services.stop(viewer=people["officer"])["state"] == "idle"
    clock.forward(hours=24)
    again = services.start(viewer=people["officer"])
    assert again["alert_id"] != begun["alert_id"]
    run_everything(clock)
    board = calls.board(int(again["callout_id"]), viewer=people["officer"])
    assert board["called"] > STORM_HOUSEHOLDS


def test_preparing_twice_loads_nothing_twice_and_a_village_cannot_start_it(
    people: dict[str, Any],
) -> None:
    again = services.prepare()
    assert [int(one["person_id"]) for one in again] == [one.person_id for one in people.values()]
    with pytest.raises(Problem, match="not_allowed"):
        services.start(viewer=people["secretary"])
    with pytest.raises(Problem, match="county_exists"):
        services.generate_county(
            viewer=node_viewer(), seed=1, townships=7, villages=20, households=100
        )
    with pytest.raises(Problem, match="already_filled"):
        services.fill_county(viewer=node_viewer(), seed=1, households=1000)
