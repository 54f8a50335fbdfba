"""What is kept in memory for as long as somebody asks for it, for every app."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from datetime import datetime, timedelta
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Recent(Generic[Key, Value]):
    """Values by key; the one not asked for longest goes first.

    At most `most`, and none that nobody asked for within `kept_for`. One that was asked for in the
    future, by a clock since set back, goes too. Not for several threads at once.
    """

    def __init__(self, most: int, kept_for: timedelta) -> None:
        self._most, self._kept_for = most, kept_for
        self._held: OrderedDict[Key, tuple[datetime, Value]] = OrderedDict()

    def __iter__(self) -> Iterator[Key]:
        return iter(self._held)

    def get(self, key: Key, now: datetime) -> Value | None:
        held = self._held.get(key)
        return None if held is None else self.put(key, held[1], now)

    def put(self, key: Key, value: Value, now: datetime) -> Value:
        self._held[key] = (now, value)
        self._held.move_to_end(key)
        while len(self._held) > self._most or self._is_oldest_stale(now):
            self._held.popitem(last=False)
        return value

    def clear(self) -> None:
        self._held.clear()

    def _is_oldest_stale(self, now: datetime) -> bool:
        asked_at, _ = next(iter(self._held.values()))
        return not now - self._kept_for <= asked_at <= now
