"""What carriers tell afterwards: words about tries, answers by key, first actions by key."""

from __future__ import annotations

from typing import Any

from fengsui.engines.calls.models import Answer, Attempt, CallParty, Companion
from fengsui.engines.calls.rules import Who
from fengsui.engines.calls.services import companions
from fengsui.engines.calls.services.answering import (
    record_first_action,
    store_answer,
    units_stood_in_for,
    who_rings,
)
from fengsui.engines.calls.services.dispatching import store_outcomes
from fengsui.engines.calls.states import WORD_RANK, AnswerKind, Word
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal.services import command


@command
def record_receipts(*, viewer: Viewer, receipts: list[dict[str, Any]]) -> dict[str, int]:
    """What carriers tell afterwards: words about tries, answers by key, first actions by key.

    A receipt is {"attempt_id", "word", "heard_s", "answer_kind", "acted"}. A receipt told twice
    counts once; one about an unknown try is dropped. Returns counts.
    """
    ids = [int(receipt["attempt_id"]) for receipt in receipts]
    attempts: dict[int, Attempt | Companion] = {
        attempt.id: attempt
        for attempt in Attempt.objects.filter(pk__in=ids).select_related("call", "call__callout")
    }
    if len(attempts) < len(set(ids)):
        attempts |= companions.found(pk for pk in ids if pk not in attempts)
    client_ids = [_client_id(receipt) for receipt in receipts if receipt.get("answer_kind")]
    told = set(Answer.objects.filter(client_id__in=client_ids).values_list("client_id", flat=True))
    outcomes: list[tuple[int, str, int]] = []
    counts = {"answers": 0, "outcomes": 0, "actions": 0, "dropped": 0}
    for receipt in receipts:
        attempt = attempts.get(int(receipt["attempt_id"]))
        if attempt is None:
            counts["dropped"] += 1
            continue
        answer_kind, word = receipt.get("answer_kind") or "", receipt.get("word") or ""
        if answer_kind in {kind.value for kind in AnswerKind}:
            client_id = _client_id(receipt)
            if client_id not in told:
                told.add(client_id)
                _store_carried_answer(attempt, answer_kind, client_id, viewer=viewer)
                counts["answers"] += 1
            word = Word.ACKNOWLEDGED.value
        if receipt.get("acted"):
            for unit_code in _units_of(attempt):
                record_first_action(
                    viewer=viewer, callout_id=attempt.callout_id, unit_code=unit_code, how="key"
                )
                counts["actions"] += 1
        if word in WORD_RANK and WORD_RANK[word] > attempt.word_rank:
            outcomes.append((attempt.id, word, int(receipt.get("heard_s") or 0)))
    counts["outcomes"] = store_outcomes(outcomes, viewer=viewer) if outcomes else 0
    return counts


def _client_id(receipt: dict[str, Any]) -> str:
    return f"try {receipt['attempt_id']} {receipt['answer_kind']}"


def _store_carried_answer(
    attempt: Attempt | Companion, answer_kind: str, client_id: str, *, viewer: Viewer
) -> None:
    """Whoever was rung on that try pressed the key: the holder, or a stand-in for this call."""
    store_answer(
        attempt.call,
        answer_kind,
        attempt.channel,
        client_id,
        stand_in_id=_stand_in_on(attempt),
        viewer=viewer,
        beside=attempt if isinstance(attempt, Companion) else None,
        try_id=attempt.id,
    )


def _units_of(attempt: Attempt | Companion) -> list[str]:
    """The units for which whoever was rung on that try acts."""
    stand_in_id = _stand_in_on(attempt)
    if stand_in_id is None:
        return attempt.call.units
    who = attempt.who if isinstance(attempt, Companion) else who_rings(attempt.call)
    return units_stood_in_for(attempt.call, stand_in_id, who)


def _stand_in_on(attempt: Attempt | Companion) -> int | None:
    """Who was rung on that try for the person called; None: that person."""
    if isinstance(attempt, Companion):
        return attempt.person_id
    if attempt.call.callout.policy["rungs"][attempt.rung]["who"] == Who.HOLDER.value:
        return None
    party = (
        CallParty.objects.filter(call_id=attempt.call_id, rung=attempt.rung)
        .order_by("-added_at", "-id")
        .first()
    )
    return party.person_id if party is not None else 0
