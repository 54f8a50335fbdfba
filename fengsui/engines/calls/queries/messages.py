"""For the engine's own jobs: what is owed to channels, as messages."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NamedTuple

from fengsui.engines.calls import channel_register, rules
from fengsui.engines.calls.models import Attempt, Callout, CallParty, Dispatch
from fengsui.engines.calls.queries.by_key import select_among
from fengsui.engines.calls.states import ON_ITS_WAY
from fengsui.engines.calls.wording import text_for
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import clock
from fengsui.gateways.channels import Channel, Message

MESSAGES_PER_QUERY = 500
DISPATCHES_PER_QUERY = 20


class Party(NamedTuple):
    """Whom a message goes to."""

    person_id: int
    name: str
    contacts: list[dict[str, Any]]
    language: str = ""


NOBODY = Party(0, "", [])


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
    rows = Dispatch.objects.filter(boot=boot).order_by("owed_at", "id")
    found: list[tuple[Channel | None, Message]] = []
    now = clock.now()
    callouts: dict[int, Callout] = {}
    for row in rows.iterator(chunk_size=DISPATCHES_PER_QUERY):
        offsets = rules.unpack_ordinals(bytes(row.waiting), limit=row.count)
        owed = [row.id + offset for offset in offsets if row.id + offset not in in_hand]
        owed = owed[: limit - len(found)]
        if not owed:
            continue
        if row.callout_id not in callouts:
            callouts[row.callout_id] = Callout.objects.get(pk=row.callout_id)
        callout = callouts[row.callout_id]
        messages = _Messages(callout, row.channel, row.rung, row.try_number)
        found += [
            messages.of(pk, call_id, row.step, now, party)
            for pk, call_id, party in _whom(owed, callout, row.rung)
        ]
        if len(found) >= limit:
            break
    return found


def _whom(
    attempt_ids: Sequence[int], callout: Callout, rung: int
) -> Iterator[tuple[int, int, Party]]:
    """(try, call, who is rung): the holder, or whoever was last found for the call's rung."""
    calls = dict(sorted(select_among("id, call_id", "calls_attempt", attempt_ids)))
    rungs = callout.policy["rungs"]
    if rungs[min(rung, len(rungs) - 1)]["who"] == rules.Who.HOLDER:
        parties = _parties(list(calls.values()), with_language=bool(callout.texts))
    else:
        parties = _stand_ins(calls.values(), rung)
    for pk, call_id in calls.items():
        yield pk, call_id, parties.get(call_id, NOBODY)


def _stand_ins(call_ids: Iterable[int], rung: int) -> dict[int, Party]:
    rows = CallParty.objects.filter(call_id__in=list(call_ids), rung=rung)
    found = rows.order_by("added_at", "id").values_list("call_id", "person_id", "name", "contacts")
    return {call_id: Party(*party) for call_id, *party in found}


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
        holders = _parties(call_ids, with_language=True)
        stand_ins = {
            (call_id, rung): Party(*party)
            for call_id, rung, *party in CallParty.objects.filter(call_id__in=call_ids, rung__gt=0)
            .order_by("added_at", "id")
            .values_list("call_id", "rung", "person_id", "name", "contacts")
        }
        for pk, callout_id, *one in chunk:
            tried = Try(pk, *one)
            party = stand_ins.get((tried.call_id, tried.rung), holders.get(tried.call_id))
            messages = _Messages(callouts[callout_id], tried.channel, tried.rung, tried.number)
            yield messages.of(pk, tried.call_id, tried.step, tried.sent_at, party)


def contact_used(
    contacts: Iterable[dict[str, Any]], kinds: Collection[str]
) -> dict[str, Any] | None:
    """Which of a party's contacts {"kind", "value"} a channel of these kinds rings."""
    for one in contacts:
        if one.get("kind") in kinds:
            return one
    return None


def batched(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """`rows` in lists of at most `size`."""
    iterator = iter(rows)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _parties(ids: Sequence[int], *, with_language: bool) -> dict[int, Party]:
    """Most callouts have one text for all: then what each understands is not even read."""
    columns = "id, person_id, name, contacts" + (", stand_ins" if with_language else "")
    return {
        pk: Party(
            person_id,
            name,
            json.loads(said),
            json.loads(frozen[0]).get("language", "") if frozen else "",
        )
        for pk, person_id, name, said, *frozen in select_among(columns, "calls_callparty", ids)
    }


def _said(found: Callout, party: Party, channel: str) -> str:
    if not party.language:
        return found.text
    is_voice = channel in channel_register.voice_kinds()
    return text_for(found.texts, found.text, party.language, is_voice=is_voice).text


class _Messages:
    """Makes the messages of tries that share a callout, a channel, a rung and a number of try."""

    def __init__(self, found: Callout, channel: str, rung: int, number: int) -> None:
        self.found = found
        self.kind = channel
        self.channel = channel_register.channels(exercise=found.exercise).get(channel)
        self.contact_kinds = (self.channel.contact_kinds if self.channel else ()) or ("phone",)
        rungs = found.policy["rungs"]
        self.shared: dict[str, Any] = {
            "level": found.level,
            "exercise": found.exercise,
            "rung": rung,
            "try_number": number,
            "patience_s": int(rungs[min(rung, len(rungs) - 1)]["patience_s"]),
        }

    def of(
        self, attempt_id: int, call_id: int, step: int, sent_at: datetime, party: Party | None
    ) -> tuple[Channel | None, Message]:
        found, party = self.found, party or NOBODY
        used = contact_used(party.contacts, self.contact_kinds)
        message = Message(
            reference=str(attempt_id),
            address="" if used is None else str(used.get("value", "")),
            person_id=party.person_id,
            person_name=party.name,
            text=_said(found, party, self.kind) if found.texts else found.text,
            sent_at=sent_at,
            effect_id=rules.effect_id(
                callout_id=found.id, call_id=call_id, channel=self.kind, step=step
            ),
            **self.shared,
        )
        return self.channel, message
