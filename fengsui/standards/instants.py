"""Instants: stored as UTC milliseconds in facts, shown as Beijing time (fixed +08:00)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")


def to_ms(instant: datetime) -> int:
    """Milliseconds since 1970-01-01T00:00:00Z of an aware datetime."""
    return round(instant.timestamp() * 1000)


def from_ms(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def to_iso(instant: datetime) -> str:
    """ISO 8601 in UTC with a Z and millisecond precision, as the API writes every time."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
