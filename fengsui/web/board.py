"""The night's board: calls and evacuation together, now or at any moment of the record."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from fengsui.engines.calls import queries as calls
from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.access.viewer import Viewer
from fengsui.response.alerts import queries as alerts
from fengsui.response.alerts.models import Alert
from fengsui.response.evacuations import queries as evacuations
from fengsui.standards.instants import asked
from fengsui.web.shared_reads import SharedReads

router = Router(tags=["board"])
_reads = SharedReads()


class MissingHousehold(Schema):
    household_id: str
    label: str
    place_code: str
    people: int
    assist_level: int
    status: str
    responsible_name: str


class EvacuationOut(Schema):
    id: str
    should: int
    moved: int
    away: int
    not_yet: int
    households: int
    households_left: int
    needs_help_left: int


class EvacuationDetail(EvacuationOut):
    missing: list[MissingHousehold]
    by_place: dict[str, dict[str, int]]


@router.get("/callouts/{int:callout_id}/board")
def board(request: HttpRequest, callout_id: int, at: datetime | None = None) -> dict[str, Any]:
    """Who has not answered and who has not moved; `at` reads the record at a past moment."""
    viewer = signed_in(request)
    at = asked(at) if at is not None else None
    # Eyes that see the same share one reading; the page of a past moment is read by itself.
    shared = (
        _reads.get(
            (callout_id, viewer.grants, viewer.is_node),
            lambda: _named(callout_id, viewer, None),
        )
        if at is None
        else _named(callout_id, viewer, at)
    )
    found = {**shared, "callout": dict(shared["callout"])}
    alert = alerts.alert_of_callout(callout_id, viewer=viewer)
    found["callout"]["alert_id"] = str(alert.pk) if alert else None
    found["evacuation"] = None
    if alert is not None and alert.evacuation_id:
        found["evacuation"] = {
            "id": str(alert.evacuation_id),
            **(
                evacuations.balance_at(alert.evacuation_id, at, viewer=viewer)
                if at
                else _balance(alert.evacuation_id, viewer)
            ),
        }
    found["together"] = _together(alert, viewer) if alert is not None and at is None else None
    return found


def _named(callout_id: int, viewer: Viewer, at: datetime | None) -> dict[str, Any]:
    found = calls.board(callout_id, viewer=viewer, at=at)
    for one in (*found["by_place"], *found["by_township"], *found["units"]["unanswered"]):
        one["name"] = one["name"] or one["code"]
    return found


def _balance(evacuation_id: int, viewer: Viewer) -> dict[str, int]:
    shared: dict[str, int] = _reads.get(
        ("moved", evacuation_id, viewer.grants, viewer.is_node),
        lambda: evacuations.balance(evacuation_id, viewer=viewer),
    )
    return shared


def _together(alert: Alert, viewer: Viewer) -> dict[str, Any] | None:
    """The same alert number called out by several nodes: each person and household once."""
    siblings = alerts.same_number(alert, viewer=viewer)
    callout_ids = list(dict.fromkeys(one.callout_id for one in siblings if one.callout_id))
    if len(callout_ids) < 2:
        return None
    lists = list(dict.fromkeys(one.evacuation_id for one in siblings if one.evacuation_id))
    return {
        "alert_number": alerts.number_of(alert),
        "callout_ids": [str(one) for one in callout_ids],
        "calls": calls.together(callout_ids, viewer=viewer),
        "evacuation": evacuations.balance_together(lists, viewer=viewer) if lists else None,
    }


@router.get("/alerts/{int:alert_id}/evacuation", response=EvacuationDetail | None)
def evacuation(request: HttpRequest, alert_id: int) -> dict[str, Any] | None:
    """The balance, by village, and every household not accounted for, with who answers for it."""
    viewer = signed_in(request)
    alert = alerts.gate(alert_id, viewer=viewer)
    if alert.evacuation_id is None:
        return None
    return {
        "id": str(alert.evacuation_id),
        **evacuations.balance(alert.evacuation_id, viewer=viewer),
        "missing": evacuations.still_missing(alert.evacuation_id, viewer=viewer),
        "by_place": evacuations.balance_by_place(alert.evacuation_id, viewer=viewer),
    }
