"""The one clock of the program. Everything that asks for the time asks here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def _wall() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _wall


def now() -> datetime:
    """The present moment: aware, UTC."""
    return _source()


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
