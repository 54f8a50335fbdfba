"""Reads of the demonstration."""

from __future__ import annotations

from typing import Any

from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.places import queries as places
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.situation import queries as situation
from fengsui.review.demonstration import night_clock
from fengsui.review.demonstration.models import Cut, Night, Preparation, TownshipDoor
from fengsui.review.demonstration.states import NightState
from fengsui.standards.divisions import township_of
from fengsui.standards.instants import to_iso


def preparation(*, viewer: Viewer) -> Preparation | None:
    """The invented county of this node, if it has one."""
    rows = Preparation.objects.filter(visible(viewer, Permission.SEE_PLACES))
    return rows.order_by("-prepared_at", "-id").first()


def latest_night(*, viewer: Viewer) -> Night | None:
    rows = Night.objects.filter(visible(viewer, Permission.SEE_ALERTS))
    return rows.order_by("-started_at", "-id").first()


def running_night() -> Night | None:
    """The night being told, for the job that tells it."""
    return Night.objects.filter(state=NightState.RUNNING.value).order_by("-started_at").first()


def cut_of(night_id: int) -> Cut | None:
    """The second act of a night, once somebody asked for it."""
    return Cut.objects.filter(night_id=night_id).first()


def township_balance(evacuation_id: int, township_code: str) -> dict[str, int]:
    """{"should", "moved", "away", "not_yet"} of one township, in people, as this node knows it."""
    sums = {"should": 0, "moved": 0, "away": 0, "not_yet": 0}
    by_place = evacuations.balance_by_place(evacuation_id, viewer=node_viewer())
    for code, counts in by_place.items():
        if township_of(code) == township_code:
            sums = {name: sums[name] + counts[name] for name in sums}
    return sums


def counted_by_text(evacuation_id: int, township_code: str) -> dict[str, int]:
    """{"villages", "should", "moved"}: the newest headcounts of a township's villages."""
    rows = [
        row
        for row in situation.headcounts(evacuation_id, viewer=node_viewer())
        if township_of(row.place_code) == township_code != row.place_code
    ]
    sums = {"should": sum(row.should for row in rows), "moved": sum(row.moved for row in rows)}
    return {"villages": len({row.place_code for row in rows}), **sums}


def second_act(night: Night, *, viewer: Viewer) -> dict[str, Any] | None:
    """{"state", "township_code", "township_name", "address", "pulled_at", "known", "by_text",
    "outcome"}. The address only for whoever may run the exercise.

    `state`: preparing, pulled, reconnecting, agreed. `known` is the township's balance as the
    county knows it now; `outcome` holds both sides' numbers once the link is up again.
    """
    cut = cut_of(night.pk)
    if cut is None:
        return None
    state = "preparing"
    if cut.pulled_at is not None:
        state = "pulled"
    if cut.restore_asked_at is not None:
        state = "reconnecting"
    if cut.agreed_at is not None:
        state = "agreed"
    names = places.names([cut.township_code], viewer=node_viewer())
    return {
        "state": state,
        "township_code": cut.township_code,
        "township_name": names.get(cut.township_code, cut.township_code),
        "address": _address(night) if viewer.may(Permission.RUN_EXERCISE, night.place_code) else "",
        "pulled_at": None if cut.pulled_at is None else to_iso(cut.pulled_at),
        "known": township_balance(night.evacuation_id, cut.township_code),
        "by_text": counted_by_text(night.evacuation_id, cut.township_code),
        "outcome": cut.outcome or None,
    }


def _address(night: Night) -> str:
    door = TownshipDoor.objects.filter(night_id=night.pk).first()
    return "" if door is None else door.address


def shown(*, viewer: Viewer) -> dict[str, Any]:
    """{"state", "night_time", "alert_id", "callout_id", "speed", "second_act"} for the pages.

    `speed` is how many seconds of the night pass in one second now.
    """
    night = latest_night(viewer=viewer)
    speed = night_clock.current_speed()
    if night is None or night.put_away_at is not None:
        return {
            "state": NightState.IDLE.value,
            "night_time": None,
            "alert_id": None,
            "callout_id": None,
            "speed": speed,
            "second_act": None,
        }
    return {
        "state": night.state,
        "night_time": to_iso(clock.now()),
        "alert_id": str(night.alert_id),
        "callout_id": str(night.callout_id),
        "speed": speed,
        "second_act": second_act(night, viewer=viewer),
    }
