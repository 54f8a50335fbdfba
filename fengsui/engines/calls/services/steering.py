"""What a person may change on a running callout: always with a reason, always a fact."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from fengsui.engines.calls import rules
from fengsui.engines.calls.apply.writing import milliseconds
from fengsui.engines.calls.errors import (
    CALL_ENDED,
    CALLOUT_CLOSED,
    NO_NUMBER,
    NO_SUCH_RUNG,
    REASON_REQUIRED,
    TEXT_TOO_LONG,
)
from fengsui.engines.calls.facts import (
    CHANNEL_PAUSED,
    NUMBER_REPLACED,
    NUMBER_REVEALED,
    RUNG_SKIPPED,
)
from fengsui.engines.calls.models import Call, Callout, CallParty, PartyBatch
from fengsui.engines.calls.services.levels import before_their_turn, pass_by
from fengsui.engines.calls.services.opening import record_stop
from fengsui.engines.calls.states import CalloutState
from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, on_commit_notify, record

REASON_CHARACTERS_MAX = 300
CONTACT_CHARACTERS_MAX = 120


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise REASON_REQUIRED()
    if len(reason) > REASON_CHARACTERS_MAX:
        raise TEXT_TOO_LONG(limit=REASON_CHARACTERS_MAX)
    return reason


def _steered(viewer: Viewer, callout_id: int) -> Callout:
    callout = Callout.objects.filter(pk=callout_id).first()
    if callout is None:
        raise NOT_FOUND()
    require(viewer, Permission.STEER_CALLOUT, callout.place_code)
    if callout.state == CalloutState.STOPPED:
        raise CALLOUT_CLOSED()
    return callout


@command
def stop_callout(
    *, viewer: Viewer, callout_id: int, reason: str, cause: bytes | None = None
) -> dict[str, Any]:
    """No one is rung any more. Whoever has not ended is named, and who stopped it is on record."""
    reason = _reason(reason)
    callout = Callout.objects.filter(pk=callout_id).first()
    if callout is None:
        raise NOT_FOUND()
    if not viewer.may(Permission.APPROVE_ALERT, callout.place_code):
        require(viewer, Permission.STEER_CALLOUT, callout.place_code)
    if callout.state == CalloutState.STOPPED:
        return {"callout_id": callout_id, "outcome": "already_recorded"}
    record_stop(viewer=viewer, callout=callout, reason=reason, cause=cause)
    return {"callout_id": callout_id, "outcome": "recorded"}


@command
def pause_channel(
    *, viewer: Viewer, callout_id: int, channel: str, reason: str, is_paused: bool = True
) -> dict[str, Any]:
    """No further try on `channel` in this callout until it is resumed; the ladder goes on."""
    reason = _reason(reason)
    callout = _steered(viewer, callout_id)
    record(
        CHANNEL_PAUSED,
        fields={
            "callout_id": callout_id,
            "channel": channel,
            "is_paused": is_paused,
            "reason": reason,
        },
        scope=callout.place_code,
        viewer=viewer,
        about=(callout_id,),
    )
    on_commit_notify(f"callout:{callout_id}", {"verb": "channel"})
    return {"callout_id": callout_id, "channel": channel, "is_paused": is_paused}


@command
def skip_rung(*, viewer: Viewer, callout_id: int, rung: int, reason: str) -> dict[str, Any]:
    """Passes every open call that stands on `rung` up to the next one at once. Whoever's turn has
    not come, level by level, stands on none and keeps it; those below whoever was passed over are
    rung without waiting for them. Returns {"callout_id", "skipped", "handed_on"}."""
    reason = _reason(reason)
    callout = _steered(viewer, callout_id)
    if not 0 <= rung < len(callout.policy["rungs"]) - 1:
        raise NO_SUCH_RUNG(rung=rung)
    standing = (
        Call.objects.filter(callout_id=callout_id, rung=rung, ended_as="")
        .exclude(progress=0, next_at__gt=clock.now())
        .values_list("id", "batch_id", "lap")
    )
    by_batch: dict[tuple[int, int], list[int]] = defaultdict(list)
    waiting = before_their_turn(callout, rung)
    for call_id, batch_id, lap in standing.exclude(pk__in=waiting):
        by_batch[batch_id, lap].append(call_id)
    batches = PartyBatch.objects.in_bulk({batch_id for batch_id, _ in by_batch})
    now_ms = milliseconds(clock.now())
    groups = []
    for (batch_id, lap), ids in sorted(by_batch.items()):
        first = batches[batch_id].first_call_id
        packed = rules.pack_ordinals(sorted(call_id - first for call_id in ids))
        groups.append([batch_id, lap, rung + 1, now_ms, packed])
    record(
        RUNG_SKIPPED,
        fields={"callout_id": callout_id, "rung": rung, "groups": groups, "reason": reason},
        scope=callout.place_code,
        viewer=viewer,
        about=(callout_id,),
    )
    skipped = {call_id for ids in by_batch.values() for call_id in ids}
    handed_on = pass_by(callout, skipped, viewer=viewer, reason=reason)
    on_commit_notify(f"callout:{callout_id}", {"verb": "rung_skipped"})
    return {"callout_id": callout_id, "skipped": len(skipped), "handed_on": handed_on}


@command
def replace_number(
    *, viewer: Viewer, call_id: int, value: str, reason: str, contact_kind: str = "phone"
) -> dict[str, Any]:
    """A working number for one person: the ladder starts again with it, at once."""
    reason = _reason(reason)
    call = Call.objects.select_related("callout").filter(pk=call_id).first()
    if call is None:
        raise NOT_FOUND()
    require(viewer, Permission.MARK_REACHED, call.place_code)
    if call.ended_as or call.callout.state == CalloutState.STOPPED:
        raise CALL_ENDED()
    if not value.strip() or len(value) > CONTACT_CHARACTERS_MAX:
        raise TEXT_TOO_LONG(limit=CONTACT_CHARACTERS_MAX)
    record(
        NUMBER_REPLACED,
        fields={
            "call_id": call_id,
            "lap": call.lap + 1,
            "next_at_ms": milliseconds(clock.now()),
            "contact_kind": contact_kind,
            "reason": reason,
        },
        personal={"value": value.strip()},
        scope=call.place_code,
        viewer=viewer,
        about=(call.callout_id, call_id),
    )
    on_commit_notify(f"callout:{call.callout_id}", {"verb": "number"})
    return {"call_id": call_id, "lap": call.lap + 1}


@command
def reveal_number(*, viewer: Viewer, call_id: int, reason: str) -> dict[str, str]:
    """The telephone number of the person called, in full; looking is itself a fact."""
    reason = _reason(reason)
    call = Call.objects.filter(pk=call_id).first()
    if call is None or not viewer.may(Permission.SEE_CALLS, call.place_code):
        raise NOT_FOUND()
    require(viewer, Permission.REVEAL_PERSONAL, call.place_code)
    party = CallParty.objects.filter(pk=call_id).first()
    contacts = party.contacts if party is not None else []
    number = next((one["value"] for one in contacts if one.get("kind") == "phone"), "")
    if not number:
        raise NO_NUMBER()
    record(
        NUMBER_REVEALED,
        fields={"call_id": call_id, "reason": reason},
        scope=call.place_code,
        viewer=viewer,
        about=(call.callout_id, call_id),
    )
    return {"phone": number}
