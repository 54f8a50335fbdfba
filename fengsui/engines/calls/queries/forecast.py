"""What is due next in a callout, and by when everybody has an end whatever they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from fengsui.engines.calls.models import Call, Callout, UnitCall
from fengsui.engines.calls.rules import IN_PERSON, RETRIES_OF_UNKNOWN
from fengsui.engines.calls.states import CallState, UnitState
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.standards.instants import to_iso


def ladder_left_s(rungs: Sequence[Mapping[str, Any]], *, rung: int, tries: int, state: str) -> int:
    """The most seconds that the ladder still takes after the decision that is due next.

    An upper bound: rungs on which nobody can be rung are passed over faster.
    """
    if state == CallState.KNOCK:
        return 0
    left = 0
    for index, one in enumerate(rungs):
        if index < rung:
            continue
        if one["who"] == IN_PERSON:
            left += int(one["patience_s"])
            continue
        limit = int(one.get("tries", 0)) + RETRIES_OF_UNKNOWN
        left += max(0, limit - (tries if index == rung else 0)) * int(one.get("spacing_s", 0))
    return left


def forecast(
    calls: QuerySet[Call], found: Callout, viewer: Viewer, now: datetime
) -> dict[str, Any]:
    """{"ends_by": by when everyone has answered, was met or is named; None: nobody is open or it
    cannot be told, "deadlines": [{"what": answer|act|knock|end, "at", "count"}], soonest first}.

    Of `calls`, those in the viewer's sight, as things stand now.
    """
    open_ones = calls.filter(ended_as="")
    groups = list(
        open_ones.order_by()
        .values("rung", "tries", "state")
        .annotate(n=Count("id"), last=Max("next_at"), first=Min("next_at"))
    )
    rungs = found.policy["rungs"]
    ends = [
        row["last"] + timedelta(seconds=ladder_left_s(rungs, **_standing(row)))
        for row in groups
        if row["last"] is not None
    ]
    ends_by = max(ends) if ends and found.state == "open" else None
    deadlines = [
        *_promised(groups, found, viewer),
        *_knocks(groups),
        *([_deadline("end", ends_by, sum(row["n"] for row in groups))] if ends_by else []),
    ]
    if found.state != "open":
        deadlines = []
    return {
        "ends_by": to_iso(ends_by) if ends_by else None,
        "deadlines": sorted(deadlines, key=lambda one: str(one["at"])),
    }


def _standing(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"rung": row["rung"], "tries": row["tries"], "state": row["state"]}


def _promised(
    groups: Sequence[Mapping[str, Any]], found: Callout, viewer: Viewer
) -> list[dict[str, Any]]:
    """The policy's own times: an answer from everybody, a first action from every unit."""
    policy, promised = found.policy, []
    waiting = sum(row["n"] for row in groups)
    if waiting and policy.get("needs_answer", True):
        within = timedelta(seconds=int(policy.get("answer_within_s", 600)))
        promised.append(_deadline("answer", found.opened_at + within, waiting))
    idle = UnitCall.objects.filter(
        Q(state__in=(UnitState.WAITING, UnitState.ACKNOWLEDGED)),
        visible(viewer, Permission.SEE_CALLS, "unit_code"),
        callout=found,
    ).count()
    if idle:
        within = timedelta(seconds=int(policy.get("act_within_s", 1800)))
        promised.append(_deadline("act", found.opened_at + within, idle))
    return promised


def _knocks(groups: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    knocking = [row for row in groups if row["state"] == CallState.KNOCK and row["first"]]
    if not knocking:
        return []
    first = min(row["first"] for row in knocking)
    return [_deadline("knock", first, sum(row["n"] for row in knocking))]


def _deadline(what: str, at: datetime, count: int) -> dict[str, Any]:
    return {"what": what, "at": to_iso(at), "count": count}
