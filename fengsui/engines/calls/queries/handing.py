"""What is handed from one officer to the next, and what became of one short callout."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from fengsui.engines.calls.models import Call, Callout
from fengsui.engines.calls.queries.gates import calls_in_sight
from fengsui.engines.calls.states import CalloutState, CallState
from fengsui.foundation.access.queries import in_scopes, visible
from fengsui.foundation.access.viewer import Permission, Scope, Viewer
from fengsui.foundation.journal import clock

# People who were named and never reached stay on the list of the next officer for so long.
HANDED_ON_FOR = timedelta(hours=72)
HANDED_ON_STATES = (CalloutState.OPEN, CalloutState.FINISHED)
ANSWERS_MAX = 1000


def open_by_callout(place_code: str, *, viewer: Viewer) -> list[dict[str, Any]]:
    """Callouts with people at or below the place who have no answer yet, oldest first.

    {"callout_id", "subject_kind", "subject_id", "level", "exercise", "place_code", "opened_at",
    "open": still being called, "named": named as unreached}. Two queries. Whoever a later callout
    calls anew is counted there alone, so one that was superseded is not handed on empty.
    """
    known = {
        row["id"]: row
        for row in Callout.objects.filter(
            state__in=HANDED_ON_STATES,
            opened_at__gte=clock.now() - HANDED_ON_FOR,
        ).values("id", "subject_kind", "subject_id", "level", "exercise", "place_code", "opened_at")
    }
    anew = Call.objects.filter(
        person_id=OuterRef("person_id"),
        callout__opened_at__gt=OuterRef("callout__opened_at"),
        callout__state__in=HANDED_ON_STATES,
        callout__exercise=OuterRef("callout__exercise"),
        callout__subject_kind=OuterRef("callout__subject_kind"),
    )
    named = Q(ended_as=CallState.UNREACHED_NAMED) & (Q(person_id=0) | Q(~Exists(anew)))
    counted = (
        Call.objects.filter(
            visible(viewer, Permission.SEE_CALLS),
            in_scopes("place_code", (Scope.of(place_code),)),
            callout_id__in=list(known),
            ended_as__in=("", CallState.UNREACHED_NAMED),
        )
        .values("callout_id")
        .annotate(open=Count("id", filter=Q(ended_as="")), named=Count("id", filter=named))
    )
    rows = [
        {
            **{name: value for name, value in known[row["callout_id"]].items() if name != "id"},
            "callout_id": row["callout_id"],
            "open": row["open"],
            "named": row["named"],
        }
        for row in counted
        if row["open"] or row["named"]
    ]
    return sorted(rows, key=lambda row: (row["opened_at"], row["callout_id"]))


def answers_of(callout_id: int, *, viewer: Viewer) -> list[dict[str, Any]]:
    """The calls of one short callout in sight, as they stand: {"call_id", "person_id",
    "place_code", "post_title", "state", "ended_as", "answered_at", "is_covered"}."""
    rows = calls_in_sight(callout_id, viewer).order_by("ordinal")[:ANSWERS_MAX]
    names = ("person_id", "place_code", "post_title", "state", "ended_as")
    return [
        {
            "call_id": row.id,
            **{name: getattr(row, name) for name in names},
            "answered_at": row.answered_at,
            "is_covered": row.is_covered,
        }
        for row in rows
    ]
