"""Which facts become telegrams for which neighbour, and in which words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fengsui.engines.calls.facts import ANSWERED, ANSWERED_FOR
from fengsui.engines.calls.models import Call
from fengsui.exchange.telegrams import identity, mapping
from fengsui.exchange.telegrams.facts import INSTRUCTION_ANSWERED, RECEIVED
from fengsui.exchange.telegrams.services.acting import call_of
from fengsui.exchange.telegrams.states import Kind
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.queries import feed_key
from fengsui.foundation.nodes import queries as nodes
from fengsui.foundation.nodes.queries import NodeInfo
from fengsui.gateways.telegrams.messages import (
    AREAS_MAX,
    SHORT_ID_MASK,
    Acknowledgement,
    EvacuationInstruction,
    Message,
    Reference,
)
from fengsui.response.alerts.facts import ACTIVATED, CANCELLED
from fengsui.response.alerts.models import Alert
from fengsui.response.evacuations.models import EvacuationHousehold
from fengsui.response.situation.facts import (
    HEADCOUNT_REPORTED,
    QUICK_REPORT_FILED,
    RELAYED,
    SOS_RAISED,
)
from fengsui.response.situation.rules import epoch_of
from fengsui.standards.divisions import VILLAGE_DIGITS, full_code, scope_prefix
from fengsui.standards.instants import to_ms

_UP = (
    ANSWERED,
    ANSWERED_FOR,
    SOS_RAISED,
    HEADCOUNT_REPORTED,
    QUICK_REPORT_FILED,
    RELAYED,
    INSTRUCTION_ANSWERED,
    RECEIVED,
)
_DOWN = (ACTIVATED, CANCELLED)
KINDS_TOLD = tuple(kind.number for kind in (*_UP, *_DOWN))
_UP_NAMES = frozenset(kind.name for kind in _UP)


@dataclass(frozen=True, slots=True)
class Told:
    """The messages that one fact becomes, and where that fact stands."""

    messages: tuple[Message, ...]
    at: datetime
    source: str
    feed: bytes | None
    seq: int | None


def messages_for(fact: Fact, peer: NodeInfo) -> Told | None:
    """None where this fact is not for this neighbour, or becomes no telegram."""
    own = scope_prefix(full_code(identity.own().scope))
    other = scope_prefix(full_code(peer.scope))
    is_up = own != other and own.startswith(other)
    is_down = own != other and other.startswith(own)
    key = feed_key(fact.feed)
    if key is None or key.public_key == peer.public_key:
        return None
    if fact.kind in _UP_NAMES and is_up:
        reference = _reference(fact)
        message = _upward(fact, reference) if reference is not None else None
        messages: tuple[Message, ...] = () if message is None else (message,)
    elif fact.kind == RELAYED.name and is_down:
        messages = tuple(_handed_down(fact, other))
    elif fact.kind not in _UP_NAMES and is_down:
        messages = tuple(_downward(fact, other))
    else:
        return None
    if not messages:
        return None
    return Told(messages, fact.at, fact.id.hex(), fact.feed, fact.seq)


def _reference(fact: Fact) -> Reference | None:
    """How a telegram names this fact; None where its author has no number on the air."""
    key = feed_key(fact.feed)
    if key is None:
        return None
    audience = mapping.audience_index(key.audience)
    epoch = epoch_of(key.incarnation)
    own = identity.own()
    if key.public_key == own.public_key:
        is_current = epoch == identity.own_epoch()
        return Reference(fact.seq, audience, epoch=None if is_current else epoch)
    author = nodes.by_key(key.public_key)
    if author is None or not author.short_id:
        return None
    return Reference(fact.seq, audience, author.short_id, epoch)


def _upward(fact: Fact, reference: Reference) -> Message | None:
    fields = fact.fields
    match fact.kind:
        case SOS_RAISED.name:
            return mapping.sos(fields, str((fact.personal or {}).get("text") or ""), reference)
        case HEADCOUNT_REPORTED.name:
            return mapping.headcount(fields, reference)
        case QUICK_REPORT_FILED.name:
            return mapping.quick_report(fields, reference)
        case RELAYED.name:
            return _passed_on(fact, reference)
        case RECEIVED.name:
            return _answer_passed_on(fields)
        case INSTRUCTION_ANSWERED.name:
            return mapping.answer_to_instruction(fields, reference)
        case _:
            call = Call.objects.filter(pk=fields["call_id"]).first()
            if call is None or call.ordinal > SHORT_ID_MASK:
                return None
            return mapping.acknowledgement(
                callout_id=call.callout_id,
                ordinal=call.ordinal,
                answer=str(fields["answer_kind"]),
                at_ms=to_ms(fact.at),
                fact=reference,
            )


def _named(said: dict[str, Any] | None) -> Reference | None:
    """A plain reference as telegrams carry it; None where its author has no number."""
    author = nodes.by_key(bytes(said["node"])) if said else None
    if said is None or author is None or not author.short_id:
        return None
    return Reference(
        int(said["seq"]),
        mapping.audience_index(str(said["audience"])),
        author.short_id,
        int(said["epoch"]),
    )


def _passed_on(fact: Fact, own_reference: Reference) -> Message | None:
    """What a gateway below heard, passed on under the name of the fact it stands for."""
    said: dict[str, Any] | None = fact.fields["reference"]
    reference = own_reference
    if said:
        named = _named(said)
        if named is None:
            return None
        reference = named
    content = {
        **((fact.personal or {}).get("content") or {}),
        "place_code": fact.fields["place_code"],
        "at_ms": fact.fields["at_ms"],
    }
    return mapping.message_of_content(Kind(fact.fields["kind"]), content, reference)


def _answer_passed_on(fields: Mapping[str, Any]) -> Message | None:
    """An answer to a call that is not known here goes on to where the call list is.

    Where the call is known it was answered here, and that fact is told instead.
    """
    content = fields["content"] or {}
    if fields["kind"] != Kind.ACKNOWLEDGEMENT or not content:
        return None
    message = Acknowledgement(**content, fact=_named(fields["reference"]))
    return None if call_of(message) is not None else message


def _handed_down(fact: Fact, prefix: str) -> list[Message]:
    """An instruction that came by telegram goes on to the places below that it names."""
    content = (fact.personal or {}).get("content") or {}
    if fact.fields["kind"] != Kind.EVACUATION_INSTRUCTION or not content.get("areas"):
        return []
    reference = _named(fact.fields["reference"])
    areas = tuple(
        code
        for code in content["areas"]
        if code.startswith(prefix) or prefix.startswith(scope_prefix(code))
    )
    if reference is None or not areas:
        return []
    names = ("alert", "hazard", "level", "action", "issued_ms", "leave_by_ms", "shelter")
    values = {name: content.get(name) for name in names}
    return [
        EvacuationInstruction(
            **values,  # type: ignore[arg-type]
            areas=areas,
            exercise=bool(content.get("exercise")),
            fact=reference,
        )
    ]


def _downward(fact: Fact, prefix: str) -> list[Message]:
    """An instruction for the places below `prefix`, where people are to leave."""
    alert = Alert.objects.filter(pk=fact.fields["alert_id"]).first()
    reference = _reference(fact)
    if alert is None or alert.evacuation_id is None or reference is None:
        return []
    households = EvacuationHousehold.objects.filter(
        evacuation_id=alert.evacuation_id, place_code__startswith=prefix
    )
    towns: dict[str, Counter[str]] = {}
    shelters: dict[str, Counter[str]] = {}
    for code, shelter in households.values_list("place_code", "shelter"):
        towns.setdefault(code[:9], Counter())[code] += 1
        shelters.setdefault(code[:9], Counter())[shelter] += 1
    return [
        EvacuationInstruction(
            alert=alert.pk & SHORT_ID_MASK,
            hazard=alert.category,
            level=alert.level,
            action="lifted" if fact.kind == CANCELLED.name else "move",
            issued_ms=to_ms(fact.at),
            areas=_areas(codes),
            exercise=alert.exercise,
            shelter=mapping.shelter_tag(shelters[town].most_common(1)[0][0]),
            fact=reference,
        )
        for town, codes in sorted(towns.items())
    ]


def _areas(codes: Counter[str]) -> tuple[str, ...]:
    """Groups where they are few, else whole villages: nobody is left out by being cut short."""
    if len(codes) <= AREAS_MAX:
        return tuple(sorted(codes))
    return tuple(sorted({code[:VILLAGE_DIGITS] for code in codes}))
