"""How often somebody may try something, kept in this process: no fact, no table, gone at a restart.

Against guessing only. What must hold across restarts (a locked sign-in) is kept elsewhere.
"""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta

PEOPLE_MAX = 5_000  # remembered at once; beyond it those are forgotten whose tries are over


class Window:
    """At most `most` tries of each person within any time `lasting`."""

    def __init__(self, most: int, lasting: timedelta) -> None:
        self.most = most
        self.lasting = lasting
        self._tries: dict[int, deque[datetime]] = {}
        self._lock = threading.Lock()

    def take(self, person_id: int, now: datetime) -> bool:
        """One more try; False where there is none left, and then it does not count."""
        with self._lock:
            if len(self._tries) > PEOPLE_MAX:
                self._forget(now)
            tries = self._tries.setdefault(person_id, deque())
            while tries and not timedelta(0) <= now - tries[0] < self.lasting:
                tries.popleft()
            if len(tries) >= self.most:
                return False
            tries.append(now)
            return True

    def give_back(self, person_id: int) -> None:
        """The last try was none: it found what it asked for."""
        with self._lock:
            tries = self._tries.get(person_id)
            if tries:
                tries.pop()

    def _forget(self, now: datetime) -> None:
        over = [
            one
            for one, tries in self._tries.items()
            if not tries or now - tries[-1] >= self.lasting
        ]
        for one in over:
            del self._tries[one]
