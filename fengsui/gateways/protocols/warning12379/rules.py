"""Field rules of the 12379 layout (handbook §3.1; GB/T 35965.1-2018 annex A). Pure.

What an issuer may leave empty on the wire is a doubt; what would make us call the wrong people,
at the wrong level, or for the wrong time is an error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

from lxml import etree

from fengsui.gateways.findings import Finding, FindingKind
from fengsui.gateways.moments import beijing, read_moment
from fengsui.gateways.protocols.warning12379 import findings as kinds
from fengsui.gateways.xml import line_of, local_name, text_of
from fengsui.standards.divisions import VILLAGE_DIGITS
from fengsui.standards.event_codes import event_codes
from fengsui.standards.warning_levels import BY_COLOUR, BY_COLOUR_WORD

IDENTIFIER = re.compile(r"^(\d{14})_(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(_\d)?$", re.ASCII)
SENDER_CODE = re.compile(r"^\d{14}$", re.ASCII)
EVENT_CODE = re.compile(r"^1[1-4][A-Z]\d\d$", re.ASCII)
TIME = re.compile(r"^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\+08:00$", re.ASCII)
GEOCODE = re.compile(rf"^\d{{{VILLAGE_DIGITS}}}$", re.ASCII)
HEADLINE_LEVEL = re.compile(r"(红|橙|黄|蓝)色(?:预警|\S{0,8}预警)")
HEADLINE_HAZARD = re.compile(r"发布(.{2,20}?)(?:红|橙|黄|蓝)色")
IDENTIFIER_DRIFT_HOURS_MAX = 24
GEOCODES_MAX = 5_000

CHOICES = {
    "status": ("Actual", "Exercise", "System", "Test", "Draft"),
    "msgType": ("Alert", "Update", "Cancel", "Ack", "Error"),
    "scope": ("Public", "Restricted", "Private"),
    "urgency": ("Immediate", "Expected", "Future", "Past", "Unknown"),
    "severity": ("Red", "Orange", "Yellow", "Blue", "Unknown"),
    "certainty": ("Observed", "Likely", "Possible", "Unlikely", "Unknown"),
}
REQUIRED = [
    "identifier", "sender", "senderCode", "sendTime", "status", "msgType", "scope",
    "secClassification", "info",
]  # fmt: skip
OPTIONAL = ["restriction", "addresses", "code", "note", "references"]
INFO_REQUIRED = [
    "language", "eventType", "urgency", "severity", "certainty", "effective", "senderName",
    "headline", "description", "area",
]  # fmt: skip
INFO_OPTIONAL = ["onset", "expires", "instruction", "web", "resource"]
MAY_BE_EMPTY = {"senderName"}  # a person's name; some centres leave it out
REPEATABLE = {"code", "area", "resource", "method"}


@dataclass(slots=True)
class Findings:
    errors: list[Finding] = field(default_factory=list)
    doubts: list[Finding] = field(default_factory=list)


def child(element: etree._Element, name: str) -> etree._Element | None:
    """Some centres send a namespace; the local name is what counts."""
    return next((each for each in element if local_name(each) == name), None)


def children(element: etree._Element, name: str) -> list[etree._Element]:
    return [each for each in element if local_name(each) == name]


def value(element: etree._Element | None, name: str) -> str:
    return text_of(child(element, name)) if element is not None else ""


def classified_as(root: etree._Element) -> Finding | None:
    """Asked before anything else is read: a marked message must leave no trace here.

    Every such element counts, wherever it stands: a second one must not hide behind the first.
    """
    for element in root.iter("{*}secClassification"):
        mark = text_of(element)
        if mark != "None" and mark:
            line = line_of(element)
            return kinds.CLASSIFIED(line=line, field="secClassification", value=mark)
    return None


def message_type(root: etree._Element) -> str:
    """One client of the weather service misspells Cancel."""
    written = value(root, "msgType")
    return "Cancel" if written == "Cancle" else written


def check_rules(root: etree._Element) -> Findings:
    """Every rule over one message that is not classified."""
    found = Findings()
    _check_presence(root, REQUIRED, OPTIONAL, "", found)
    info = child(root, "info")
    if info is not None:
        if len(children(root, "info")) > 1:
            found.errors.append(kinds.SEVERAL_INFO(line=line_of(info), field="info"))
        _check_presence(info, INFO_REQUIRED, INFO_OPTIONAL, "info/", found)
    _check_choices(root, info, found)
    _check_identity(root, found)
    _check_references(root, found)
    if info is not None:
        _check_times(root, info, found)
        _check_event(info, found)
        _check_areas(info, found)
    scope = value(root, "scope")
    if scope in ("Restricted", "Private"):
        found.doubts.append(kinds.NOT_PUBLIC(line=_line(root, "scope"), field="scope", scope=scope))
        needed = "restriction" if scope == "Restricted" else "addresses"
        if not value(root, needed):
            _add(found.errors, kinds.FIELD_MISSING, root, "scope", needed)
    return found


def _check_presence(
    holder: etree._Element,
    required: list[str],
    optional: list[str],
    prefix: str,
    found: Findings,
) -> None:
    names = [local_name(each) for each in holder if local_name(each)]
    for name in required:
        element = child(holder, name)
        is_filled = element is not None and (len(element) > 0 or bool(text_of(element)))
        if not is_filled:
            # A senderName that is not even there is as empty as one without text.
            target = found.doubts if name in MAY_BE_EMPTY else found.errors
            line = line_of(element) if element is not None else line_of(holder)
            target.append(kinds.FIELD_MISSING(line=line, field=f"{prefix}{name}"))
    for name in dict.fromkeys(names):
        if name not in required and name not in optional:
            line = _line(holder, name)
            found.doubts.append(kinds.FIELD_UNKNOWN(line=line, field=f"{prefix}{name}"))
        elif names.count(name) > 1 and name not in REPEATABLE and name != "info":
            line = _line(holder, name)
            found.errors.append(kinds.FIELD_REPEATED(line=line, field=f"{prefix}{name}"))


def _check_choices(root: etree._Element, info: etree._Element | None, found: Findings) -> None:
    if value(root, "msgType") == "Cancle":
        found.doubts.append(kinds.MISSPELT_CANCEL(line=_line(root, "msgType"), field="msgType"))
    for name, allowed in CHOICES.items():
        holder = root if name in ("status", "msgType", "scope") else info
        if holder is None:
            continue
        text = message_type(root) if name == "msgType" else value(holder, name)
        if text and text not in allowed:
            _wrong(found, holder, name, text, " / ".join(allowed))


def _check_identity(root: etree._Element, found: Findings) -> None:
    identifier, code = value(root, "identifier"), value(root, "senderCode")
    if identifier and identifier_time(identifier) is None:
        _wrong(found, root, "identifier", identifier, "14 digits_yyyyMMddHHmmss[_n]")
    if code and not SENDER_CODE.match(code):
        _wrong(found, root, "senderCode", code, "14 digits")
    if identifier and code and not identifier.startswith(code):
        line = _line(root, "identifier")
        found.doubts.append(kinds.SENDER_MISMATCH(line=line, field="identifier", value=code))


def identifier_time(identifier: str) -> datetime | None:
    """When the message was entered; None when the identifier is not of the layout."""
    parts = IDENTIFIER.match(identifier)
    if not parts:
        return None
    return beijing(*(int(part) for part in parts.groups()[1:7]))


def references_of(root: etree._Element) -> tuple[str, ...]:
    listed = [part for part in re.split(r"[\s,;，；]+", value(root, "references")) if part]
    own = value(root, "identifier")
    return tuple(dict.fromkeys(part for part in listed if part != own))


def _check_references(root: etree._Element, found: Findings) -> None:
    kind, references = message_type(root), references_of(root)
    line = _line(root, "references") or _line(root, "msgType")
    if kind in ("Update", "Cancel") and not references:
        found.errors.append(kinds.REFERENCES_MISSING(line=line, field="references", kind=kind))
    elif value(root, "identifier") and value(root, "identifier") in value(root, "references"):
        found.doubts.append(kinds.REFERS_TO_ITSELF(line=line, field="references"))
    for reference in references:
        if identifier_time(reference) is None:
            _wrong(found, root, "references", reference, "14 digits_yyyyMMddHHmmss[_n]")


def _check_times(root: etree._Element, info: etree._Element, found: Findings) -> None:
    times: dict[str, datetime | None] = {}
    for holder, name in (
        (root, "sendTime"),
        (info, "effective"),
        (info, "onset"),
        (info, "expires"),
    ):
        text = value(holder, name)
        times[name] = read_moment(text) if TIME.match(text) else None
        if text and times[name] is None:
            _wrong(found, holder, name, text, "YYYY-MM-DD hh:mm:ss+08:00")
    sent, entered = times["sendTime"], identifier_time(value(root, "identifier"))
    if sent and entered:
        hours = abs((sent - entered).total_seconds()) / 3_600
        if hours > IDENTIFIER_DRIFT_HOURS_MAX:
            line = _line(root, "sendTime")
            found.doubts.append(
                kinds.TIME_MISMATCH(line=line, field="sendTime", hours=IDENTIFIER_DRIFT_HOURS_MAX)
            )
    expires = times["expires"]
    line = _line(info, "expires")
    if expires is None:
        if message_type(root) != "Cancel" and not value(info, "expires"):
            found.doubts.append(kinds.EXPIRES_UNKNOWN(line=line, field="info/expires"))
        return
    starts = [start for start in (times["effective"], times["onset"]) if start]
    if starts and expires < max(starts):
        found.errors.append(kinds.EXPIRES_BEFORE_START(line=line, field="info/expires"))


def _check_event(info: etree._Element, found: Findings) -> None:
    code, headline = value(info, "eventType"), value(info, "headline")
    if code and not EVENT_CODE.match(code):
        _wrong(found, info, "eventType", code, "GB/T 35561: 1[1-4][A-Z]nn")
    elif code and code not in event_codes():
        line = _line(info, "eventType")
        found.doubts.append(
            kinds.EVENT_CODE_UNKNOWN(
                line=line, field="info/eventType", value=code, name=hazard_in(headline) or "?"
            )
        )
    level, colour = BY_COLOUR.get(value(info, "severity").lower()), HEADLINE_LEVEL.search(headline)
    if level and colour and BY_COLOUR_WORD[colour.group(1)] != level:
        line = _line(info, "severity")
        found.errors.append(
            kinds.LEVEL_MISMATCH(
                line=line, field="info/severity", value=level.zh, headline=headline
            )
        )


def hazard_in(headline: str) -> str:
    found = HEADLINE_HAZARD.search(headline)
    return found.group(1) if found else ""


def geocodes_of(area: etree._Element) -> tuple[str, ...]:
    codes = [
        part
        for element in children(area, "geocode")
        for part in re.split(r"[\s,，;；]+", text_of(element))
        if part
    ]
    return tuple(dict.fromkeys(codes))


def _check_areas(info: etree._Element, found: Findings) -> None:
    areas = children(info, "area")
    for number, area in enumerate(areas, start=1):
        prefix = f"info/area[{number}]"
        codes = geocodes_of(area)
        line = _line(area, "geocode")
        for code in codes[:GEOCODES_MAX]:
            if not GEOCODE.match(code):
                found.errors.append(
                    kinds.FIELD_WRONG(
                        line=line, field=f"{prefix}/geocode", value=code, expected="12 digits"
                    )
                )
        if not (
            codes or value(area, "areaDesc") or value(area, "polygon") or value(area, "circle")
        ):
            found.errors.append(kinds.AREA_MISSING(line=line_of(area), field=prefix))


def _wrong(found: Findings, holder: etree._Element, name: str, text: str, expected: str) -> None:
    prefix = "info/" if local_name(holder) == "info" else ""
    found.errors.append(
        kinds.FIELD_WRONG(
            line=_line(holder, name), field=f"{prefix}{name}", value=text, expected=expected
        )
    )


def _add(
    target: list[Finding], kind: FindingKind, holder: etree._Element, at: str, field_name: str
) -> None:
    target.append(kind(line=_line(holder, at), field=field_name))


def _line(holder: etree._Element, name: str) -> int:
    element = child(holder, name)
    return line_of(element) if element is not None else line_of(holder)
