"""One 12379 message to a neutral warning."""

from __future__ import annotations

import hashlib

from lxml import etree

from fengsui.gateways.findings import Finding
from fengsui.gateways.moments import read_moment
from fengsui.gateways.protocols.warning12379.rules import (
    check_rules,
    child,
    children,
    classified_as,
    geocodes_of,
    hazard_in,
    message_type,
    references_of,
    value,
)
from fengsui.gateways.shapes import read_circle, read_polygon
from fengsui.gateways.warnings import CheckResult, Circle, Ring, Verdict, Warning
from fengsui.gateways.xml import line_of, local_name, namespace_of, text_of
from fengsui.standards.event_codes import cap_categories, event_name
from fengsui.standards.warning_levels import BY_COLOUR

FORMAT = "12379"
# Any of these under an `alert` without a CAP namespace says which layout it is.
_TELLTALES = ("senderCode", "sendTime", "secClassification")
FINDINGS_MAX = 50


def is_12379(root: etree._Element) -> bool:
    if local_name(root) != "alert" or "emergency:cap" in namespace_of(root):
        return False
    return any(child(root, name) is not None for name in _TELLTALES)


def read_document(root: etree._Element, data: bytes) -> CheckResult:
    """The verdict on a document for which `is_12379` is true."""
    secret = classified_as(root)
    if secret is not None:
        return CheckResult.rejected(FORMAT, (secret,))
    found = check_rules(root)
    errors, doubts = found.errors[:FINDINGS_MAX], found.doubts
    if errors:
        return CheckResult.rejected(FORMAT, tuple(errors), tuple(doubts))
    warning = _warning(root, hashlib.sha256(data).hexdigest(), doubts)
    return CheckResult(
        Verdict.ACCEPTED, FORMAT, warnings=tuple(doubts[:FINDINGS_MAX]), alerts=(warning,)
    )


def _warning(root: etree._Element, digest: str, doubts: list[Finding]) -> Warning:
    info = child(root, "info")
    sent_at = read_moment(value(root, "sendTime"))
    if info is None or sent_at is None:
        raise ValueError("the rules let a message without info or time through")
    areas = children(info, "area")
    code, severity = value(info, "eventType"), value(info, "severity")
    description = value(info, "description")
    geocodes = [geocode for area in areas for geocode in geocodes_of(area)]
    # 河南省,河南省 beside 410000000000,410000000000: said twice, meant once.
    described = [
        part for area in areas for part in value(area, "areaDesc").replace("，", ",").split(",")
    ]
    return Warning(
        source_format=FORMAT,
        identifier=value(root, "identifier"),
        sent_at=sent_at,
        sender=value(root, "sender"),
        sender_code=value(root, "senderCode"),
        issuer=value(root, "sender"),  # senderName is a forecaster's own name and is not kept
        status=value(root, "status"),
        msg_type=message_type(root),
        scope=value(root, "scope"),
        references=references_of(root),
        note=value(root, "note"),
        classification=value(root, "secClassification"),
        language=value(info, "language"),
        categories=cap_categories(code),
        event_code=code,
        event_name=event_name(code) or hazard_in(value(info, "headline")),
        level=severity.lower() if severity.lower() in BY_COLOUR else "unknown",
        severity=severity,
        urgency=value(info, "urgency"),
        certainty=value(info, "certainty"),
        effective_at=read_moment(value(info, "effective")),
        onset_at=read_moment(value(info, "onset")),
        expires_at=read_moment(value(info, "expires")),
        is_continued="继续发布" in description or "继续发布" in value(info, "headline"),
        headline=value(info, "headline"),
        description=description,
        instruction=value(info, "instruction"),
        web=value(info, "web"),
        area_descriptions=tuple(dict.fromkeys(part.strip() for part in described if part.strip())),
        geocodes=tuple(dict.fromkeys(geocodes)),
        polygons=_polygons(areas, doubts),
        circles=_circles(areas, doubts),
        channel_messages=_channel_messages(root),
        digest=digest,
    )


def _channel_messages(root: etree._Element) -> tuple[tuple[str, str], ...]:
    methods = [method for code in children(root, "code") for method in children(code, "method")]
    return tuple((value(method, "methodName"), value(method, "message")) for method in methods)


def _polygons(areas: list[etree._Element], doubts: list[Finding]) -> tuple[Ring, ...]:
    """A shape that cannot be read is a doubt here: the division codes hold the area."""
    rings = []
    for element in (polygon for area in areas for polygon in children(area, "polygon")):
        text, line = text_of(element), line_of(element)
        if text:
            ring, faults = read_polygon(text, line=line, field="info/area/polygon")
            doubts.extend(faults)
            rings += [ring] if ring is not None else []
    return tuple(rings)


def _circles(areas: list[etree._Element], doubts: list[Finding]) -> tuple[Circle, ...]:
    circles = []
    for element in (circle for area in areas for circle in children(area, "circle")):
        text, line = text_of(element), line_of(element)
        if text:
            circle, faults = read_circle(text, line=line, field="info/area/circle")
            doubts.extend(faults)
            circles += [circle] if circle is not None else []
    return tuple(circles)
