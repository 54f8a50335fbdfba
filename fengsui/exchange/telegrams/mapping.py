"""Facts as messages, and messages as what the situation takes in. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from fengsui.exchange.telegrams.states import Kind
from fengsui.gateways.telegrams.messages import (
    SHORT_ID_MASK,
    Acknowledgement,
    EvacuationInstruction,
    Headcount,
    HeadcountTotal,
    Message,
    Numbers,
    QuickReport,
    Reference,
    Sos,
)
from fengsui.response.situation.states import HEADCOUNT_NUMBERS, REPORT_CUTS, REPORT_NUMBERS

E5_TO_E7 = 100
_AUDIENCES = {6: 0, 9: 1, 12: 2}
_DIGITS = {index: digits for digits, index in _AUDIENCES.items()}
_PUBLIC = ("public", 3)

KIND_OF: dict[type, Kind] = {
    EvacuationInstruction: Kind.EVACUATION_INSTRUCTION,
    Acknowledgement: Kind.ACKNOWLEDGEMENT,
    Headcount: Kind.HEADCOUNT,
    Sos: Kind.SOS,
    QuickReport: Kind.QUICK_REPORT,
    HeadcountTotal: Kind.TOTAL,
}


def short(entity: int | None) -> int | None:
    """The low bits by which a telegram calls an id."""
    return None if entity is None else int(entity) & SHORT_ID_MASK


def shelter_tag(name: str) -> int | None:
    """How a shelter is called without its name: 16 bits of a hash that both sides can compute."""
    if not name:
        return None
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:2], "big")


def audience_index(audience: str) -> int:
    """2 bits for the audience of a feed: how many digits of the place it has."""
    return _PUBLIC[1] if audience == _PUBLIC[0] else _AUDIENCES.get(len(audience), 0)


def audience_of(index: int, place_code: str) -> str:
    """The audience again, from the place that the message speaks of."""
    return _PUBLIC[0] if index == _PUBLIC[1] else place_code[: _DIGITS[index]]


# --- facts as messages ------------------------------------------------------------------------


def sos(fields: Mapping[str, Any], text: str, fact: Reference | None) -> Sos:
    lon, lat = fields.get("lon_e7"), fields.get("lat_e7")
    return Sos(
        place_code=fields["place_code"],
        at_ms=fields["at_ms"],
        people=fields.get("people") or 0,
        injured=fields.get("injured") or 0,
        needs=tuple(fields.get("need") or ()),
        lon_e5=None if lon is None else round(lon / E5_TO_E7),
        lat_e5=None if lat is None else round(lat / E5_TO_E7),
        text=text,
        fact=fact,
    )


def headcount(fields: Mapping[str, Any], fact: Reference | None) -> Headcount:
    return Headcount(
        place_code=fields["place_code"],
        at_ms=fields["at_ms"],
        numbers=Numbers(**{name: int(fields.get(name) or 0) for name in HEADCOUNT_NUMBERS}),
        evacuation=short(fields.get("evacuation_id")),
        series=min(int(fields.get("series") or 0), 15),
        fact=fact,
    )


def quick_report(fields: Mapping[str, Any], fact: Reference | None) -> QuickReport:
    values: dict[str, Any] = {name: int(fields.get(name) or 0) for name in REPORT_NUMBERS}
    values |= {name: bool(fields.get(name)) for name in REPORT_CUTS}
    return QuickReport(
        place_code=fields["place_code"],
        at_ms=fields["at_ms"],
        disaster=fields.get("disaster") or "",
        needs=tuple((str(code), int(amount)) for code, amount in fields.get("needs") or ()),
        fact=fact,
        **values,
    )


def acknowledgement(
    *, callout_id: int, ordinal: int, answer: str, at_ms: int, fact: Reference | None
) -> Acknowledgement:
    return Acknowledgement(
        of=callout_id & SHORT_ID_MASK, answer=answer, at_ms=at_ms, ordinal=ordinal, fact=fact
    )


def answer_to_instruction(fields: Mapping[str, Any], fact: Reference | None) -> Acknowledgement:
    """An answer of a place that knows an alert by its telegram only: by person, not by number."""
    return Acknowledgement(
        of=int(fields["alert"]),
        answer=str(fields["answer_kind"]),
        at_ms=int(fields["at_ms"]),
        person=int(fields["person_id"]) & SHORT_ID_MASK,
        place_code=str(fields["place_code"])[:12],
        fact=fact,
    )


# --- messages as content ----------------------------------------------------------------------


def content_of(message: Message, *, evacuation_id: int | None = None) -> dict[str, Any]:
    """What `situation.services.relay` takes; for the other messages, their values by name."""
    match message:
        case Sos():
            e5 = (message.lon_e5, message.lat_e5)
            lon, lat = (None if one is None else one * E5_TO_E7 for one in e5)
            return {
                "place_code": message.place_code,
                "at_ms": message.at_ms,
                "lon_e7": lon,
                "lat_e7": lat,
                "people": message.people,
                "injured": message.injured,
                "need": list(message.needs),
                "text": message.text,
                "device": "",
            }
        case Headcount() | HeadcountTotal():
            content = {
                "place_code": message.place_code,
                "at_ms": message.at_ms,
                "evacuation_id": evacuation_id,
                "series": message.series,
                **asdict(message.numbers),
            }
            if isinstance(message, HeadcountTotal):
                content |= {"reported": message.reported, "expected": message.expected}
            return content
        case QuickReport():
            values = asdict(message)
            values.pop("fact")
            return {**values, "needs": [list(one) for one in message.needs]}
        case Acknowledgement() | EvacuationInstruction():
            values = asdict(message)
            values.pop("fact")
            return {
                key: list(one) if isinstance(one, tuple) else one for key, one in values.items()
            }


def message_of_content(
    kind: str, content: Mapping[str, Any], fact: Reference | None
) -> Message | None:
    """The message to pass on for something that a gateway below heard; None where it is no one's.

    `content` as `content_of` makes it.
    """
    match kind:
        case Kind.SOS:
            return sos(content, str(content.get("text") or ""), fact)
        case Kind.HEADCOUNT:
            return headcount(content, fact)
        case Kind.QUICK_REPORT:
            return quick_report(content, fact)
    return None


def subject_of(message: Message) -> str:
    """What a newer telegram replaces in the queue; "" where every one is to arrive."""
    match message:
        case Headcount():
            return f"headcount {message.place_code} {message.evacuation} {message.series}"
        case HeadcountTotal():
            return f"total {message.place_code} {message.evacuation} {message.series}"
    return ""


def part_of(message: Message) -> str:
    """Tells apart the telegrams that one fact was split into."""
    match message:
        case EvacuationInstruction():
            return f"{message.areas[0]}+{len(message.areas)}"
        case QuickReport():
            return ",".join(code for code, _ in message.needs)[:40]
        case Acknowledgement():
            return str(message.ordinal if message.ordinal is not None else message.person)
    return ""


def place_of(message: Message, default: str) -> str:
    """The place a message speaks of, for the scope of what is recorded about it."""
    match message:
        case EvacuationInstruction():
            return default
        case Acknowledgement():
            return message.place_code or default
        case _:
            return message.place_code
