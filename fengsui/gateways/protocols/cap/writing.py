"""Neutral warnings out as CAP 1.2 and as an Atom list that carries them whole."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from lxml import etree

from fengsui.gateways.moments import read_moment, write_moment
from fengsui.gateways.protocols.cap.envelopes import ATOM
from fengsui.gateways.protocols.cap.reading import (
    COLOUR_PARAMETERS,
    CONTINUED_PARAMETER,
    EVENT_CODE_SCHEME,
    GEOCODE_SCHEMES,
    ISSUER_PARAMETER,
    SENDER_CODE_PARAMETER,
)
from fengsui.gateways.protocols.cap.schema import NAMESPACE
from fengsui.gateways.shapes import write_circle, write_polygon
from fengsui.gateways.warnings import Warning
from fengsui.standards.event_codes import cap_categories
from fengsui.standards.warning_levels import BY_CAP_SEVERITY, BY_COLOUR

MEDIA_TYPE = "application/cap+xml"
_NOT_XML = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
_LANGUAGE = re.compile(r"^[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*$", re.ASCII)
_UNREFERABLE = re.compile(r"[\s,<&]+")
_MESSAGE_TIME = re.compile(r"^\d{14}_(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(_\d)?$", re.ASCII)


def write_cap(warning: Warning) -> bytes:
    """One CAP 1.2 document, UTF-8, that the reader of this folder accepts.

    Colours are kept in a parameter, division codes and event codes under the schemes of
    handbook §3.2. Channel texts of 12379 have no place in CAP and are left out. CAP has no update
    or cancel of an unnamed message: one that names none (pasted text often does not) is written
    as an alert of its own, a cancel with the response type AllClear.
    """
    return _bytes(_alert(warning))


def write_feed(
    *,
    identifier: str,
    title: str,
    author: str,
    link: str,
    updated_at: datetime,
    warnings: Iterable[tuple[Warning, str]],
) -> bytes:
    """An Atom list (RFC 4287) of (warning, link to its own document), each with its CAP inside."""
    feed = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    _atom(feed, "id", identifier)
    _atom(feed, "title", title)
    _atom(feed, "updated", write_moment(updated_at))
    _atom(etree.SubElement(feed, f"{{{ATOM}}}author"), "name", author)
    etree.SubElement(feed, f"{{{ATOM}}}link", rel="self", href=link)
    for warning, address in warnings:
        entry = etree.SubElement(feed, f"{{{ATOM}}}entry")
        _atom(entry, "id", address)
        _atom(entry, "title", warning.headline or warning.event_name or warning.identifier)
        _atom(entry, "updated", write_moment(warning.sent_at))
        etree.SubElement(entry, f"{{{ATOM}}}link", rel="alternate", type=MEDIA_TYPE, href=address)
        content = etree.SubElement(entry, f"{{{ATOM}}}content", type=MEDIA_TYPE)
        content.append(_alert(warning))
    return _bytes(feed)


def _atom(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, f"{{{ATOM}}}{name}").text = _NOT_XML.sub("", text)


def _bytes(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _add(parent: etree._Element, name: str, text: str) -> None:
    if text:
        etree.SubElement(parent, f"{{{NAMESPACE}}}{name}").text = _NOT_XML.sub("", text)


def _pair(parent: etree._Element, name: str, scheme: str, text: str) -> None:
    if text:
        pair = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
        _add(pair, "valueName", scheme)
        _add(pair, "value", text)


def _referable(text: str) -> str:
    """CAP forbids blanks, commas, < and & in what other messages refer to."""
    return _UNREFERABLE.sub("_", text) or "unknown"


def _alert(warning: Warning) -> etree._Element:
    alert = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})
    _add(alert, "identifier", _referable(warning.identifier))
    _add(alert, "sender", _referable(warning.sender or warning.issuer))
    _add(alert, "sent", write_moment(warning.sent_at))
    _add(alert, "status", warning.status)
    _add(alert, "msgType", warning.msg_type if _may_refer(warning) else "Alert")
    _add(alert, "scope", "Public" if warning.scope == "Public" else "Restricted")
    if warning.scope != "Public":
        _add(alert, "restriction", f"{warning.scope}: not for the public")
    _add(alert, "note", warning.note)
    _add(alert, "references", " ".join(_references(warning)))
    if warning.event_name or warning.event_code:
        _info(alert, warning)
    return alert


def _may_refer(warning: Warning) -> bool:
    return warning.msg_type == "Alert" or bool(warning.references or warning.reference_triples)


def _references(warning: Warning) -> tuple[str, ...]:
    """12379 names only the identifier; its digits hold the time CAP wants beside it."""
    if warning.reference_triples:
        return warning.reference_triples
    sender = _referable(warning.sender or warning.issuer)
    return tuple(
        f"{sender},{_referable(reference)},{write_moment(_sent_at_of(reference, warning.sent_at))}"
        for reference in warning.references
    )


def _sent_at_of(identifier: str, otherwise: datetime) -> datetime:
    found = _MESSAGE_TIME.match(identifier)
    if not found:
        return otherwise
    year, month, day, hour, minute, second = found.groups()[:6]
    return read_moment(f"{year}-{month}-{day}T{hour}:{minute}:{second}+08:00") or otherwise


def _info(alert: etree._Element, warning: Warning) -> None:
    info = etree.SubElement(alert, f"{{{NAMESPACE}}}info")
    _add(info, "language", warning.language if _LANGUAGE.match(warning.language) else "zh-CN")
    for category in warning.categories or cap_categories(warning.event_code):
        _add(info, "category", category)
    _add(info, "event", warning.event_name or warning.event_code)
    if warning.msg_type == "Cancel" and not _may_refer(warning):
        _add(info, "responseType", "AllClear")
    _add(info, "urgency", warning.urgency)
    _add(info, "severity", _severity(warning))
    _add(info, "certainty", warning.certainty)
    _pair(info, "eventCode", EVENT_CODE_SCHEME, warning.event_code)
    for name, moment in (
        ("effective", warning.effective_at),
        ("onset", warning.onset_at),
        ("expires", warning.expires_at),
    ):
        _add(info, name, write_moment(moment) if moment else "")
    _add(info, "senderName", warning.issuer)
    _add(info, "headline", warning.headline)
    _add(info, "description", warning.description)
    _add(info, "instruction", warning.instruction)
    _add(info, "web", warning.web)
    if warning.level in BY_COLOUR:
        _pair(info, "parameter", COLOUR_PARAMETERS[0], warning.level)
    _pair(info, "parameter", SENDER_CODE_PARAMETER, warning.sender_code)
    _pair(info, "parameter", ISSUER_PARAMETER, warning.issuer)
    _pair(info, "parameter", CONTINUED_PARAMETER, "true" if warning.is_continued else "")
    _area(info, warning)


def _severity(warning: Warning) -> str:
    if warning.severity in BY_CAP_SEVERITY:
        return warning.severity
    level = BY_COLOUR.get(warning.level)
    return level.cap_severity if level else "Unknown"


def _area(info: etree._Element, warning: Warning) -> None:
    has_shape = warning.geocodes or warning.polygons or warning.circles or warning.other_geocodes
    if not (warning.area_descriptions or has_shape):
        return
    area = etree.SubElement(info, f"{{{NAMESPACE}}}area")
    _add(area, "areaDesc", warning.area_description or "，".join(warning.geocodes) or "见图")
    for ring in warning.polygons:
        _add(area, "polygon", write_polygon(ring))
    for circle in warning.circles:
        _add(area, "circle", write_circle(circle))
    for code in warning.geocodes:
        _pair(area, "geocode", GEOCODE_SCHEMES[0], code)
    for scheme, code in warning.other_geocodes:
        _pair(area, "geocode", scheme, code)
