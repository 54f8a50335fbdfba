"""Times as the warning formats write them, to aware UTC and back."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

YEARS = range(1970, 2200)  # what is outside is a slip or an attack, and arithmetic would overflow
BEIJING = timezone(timedelta(hours=8), "+08:00")
_WITH_OFFSET = re.compile(
    r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(?:\.\d{1,9})?([+-]\d\d:\d\d|Z)$", re.ASCII
)


def read_moment(text: str) -> datetime | None:
    """`2026-07-21T14:30:00+08:00`; a space for T, no seconds allowed. None if it is none."""
    found = _WITH_OFFSET.match(text.strip())
    if not found:
        return None
    day, clock, offset = found.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}{'+00:00' if offset == 'Z' else offset}")
        return moment.astimezone(UTC) if moment.year in YEARS else None
    except (ValueError, OverflowError):
        return None


def read_beijing_wall(text: str) -> datetime | None:
    """`2026-10-06 21:29:27` without an offset, as Chinese services write Beijing time."""
    found = re.match(r"^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)$", text.strip(), re.ASCII)
    return read_moment(f"{found.group(1)}T{found.group(2)}+08:00") if found else None


def beijing(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0
) -> datetime | None:
    """Beijing wall time to UTC; 24:00 is the next midnight. None when there is no such time."""
    try:
        midnight = datetime(year, month, day, tzinfo=BEIJING)
        if year not in YEARS or not (0 <= hour <= 24 and 0 <= minute < 60 and 0 <= second < 60):
            return None
        return (midnight + timedelta(hours=hour, minutes=minute, seconds=second)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def write_moment(moment: datetime, *, separator: str = "T") -> str:
    """Beijing time with its offset, whole seconds, as CAP 1.2 (`T`) or 12379 (space) want it."""
    return moment.astimezone(BEIJING).replace(microsecond=0).isoformat(separator)
