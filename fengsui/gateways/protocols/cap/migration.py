"""CAP 1.0 and 1.1 brought up to 1.2: a new tree in the order of the 1.2 schema.

Sources: CAP-V1.0 (2004), CAP-V1.1 (2005), CAP-V1.2 (2010) §3.3. Unknown elements are dropped
and named. The new tree keeps the line numbers of the old one.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from lxml import etree

from fengsui.gateways.findings import Finding
from fengsui.gateways.moments import read_moment
from fengsui.gateways.protocols.cap.findings import MIGRATION_LOSS
from fengsui.gateways.protocols.cap.schema import NAMESPACE
from fengsui.gateways.xml import line_of, local_name, namespace_of, text_of

OLDER_NAMESPACES = {
    "http://www.incident.com/cap/1.0": "1.0",
    "urn:oasis:names:tc:emergency:cap:1.0": "1.0",
    "urn:oasis:names:tc:emergency:cap:1.1": "1.1",
}
ALERT = [
    "identifier", "sender", "sent", "status", "msgType", "source", "scope", "restriction",
    "addresses", "code", "note", "references", "incidents", "info",
]  # fmt: skip
INFO = [
    "language", "category", "event", "responseType", "urgency", "severity", "certainty",
    "audience", "eventCode", "effective", "onset", "expires", "senderName", "headline",
    "description", "instruction", "web", "contact", "parameter", "resource", "area",
]  # fmt: skip
RESOURCE = ["resourceDesc", "mimeType", "size", "uri", "derefUri", "digest"]
AREA = ["areaDesc", "polygon", "circle", "geocode", "altitude", "ceiling"]
PAIR = ["valueName", "value"]
CHILDREN = {
    "alert": ALERT,
    "info": INFO,
    "resource": RESOURCE,
    "area": AREA,
    "eventCode": PAIR,
    "parameter": PAIR,
    "geocode": PAIR,
}
TIMES = {"sent", "effective", "onset", "expires"}
DECIMALS = {"altitude", "ceiling"}
SIGNATURE_NAMESPACE = "http://www.w3.org/2000/09/xmldsig#"


def migrate(alert: etree._Element) -> tuple[etree._Element, list[Finding]]:
    """A CAP 1.2 element with the same content, and what had to be changed on the way."""
    version = OLDER_NAMESPACES[namespace_of(alert)]
    changes: list[Finding] = []
    return _rebuilt(alert, version, changes), changes


def _rebuilt(old: etree._Element, version: str, changes: list[Finding]) -> etree._Element:
    name = local_name(old)
    new = etree.Element(f"{{{NAMESPACE}}}{name}", nsmap={None: NAMESPACE})
    new.sourceline = min(line_of(old), 65_535) or None
    if name in ("eventCode", "parameter", "geocode") and len(old) == 0:
        _pair(new, text_of(old))
        return new
    order = CHILDREN.get(name)
    if order is None:
        new.text = _value(old, name, version, changes)
        return new
    children = [child for child in old if isinstance(child.tag, str)]
    for wanted in order:
        for child in children:
            if local_name(child) == wanted and namespace_of(child) == namespace_of(old):
                new.append(_rebuilt(child, version, changes))
    if name == "resource":
        _add_missing_mime_type(old, new, version, changes)
    for child in children:
        is_signature = namespace_of(child) == SIGNATURE_NAMESPACE
        if is_signature or local_name(child) not in order:
            change = "dropped" if not is_signature else "signature of the older version dropped"
            _note(changes, child, version, change)
    return new


def _pair(new: etree._Element, text: str) -> None:
    """CAP 1.0 wrote name=value in one element."""
    name, _, value = text.partition("=")
    for tag, content in zip(PAIR, (name.strip(), value.strip()), strict=True):
        etree.SubElement(new, f"{{{NAMESPACE}}}{tag}").text = content


def _value(old: etree._Element, name: str, version: str, changes: list[Finding]) -> str:
    text = text_of(old)
    if name == "certainty" and text == "Very Likely":
        _note(changes, old, version, "Very Likely → Likely")
        return "Likely"
    if name in TIMES:
        moment = read_moment(text)
        if moment is not None and (text.endswith("Z") or "." in text):
            _note(changes, old, version, "written with an offset and whole seconds")
            return moment.replace(microsecond=0).isoformat().replace("+00:00", "-00:00")
    if name in DECIMALS:
        try:
            Decimal(text)
        except InvalidOperation:
            _note(changes, old, version, f"{text} is no number; 0 written")
            return "0"
    return text


def _add_missing_mime_type(
    old: etree._Element, new: etree._Element, version: str, changes: list[Finding]
) -> None:
    if any(local_name(child) == "mimeType" for child in new):
        return
    kind = etree.Element(f"{{{NAMESPACE}}}mimeType")
    kind.text = "application/octet-stream"
    new.insert(1, kind)
    _note(changes, old, version, "mimeType application/octet-stream supplied")


def _note(changes: list[Finding], old: etree._Element, version: str, change: str) -> None:
    changes.append(
        MIGRATION_LOSS(line=line_of(old), field=local_name(old), version=version, change=change)
    )
