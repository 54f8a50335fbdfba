"""What CAP alerts come in: alone, in an EDXL-DE 1.0 distribution, in an Atom or RSS list.

Sources: EDXL-DE 1.0 §3.2 (OASIS 2006), RFC 4287 §4.1 (Atom), RSS 2.0. One faulty alert rejects
its whole envelope: a list of which some were silently left out would look complete.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from cryptography import x509
from lxml import etree

from fengsui.gateways.findings import Finding
from fengsui.gateways.moments import read_moment
from fengsui.gateways.protocols.cap import findings as kinds
from fengsui.gateways.protocols.cap.reading import FORMATS, read_alert
from fengsui.gateways.warnings import CheckResult, IndexEntry, Verdict, Warning
from fengsui.gateways.xml import line_of, local_name, namespace_of, text_of

EDXL = "urn:oasis:names:tc:emergency:EDXL:DE:1.0"
ATOM = "http://www.w3.org/2005/Atom"
ALERTS_MAX = 2_000

_ATOM_COMMON = {"author", "category", "contributor", "id", "link", "rights", "title", "updated"}
ATOM_FEED = _ATOM_COMMON | {"generator", "icon", "logo", "subtitle", "entry"}
ATOM_ENTRY = _ATOM_COMMON | {"content", "published", "source", "summary"}
EDXL_REQUIRED = (
    "distributionID",
    "senderID",
    "dateTimeSent",
    "distributionStatus",
    "distributionType",
    "combinedConfidentiality",
)
EDXL_CHOICES = {
    "distributionStatus": {"Actual", "Exercise", "System", "Test"},
    "distributionType": {
        "Report", "Update", "Cancel", "Request", "Response", "Dispatch", "Ack", "Error",
        "SensorConfiguration", "SensorControl", "SensorStatus", "SensorDetection",
    },
}  # fmt: skip


def is_cap_document(root: etree._Element) -> bool:
    name, namespace = local_name(root), namespace_of(root)
    return (
        (name == "alert" and namespace in FORMATS)
        or (name, namespace) in {("EDXLDistribution", EDXL), ("feed", ATOM)}
        or (name == "rss" and not namespace)
    )


def read_document(
    root: etree._Element, data: bytes, anchors: tuple[x509.Certificate, ...]
) -> CheckResult:
    """The verdict on a document for which `is_cap_document` is true."""
    name = local_name(root)
    digest = hashlib.sha256(data).hexdigest()
    if name == "alert":
        return _read_alerts(FORMATS[namespace_of(root)], [root], [], [], (), digest, anchors)
    if name == "EDXLDistribution":
        return _read_edxl(root, digest, anchors)
    if name == "feed":
        return _read_atom(root, digest, anchors)
    return _read_rss(root, digest, anchors)


def _read_alerts(
    source_format: str,
    alerts: Iterable[etree._Element],
    errors: list[Finding],
    doubts: list[Finding],
    entries: tuple[IndexEntry, ...],
    digest: str,
    anchors: tuple[x509.Certificate, ...],
) -> CheckResult:
    warnings: list[Warning] = []
    is_migrated = False
    for alert in alerts:
        reading = read_alert(alert, digest, anchors)
        errors += reading.errors
        doubts += reading.doubts
        warnings += reading.warnings
        is_migrated = is_migrated or reading.is_migrated
        if len(errors) >= kinds.FINDINGS_MAX:
            break
    if errors:
        return CheckResult.rejected(source_format, tuple(errors), tuple(doubts))
    verdict = Verdict.MIGRATED if is_migrated else Verdict.ACCEPTED
    return CheckResult(
        verdict,
        source_format,
        warnings=tuple(doubts),
        alerts=tuple(warnings),
        entries=entries,
    )


def _embedded(root: etree._Element) -> list[etree._Element]:
    return [
        element
        for element in root.iter("{*}alert")
        if namespace_of(element) in FORMATS
        and not any(local_name(above) == "alert" for above in element.iterancestors())
    ][:ALERTS_MAX]


def _read_edxl(
    root: etree._Element, digest: str, anchors: tuple[x509.Certificate, ...]
) -> CheckResult:
    errors: list[Finding] = []
    for name in EDXL_REQUIRED:
        element = root.find(f"{{{EDXL}}}{name}")
        text = text_of(element)
        if not text:
            errors.append(kinds.ENVELOPE_FIELD_MISSING(line=line_of(root), field=name))
        elif name in EDXL_CHOICES and text not in EDXL_CHOICES[name]:
            line = line_of(element) if element is not None else 0
            errors.append(kinds.ENVELOPE_FIELD_WRONG(line=line, field=name, value=text))
    for name in ("combinedConfidentiality", "confidentiality"):
        for element in root.iter(f"{{{EDXL}}}{name}"):
            text = text_of(element)
            if text and not text.upper().startswith("UNCLASSIFIED"):
                line = line_of(element)
                errors.append(kinds.CLASSIFIED(line=line, field=name, value=text))
    sent = root.find(f"{{{EDXL}}}dateTimeSent")
    if sent is not None and text_of(sent) and read_moment(text_of(sent)) is None:
        errors.append(
            kinds.TIME_IMPOSSIBLE(line=line_of(sent), field="dateTimeSent", value=text_of(sent))
        )
    alerts = _embedded(root)
    if not alerts:
        errors.append(kinds.ENVELOPE_EMPTY(line=line_of(root)))
    return _read_alerts("edxl-de-1.0", alerts, errors, [], (), digest, anchors)


def _read_atom(
    root: etree._Element, digest: str, anchors: tuple[x509.Certificate, ...]
) -> CheckResult:
    errors, doubts = _atom_faults(root, ATOM_FEED), []
    entries = root.findall(f"{{{ATOM}}}entry")
    for entry in entries:
        errors += _atom_faults(entry, ATOM_ENTRY)
        has_author = any(holder.find(f"{{{ATOM}}}author") is not None for holder in (root, entry))
        if not has_author:
            doubts.append(kinds.ATOM_AUTHOR_MISSING(line=line_of(entry), field="author"))
    alerts = _embedded(root)
    index = tuple(_atom_entry(entry) for entry in entries if not _embedded(entry))
    if index:
        doubts.append(kinds.INDEX_ONLY(line=line_of(root)))
    return _read_alerts("atom", alerts, errors, doubts, index, digest, anchors)


def _atom_faults(holder: etree._Element, known: set[str]) -> list[Finding]:
    faults = [
        kinds.ENVELOPE_FIELD_MISSING(line=line_of(holder), field=f"{local_name(holder)}/{name}")
        for name in ("id", "title", "updated")
        if holder.find(f"{{{ATOM}}}{name}") is None
    ]
    for element in holder:
        if namespace_of(element) == ATOM and local_name(element) not in known:
            field = f"{local_name(holder)}/{local_name(element)}"
            faults.append(kinds.ENVELOPE_FIELD_UNKNOWN(line=line_of(element), field=field))
    updated = holder.find(f"{{{ATOM}}}updated")
    if updated is not None and read_moment(text_of(updated)) is None:
        faults.append(
            kinds.TIME_IMPOSSIBLE(line=line_of(updated), field="updated", value=text_of(updated))
        )
    return faults


def _atom_entry(entry: etree._Element) -> IndexEntry:
    link = entry.find(f"{{{ATOM}}}link")
    return IndexEntry(
        identifier=text_of(entry.find(f"{{{ATOM}}}id")),
        title=text_of(entry.find(f"{{{ATOM}}}title")),
        link=(link.get("href") or "") if link is not None else "",
        updated_at=read_moment(text_of(entry.find(f"{{{ATOM}}}updated"))),
    )


def _read_rss(
    root: etree._Element, digest: str, anchors: tuple[x509.Certificate, ...]
) -> CheckResult:
    errors: list[Finding] = []
    doubts: list[Finding] = []
    channel = root.find("channel")
    if channel is None:
        errors.append(kinds.ENVELOPE_FIELD_MISSING(line=line_of(root), field="channel"))
        return CheckResult.rejected("rss", tuple(errors))
    for name in ("title", "link", "description"):
        if channel.find(name) is None:
            errors.append(
                kinds.ENVELOPE_FIELD_MISSING(line=line_of(channel), field=f"channel/{name}")
            )
    items = channel.findall("item")
    index = tuple(
        IndexEntry(
            identifier=text_of(item.find("guid")) or text_of(item.find("link")),
            title=text_of(item.find("title")),
            link=text_of(item.find("link")),
        )
        for item in items
        if not _embedded(item)
    )
    if index:
        doubts.append(kinds.INDEX_ONLY(line=line_of(root)))
    return _read_alerts("rss", _embedded(root), errors, doubts, index, digest, anchors)
