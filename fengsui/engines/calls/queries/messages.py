"""For the engine's own jobs: what is owed to channels, as messages."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from fengsui.engines.calls import channel_register
from fengsui.engines.calls.models import Attempt, Callout, CallParty, Dispatch
from fengsui.engines.calls.states import ON_ITS_WAY
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import clock
from fengsui.gateways.channels import Channel, Message


def claimed_messages(
    boot: str, *, viewer: Viewer, limit: int, in_hand: Collection[int] = ()
) -> list[tuple[Channel | None, Message]]:
    """Tries that `boot` has claimed, as messages with the channel each goes to.

    Those `in_hand` are being sent already and are left out.
    """
    if not viewer.is_node:
        return []
    rows = Dispatch.objects.filter(boot=boot).order_by("id")[: limit + len(in_hand)]
    owed = [row for row in rows if row.id not in in_hand][:limit]
    callouts = Callout.objects.in_bulk({row.callout_id for row in owed})
    parties = CallParty.objects.in_bulk({row.party_id for row in owed})
    now = clock.now()
    return [
        _message(
            row.id,
            callouts[row.callout_id],
            parties.get(row.party_id),
            row.channel,
            row.rung,
            row.try_number,
            now,
        )
        for row in owed
    ]


def messages_on_their_way(*, viewer: Viewer) -> Iterator[tuple[Channel | None, Message]]:
    """Tries of open callouts that a channel took and that are not settled."""
    if not viewer.is_node:
        return
    rows = (
        Attempt.objects.filter(word__in=[word.value for word in ON_ITS_WAY])
        .filter(callout__state="open")
        .select_related("callout", "call")
        .order_by("id")
    )
    for attempt in rows.iterator(chunk_size=500):
        party = (
            CallParty.objects.filter(call_id=attempt.call_id, rung=attempt.rung)
            .order_by("-added_at", "-id")
            .first()
            or CallParty.objects.filter(pk=attempt.call_id).first()
        )
        yield _message(
            attempt.id,
            attempt.callout,
            party,
            attempt.channel,
            attempt.rung,
            attempt.try_number,
            attempt.started_at,
        )


def _message(
    attempt_id: int,
    found: Callout,
    party: CallParty | None,
    kind: str,
    rung: int,
    try_number: int,
    sent_at: datetime,
) -> tuple[Channel | None, Message]:
    channel = channel_register.channels(exercise=found.exercise).get(kind)
    kinds = channel.contact_kinds if channel is not None else ()
    contacts = party.contacts if party is not None else []
    address = next(
        (str(one["value"]) for one in contacts if one.get("kind") in (kinds or ("phone",))), ""
    )
    rungs = found.policy["rungs"]
    message = Message(
        reference=str(attempt_id),
        address=address,
        person_id=party.person_id if party is not None else 0,
        person_name=party.name if party is not None else "",
        text=found.text,
        level=found.level,
        exercise=found.exercise,
        rung=rung,
        try_number=try_number,
        patience_s=int(rungs[min(rung, len(rungs) - 1)]["patience_s"]),
        sent_at=sent_at,
    )
    return channel, message
