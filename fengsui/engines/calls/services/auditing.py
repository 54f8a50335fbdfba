"""Watches the promise from outside the engine: an overdue call, a silent engine, a lost person."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, Min

from fengsui.engines.calls.apply.writing import stored
from fengsui.engines.calls.facts import PROMISE_AT_RISK
from fengsui.engines.calls.models import (
    Alarm,
    Call,
    Callout,
    Dispatch,
    Heartbeat,
    PendingParties,
    Takeover,
)
from fengsui.engines.calls.packing import unpack_ordinals
from fengsui.engines.calls.services.owning import this_driver
from fengsui.engines.calls.states import CalloutState
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, on_commit_notify, record

OVERDUE_AFTER_S = 60
ALARM_AGAIN_AFTER_S = 300
HEARTBEAT_EVERY_S = 10
# Asked for in every cycle of the engine, so it goes past the ORM.
_BEATEN = "SELECT 1 FROM calls_heartbeat WHERE name = %s AND beaten_at > %s AND beaten_at < %s"


def beat(name: str, now: datetime) -> None:
    """Says that a duty is alive; at most one write in HEARTBEAT_EVERY_S."""
    lately = timedelta(seconds=HEARTBEAT_EVERY_S)
    with connection.cursor() as cursor:
        cursor.execute(_BEATEN, [name, stored(now - lately), stored(now + lately)])
        is_recent = cursor.fetchone() is not None
    if not is_recent:
        Heartbeat.objects.update_or_create(name=name, defaults={"beaten_at": now})


@command
def audit_promise(*, viewer: Viewer) -> dict[str, Any]:
    """Looks for broken promises in every open callout and raises an alarm for each.

    Uses none of the engine's code, only the tables. Returns {"alarms": n}.
    """
    now = clock.now()
    beat("auditor", now)
    raised = 0
    for callout, place_code in _watched_here():
        for what, count, oldest in _findings(callout, now):
            oldest_s = max(0, int((now - oldest).total_seconds()))
            raised += _raise(callout, place_code, what, count, oldest_s, now, viewer)
    return {"alarms": raised}


def _watched_here() -> list[tuple[Callout, str]]:
    """Open callouts with calls that this node drives, and the place it speaks for in each."""
    watched = []
    for callout in Callout.objects.filter(state=CalloutState.OPEN).order_by("id"):
        if callout.driver == this_driver():
            watched.append((callout, callout.place_code))
            continue
        own = Takeover.objects.filter(
            callout=callout, driver=this_driver(), handed_back_at=None
        ).order_by("place_code")
        first = own.values_list("place_code", flat=True).first()
        if first is not None:
            watched.append((callout, first))
    return watched


def _findings(callout: Callout, now: datetime) -> list[tuple[str, int, datetime]]:
    limit = now - timedelta(seconds=OVERDUE_AFTER_S)
    findings: list[tuple[str, int, datetime]] = []
    open_calls = Call.objects.filter(callout=callout, ended_as="", driver=this_driver())
    late = open_calls.filter(next_at__lt=limit).aggregate(n=Count("id"), oldest=Min("next_at"))
    if late["n"]:
        findings.append(("decision_overdue", late["n"], late["oldest"]))
    lost = open_calls.filter(next_at=None).count()
    if lost:
        findings.append(("nothing_next", lost, callout.opened_at))
    unsent = list(
        Dispatch.objects.filter(callout_id=callout.id, claimed_at__lt=limit)
        .order_by("claimed_at")
        .values_list("claimed_at", "waiting", "count")
    )
    if unsent and unsent[0][0] is not None:
        # A row is owed for many; of some of them the channel has told.
        waiting = sum(len(unpack_ordinals(bytes(row[1]), limit=row[2])) for row in unsent)
        findings.append(("channel_silent", waiting, unsent[0][0]))
    queued = PendingParties.objects.filter(callout_id=callout.id, queued_at__lt=limit).first()
    if queued is not None:
        findings.append(("list_not_unpacked", len(queued.parties), queued.queued_at))
    start_by = callout.opened_at + timedelta(seconds=int(callout.policy["start_within_s"]))
    if now > start_by:
        # Level by level, whoever's turn has not come is not late.
        untried = open_calls.filter(progress=0, next_at__lte=now).count()
        if untried:
            findings.append(("not_started_in_time", untried, start_by))
    return findings


def _raise(
    callout: Callout,
    place_code: str,
    what: str,
    count: int,
    oldest_s: int,
    now: datetime,
    viewer: Viewer,
) -> int:
    again = now - timedelta(seconds=ALARM_AGAIN_AFTER_S)
    own = Alarm.objects.filter(callout=callout, what=what, driver=this_driver())
    if own.filter(raised_at__gt=again).exists():
        return 0
    record(
        PROMISE_AT_RISK,
        fields={
            "callout_id": callout.id,
            "what": what,
            "overdue": count,
            "oldest_s": oldest_s,
        },
        scope=place_code,
        viewer=viewer,
        about=(callout.id,),
    )
    on_commit_notify(f"callout:{callout.id}", {"verb": "promise_at_risk", "what": what})
    return 1
