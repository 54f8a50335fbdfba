"""Instants: stored as UTC milliseconds in facts, shown as Beijing time (fixed +08:00)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
# No record is older or of a later year. Databases do not read the offsets of years far from ours.
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(9000, 1, 1, tzinfo=UTC)


def asked(moment: datetime) -> datetime:
    """A moment that somebody asked about, in UTC (without an offset it is UTC), between the years
    1970 and 9000: as questions of before and after it means the same to every database."""
    if moment.year < _EARLIEST.year + 1:
        return _EARLIEST
    if moment.year >= _LATEST.year:
        return _LATEST
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC)


def to_ms(instant: datetime) -> int:
    """Milliseconds since 1970-01-01T00:00:00Z of an aware datetime."""
    return round(instant.timestamp() * 1000)


def from_ms(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def to_iso(instant: datetime) -> str:
    """ISO 8601 in UTC with a Z and millisecond precision, as the API writes every time."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
