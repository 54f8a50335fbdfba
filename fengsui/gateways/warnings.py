"""The neutral value of a warning, whatever layout it came in, and the verdict on a document."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from fengsui.gateways.findings import Finding

Ring = tuple[tuple[float, float], ...]  # (longitude, latitude) in degrees, WGS-84, closed
Circle = tuple[float, float, float]  # longitude, latitude in degrees, radius in km

# 突发事件应对法 (2024) §64: what every warning must hold, in the order of the law.
STATUTORY_FIELDS = {
    "category": "预警类别",
    "level": "预警级别",
    "starts_at": "起始时间",
    "area": "可能影响的范围",
    "caution": "警示事项",
    "instruction": "应当采取的措施",
    "issuer": "发布单位",
    "issued_at": "发布时间",
}


class Verdict(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    MIGRATED = "migrated"  # accepted, after an older version was brought up to the current one


@dataclass(frozen=True, slots=True)
class Signature:
    """`valid` is True only when a given trust anchor vouches for exactly what was read."""

    present: bool = False
    valid: bool = False
    signer: str = ""
    state: str = "absent"  # absent | valid | untrusted | broken
    detail: str = ""

    def to_plain(self) -> dict[str, Any]:
        return {"present": self.present, "valid": self.valid, "signer": self.signer}


@dataclass(frozen=True, slots=True)
class Warning:
    """One warning as its issuer said it. Nothing is regraded; what is missing is named.

    Times are aware UTC. `geocodes` are 12-digit division codes. `level` is red, orange, yellow,
    blue, none (the layout has no level) or unknown (the issuer did not say).
    """

    source_format: str
    identifier: str
    sent_at: datetime
    sender: str = ""
    sender_code: str = ""
    issuer: str = ""
    status: str = "Actual"  # Actual | Exercise | System | Test | Draft
    msg_type: str = "Alert"  # Alert | Update | Cancel | Ack | Error
    scope: str = "Public"
    references: tuple[str, ...] = ()  # identifiers of earlier messages
    reference_triples: tuple[str, ...] = ()  # CAP's own "sender,identifier,sent", where given
    note: str = ""
    classification: str = "None"
    language: str = "zh-CN"
    categories: tuple[str, ...] = ()  # CAP words
    event_code: str = ""  # GB/T 35561
    event_name: str = ""
    level: str = "unknown"
    severity: str = "Unknown"  # the issuer's own word
    urgency: str = "Unknown"
    certainty: str = "Unknown"
    effective_at: datetime | None = None
    onset_at: datetime | None = None
    expires_at: datetime | None = None
    is_continued: bool = False  # 继续发布: nobody is called twice for it
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    area_descriptions: tuple[str, ...] = ()
    geocodes: tuple[str, ...] = ()
    other_geocodes: tuple[tuple[str, str], ...] = ()  # (scheme, value)
    polygons: tuple[Ring, ...] = ()
    circles: tuple[Circle, ...] = ()
    channel_messages: tuple[tuple[str, str], ...] = ()  # (12379 methodName, text)
    inferred: tuple[str, ...] = ()  # fields this product worked out; a person should check them
    signature: Signature = field(default_factory=Signature)
    digest: str = ""  # SHA-256 of the original bytes, hexadecimal
    part: int = 0  # 0-based, when one message says different things of different areas

    @property
    def starts_at(self) -> datetime | None:
        return self.onset_at or self.effective_at

    @property
    def area_description(self) -> str:
        return "；".join(dict.fromkeys(self.area_descriptions))

    @property
    def caution(self) -> str:
        """警示事项: the issuer's description; the channels' text when that is empty."""
        return self.description or next((text for _, text in self.channel_messages if text), "")

    @property
    def is_exercise(self) -> bool:
        return self.status in ("Exercise", "Test")

    @property
    def missing_statutory(self) -> tuple[str, ...]:
        """The fields of the law that a person must still fill in, in the order of the law."""
        has_area = self.area_description or self.geocodes or self.polygons or self.circles
        present = {
            "category": bool(self.event_code or self.event_name),
            "level": self.level not in ("none", "unknown"),
            "starts_at": self.starts_at is not None,
            "area": bool(has_area),
            "caution": bool(self.caution),
            "instruction": bool(self.instruction),
            "issuer": bool(self.issuer),
            "issued_at": True,
        }
        return tuple(name for name in STATUTORY_FIELDS if not present[name])


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One line of a list of warnings: where a warning may be fetched, not the warning itself."""

    identifier: str
    title: str
    link: str
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The verdict on one document. `alerts` is empty whenever it is rejected."""

    verdict: Verdict
    format: str
    errors: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()
    alerts: tuple[Warning, ...] = ()
    entries: tuple[IndexEntry, ...] = ()

    @classmethod
    def rejected(
        cls, source_format: str, errors: tuple[Finding, ...], warnings: tuple[Finding, ...] = ()
    ) -> CheckResult:
        return cls(Verdict.REJECTED, source_format, errors=errors, warnings=warnings)
