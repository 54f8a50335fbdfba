"""已由别的部门叫过: what the weather or water office has done is recorded, so that nobody is rung
five times for the same storm. It is that office's word, never the person's own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from fengsui.engines.calls import rules
from fengsui.engines.calls.apply.writing import milliseconds
from fengsui.engines.calls.errors import OFFICE_REQUIRED, TEXT_TOO_LONG, TOO_MANY_CALLS
from fengsui.engines.calls.facts import RUNG_ELSEWHERE
from fengsui.engines.calls.models import (
    Attempt,
    Call,
    Companion,
    CompanionOwed,
    Dispatch,
    PartyBatch,
    RungElsewhere,
)
from fengsui.engines.calls.services.answering import answer_for
from fengsui.engines.calls.services.dispatching import store_outcomes, waiting
from fengsui.engines.calls.states import CallState, Word
from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, on_commit_notify, record

CALLS_PER_COMMAND = 60  # each answer is signed by itself
OFFICE_CHARACTERS_MAX = 64
NOTE_CHARACTERS_MAX = 500
RUNG_AGO_S_MAX = 6 * 3600  # what was rung earlier than that was another storm


@command
def record_rung_elsewhere(
    *,
    viewer: Viewer,
    call_ids: Sequence[int],
    office: str,
    rung_at: datetime | None = None,
    has_answered: bool = False,
    note: str = "",
    client_id: str = "",
) -> dict[str, Any]:
    """Another office rang these people about the same thing at `rung_at`.

    Each is spared the ring that this stands for: the next one comes a whole spacing after
    `rung_at`. With `has_answered` that office says that they acknowledged: recorded as 代录 with
    the office as the source. Calls of one callout. Returns {"spared", "answered", "already"}.
    """
    office, note = office.strip(), note.strip()
    if not office:
        raise OFFICE_REQUIRED()
    for text, limit in ((office, OFFICE_CHARACTERS_MAX), (note, NOTE_CHARACTERS_MAX)):
        if len(text) > limit:
            raise TEXT_TOO_LONG(limit=limit)
    if len(call_ids) > CALLS_PER_COMMAND:
        raise TOO_MANY_CALLS(limit=CALLS_PER_COMMAND)
    calls = list(Call.objects.filter(pk__in=list(call_ids)).select_related("callout", "batch"))
    if len(calls) != len(set(call_ids)) or len({call.callout_id for call in calls}) != 1:
        raise NOT_FOUND()
    for place_code in {call.place_code for call in calls}:
        require(viewer, Permission.ANSWER_FOR_OTHERS, place_code)
    at = _moment(rung_at)
    told = RungElsewhere.objects.filter(call__in=calls, office=office, has_answered=has_answered)
    known = set(told.values_list("call_id", flat=True))
    fresh = [call for call in calls if call.id not in known and not call.ended_as]
    # Who is to be knocked for is not spared that by a ring that nobody acknowledged.
    rung = [call for call in fresh if call.state != CallState.KNOCK]
    _spare(rung, office, at, has_answered, note, client_id, viewer)
    _withdraw_owed([call.id for call in rung], viewer)
    for call in fresh if has_answered else ():
        answer_for(
            viewer=viewer,
            call_id=call.id,
            answer_kind="on_it",
            heard_from=office,
            note=note,
            heard_at=at,
            client_id=f"elsewhere {call.id} {client_id}"[:64] if client_id else "",
        )
    on_commit_notify(f"callout:{calls[0].callout_id}", {"verb": "rung_elsewhere"})
    answered = len(fresh) if has_answered else 0
    return {"spared": len(rung), "answered": answered, "already": len(calls) - len(fresh)}


def _moment(rung_at: datetime | None) -> datetime:
    now = clock.now()
    if rung_at is None:
        return now
    if not now - timedelta(seconds=RUNG_AGO_S_MAX) <= rung_at <= now:
        raise OFFICE_REQUIRED()
    return rung_at


def _spare(
    calls: Sequence[Call],
    office: str,
    at: datetime,
    has_answered: bool,
    note: str,
    client_id: str,
    viewer: Viewer,
) -> None:
    """One fact a township. What was rung there stands for one try of ours, on the same rung."""
    batches: dict[int, PartyBatch] = {call.batch_id: call.batch for call in calls}
    by_group: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for call in calls:
        next_at = max(clock.now(), call.next_at or at, at + _spacing(call))
        key = (call.batch_id, call.lap, call.rung, call.tries + 1, milliseconds(next_at))
        by_group[key].append(call.id)
    by_township: dict[str, list[list[Any]]] = defaultdict(list)
    for key, ids in sorted(by_group.items()):
        batch = batches[key[0]]
        offsets = sorted(pk - batch.first_call_id for pk in ids)
        by_township[batch.place_code].append([*key, rules.pack_ordinals(offsets)])
    for township in sorted(by_township):
        groups = by_township[township]
        count = sum(
            len(rules.unpack_ordinals(group[-1], limit=batches[group[0]].count)) for group in groups
        )
        record(
            RUNG_ELSEWHERE,
            fields={
                "callout_id": calls[0].callout_id,
                "office": office,
                "rung_at_ms": milliseconds(at),
                "has_answered": has_answered,
                "groups": groups,
                "count": count,
                "client_id": client_id[:64],
            },
            personal={"note": note},
            scope=township,
            viewer=viewer,
            about=(calls[0].callout_id,),
        )


def _withdraw_owed(call_ids: Sequence[int], viewer: Viewer) -> None:
    """A try that no channel has been asked for yet would ring them a second time."""
    waits = [Word.PLANNED.value]
    tries = dict(
        Attempt.objects.filter(call_id__in=call_ids, word__in=waits).values_list("id", "plan_id")
    )
    plans = Dispatch.objects.filter(plan_id__in=set(tries.values()), boot="")
    unclaimed = {pk for row in plans for pk in waiting(row)}
    beside = Companion.objects.filter(call_id__in=call_ids, word__in=waits)
    owed = CompanionOwed.objects.filter(boot="", pk__in=beside.values("id"))
    withdrawn = [*(pk for pk in tries if pk in unclaimed), *owed.values_list("id", flat=True)]
    if withdrawn:
        store_outcomes([(pk, Word.WITHDRAWN.value, 0) for pk in withdrawn], viewer=viewer)


def _spacing(call: Call) -> timedelta:
    rungs = call.callout.policy["rungs"]
    rung = rungs[min(call.rung, len(rungs) - 1)]
    return timedelta(seconds=int(rung.get("spacing_s") or rung["patience_s"]))
