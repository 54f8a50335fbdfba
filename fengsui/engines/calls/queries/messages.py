"""For the engine's own jobs: what is owed to channels, as messages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from fengsui.engines.calls import channel_register, rules
from fengsui.engines.calls.models import Attempt, Callout, CallParty, Dispatch
from fengsui.engines.calls.states import ON_ITS_WAY
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import clock
from fengsui.gateways.channels import Channel, Message

MESSAGES_PER_QUERY = 500


class Party(NamedTuple):
    """Whom a message goes to."""

    person_id: int
    name: str
    contacts: list[dict[str, Any]]


class Try(NamedTuple):
    """What a message needs to know of the try that it is."""

    attempt_id: int
    call_id: int
    step: int
    channel: str
    rung: int
    number: int
    sent_at: datetime


def claimed_messages(
    boot: str, *, viewer: Viewer, limit: int, in_hand: Collection[int] = ()
) -> list[tuple[Channel | None, Message]]:
    """Tries that `boot` has claimed, as messages with the channel each goes to.

    Those `in_hand` are being sent already and are left out.
    """
    if not viewer.is_node:
        return []
    rows = (
        Dispatch.objects.filter(boot=boot)
        .order_by("owed_at", "id")
        .values_list("id", "callout_id", "call_id", "party_id", "channel", "rung", "try_number")
    )
    owed = [row for row in rows[: limit + len(in_hand)] if row[0] not in in_hand][:limit]
    callouts = Callout.objects.in_bulk({row[1] for row in owed})
    parties = _parties(row[3] for row in owed)
    steps = dict(Attempt.objects.filter(pk__in=[row[0] for row in owed]).values_list("id", "step"))
    now = clock.now()
    return [
        _message(
            Try(pk, call_id, steps.get(pk, 0), channel, rung, number, now),
            callouts[callout_id],
            parties.get(party_id),
        )
        for pk, callout_id, call_id, party_id, channel, rung, number in owed
    ]


def messages_on_their_way(
    *, viewer: Viewer, driver: int
) -> Iterator[tuple[Channel | None, Message]]:
    """Tries of open callouts that a channel of the node `driver` took and that are not settled."""
    if not viewer.is_node:
        return
    callouts = Callout.objects.in_bulk(
        list(Callout.objects.filter(state="open").values_list("id", flat=True))
    )
    rows = (
        Attempt.objects.filter(callout_id__in=callouts, driver=driver)
        .filter(word__in=[word.value for word in ON_ITS_WAY])
        .order_by("id")
        .values_list(
            "id", "callout_id", "call_id", "step", "channel", "rung", "try_number", "started_at"
        )
    )
    for chunk in batched(rows.iterator(chunk_size=MESSAGES_PER_QUERY), MESSAGES_PER_QUERY):
        call_ids = [row[2] for row in chunk]
        holders = _parties(call_ids)
        stand_ins = {
            (call_id, rung): Party(*party)
            for call_id, rung, *party in CallParty.objects.filter(call_id__in=call_ids, rung__gt=0)
            .order_by("added_at", "id")
            .values_list("call_id", "rung", "person_id", "name", "contacts")
        }
        for pk, callout_id, *one in chunk:
            tried = Try(pk, *one)
            party = stand_ins.get((tried.call_id, tried.rung), holders.get(tried.call_id))
            yield _message(tried, callouts[callout_id], party)


def contact_used(
    contacts: Iterable[dict[str, Any]], kinds: Collection[str]
) -> dict[str, Any] | None:
    """Which of a party's contacts {"kind", "value"} a channel of these kinds rings."""
    return next((one for one in contacts if one.get("kind") in kinds), None)


def batched(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """`rows` in lists of at most `size`."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _parties(ids: Iterable[int]) -> dict[int, Party]:
    return {
        pk: Party(*rest)
        for pk, *rest in CallParty.objects.filter(pk__in=list(ids)).values_list(
            "id", "person_id", "name", "contacts"
        )
    }


def _message(tried: Try, found: Callout, party: Party | None) -> tuple[Channel | None, Message]:
    channel = channel_register.channels(exercise=found.exercise).get(tried.channel)
    kinds = channel.contact_kinds if channel is not None else ()
    contacts = party.contacts if party is not None else []
    address = str((contact_used(contacts, kinds or ("phone",)) or {}).get("value", ""))
    rungs = found.policy["rungs"]
    message = Message(
        reference=str(tried.attempt_id),
        address=address,
        person_id=party.person_id if party is not None else 0,
        person_name=party.name if party is not None else "",
        text=found.text,
        level=found.level,
        exercise=found.exercise,
        rung=tried.rung,
        try_number=tried.number,
        patience_s=int(rungs[min(tried.rung, len(rungs) - 1)]["patience_s"]),
        sent_at=tried.sent_at,
        effect_id=rules.effect_id(
            callout_id=found.id, call_id=tried.call_id, channel=tried.channel, step=tried.step
        ),
    )
    return channel, message
