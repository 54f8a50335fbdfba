"""Messages as the plain values that the ASN.1 codec takes and gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fengsui.gateways.telegrams import tables
from fengsui.gateways.telegrams.messages import (
    Acknowledgement,
    EvacuationInstruction,
    Headcount,
    HeadcountTotal,
    Message,
    Numbers,
    QuickReport,
    Receipt,
    Reference,
    Sos,
    Telegram,
    TelegramError,
)

MINUTE_MS = 60_000
SECOND_MS = 1_000
MINUTES = 1 << 16
SECONDS = 1 << 22
TEXT_BYTES_MAX = 40
AMOUNT_MAX = 8191
_SMALL, _MEDIUM, _LARGE = 63, 4095, 1_048_575
_ANSWER_OF = {asn1: word for word, asn1 in tables.ANSWERS.items()}
_NUMBERS = (
    ("should", "should"),
    ("moved", "moved"),
    ("away", "away"),
    ("notYet", "not_yet"),
    ("needsHelp", "needs_help"),
    ("sheltered", "sheltered"),
    ("injured", "injured"),
    ("missing", "missing"),
    ("dead", "dead"),
)
_REPORT_COUNTS = (
    ("affected", "affected"),
    ("moved", "moved"),
    ("injured", "injured"),
    ("missing", "missing"),
    ("dead", "dead"),
    ("trapped", "trapped"),
    ("housesCollapsed", "houses_collapsed"),
    ("housesDamaged", "houses_damaged"),
)
_REPORT_CUTS = (("roadCut", "road_cut"), ("powerCut", "power_cut"), ("networkCut", "network_cut"))

Plain = dict[str, Any]


def rebuilt(low: int, modulus: int, unit_ms: int, now_ms: int) -> int:
    """The moment nearest to `now_ms` whose low bits, in units, are `low`."""
    now = now_ms // unit_ms
    offset = (low - now + modulus // 2) % modulus - modulus // 2
    return (now + offset) * unit_ms


def _count(value: int) -> tuple[str, int]:
    if value <= _SMALL:
        return "small", value
    return ("medium", value) if value <= _MEDIUM else ("large", min(value, _LARGE))


def _place(code: str, county: str) -> Plain:
    if not code.isdigit() or not code.startswith(county) or len(code) not in (6, 9, 12, 15, 17):
        raise TelegramError("telegrams.does_not_fit", f"place {code} is not in county {county}")
    code = code.ljust(12, "0")
    place: Plain = {"town": int(code[6:9]), "village": int(code[9:12])}
    if len(code) > 12:
        place["part"] = int(code[12:].ljust(5, "0"))
    return place


def _code(place: Mapping[str, Any], county: str) -> str:
    code = f"{county}{place['town']:03d}{place['village']:03d}"
    part = place.get("part")
    if part is None:
        return code
    digits = f"{part:05d}"
    return code + (digits[:3] if digits.endswith("00") else digits)


def _reference(reference: Reference | None) -> Plain:
    if reference is None:
        return {}
    inner: Plain = {"audience": reference.audience, "sequence": reference.sequence}
    if reference.author is not None:
        inner["author"] = reference.author
    if reference.epoch is not None:
        inner["epoch"] = reference.epoch
    return {"fact": inner}


def _fact(value: Mapping[str, Any]) -> Reference | None:
    inner = value.get("fact")
    if inner is None:
        return None
    return Reference(inner["sequence"], inner["audience"], inner.get("author"), inner.get("epoch"))


def _numbers(numbers: Numbers) -> Plain:
    return {asn1: _count(getattr(numbers, name)) for asn1, name in _NUMBERS}


def _read_numbers(value: Mapping[str, Any]) -> Numbers:
    return Numbers(**{name: value[asn1][1] for asn1, name in _NUMBERS})


def _optional(**values: Any) -> Plain:
    return {name: value for name, value in values.items() if value is not None}


# --- to plain --------------------------------------------------------------------------------


def telegram_to_plain(telegram: Telegram, *, county: str) -> Plain:
    value: Plain = {}
    if telegram.received:
        value["received"] = [
            {
                "epoch": one.epoch & 0xFF,
                "class": one.fact_class,
                "sequence": one.sequence & 0xFFFF,
            }
            for one in telegram.received
        ]
    if telegram.message is not None:
        value["message"] = _message(telegram.message, county)
    return value


def _message(message: Message, county: str) -> tuple[str, Plain]:
    match message:
        case EvacuationInstruction():
            return "evacuation", _evacuation(message, county)
        case Acknowledgement():
            return "acknowledgement", _acknowledgement(message, county)
        case Headcount():
            return "headcount", {
                **_reference(message.fact),
                **_count_of_place(message, county),
                "numbers": _numbers(message.numbers),
            }
        case Sos():
            return "sos", _sos(message, county)
        case QuickReport():
            return "report", _report(message, county)
        case HeadcountTotal():
            return "total", {
                **_count_of_place(message, county),
                "reported": message.reported,
                "expected": message.expected,
                "numbers": _numbers(message.numbers),
            }


def _count_of_place(message: Headcount | HeadcountTotal, county: str) -> Plain:
    return {
        "place": _place(message.place_code, county),
        **_optional(evacuation=message.evacuation),
        "series": message.series,
        "at": message.at_ms // SECOND_MS % SECONDS,
    }


def _evacuation(message: EvacuationInstruction, county: str) -> Plain:
    places = [_place(code, county) for code in message.areas]
    towns = {place.pop("town") for place in places}
    if len(towns) != 1:
        raise TelegramError("telegrams.does_not_fit", "areas of several townships")
    leave_by = message.leave_by_ms
    return {
        **_reference(message.fact),
        "alert": message.alert,
        "hazard": tables.hazard_number(message.hazard),
        "level": message.level if message.level in tables.LEVELS else "unknown",
        "action": message.action,
        "exercise": message.exercise,
        "issued": message.issued_ms // MINUTE_MS % MINUTES,
        **_optional(
            leaveBy=None if leave_by is None else leave_by // MINUTE_MS % MINUTES,
            shelter=message.shelter,
        ),
        "town": towns.pop(),
        "areas": places,
    }


def _acknowledgement(message: Acknowledgement, county: str) -> Plain:
    if message.ordinal is not None:
        who: tuple[str, Any] = ("ordinal", message.ordinal)
    elif message.person is not None:
        place = message.place_code
        who = (
            "person",
            {
                **({} if place is None else {"place": _place(place, county)}),
                "person": message.person,
            },
        )
    else:
        raise TelegramError("telegrams.does_not_fit", "an acknowledgement by nobody")
    return {
        **_reference(message.fact),
        "of": message.of,
        "who": who,
        "answer": tables.ANSWERS[message.answer],
        "at": message.at_ms // MINUTE_MS % MINUTES,
    }


def _sos(message: Sos, county: str) -> Plain:
    position = None
    if message.lon_e5 is not None and message.lat_e5 is not None:
        position = {"longitude": message.lon_e5, "latitude": message.lat_e5}
    text = _short_text(message.text)
    return {
        **_reference(message.fact),
        "place": _place(message.place_code, county),
        **_optional(position=position, text=text or None),
        "at": message.at_ms // SECOND_MS % SECONDS,
        "people": _count(message.people),
        "injured": _count(message.injured),
        "needs": tables.needs_bits(message.needs),
    }


def _short_text(text: str) -> bytes:
    """As much of a text as fits, never half a character."""
    data = b""
    for character in text.strip():
        encoded = character.encode("gb18030", "replace")
        if len(data) + len(encoded) > TEXT_BYTES_MAX:
            break
        data += encoded
    return data


def _report(message: QuickReport, county: str) -> Plain:
    return {
        **_reference(message.fact),
        **_place(message.place_code[:12], county),
        "at": message.at_ms // SECOND_MS % SECONDS,
        "disaster": tables.hazard_number(message.disaster),
        **{asn1: _count(getattr(message, name)) for asn1, name in _REPORT_COUNTS},
        **{asn1: getattr(message, name) for asn1, name in _REPORT_CUTS},
        "needs": [
            {"code": tables.supply_number(code), "amount": min(amount, AMOUNT_MAX)}
            for code, amount in message.needs
        ],
    }


# --- from plain ------------------------------------------------------------------------------


def telegram_from_plain(value: Mapping[str, Any], *, county: str, now_ms: int) -> Telegram:
    received = tuple(
        Receipt(one["epoch"], one["class"], one["sequence"]) for one in value.get("received", ())
    )
    message = value.get("message")
    if message is None:
        return Telegram(None, received)
    kind, inner = message
    read = _READERS.get(kind)
    if read is None:
        raise TelegramError("telegrams.unknown_message")
    return Telegram(read(inner, county, now_ms), received)


def _read_evacuation(value: Mapping[str, Any], county: str, now_ms: int) -> EvacuationInstruction:
    leave_by = value.get("leaveBy")
    town = value["town"]
    return EvacuationInstruction(
        alert=value["alert"],
        hazard=tables.hazard_code(value["hazard"]),
        level=value["level"] or "unknown",
        # An action of a newer schema: nobody should stay because this node is old.
        action=value["action"] or "move",
        issued_ms=rebuilt(value["issued"], MINUTES, MINUTE_MS, now_ms),
        areas=tuple(_code({"town": town, **area}, county) for area in value["areas"]),
        exercise=value["exercise"],
        leave_by_ms=None if leave_by is None else rebuilt(leave_by, MINUTES, MINUTE_MS, now_ms),
        shelter=value.get("shelter"),
        fact=_fact(value),
    )


def _read_acknowledgement(value: Mapping[str, Any], county: str, now_ms: int) -> Acknowledgement:
    kind, who = value["who"]
    place = who.get("place") if kind == "person" else None
    return Acknowledgement(
        of=value["of"],
        # An answer of a newer schema is an answer: the person was reached.
        answer=_ANSWER_OF.get(value["answer"], "on_it"),
        at_ms=rebuilt(value["at"], MINUTES, MINUTE_MS, now_ms),
        ordinal=who if kind == "ordinal" else None,
        person=who["person"] if kind == "person" else None,
        place_code=None if place is None else _code(place, county),
        fact=_fact(value),
    )


def _read_headcount(value: Mapping[str, Any], county: str, now_ms: int) -> Headcount:
    return Headcount(
        place_code=_code(value["place"], county),
        at_ms=rebuilt(value["at"], SECONDS, SECOND_MS, now_ms),
        numbers=_read_numbers(value["numbers"]),
        evacuation=value.get("evacuation"),
        series=value["series"],
        fact=_fact(value),
    )


def _read_total(value: Mapping[str, Any], county: str, now_ms: int) -> HeadcountTotal:
    return HeadcountTotal(
        place_code=_code(value["place"], county),
        at_ms=rebuilt(value["at"], SECONDS, SECOND_MS, now_ms),
        numbers=_read_numbers(value["numbers"]),
        reported=value["reported"],
        expected=value["expected"],
        evacuation=value.get("evacuation"),
        series=value["series"],
    )


def _read_sos(value: Mapping[str, Any], county: str, now_ms: int) -> Sos:
    position = value.get("position") or {}
    return Sos(
        place_code=_code(value["place"], county),
        at_ms=rebuilt(value["at"], SECONDS, SECOND_MS, now_ms),
        people=value["people"][1],
        injured=value["injured"][1],
        needs=tables.needs_codes(value["needs"]),
        lon_e5=position.get("longitude"),
        lat_e5=position.get("latitude"),
        text=bytes(value.get("text", b"")).decode("gb18030", "replace"),
        fact=_fact(value),
    )


def _read_report(value: Mapping[str, Any], county: str, now_ms: int) -> QuickReport:
    counts = {name: value[asn1][1] for asn1, name in _REPORT_COUNTS}
    cuts = {name: value[asn1] for asn1, name in _REPORT_CUTS}
    return QuickReport(
        place_code=_code({"town": value["town"], "village": value["village"]}, county),
        at_ms=rebuilt(value["at"], SECONDS, SECOND_MS, now_ms),
        disaster=tables.hazard_code(value["disaster"]),
        needs=tuple((tables.supply_code(one["code"]), one["amount"]) for one in value["needs"]),
        fact=_fact(value),
        **counts,
        **cuts,
    )


_READERS: dict[str, Callable[[Mapping[str, Any], str, int], Message]] = {
    "evacuation": _read_evacuation,
    "acknowledgement": _read_acknowledgement,
    "headcount": _read_headcount,
    "total": _read_total,
    "sos": _read_sos,
    "report": _read_report,
}
