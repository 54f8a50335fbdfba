"""One answer is enough: what still rings for a call stops, and stays listed as rung."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from fengsui.engines.calls import rules
from fengsui.engines.calls.models import (
    Attempt,
    Call,
    Companion,
    CompanionOwed,
    Dispatch,
    StopOwed,
)
from fengsui.engines.calls.services.dispatching import store_outcomes, waiting
from fengsui.engines.calls.services.owning import this_driver
from fengsui.engines.calls.states import MAY_RING, Word
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal.services import command

CALLS_PER_STEP = 50
_MAY_RING = [word.value for word in MAY_RING]


@command
def silence_what_is_over(*, viewer: Viewer, limit: int = CALLS_PER_STEP) -> dict[str, int]:
    """Stops phones that ring beside a call which needs nobody any more, whoever said so: a person
    stopped the callout, or the answer was given at another node. Returns {"stopped"}."""
    over = ~Q(call__ended_as="") | Q(call__is_covered=True)
    ringing = Companion.objects.filter(over, word__in=_MAY_RING, driver=this_driver())
    ids = set(ringing.values_list("call_id", flat=True)[:limit])
    calls = Call.objects.filter(pk__in=ids).select_related("callout").order_by("id")
    return {"stopped": sum(silence(call, viewer=viewer) for call in calls)}


def silence(call: Call, *, viewer: Viewer, but: int = 0) -> int:
    """Nobody else need answer for this call: whatever still rings for it stops. Returns how many.

    Nothing where nobody was rung together for the call, or where it is still open. Another node's
    phones are its own to stop. `but`: the try on which somebody is speaking.
    """
    if not rules.rings_together(call.callout.policy):
        return 0
    if not Companion.objects.filter(call_id=call.id).exists():
        return 0
    now = Call.objects.only("ended_as", "is_covered").get(pk=call.pk)
    if not now.ended_as and not now.is_covered:
        return 0
    here = Q(call_id=call.id, word__in=_MAY_RING, driver=this_driver()) & ~Q(pk=but)
    beside = Companion.objects.filter(here)
    own = Attempt.objects.filter(here)
    ringing = dict(beside.values_list("id", "channel")) | dict(own.values_list("id", "channel"))
    if not ringing:
        return 0
    unsent = set(CompanionOwed.objects.filter(pk__in=ringing, boot="").values_list("id", flat=True))
    unsent |= _not_yet_claimed(own.values_list("plan_id", flat=True)) & ringing.keys()
    words = [
        (pk, (Word.WITHDRAWN if pk in unsent else Word.STOPPED).value, 0) for pk in sorted(ringing)
    ]
    store_outcomes(words, viewer=viewer)
    StopOwed.objects.bulk_create(
        [
            StopOwed(id=pk, channel=channel, exercise=call.callout.exercise)
            for pk, channel in sorted(ringing.items())
            if pk not in unsent
        ],
        ignore_conflicts=True,
    )
    return len(ringing)


def _not_yet_claimed(plan_ids: Iterable[int]) -> set[int]:
    rows = Dispatch.objects.filter(plan_id__in=list(plan_ids), boot="")
    return {pk for row in rows for pk in waiting(row)}
