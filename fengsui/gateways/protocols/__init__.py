"""The one door for warnings from outside: which layout is it, and what is the verdict?

A new layout is one folder beside this file and one line here. The folders know no sibling.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from fengsui.gateways.findings import FindingKind, Refused
from fengsui.gateways.protocols.bulletin.reading import read_text
from fengsui.gateways.protocols.cap import envelopes as cap
from fengsui.gateways.protocols.cap.findings import NAMESPACE_MISSING, NOT_CAP
from fengsui.gateways.protocols.cap.signatures import load_anchors
from fengsui.gateways.protocols.chinese_json.reading import read_json
from fengsui.gateways.protocols.warning12379 import reading as warning12379
from fengsui.gateways.warnings import CheckResult
from fengsui.gateways.xml import decode, line_of, local_name, read_xml

UNREADABLE = FindingKind(
    "file.unreadable",
    "“{name}”不是文字，无法读取。请选择 XML、JSON 或文本形式的预警。",
    "“{name}” is not text and cannot be read. Choose a warning as XML, JSON or plain text.",
)


def check(
    data: bytes,
    *,
    name: str = "",
    trust_anchors: Iterable[str | bytes] = (),
    received_at: datetime | None = None,
) -> CheckResult:
    """The verdict on one received document, whatever it is. Total: it never raises on `data`.

    `name` is only shown. `trust_anchors` are certificates in PEM; something that is no
    certificate raises ValueError. `received_at` (aware) completes bulletins without a year.
    """
    anchors = load_anchors(trust_anchors)
    try:
        text = decode(data)
        opening = text.lstrip("\ufeff \t\r\n")[:1]
        if opening == "<":
            root = read_xml(data)
            if cap.is_cap_document(root):
                return cap.read_document(root, data, anchors)
            if warning12379.is_12379(root):
                return warning12379.read_document(root, data)
            kind = NAMESPACE_MISSING if local_name(root) == "alert" else NOT_CAP
            return CheckResult.rejected(
                "unknown", (kind(line=line_of(root), root=local_name(root)),)
            )
        if "\x00" in text:
            return CheckResult.rejected("unknown", (UNREADABLE(name=name),))
        if opening in ("{", "["):
            return read_json(text.lstrip("\ufeff"), data, received_at=received_at)
        return read_text(text, data, received_at=received_at)
    except Refused as refusal:
        return CheckResult.rejected(_guess(data), refusal.findings)


def _guess(data: bytes) -> str:
    return "xml" if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" else "unknown"
