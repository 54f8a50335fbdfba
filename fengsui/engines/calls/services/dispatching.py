"""From a planned try to its outcome: claimed durably, sent elsewhere, told back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Q

from fengsui.engines.calls import channel_register, rules
from fengsui.engines.calls.apply.writing import milliseconds, stored, update_by_ids
from fengsui.engines.calls.facts import OUTCOMES_RECORDED
from fengsui.engines.calls.models import Attempt, Call, Dispatch
from fengsui.engines.calls.services.numbers import note_numbers
from fengsui.engines.calls.services.owning import this_driver
from fengsui.engines.calls.states import FAILED_FOR_GOOD, WORD_RANK, Word
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, on_commit_notify, record

CLAIMS_PER_STEP = 500
IDS_PER_QUERY = 900
HEARD_S_MAX = 3600


@command
def claim_dispatches(*, viewer: Viewer, boot: str, limit: int = CLAIMS_PER_STEP) -> dict[str, Any]:
    """Marks owed tries as being dispatched by `boot`. Only when this is durable may they be sent.

    Tries whose call has ended meanwhile, or is driven by another node now, are withdrawn.
    Returns {"claimed": [attempt ids], "more": whether others may be owed}.
    """
    owed = list(
        Dispatch.objects.filter(boot="")
        .order_by("owed_at", "id")
        .values_list("id", "call_id")[:limit]
    )
    if not owed:
        return {"claimed": [], "more": False}
    ended = _not_ours({call_id for _, call_id in owed})
    withdrawn = [pk for pk, call_id in owed if call_id in ended]
    claimed = [pk for pk, call_id in owed if call_id not in ended]
    if withdrawn:
        store_outcomes([(pk, Word.WITHDRAWN.value, 0) for pk in withdrawn], viewer=viewer)
    update_by_ids(
        "calls_dispatch", "boot = %s, claimed_at = %s", [boot, stored(clock.now())], claimed
    )
    return {"claimed": claimed, "more": len(owed) == limit}


def _not_ours(call_ids: Iterable[int]) -> set[int]:
    """Calls that have ended, or that another node has taken over."""
    over = ~Q(ended_as="") | ~Q(driver=this_driver())
    return set(Call.objects.filter(over, pk__in=list(call_ids)).values_list("id", flat=True))


@command
def forget_claims_of_the_dead(
    *, viewer: Viewer, boot: str, limit: int = CLAIMS_PER_STEP
) -> dict[str, Any]:
    """Tries that an earlier process was dispatching when it died: they may have been sent.

    Where the carrier can be asked, `boot` takes them on to ask it, and never sends them by that.
    Of the others nobody knows: for life the policy tries again, a held kind goes to a person.
    Returns {"unknown": n, "to_ask": [attempt ids], "more"}.
    """
    lost = list(
        Dispatch.objects.exclude(boot__in=("", boot))
        .order_by("id")
        .values_list("id", "channel")[:limit]
    )
    askable = channel_register.kinds_that_can_be_asked()
    to_ask = [pk for pk, kind in lost if kind in askable]
    unknown = [pk for pk, kind in lost if kind not in askable]
    if unknown:
        store_outcomes([(pk, Word.UNKNOWN.value, 0) for pk in unknown], viewer=viewer)
    update_by_ids(
        "calls_dispatch", "boot = %s, claimed_at = %s", [boot, stored(clock.now())], to_ask
    )
    return {"unknown": len(unknown), "to_ask": to_ask, "more": len(lost) == limit}


@command
def record_outcomes(*, viewer: Viewer, outcomes: list[list[Any]]) -> dict[str, int]:
    """What channels said of tries: [[attempt id, word, seconds heard], …]. Batched by township.

    Unknown tries and words are left out; a repeated or older word changes nothing.
    """
    known = [
        (int(pk), str(word), max(0, min(int(heard_s), HEARD_S_MAX)))
        for pk, word, heard_s in outcomes
        if word in WORD_RANK
    ]
    return {"recorded": store_outcomes(known, viewer=viewer)}


def store_outcomes(outcomes: Sequence[tuple[int, str, int]], *, viewer: Viewer) -> int:
    """One fact per township for all outcomes; the owed effects are gone with it."""
    ids = sorted({pk for pk, _, _ in outcomes})
    attempts = _attempts(ids)
    now_ms = milliseconds(clock.now())
    groups: dict[str, dict[tuple[Any, ...], set[int]]] = defaultdict(lambda: defaultdict(set))
    for pk, word, heard_s in outcomes:
        if pk not in attempts:
            continue
        plan_id, step, _, township = attempts[pk]
        # What cannot work must not wait out its patience; neither must what may not have left.
        at_once = word in FAILED_FOR_GOOD or word == Word.UNKNOWN
        key = (plan_id, step, word, heard_s, now_ms if at_once else None)
        groups[township][key].add(pk - plan_id)
    count = 0
    for township in sorted(groups):
        told = sum(len(offsets) for offsets in groups[township].values())
        packed = [
            [*key, rules.pack_ordinals(sorted(offsets))]
            for key, offsets in groups[township].items()
        ]
        record(
            OUTCOMES_RECORDED,
            fields={"groups": packed, "count": told},
            scope=township,
            viewer=viewer,
        )
        count += told
    note_numbers(outcomes)
    for start in range(0, len(ids), IDS_PER_QUERY):
        Dispatch.objects.filter(pk__in=ids[start : start + IDS_PER_QUERY]).delete()
    for callout_id in {callout_id for _, _, callout_id, _ in attempts.values()}:
        on_commit_notify(f"callout:{callout_id}", {"verb": "outcomes"})
    return count


def _attempts(ids: Sequence[int]) -> dict[int, tuple[int, int, int, str]]:
    """Attempt id → (plan id, step, callout id, township)."""
    found: dict[int, tuple[int, int, int, str]] = {}
    for start in range(0, len(ids), IDS_PER_QUERY):
        rows = Attempt.objects.filter(pk__in=ids[start : start + IDS_PER_QUERY]).values_list(
            "id", "plan_id", "step", "callout_id", "call__batch__place_code"
        )
        found |= {
            pk: (plan_id, step, callout_id, township)
            for pk, plan_id, step, callout_id, township in rows
        }
    return found
