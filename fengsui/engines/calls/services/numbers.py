"""What a real try says of the number it rang: somebody answered there, or there is no such number.

Noted with the outcome, told to the registers by a job of its own: nothing that goes wrong there
holds up a call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from fengsui.engines.calls import channel_register
from fengsui.engines.calls.models import Attempt, CallParty, Companion, NumberHeard
from fengsui.engines.calls.queries.messages import contact_used
from fengsui.engines.calls.rules import LAP_STEP
from fengsui.engines.calls.states import Word
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command
from fengsui.gateways.channels import Channel

NUMBERS_PER_STEP = 200
IDS_PER_QUERY = 900
# 按键、回复 is an answer; a voice box hears a message out and acknowledges nothing.
_SAYS = {Word.ACKNOWLEDGED.value: False, Word.WRONG_NUMBER.value: True}


class Heard(NamedTuple):
    """A number that was rung: whose (0: a post's), what it is, and what came of it."""

    person_id: int
    kind: str
    value: str
    at: datetime
    is_dead: bool


Listener = Callable[[Viewer, Sequence[Heard]], None]
_listener: Listener | None = None


def set_number_listener(listener: Listener | None) -> None:
    """`config` calls this once. The listener costs a fixed number of queries however many."""
    global _listener
    _listener = listener


def note_numbers(outcomes: Iterable[tuple[int, str, int]]) -> None:
    """Keeps what tries on channels that reach real people say; those of exercises say nothing."""
    said = {pk: _SAYS[word] for pk, word, _ in outcomes if word in _SAYS}
    kinds = [
        one.kind
        for one in channel_register.channels(exercise=False).values()
        if one.reaches_outside and one.contact_kinds
    ]
    if not said or not kinds or channel_register.is_demonstration():
        return
    now = clock.now()
    ids = sorted(said)
    for start in range(0, len(ids), IDS_PER_QUERY):
        chunk = ids[start : start + IDS_PER_QUERY]
        is_real = {"pk__in": chunk, "callout__exercise": False, "channel__in": kinds}
        real = list(Attempt.objects.filter(**is_real).values_list("id", flat=True))
        if len(real) < len(chunk):  # what is no try of a person called was rung beside one
            real += Companion.objects.filter(**is_real).values_list("id", flat=True)
        NumberHeard.objects.bulk_create(
            [NumberHeard(id=pk, is_dead=said[pk], heard_at=now) for pk in real],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=["is_dead", "heard_at"],
        )


@command
def tell_of_numbers(*, viewer: Viewer, limit: int = NUMBERS_PER_STEP) -> dict[str, Any]:
    """Tells the registers of up to `limit` numbers. Returns {"told", "more"}."""
    noted = {one.id: one for one in NumberHeard.objects.order_by("id")[:limit]}
    if not noted:
        return {"told": 0, "more": False}
    heard = _heard(noted)
    if heard and _listener is not None:
        _listener(viewer, heard)
    NumberHeard.objects.filter(pk__in=list(noted)).delete()
    return {"told": len(heard), "more": len(noted) == limit}


def _heard(noted: dict[int, NumberHeard]) -> list[Heard]:
    rows = list(
        Attempt.objects.filter(pk__in=list(noted)).values_list(
            "id", "call_id", "rung", "step", "channel", "call__lap"
        )
    )
    holders, stand_ins = _rung(row[1] for row in rows)
    channels = channel_register.channels(exercise=False)
    found = []
    for pk, call_id, rung, step, channel, lap in rows:
        # In a later lap the call has another number than the one that was rung on this try.
        if step // LAP_STEP != lap or channel not in channels:
            continue
        person_id, contacts = stand_ins.get((call_id, rung)) or holders.get(call_id, (0, []))
        used = contact_used(contacts, channels[channel].contact_kinds)
        if used is not None and used.get("value"):
            one = noted[pk]
            found.append(Heard(person_id, used["kind"], used["value"], one.heard_at, one.is_dead))
    return found + (_heard_beside(noted, channels) if len(rows) < len(noted) else [])


def _heard_beside(noted: dict[int, NumberHeard], channels: Mapping[str, Channel]) -> list[Heard]:
    """Numbers of those who were rung at the same moment as the person called."""
    rows = list(
        Companion.objects.filter(pk__in=list(noted)).values_list("id", "party_id", "channel")
    )
    parties = CallParty.objects.in_bulk({party_id for _, party_id, _ in rows})
    found = []
    for pk, party_id, channel in rows:
        party, way = parties.get(party_id), channels.get(channel)
        used = contact_used(party.contacts, way.contact_kinds) if party and way else None
        if party is not None and used is not None and used.get("value"):
            one = noted[pk]
            heard = Heard(party.person_id, used["kind"], used["value"], one.heard_at, one.is_dead)
            found.append(heard)
    return found


_Party = tuple[int, list[dict[str, Any]]]


def _rung(call_ids: Iterable[int]) -> tuple[dict[int, _Party], dict[tuple[int, int], _Party]]:
    """The person called, by call; and the last who was found for a further rung, by call, rung."""
    holders: dict[int, _Party] = {}
    stand_ins: dict[tuple[int, int], _Party] = {}
    rows = CallParty.objects.filter(call_id__in=set(call_ids)).order_by("added_at", "id")
    for pk, call_id, rung, person_id, contacts in rows.values_list(
        "id", "call_id", "rung", "person_id", "contacts"
    ):
        if pk == call_id:
            holders[call_id] = (person_id, contacts)
        else:
            stand_ins[call_id, rung] = (person_id, contacts)
    return holders, stand_ins
