"""One reading for everybody who looks at the same board at the same time.

A reading may be shared as long as no fact has been stored since it began: whoever asks after a
commit gets one that holds it. Between facts it is kept a second, for what only time changes.
Readings of one thing never run side by side, so a hundred open pages cost what one costs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from datetime import timedelta
from typing import Any

from fengsui.foundation.access.recent import Recent
from fengsui.foundation.journal import clock
from fengsui.foundation.journal import queries as journal

FRESH = timedelta(seconds=1)
KEPT_MAX = 64  # things looked at; the one not asked for longest goes first
KEPT_FOR = timedelta(minutes=1)  # a page that is still open asks every few seconds


class _Shelf:
    def __init__(self) -> None:
        self.reading = threading.Lock()
        self.version = -1
        self.read_at = clock.now()
        self.value: Any = None

    def holds(self, version: int) -> bool:
        # A clock that was set back makes a reading neither young nor old: it is read anew.
        return self.version >= version and timedelta(0) <= clock.now() - self.read_at < FRESH


class SharedReads:
    """Values by key. A key names everything that the value depends on, whose eyes included."""

    def __init__(self, version: Callable[[], int] = journal.newest_arrival) -> None:
        self._version = version
        self._shelves: Recent[Hashable, _Shelf] = Recent(KEPT_MAX, KEPT_FOR)
        self._guard = threading.Lock()

    def get(self, key: Hashable, read: Callable[[], Any]) -> Any:
        """What `read` gives, or what it gave a moment ago with no fact stored since.

        The value is shared: whoever gets it must not change it.
        """
        asked = self._version()
        shelf = self._shelf(key)
        with shelf.reading:
            if not shelf.holds(asked):
                version, began = self._version(), clock.now()
                shelf.value = read()
                shelf.version, shelf.read_at = version, began
            return shelf.value

    def _shelf(self, key: Hashable) -> _Shelf:
        with self._guard:
            now = clock.now()
            return self._shelves.get(key, now) or self._shelves.put(key, _Shelf(), now)
