"""What nobody asks for leaves memory; what is asked for stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from fengsui.foundation.access.recent import Recent

BEGAN = datetime(2026, 7, 16, 18, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_what_is_asked_for_stays_and_the_rest_goes_after_its_time() -> None:
    held: Recent[str, int] = Recent(9, 2 * MINUTE)
    held.put("asked", 1, BEGAN)
    held.put("left", 2, BEGAN)
    for minutes in (1, 2, 3):
        assert held.get("asked", BEGAN + minutes * MINUTE) == 1
    assert list(held) == ["asked"]
    assert held.get("left", BEGAN + 3 * MINUTE) is None


def test_of_too_many_the_one_not_asked_for_longest_goes() -> None:
    held: Recent[int, str] = Recent(2, MINUTE)
    held.put(1, "甲", BEGAN)
    held.put(2, "乙", BEGAN)
    held.get(1, BEGAN)
    held.put(3, "丙", BEGAN)
    assert list(held) == [1, 3]


def test_a_clock_set_back_does_not_keep_anything_for_years() -> None:
    held: Recent[str, int] = Recent(9, MINUTE)
    held.put("from 2030", 1, BEGAN + timedelta(days=1500))
    held.put("now", 2, BEGAN)
    assert list(held) == ["now"]
