"""What waits to be carried to one peer, bounded, with a bell for whoever waits for it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

OUTBOX_BYTES_MAX = 32 * 1024 * 1024
BATCH_BYTES_MAX = 6 * 1024 * 1024
BATCH_MESSAGES_MAX = 1024


class Outbox:
    """A queue of messages. When it is full messages are dropped: the peer asks again."""

    def __init__(self) -> None:
        self._messages: deque[bytes] = deque()
        self._bytes = 0
        self._lock = threading.Lock()
        self._bells: list[Callable[[], None]] = []
        self.arrived = threading.Event()

    def put(self, message: bytes) -> bool:
        with self._lock:
            if self._bytes + len(message) > OUTBOX_BYTES_MAX:
                return False
            self._messages.append(message)
            self._bytes += len(message)
            bells = list(self._bells)
        self.arrived.set()
        for bell in bells:
            bell()
        return True

    def take(self) -> tuple[list[bytes], bool]:
        """As many as fit one request, oldest first, and whether more are left."""
        taken: list[bytes] = []
        size = 0
        with self._lock:
            while self._messages and len(taken) < BATCH_MESSAGES_MAX:
                if taken and size + len(self._messages[0]) > BATCH_BYTES_MAX:
                    break
                message = self._messages.popleft()
                taken.append(message)
                size += len(message)
            self._bytes -= size
            if not self._messages:
                self.arrived.clear()
            return taken, bool(self._messages)

    def is_empty(self) -> bool:
        return not self._messages

    def ring(self, bell: Callable[[], None]) -> Callable[[], None]:
        """Calls `bell` from any thread whenever something is put in; returns how to stop that."""
        with self._lock:
            self._bells.append(bell)

        def stop() -> None:
            with self._lock:
                self._bells.remove(bell)

        return stop
