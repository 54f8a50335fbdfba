"""A neutral warning out in the 12379 layout (handbook §3.1)."""

from __future__ import annotations

import re

from lxml import etree

from fengsui.gateways.moments import BEIJING, write_moment
from fengsui.gateways.protocols.warning12379.rules import CHOICES, IDENTIFIER
from fengsui.gateways.shapes import write_circle, write_polygon
from fengsui.gateways.warnings import Warning
from fengsui.standards.warning_levels import BY_COLOUR

_NOT_XML = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
NO_SENDER_CODE = "0" * 14
OTHER_EVENT = "11B99"


def write_12379(warning: Warning) -> bytes:
    """One message, UTF-8. A warning from another layout gets an identifier of this one.

    Raises ValueError for an update or cancel that names no earlier message of this layout: the
    receiving system could not tell what it is about.
    """
    if warning.msg_type in ("Update", "Cancel") and not _references(warning):
        raise ValueError(f"{warning.msg_type} of {warning.identifier} names no earlier message")
    root = etree.Element("alert")
    code = warning.sender_code or NO_SENDER_CODE
    _add(root, "identifier", _identifier(warning.identifier, code, warning))
    _add(root, "sender", warning.issuer or warning.sender)
    _add(root, "senderCode", code)
    _add(root, "sendTime", write_moment(warning.sent_at, separator=" "))
    _add(root, "status", warning.status)
    _add(root, "msgType", warning.msg_type)
    _add(root, "scope", warning.scope)
    if warning.scope == "Restricted":
        _add(root, "restriction", "not for the public")
    if warning.scope == "Private":
        _add(root, "addresses", "see the sender")
    holder = etree.SubElement(root, "code")
    messages = warning.channel_messages or (("SMS", warning.description or warning.headline),)
    for name, message in messages:
        method = etree.SubElement(holder, "method")
        _add(method, "methodName", name)
        _add(method, "message", message)
        _add(method, "audienceGrp", "")
        _add(method, "audenceprt", "")  # spelled so on the wire
    _add(root, "secClassification", "None")
    _add(root, "note", warning.note)
    _add(root, "references", ",".join(_references(warning)))
    _info(root, warning)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _info(root: etree._Element, warning: Warning) -> None:
    info = etree.SubElement(root, "info")
    _add(info, "language", warning.language or "zh-CN")
    _add(info, "eventType", warning.event_code or OTHER_EVENT)
    _add(info, "urgency", _one_of("urgency", warning.urgency))
    _add(info, "severity", warning.level.capitalize() if warning.level in BY_COLOUR else "Unknown")
    _add(info, "certainty", _one_of("certainty", warning.certainty))
    _add(info, "effective", write_moment(warning.effective_at or warning.sent_at, separator=" "))
    for name, moment in (("onset", warning.onset_at), ("expires", warning.expires_at)):
        _add(info, name, write_moment(moment, separator=" ") if moment else "")
    _add(info, "senderName", warning.issuer)
    _add(info, "headline", warning.headline or warning.event_name or warning.identifier)
    _add(info, "description", warning.caution or warning.headline or warning.event_name)
    _add(info, "instruction", warning.instruction)
    _add(info, "web", warning.web)
    area = etree.SubElement(info, "area")
    _add(area, "areaDesc", ",".join(warning.area_descriptions) or "见区划代码")
    for ring in warning.polygons:
        _add(area, "polygon", write_polygon(ring))
    for circle in warning.circles:
        _add(area, "circle", write_circle(circle))
    _add(area, "geocode", ",".join(warning.geocodes))


def _one_of(name: str, text: str) -> str:
    return text if text in CHOICES[name] else "Unknown"


def _identifier(identifier: str, code: str, warning: Warning) -> str:
    if IDENTIFIER.match(identifier):
        return identifier
    return f"{code}_{warning.sent_at.astimezone(BEIJING):%Y%m%d%H%M%S}_{warning.part % 10}"


def _references(warning: Warning) -> list[str]:
    return [reference for reference in warning.references if IDENTIFIER.match(reference)]


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = _NOT_XML.sub("", text)
