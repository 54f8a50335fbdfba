"""The clock of a demonstration node: never back, the same in every process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.foundation.journal import clock
from fengsui.review.demonstration import night_clock
from fengsui.review.demonstration.night_clock import (
    NightClock,
    Stretch,
    first_stretch,
    next_warning,
    night_seconds,
    speed_at,
)


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[NightClock]:
    yield night_clock.install(tmp_path)
    clock.use(None)
    night_clock._installed = None


@given(seconds=st.integers(1_577_836_800, 3_786_912_000))  # 2020 to 2090
def test_the_first_night_is_a_july_night_to_come(seconds: int) -> None:
    real = datetime.fromtimestamp(seconds, UTC)
    night = datetime.fromtimestamp(first_stretch(real).night_s, UTC)
    assert real < night < real + timedelta(days=367)
    assert (night.month, night.day, night.hour, night.minute) == (7, 16, 17, 40)
    warning = next_warning(night)
    assert warning - night == timedelta(minutes=30)
    assert next_warning(warning) - warning == timedelta(days=1)


@given(
    stretches=st.lists(
        st.tuples(st.floats(0.1, 1e4), st.floats(0.1, 50.0)), min_size=1, max_size=5
    ),
    looks=st.lists(st.floats(0, 1e5), min_size=2, max_size=20),
)
def test_it_never_goes_back(stretches: list[tuple[float, float]], looks: list[float]) -> None:
    real_s, night_s, rows = 0.0, 0.0, []
    for seconds, speed in stretches:
        rows.append(Stretch(real_s, night_s, speed))
        real_s, night_s = real_s + seconds, night_s + seconds * speed
    shown = [night_seconds(rows, look) for look in sorted(looks)]
    assert all(later >= earlier - 1e-6 for earlier, later in pairwise(shown))


def test_a_stretch_has_its_own_speed() -> None:
    rows = [Stretch(0, 0, 6), Stretch(50, 300, 18.5), Stretch(180, 2705, 1)]
    assert night_seconds(rows, 10) == 60
    assert night_seconds(rows, 60) == 485
    assert (speed_at(rows, 49), speed_at(rows, 51), speed_at(rows, 1e6)) == (6, 18.5, 1)


def test_all_processes_of_a_node_read_the_same_time(installed: NightClock, tmp_path: Path) -> None:
    other = NightClock(tmp_path)
    assert abs((clock.now() - other()).total_seconds()) < 5
    before = clock.now()
    warning = next_warning(before)
    installed.go_on(warning, [(3600.0, 10.0)])
    assert warning <= other() < warning + timedelta(minutes=5)
    assert other.speed() == night_clock.current_speed() == 10.0


def test_it_is_not_set_back(installed: NightClock) -> None:
    before = clock.now()
    installed.go_on(before - timedelta(days=3), [])
    assert clock.now() >= before
    assert time.time() < clock.now().timestamp()
