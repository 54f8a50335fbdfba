"""From which villages an answer is still awaited, and when one of them last gave a word."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, Q

from fengsui.engines.calls.models import Call
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.standards.divisions import village_of

_UNSETTLED = Q(answered_at=None, reached_at=None, notified_at=None)


def awaited(
    callout_ids: Collection[int], *, viewer: Viewer, driver: int | None = None
) -> dict[str, dict[str, Any]]:
    """Village (or township) → {"calls": post-holders who have not answered, "since"}.

    With `driver` only the calls that this node drives: it alone speaks for them.
    """
    rows = Call.objects.filter(
        _UNSETTLED,
        visible(viewer, Permission.SEE_CALLS),
        callout_id__in=list(callout_ids),
        household_id=None,
    )
    if driver is not None:
        rows = rows.filter(driver=driver)
    found: dict[str, dict[str, Any]] = {}
    for row in rows.values("place_code").annotate(n=Count("id"), since=Min("batch__added_at")):
        one = found.setdefault(village_of(row["place_code"]), {"calls": 0, "since": row["since"]})
        one["calls"] += row["n"]
        one["since"] = min(one["since"], row["since"])
    return found


def last_answers(callout_ids: Collection[int], *, viewer: Viewer) -> dict[str, datetime]:
    """Village → when somebody of it last answered, or was reached, in these callouts."""
    rows = Call.objects.filter(
        visible(viewer, Permission.SEE_CALLS), callout_id__in=list(callout_ids)
    )
    found: dict[str, datetime] = {}
    heard = rows.values("place_code").annotate(
        answered=Max("answered_at"), reached=Max("reached_at")
    )
    for row in heard:
        for at in (row["answered"], row["reached"]):
            if at is not None:
                code = village_of(row["place_code"])
                found[code] = max(at, found.get(code, at))
    return found
