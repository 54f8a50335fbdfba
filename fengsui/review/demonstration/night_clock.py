"""The clock of a demonstration node: it stands in July and tells half an hour in three minutes.

All processes of a node must agree on the time, and the journal's clock may never go back. So
the clock is a small file in the node's folder: stretches of real time, each with the night's
time at its beginning and its speed. Only a demonstration node installs it.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from fengsui.foundation.journal import clock

FILE_NAME = "night-clock.json"
# 17 July, Beijing time: 01:40 when the county is loaded, 02:10 when the warning comes.
STORY_MONTH, STORY_DAY = 7, 16
PREPARED_HOUR, PREPARED_MINUTE = 17, 40  # UTC
WARNING_HOUR, WARNING_MINUTE = 18, 10  # UTC


class Stretch(NamedTuple):
    """From `real_s` (seconds since 1970) on, the night goes `speed` seconds a second."""

    real_s: float
    night_s: float
    speed: float


def night_seconds(stretches: list[Stretch], real_s: float) -> float:
    """What the night's clock shows at a real moment; before the first stretch it stands still."""
    current = stretches[0]
    for stretch in stretches:
        if stretch.real_s <= real_s:
            current = stretch
    return current.night_s + max(0.0, real_s - current.real_s) * current.speed


def speed_at(stretches: list[Stretch], real_s: float) -> float:
    begun = [stretch.speed for stretch in stretches if stretch.real_s <= real_s]
    return begun[-1] if begun else 1.0


def first_stretch(real: datetime) -> Stretch:
    """01:40 on the 17 July that comes next: ahead of every real fact, so nothing goes back."""
    night = real.replace(
        month=STORY_MONTH,
        day=STORY_DAY,
        hour=PREPARED_HOUR,
        minute=PREPARED_MINUTE,
        second=0,
        microsecond=0,
    )
    if night <= real + timedelta(hours=1):
        night = night.replace(year=night.year + 1)
    return Stretch(real.timestamp(), night.timestamp(), 1.0)


def next_warning(now: datetime) -> datetime:
    """The next 02:10 Beijing time, at least a minute ahead."""
    warning = now.replace(hour=WARNING_HOUR, minute=WARNING_MINUTE, second=0, microsecond=0)
    return warning if warning > now + timedelta(minutes=1) else warning + timedelta(days=1)


class NightClock:
    """Reads the file again whenever another process has written it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self._seen = 0
        self._stretches: list[Stretch] = []
        if not self.path.exists():
            self._write([first_stretch(datetime.fromtimestamp(time.time(), UTC))], is_first=True)

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(night_seconds(self._read(), time.time()), UTC)

    def speed(self) -> float:
        return speed_at(self._read(), time.time())

    def go_on(self, night: datetime, pace: list[tuple[float, float]]) -> None:
        """From now on it is `night`; `pace` is [(night seconds, speed), …], then real speed."""
        real_s, night_s = time.time(), max(night.timestamp(), self().timestamp())
        stretches = []
        for seconds, speed in pace:
            stretches.append(Stretch(real_s, night_s, speed))
            real_s, night_s = real_s + seconds / speed, night_s + seconds
        self._write([*stretches, Stretch(real_s, night_s, 1.0)])

    def _read(self) -> list[Stretch]:
        changed = self.path.stat().st_mtime_ns
        if changed != self._seen:
            rows = json.loads(self.path.read_text())
            self._stretches = [Stretch(*map(float, row)) for row in rows]
            self._seen = changed
        return self._stretches

    def _write(self, stretches: list[Stretch], *, is_first: bool = False) -> None:
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=FILE_NAME)
        with os.fdopen(handle, "w") as file:
            json.dump([list(stretch) for stretch in stretches], file)
        if is_first:
            # Two processes start at once: whoever links first decides for both.
            with contextlib.suppress(FileExistsError):
                os.link(name, self.path)
            Path(name).unlink()
        else:
            Path(name).replace(self.path)


_installed: NightClock | None = None


def install(folder: Path) -> NightClock:
    """Makes this process take the time from the node's night clock."""
    global _installed
    _installed = NightClock(folder)
    clock.use(_installed)
    return _installed


def installed() -> NightClock | None:
    return _installed


def current_speed() -> float:
    """Seconds of the node's clock in one real second."""
    return _installed.speed() if _installed is not None else 1.0
