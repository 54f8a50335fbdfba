"""Hybrid logical clock as one integer: milliseconds since 1970 << 16 | counter. Pure.

Kulkarni et al., "Logical Physical Clocks" (2014). A full counter carries into the milliseconds.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

COUNTER_BITS = 16
DRIFT_BOUND = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def of_time(moment: datetime) -> int:
    """The smallest clock value at `moment`."""
    return (moment - _EPOCH) // _MILLISECOND << COUNTER_BITS


def to_time(hlc: int) -> datetime:
    """The moment (UTC, whole milliseconds) of a clock value."""
    return _EPOCH + (hlc >> COUNTER_BITS) * _MILLISECOND


def following(last: int, now: datetime) -> int:
    """The next value of a clock that stood at `last`: never less, never the same."""
    return max(of_time(now), last + 1)


def is_within_bound(hlc: int, now: datetime) -> bool:
    """Whether a value is at most DRIFT_BOUND ahead of `now`."""
    return hlc <= of_time(now + DRIFT_BOUND)
