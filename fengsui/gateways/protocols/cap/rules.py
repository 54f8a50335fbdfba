"""What CAP 1.2 demands in prose and its schema cannot say (CAP 1.2 §3.2). Pure.

An error is a message whose meaning is lost; a doubt is one a person should look at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from fengsui.gateways.findings import Finding
from fengsui.gateways.moments import read_moment
from fengsui.gateways.protocols.cap import findings as kinds
from fengsui.gateways.protocols.cap.schema import NAMESPACE
from fengsui.gateways.shapes import read_circle, read_polygon
from fengsui.gateways.xml import line_of, text_of

SECRECY_PARAMETER = "secClassification"
_UNREFERABLE = re.compile(r"[\s,<&]")
_REFERRING = ("Update", "Cancel", "Ack", "Error")


def child(element: etree._Element, name: str) -> etree._Element | None:
    return element.find(f"{{{NAMESPACE}}}{name}")


def children(element: etree._Element, name: str) -> list[etree._Element]:
    return list(element.findall(f"{{{NAMESPACE}}}{name}"))


def value(element: etree._Element, name: str) -> str:
    return text_of(child(element, name))


class Findings:
    """Errors and doubts, gathered while a message is walked."""

    def __init__(self) -> None:
        self.errors: list[Finding] = []
        self.doubts: list[Finding] = []


def check_rules(alert: etree._Element) -> Findings:
    """Every rule over one alert that the schema has already accepted."""
    found = Findings()
    _check_message(alert, found)
    infos = children(alert, "info")
    if not infos and value(alert, "msgType") in ("Alert", "Update"):
        found.doubts.append(kinds.INFO_MISSING(line=line_of(alert), field="info"))
    for number, info in enumerate(infos, start=1):
        _check_info(alert, info, f"info[{number}]", found)
    return found


def classified_as(alert: etree._Element) -> Finding | None:
    """A secrecy mark other than None. Asked before anything else is kept."""
    for parameter in alert.iter(f"{{{NAMESPACE}}}parameter"):
        mark = value(parameter, "value")
        if value(parameter, "valueName") == SECRECY_PARAMETER and mark not in ("", "None"):
            return kinds.CLASSIFIED(
                line=line_of(parameter), field=f"parameter[{SECRECY_PARAMETER}]", value=mark
            )
    return None


def _check_message(alert: etree._Element, found: Findings) -> None:
    for name in ("identifier", "sender"):
        text = value(alert, name)
        if not text or _UNREFERABLE.search(text):
            found.errors.append(kinds.IDENTIFIER_MALFORMED(line=_line(alert, name), field=name))
    _moment(alert, "sent", "sent", found)
    _check_references(alert, found)
    scope = value(alert, "scope")
    if scope == "Private" and not value(alert, "addresses"):
        found.errors.append(kinds.ADDRESSES_MISSING(line=_line(alert, "scope"), field="addresses"))
    if scope == "Restricted" and not value(alert, "restriction"):
        line = _line(alert, "scope")
        found.errors.append(kinds.RESTRICTION_MISSING(line=line, field="restriction"))
    if scope != "Public":
        line = _line(alert, "scope")
        found.doubts.append(kinds.NOT_PUBLIC(line=line, field="scope", scope=scope))
    if value(alert, "status") == "Exercise" and not value(alert, "note"):
        line = _line(alert, "status")
        found.doubts.append(kinds.EXERCISE_WITHOUT_NOTE(line=line, field="note"))


def _check_references(alert: etree._Element, found: Findings) -> None:
    kind, references = value(alert, "msgType"), value(alert, "references").split()
    line = _line(alert, "references") or _line(alert, "msgType")
    if kind in _REFERRING and not references:
        found.errors.append(kinds.REFERENCES_MISSING(line=line, field="references", kind=kind))
    for reference in references:
        parts = reference.split(",")
        if len(parts) != 3 or not all(parts) or read_moment(parts[2]) is None:
            found.errors.append(
                kinds.REFERENCE_MALFORMED(line=line, field="references", value=reference)
            )


def _check_info(alert: etree._Element, info: etree._Element, field: str, found: Findings) -> None:
    moments = {
        name: _moment(info, name, f"{field}/{name}", found)
        for name in ("effective", "onset", "expires")
    }
    effective, onset, expires = moments["effective"], moments["onset"], moments["expires"]
    if expires is not None:
        starts = {"effective": effective, "onset": onset, "sent": read_moment(value(alert, "sent"))}
        for name, start in starts.items():
            if start is not None and expires < start:
                # A late relay of an over-lived message is odd, not meaningless.
                target = found.doubts if name == "sent" else found.errors
                target.append(kinds.EXPIRES_BEFORE_START(line=_line(info, "expires"), field=name))
                break
    if effective and onset and effective > onset:
        line = _line(info, "onset")
        found.doubts.append(kinds.EFFECTIVE_AFTER_ONSET(line=line, field=f"{field}/onset"))
    for number, area in enumerate(children(info, "area"), start=1):
        _check_area(area, f"{field}/area[{number}]", found)


def _check_area(area: etree._Element, field: str, found: Findings) -> None:
    has_extent = bool(children(area, "geocode"))
    for polygon, line, text in _filled(area, "polygon"):
        ring, faults = read_polygon(text, line=line, field=f"{field}/polygon[{polygon}]")
        found.errors.extend(faults)
        has_extent = has_extent or ring is not None
    for number, line, text in _filled(area, "circle"):
        circle, faults = read_circle(text, line=line, field=f"{field}/circle[{number}]")
        found.errors.extend(faults)
        if circle is not None and circle[2] == 0.0:
            found.doubts.append(kinds.CIRCLE_EMPTY(line=line, field=f"{field}/circle[{number}]"))
        has_extent = has_extent or (circle is not None and circle[2] > 0.0)
    if not has_extent:
        found.doubts.append(kinds.AREA_BY_WORDS_ONLY(line=line_of(area), field=field))
    if value(area, "ceiling") and not value(area, "altitude"):
        line = _line(area, "ceiling")
        found.doubts.append(kinds.CEILING_WITHOUT_ALTITUDE(line=line, field=f"{field}/ceiling"))


def _filled(area: etree._Element, name: str) -> Iterator[tuple[int, int, str]]:
    for number, element in enumerate(children(area, name), start=1):
        text = text_of(element)
        if text:
            yield number, line_of(element), text


def _moment(parent: etree._Element, name: str, field: str, found: Findings) -> datetime | None:
    text = value(parent, name)
    if not text:
        return None
    moment = read_moment(text)
    if moment is None:
        found.errors.append(
            kinds.TIME_IMPOSSIBLE(line=_line(parent, name), field=field, value=text)
        )
    return moment


def _line(parent: etree._Element, name: str) -> int:
    element = child(parent, name)
    return line_of(element) if element is not None else line_of(parent)
