"""A board is read once for all who look at it, and never older than the last fact."""

from __future__ import annotations

import threading
import weakref
from typing import Any

from fengsui.web.shared_reads import KEPT_FOR, KEPT_MAX, SharedReads


class Readings:
    def __init__(self) -> None:
        self.arrival = 1
        self.count = 0
        self.shared = SharedReads(lambda: self.arrival)

    def ask(self, key: str = "board") -> int:
        return int(self.shared.get(key, self._read))

    def _read(self) -> int:
        self.count += 1
        return self.arrival


def test_one_reading_serves_until_a_fact_is_stored(clock: Any) -> None:
    readings = Readings()
    assert [readings.ask() for _ in range(5)] == [1] * 5
    assert readings.count == 1
    readings.arrival = 2
    assert readings.ask() == 2
    assert readings.count == 2


def test_what_only_time_changes_is_read_again_after_a_second(clock: Any) -> None:
    readings = Readings()
    readings.ask()
    clock.forward(seconds=0.9)
    readings.ask()
    assert readings.count == 1
    clock.forward(seconds=0.2)
    readings.ask()
    assert readings.count == 2


def test_other_eyes_never_get_this_reading(clock: Any) -> None:
    readings = Readings()
    readings.ask("county")
    readings.ask("township")
    assert readings.count == 2


def test_many_at_once_wait_for_one_reading(clock: Any) -> None:
    readings = Readings()
    may_go, begun = threading.Event(), threading.Event()

    def slowly() -> int:
        begun.set()
        assert may_go.wait(5)
        return readings._read()

    found: list[Any] = []
    pages = [
        threading.Thread(target=lambda: found.append(readings.shared.get("board", slowly)))
        for _ in range(8)
    ]
    for page in pages:
        page.start()
    assert begun.wait(5)
    may_go.set()
    for page in pages:
        page.join(5)
    assert (found, readings.count) == ([1] * 8, 1)


def test_a_reading_that_began_before_the_fact_is_not_given_after_it(clock: Any) -> None:
    """The fact falls into the middle of a reading: whoever asks after it must see it."""
    readings = Readings()

    def overtaken() -> int:
        seen = readings._read()
        readings.arrival = 2
        return seen

    assert readings.shared.get("board", overtaken) == 1
    assert readings.ask() == 2


def test_boards_that_nobody_asks_for_are_forgotten(clock: Any) -> None:
    readings = Readings()
    for number in range(KEPT_MAX + 5):
        readings.ask(str(number))
    readings.ask("0")
    assert readings.count == KEPT_MAX + 6


def test_a_board_that_was_closed_does_not_stay_in_memory(clock: Any) -> None:
    class Board:
        pass

    shared = SharedReads(lambda: 1)
    closed = weakref.ref(shared.get("closed", Board))
    clock.forward(seconds=KEPT_FOR.total_seconds() / 2)
    shared.get("open", Board)
    assert closed() is not None
    clock.forward(seconds=KEPT_FOR.total_seconds() / 2 + 1)
    shared.get("open", Board)
    assert closed() is None
