"""Start the night, stop it, write down how it ended."""

from __future__ import annotations

from typing import Any

from fengsui.engines.calls import queries as calls
from fengsui.engines.calls import services as call_services
from fengsui.engines.calls.states import CalloutState
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.accounts.queries import holders_of, viewer_for_person
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, on_commit_notify, record
from fengsui.response.alerts import queries as alert_queries
from fengsui.response.alerts import services as alerts
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.evacuations import services as evacuation_services
from fengsui.review.demonstration import night_clock, queries, scenario
from fengsui.review.demonstration.errors import (
    ALREADY_RUNNING,
    BAD_SPEED,
    NO_SECOND_PERSON,
    NOT_PREPARED,
    NOT_RUNNING,
)
from fengsui.review.demonstration.facts import ENDED, PUT_AWAY, STARTED
from fengsui.review.demonstration.models import Night
from fengsui.review.demonstration.services.rehearsing import rehearse
from fengsui.review.demonstration.states import NightState
from fengsui.review.demonstration.storm_message import storm_message


@command
def start(*, viewer: Viewer, speed: float = 1.0) -> dict[str, Any]:
    """02:10: the red warning comes in, a second person approves it, calling begins.

    `speed` 1 tells the night in three minutes. Everything is an exercise, so nothing can leave
    the node. Returns what `queries.shown` returns. Raises demonstration.not_prepared,
    .already_running, .bad_speed, .no_second_person, access.not_allowed.
    """
    prepared = queries.preparation(viewer=node_viewer())
    if prepared is None:
        raise NOT_PREPARED()
    require(viewer, Permission.RUN_EXERCISE, prepared.place_code)
    if not scenario.SPEED_MIN <= speed <= scenario.SPEED_MAX:
        raise BAD_SPEED(least=scenario.SPEED_MIN, most=scenario.SPEED_MAX)
    before = queries.latest_night(viewer=node_viewer())
    if before is not None and before.state == NightState.RUNNING:
        raise ALREADY_RUNNING()
    leader = _second_person(viewer, prepared.place_code)
    if before is not None and before.put_away_at is None:
        _put_away(viewer, before)
    _wind(speed)
    arrived = alerts.import_warning(
        viewer=viewer,
        source_name="storm.xml",
        data=storm_message(prepared.storm, clock.now()),
    )
    alert_id = int(arrived["items"][0]["alert_id"])
    rehearse(prepared)
    alerts.approve_alert(viewer=leader, alert_id=alert_id, reason="演练：情况属实，立即叫应")
    alert = alert_queries.gate(alert_id, viewer=node_viewer())
    record(
        STARTED,
        fields={
            "preparation_id": prepared.pk,
            "alert_id": alert_id,
            "callout_id": alert.callout_id,
            "evacuation_id": alert.evacuation_id,
        },
        scope=prepared.place_code,
        viewer=viewer,
        about=[alert_id],
    )
    on_commit_notify("demonstration", {"state": NightState.RUNNING.value})
    return queries.shown(viewer=viewer)


@command
def stop(*, viewer: Viewer) -> dict[str, Any]:
    """Ends the night early, or puts a finished one away: calling stops, the warning is lifted,
    the clock goes on as usual. Raises demonstration.not_running, access.not_allowed."""
    night = queries.latest_night(viewer=node_viewer())
    if night is None or night.put_away_at is not None:
        raise NOT_RUNNING()
    require(viewer, Permission.RUN_EXERCISE, night.place_code)
    if night.state == NightState.RUNNING:
        end_night(viewer=viewer, night_id=night.pk, state=NightState.STOPPED.value)
    _put_away(viewer, night)
    running = night_clock.installed()
    if running is not None:
        running.go_on(clock.now(), [])
    return queries.shown(viewer=viewer)


def _second_person(viewer: Viewer, place_code: str, *, may_be_same: bool = False) -> Viewer:
    for one in holders_of("duty_leader", place_code, viewer=node_viewer()):
        if may_be_same or int(one["person_id"]) != viewer.person_id:
            return viewer_for_person(int(one["person_id"]))
    raise NO_SECOND_PERSON()


def _wind(speed: float) -> None:
    """On a demonstration node the clock jumps to 02:10 and hurries; elsewhere time is time."""
    running = night_clock.installed()
    if running is not None:
        pace = [(seconds, rate * speed) for seconds, rate in scenario.PACE]
        running.go_on(night_clock.next_warning(running()), pace)


def _put_away(viewer: Viewer, night: Night) -> None:
    """Lifts what a night left in force, so that the next one calls everybody anew."""
    leader = _second_person(viewer, night.place_code, may_be_same=True)
    reason = "演练收起"
    callout = calls.callout(night.callout_id, viewer=node_viewer())
    if callout.state == CalloutState.OPEN:
        call_services.stop_callout(viewer=leader, callout_id=night.callout_id, reason=reason)
    alert = alert_queries.gate(night.alert_id, viewer=node_viewer())
    if alert.state == "active":
        alerts.cancel_alert(viewer=leader, alert_id=night.alert_id, reason=reason)
    if any(one.pk == night.evacuation_id for one in evacuations.open_evacuations(viewer=leader)):
        evacuation_services.close_evacuation(
            viewer=leader, evacuation_id=night.evacuation_id, reason=reason
        )
    record(
        PUT_AWAY,
        fields={"night_id": night.pk},
        scope=night.place_code,
        viewer=viewer,
        about=[night.alert_id],
    )
    on_commit_notify("demonstration", {"state": NightState.IDLE.value})


@command
def end_night(*, viewer: Viewer, night_id: int, state: str) -> dict[str, int]:
    """Writes down how the night ended: 应转 = 已转 + 外出 + 未转, in people."""
    night = Night.objects.get(id=night_id)
    require(viewer, Permission.RUN_EXERCISE, night.place_code)
    balance = evacuations.balance(night.evacuation_id, viewer=node_viewer())
    record(
        ENDED,
        fields={"night_id": night_id, "state": NightState(state).value, "balance": balance},
        scope=night.place_code,
        viewer=viewer,
        about=[night.alert_id],
    )
    on_commit_notify("demonstration", {"state": state})
    return balance
