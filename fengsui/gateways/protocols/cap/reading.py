"""One CAP alert element to neutral warnings: migrate, schema, rules, signature, value."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cryptography import x509
from lxml import etree

from fengsui.gateways.findings import Finding
from fengsui.gateways.moments import read_moment
from fengsui.gateways.protocols.cap import findings as kinds
from fengsui.gateways.protocols.cap.migration import OLDER_NAMESPACES, migrate
from fengsui.gateways.protocols.cap.rules import (
    check_rules,
    children,
    classified_as,
    value,
)
from fengsui.gateways.protocols.cap.schema import NAMESPACE, schema_findings
from fengsui.gateways.protocols.cap.signatures import check_signature
from fengsui.gateways.shapes import read_circle, read_polygon
from fengsui.gateways.warnings import Circle, Ring, Signature, Warning
from fengsui.gateways.xml import line_of, namespace_of, text_of
from fengsui.standards.divisions import is_division_code
from fengsui.standards.event_codes import event_name
from fengsui.standards.warning_levels import BY_CAP_SEVERITY, colour_of_word

FORMATS = {NAMESPACE: "cap-1.2"} | {
    namespace: f"cap-{version}" for namespace, version in OLDER_NAMESPACES.items()
}
# Names this product writes and reads back in CAP 1.2; the first of a tuple is the one written.
EVENT_CODE_SCHEME = "GB/T35561"
GEOCODE_SCHEMES = ("GB/T2260-12", "GB/T 2260-12")
COLOUR_PARAMETERS = ("colour", "color", "预警级别")
SENDER_CODE_PARAMETER = "senderCode"
ISSUER_PARAMETER = "issuer"
CONTINUED_PARAMETER = "continued"
PREFERRED_LANGUAGE = "zh"
PART_MARK = "#"


@dataclass(slots=True)
class AlertReading:
    """What one alert element came to. `warnings` is empty when there are errors."""

    source_format: str
    is_migrated: bool = False
    errors: list[Finding] = field(default_factory=list)
    doubts: list[Finding] = field(default_factory=list)
    warnings: list[Warning] = field(default_factory=list)


def read_alert(
    original: etree._Element, digest: str, anchors: tuple[x509.Certificate, ...]
) -> AlertReading:
    """`original` is an alert element of any CAP version, in its own or in a larger document."""
    reading = AlertReading(FORMATS[namespace_of(original)])
    alert = original
    if namespace_of(original) in OLDER_NAMESPACES:
        alert, changes = migrate(original)
        reading.is_migrated = True
        reading.doubts += changes
    secret = classified_as(alert)
    if secret is not None:
        reading.errors.append(secret)
        return reading
    reading.errors += schema_findings(alert)
    if reading.errors:
        return reading
    ruled = check_rules(alert)
    reading.errors += ruled.errors[: kinds.FINDINGS_MAX]
    reading.doubts += ruled.doubts[: kinds.FINDINGS_MAX]
    if reading.errors:
        return reading
    signature = _signature(original, alert, reading, anchors)
    if not reading.errors:
        reading.warnings = _warnings(alert, reading, digest, signature)
    return reading


def _signature(
    original: etree._Element,
    alert: etree._Element,
    reading: AlertReading,
    anchors: tuple[x509.Certificate, ...],
) -> Signature:
    sent_at = read_moment(value(alert, "sent"))
    if sent_at is None:  # the rules have refused it already
        return Signature()
    own_document = original
    if original.getparent() is not None:
        own_document = etree.fromstring(etree.tostring(original, with_tail=False))
    signature = check_signature(own_document, anchors, sent_at)
    line = line_of(original)
    if signature.state == "broken":
        reading.errors.append(kinds.SIGNATURE_BROKEN(line=line, field="Signature"))
    elif signature.state == "untrusted":
        reading.doubts.append(
            kinds.SIGNATURE_UNTRUSTED(line=line, field="Signature", reason=signature.detail)
        )
    return signature


def _warnings(
    alert: etree._Element, reading: AlertReading, digest: str, signature: Signature
) -> list[Warning]:
    infos = _in_preferred_language(children(alert, "info"))
    groups: dict[tuple[str, ...], list[etree._Element]] = {}
    for info in infos:
        groups.setdefault(_meaning(info), []).append(info)
    if len(groups) > 1:
        reading.doubts.append(kinds.SEVERAL_PARTS(line=line_of(alert), parts=len(groups)))
    parts = list(groups.values()) or [[]]
    return [
        _warning(alert, part, reading.source_format, digest, signature, number)
        for number, part in enumerate(parts)
    ]


def _in_preferred_language(infos: list[etree._Element]) -> list[etree._Element]:
    """Chinese where there is any, else the language of the first block."""
    if not infos:
        return []
    wanted = next(
        (info for info in infos if _language(info).lower().startswith(PREFERRED_LANGUAGE)),
        infos[0],
    )
    return [info for info in infos if _language(info) == _language(wanted)]


def _language(info: etree._Element) -> str:
    return value(info, "language") or "en-US"  # CAP 1.2 §3.2.2


def _meaning(info: etree._Element) -> tuple[str, ...]:
    """Blocks that differ in any of this are different warnings; in area alone they are one."""
    names = ("event", "urgency", "severity", "certainty", "effective", "onset", "expires")
    colour = _parameter(info, COLOUR_PARAMETERS)
    texts = (value(info, "headline"), value(info, "description"), value(info, "instruction"))
    return (*(value(info, name) for name in names), colour, *texts)


def _warning(
    alert: etree._Element,
    infos: list[etree._Element],
    source_format: str,
    digest: str,
    signature: Signature,
    part: int,
) -> Warning:
    info = infos[0] if infos else etree.Element(f"{{{NAMESPACE}}}info")
    event_code = _pairs(info, "eventCode").get(EVENT_CODE_SCHEME, "")
    severity = value(info, "severity") or "Unknown"
    sender = value(alert, "sender")
    triples = tuple(value(alert, "references").split())
    sent_at = read_moment(value(alert, "sent"))
    if sent_at is None:
        raise ValueError("the rules let an alert without a readable time through")
    said = Warning(
        source_format=source_format,
        identifier=_identifier(alert, part),
        sent_at=sent_at,
        sender=sender,
        sender_code=_parameter(info, (SENDER_CODE_PARAMETER,)),
        issuer=_parameter(info, (ISSUER_PARAMETER,)) or value(info, "senderName") or sender,
        status=value(alert, "status"),
        msg_type=value(alert, "msgType"),
        scope=value(alert, "scope"),
        references=tuple(triple.split(",")[1] for triple in triples),
        reference_triples=triples,
        note=value(alert, "note"),
        language=_language(info) if infos else "",
        categories=tuple(text_of(category) for category in children(info, "category")),
        event_code=event_code,
        event_name=value(info, "event") or event_name(event_code),
        level=_level(info, severity),
        severity=severity,
        urgency=value(info, "urgency") or "Unknown",
        certainty=value(info, "certainty") or "Unknown",
        effective_at=read_moment(value(info, "effective")),
        onset_at=read_moment(value(info, "onset")),
        expires_at=read_moment(value(info, "expires")),
        is_continued=_parameter(info, (CONTINUED_PARAMETER,)) == "true",
        headline=value(info, "headline"),
        description=value(info, "description"),
        instruction=value(info, "instruction"),
        web=value(info, "web"),
        signature=signature,
        digest=digest,
        part=part,
    )
    return _with_areas(said, [area for block in infos for area in children(block, "area")])


def _identifier(alert: etree._Element, part: int) -> str:
    """Every part needs one of its own, or an inbox would take the second for a repetition."""
    identifier = value(alert, "identifier")
    return f"{identifier}{PART_MARK}{part + 1}" if part else identifier


def _with_areas(warning: Warning, areas: list[etree._Element]) -> Warning:
    geocodes, other_geocodes = _geocodes(areas)
    return replace(
        warning,
        area_descriptions=tuple(dict.fromkeys(value(area, "areaDesc") for area in areas)),
        geocodes=geocodes,
        other_geocodes=other_geocodes,
        polygons=_polygons(areas),
        circles=_circles(areas),
    )


def _level(info: etree._Element, severity: str) -> str:
    """The issuer's colour where there is one; else CAP's word in colours (handbook §3.2)."""
    colour = _parameter(info, COLOUR_PARAMETERS)
    if colour:
        return colour_of_word(colour) or "unknown"
    level = BY_CAP_SEVERITY.get(severity)
    return level.colour if level else "unknown"


def _pairs(element: etree._Element, name: str) -> dict[str, str]:
    return {value(pair, "valueName"): value(pair, "value") for pair in children(element, name)}


def _parameter(info: etree._Element, names: tuple[str, ...]) -> str:
    pairs = _pairs(info, "parameter")
    return next((pairs[name] for name in names if pairs.get(name)), "")


def _geocodes(
    areas: list[etree._Element],
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    divisions: list[str] = []
    others: list[tuple[str, str]] = []
    for area in areas:
        for geocode in children(area, "geocode"):
            scheme, code = value(geocode, "valueName"), value(geocode, "value")
            if scheme in GEOCODE_SCHEMES and is_division_code(code):
                divisions.append(code)
            else:
                others.append((scheme, code))
    return tuple(dict.fromkeys(divisions)), tuple(dict.fromkeys(others))


def _polygons(areas: list[etree._Element]) -> tuple[Ring, ...]:
    texts = [text_of(polygon) for area in areas for polygon in children(area, "polygon")]
    rings = [read_polygon(text, line=0, field="")[0] for text in texts if text]
    return tuple(ring for ring in rings if ring is not None)


def _circles(areas: list[etree._Element]) -> tuple[Circle, ...]:
    texts = [text_of(circle) for area in areas for circle in children(area, "circle")]
    circles = [read_circle(text, line=0, field="")[0] for text in texts if text]
    return tuple(circle for circle in circles if circle is not None)
