"""How earlier nights went beside this one: the same numbers, from the same rows."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Cast, Coalesce, Least, Substr

from fengsui.engines.calls.models import Call, Callout
from fengsui.engines.calls.queries.gates import callout, settled_by
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.standards.instants import to_iso

NIGHTS_MAX = 12
POINTS_MAX = 60
FIVE_MINUTES_S = 300
_SECOND_DIGITS = len("2026-07-17 02:10:36")
Points = list[tuple[int, int]]


def earlier_nights(callout_id: int, *, viewer: Viewer, limit: int = 6) -> list[dict[str, Any]]:
    """This callout and those before it, newest first, each as far as the viewer sees it.

    Exercises are compared with exercises, and only callouts that wanted an answer. Each: {"id",
    "opened_at", "level", "exercise", "is_this", "called", "reached", "in_five_minutes",
    "half_s", "nine_tenths_s", "all_s" (None: not yet), "curve": [(second, people reached)]}.
    Two queries, whatever the number of nights.
    """
    found = callout(callout_id, viewer=viewer)
    in_sight = visible(viewer, Permission.SEE_CALLS, "place_code")
    seen = Call.objects.filter(in_sight, callout_id=OuterRef("pk"))
    nights = list(
        Callout.objects.filter(Exists(seen), exercise=found.exercise, follows=None)
        .filter(opened_at__lte=found.opened_at)
        .order_by("-opened_at", "-id")[: max(1, min(limit, NIGHTS_MAX)) * 2 + 1]
    )
    nights = [one for one in nights if one.policy.get("needs_answer", True)][: limit + 1]
    calls = Call.objects.filter(in_sight, callout_id__in=[one.id for one in nights])
    called = dict(calls.order_by().values_list("callout_id").annotate(n=Count("id")))
    reached = _reached(calls)
    return [
        _night(one, called.get(one.id, 0), reached[one.id]) | {"is_this": one.id == found.id}
        for one in nights
    ]


def reached_by_second(calls: QuerySet[Call], until: datetime) -> Any:
    """(callout id, "YYYY-MM-DD HH:MM:SS" in UTC, people): when each was first settled.

    Grouped in the database, so that ten thousand people are some hundred rows here.
    """
    times = ("answered_at", "reached_at", "notified_at")
    turns = [Coalesce(*(F(name) for name in (*times[i:], *times[:i]))) for i in range(len(times))]
    second = Substr(Cast(Least(*turns), CharField()), 1, _SECOND_DIGITS)
    rows = calls.filter(settled_by(until)).order_by().annotate(second=second)
    return rows.values_list("callout_id", "second").annotate(n=Count("id"))


def _reached(calls: QuerySet[Call]) -> dict[int, list[tuple[datetime, int]]]:
    found: dict[int, list[tuple[datetime, int]]] = defaultdict(list)
    for callout_id, second, number in reached_by_second(calls.filter(~Q(ended_as="")), clock.now()):
        found[callout_id].append((moment_of(second), number))
    return found


def moment_of(second: str) -> datetime:
    """The start of a second written as the databases write it, in UTC."""
    return datetime.fromisoformat(second).replace(tzinfo=UTC)


def running_total(opened_at: datetime, seconds: list[tuple[datetime, int]]) -> Points:
    """[(whole seconds since opening, people by then)], from (0, …) on."""
    start = opened_at.replace(microsecond=0)
    points: Points = [(0, 0)]
    for moment, number in sorted(seconds):
        after, total = max(0, int((moment - start).total_seconds())), points[-1][1] + number
        if points[-1][0] == after:
            points.pop()
        points.append((after, total))
    return points


def thinned(points: Points, most: int) -> Points:
    """At most about `most` of them, the last one always."""
    if len(points) <= most:
        return points
    stride = -(-len(points) // most)
    return [*points[:-1:stride], points[-1]]


def _night(one: Callout, called: int, seconds: list[tuple[datetime, int]]) -> dict[str, Any]:
    points = running_total(one.opened_at, seconds)
    total = points[-1][1]

    def when(share_percent: int) -> int | None:
        wanted = -(-called * share_percent // 100)
        return next((second for second, count in points if called and count >= wanted), None)

    return {
        "id": str(one.id),
        "opened_at": to_iso(one.opened_at),
        "level": one.level,
        "exercise": one.exercise,
        "called": called,
        "reached": total,
        "in_five_minutes": max((n for second, n in points if second <= FIVE_MINUTES_S), default=0),
        "half_s": when(50),
        "nine_tenths_s": when(90),
        "all_s": when(100),
        "curve": thinned(points, POINTS_MAX),
    }
