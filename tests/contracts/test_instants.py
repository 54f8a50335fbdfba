"""Moments that somebody asks about: whatever the text, every database understands them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from fengsui.standards.instants import asked

EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-17T02:10:00+08:00", datetime(2026, 7, 16, 18, 10, tzinfo=UTC)),
        ("2026-07-17T02:10:00", datetime(2026, 7, 17, 2, 10, tzinfo=UTC)),
        ("0307-01-02T04:39:26.500000-19:05", EARLIEST),  # PostgreSQL refuses such an offset
        ("0001-01-01T00:00:00+14:00", EARLIEST),
        ("9999-12-31T23:59:59-14:00", LATEST),
    ],
)
def test_a_moment_is_asked_for_in_utc_between_the_years_that_have_records(
    text: str, expected: datetime
) -> None:
    found = asked(datetime.fromisoformat(text))
    assert found == expected
    assert found.utcoffset() == timedelta(0)


def test_whole_days_of_offset_do_no_harm() -> None:
    odd = timezone(timedelta(hours=-23, minutes=-59))
    assert asked(datetime(2026, 7, 17, tzinfo=odd)) == datetime(2026, 7, 17, 23, 59, tzinfo=UTC)
