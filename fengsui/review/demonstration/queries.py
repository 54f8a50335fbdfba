"""Reads of the demonstration."""

from __future__ import annotations

from typing import Any

from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.review.demonstration import night_clock
from fengsui.review.demonstration.models import Night, Preparation
from fengsui.review.demonstration.states import NightState
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


def shown(*, viewer: Viewer) -> dict[str, Any]:
    """{"state", "night_time", "alert_id", "callout_id", "speed"} as the pages need it.

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
        }
    return {
        "state": night.state,
        "night_time": to_iso(clock.now()),
        "alert_id": str(night.alert_id),
        "callout_id": str(night.callout_id),
        "speed": speed,
    }
