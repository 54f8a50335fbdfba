"""The one clock of the program. Everything that asks for the time asks here."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

log = logging.getLogger("fengsui.clock")


def _wall() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _wall


def now() -> datetime:
    """The present moment: aware, UTC."""
    return _source()


def machine_now() -> datetime:
    """What this machine's own clock says, also where a story has its own time."""
    return _wall()


def use(source: Callable[[], datetime] | None) -> None:
    """Takes the time from `source`; None goes back to the machine's clock."""
    global _source
    _source = source or _wall


class WoundClock:
    """A clock that stands still until it is wound by hand: tests and demonstrations."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def now(self) -> datetime:
        return self.moment

    def wind(self, to: datetime) -> datetime:
        if to.tzinfo is None:
            raise ValueError("the clock takes aware times only")
        self.moment = to.astimezone(UTC)
        return self.moment

    def forward(self, **delta: float) -> datetime:
        """Winds on by timedelta keywords: forward(minutes=3)."""
        return self.wind(self.moment + timedelta(**delta))


def wind(to: datetime) -> datetime:
    """Winds the clock in use. Only where a wound clock is in use."""
    return _wound().wind(to)


def forward(**delta: float) -> datetime:
    return _wound().forward(**delta)


def _wound() -> WoundClock:
    if not isinstance(_source, WoundClock):
        raise RuntimeError("the clock in use is not wound by hand")
    return _source


JUMP_BOUND_SECONDS = 60.0


def judge_jump(wall_seconds: float, monotonic_seconds: float) -> str:
    """What became of the wall clock while the monotonic clock went on: "", "set_back", "set_ahead".

    Both arguments are the seconds that passed between the same two looks.
    """
    difference = wall_seconds - monotonic_seconds
    if difference < -JUMP_BOUND_SECONDS:
        return "set_back"
    return "set_ahead" if difference > JUMP_BOUND_SECONDS else ""


class Watch:
    """Notices when somebody sets this machine's clock while the program runs."""

    def __init__(self) -> None:
        self._wall = machine_now()
        self._monotonic = time.monotonic()

    def look(self) -> str:
        """The jump since the last look: "", "set_back" or "set_ahead"."""
        wall, monotonic = machine_now(), time.monotonic()
        jump = judge_jump((wall - self._wall).total_seconds(), monotonic - self._monotonic)
        if jump:
            log.warning("this machine's clock was %s while the program ran", jump)
        self._wall, self._monotonic = wall, monotonic
        return jump
