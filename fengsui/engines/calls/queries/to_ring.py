"""The next few whom a person in the duty room should ring by hand, and why these first."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Value, When, Window
from django.db.models.functions import RowNumber

from fengsui.engines.calls.models import Call, UnitCall
from fengsui.engines.calls.queries.gates import callout
from fengsui.engines.calls.queries.people import items_of, still_unanswered
from fengsui.engines.calls.states import FAILED_FOR_GOOD, CallState
from fengsui.foundation.access.viewer import Viewer

TO_RING_MAX = 50
# Whoever has no number cannot be rung: so many more are read to fill the list all the same.
SPARE = 3
HEARD_SOMETHING = ("heard", "wrong_key", "hung_up")


def next_to_ring(callout_id: int, *, viewer: Viewer, limit: int = 10) -> list[dict[str, Any]]:
    """先打这几个: one person of every unit from which nobody has answered, then by the ladder.

    Items as in `unanswered`, each with `why`: silent_unit (nobody of the unit answered), knock,
    dead_number, listened, climbed, waiting. Only people with a number that the viewer may see;
    whoever is covered by a stand-in comes last.
    """
    found = callout(callout_id, viewer=viewer)
    limit = max(1, min(limit, TO_RING_MAX))
    silent = UnitCall.objects.filter(
        callout_id=callout_id, unit_code=OuterRef("unit_code"), acknowledged_at=None
    )
    rows = (
        still_unanswered(callout_id, viewer)
        .annotate(
            is_silent=Exists(silent),
            turn=Window(
                RowNumber(),
                partition_by=[F("unit_code")],
                order_by=[F("is_covered").asc(), F("rung").desc(), F("ordinal").asc()],
            ),
        )
        .annotate(
            pressing=Case(
                When(Q(is_silent=True, turn=1), then=Value(0)),
                When(is_covered=True, then=Value(2)),
                default=Value(1),
                output_field=IntegerField(),
            )
        )
        .order_by("pressing", "-rung", "ordinal")
    )
    page = list(rows[: limit * SPARE])
    standing = {str(call.id): call for call in page}
    items = [one for one in items_of(page, found, viewer=viewer) if one["can_reveal"]]
    return [
        {**one, "why": _why(standing[one["call_id"]], one["last_word"])} for one in items[:limit]
    ]


def _why(call: Call, last_word: str) -> str:
    if getattr(call, "is_silent", False):
        return "silent_unit"
    if last_word in FAILED_FOR_GOOD:
        return "dead_number"
    if call.state in (CallState.KNOCK, CallState.UNREACHED_NAMED):
        return "knock"
    if last_word in HEARD_SOMETHING:
        return "listened"
    return "climbed" if call.rung else "waiting"
