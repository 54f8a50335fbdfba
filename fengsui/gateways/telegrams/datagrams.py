"""Frames over datagrams of at most 233 bytes: the model of a mesh radio. Sans-IO, pure.

Source: the payload limit of Meshtastic (`DATA_PAYLOAD_LEN` 233). Datagrams may be lost, doubled
and reordered; nothing is split. The pace is a byte budget: a bucket that fills with time.
"""

from __future__ import annotations

from dataclasses import dataclass

DATAGRAM_BYTES_MAX = 233


@dataclass
class Bucket:
    """A byte budget per minute. Holds at most one minute's worth."""

    bytes_per_minute: int
    level: float = 0.0
    filled_at_ms: int = 0

    def start(self, now_ms: int) -> None:
        self.level = float(self.bytes_per_minute)
        self.filled_at_ms = now_ms

    def _fill(self, now_ms: int) -> None:
        gained = max(0, now_ms - self.filled_at_ms) * self.bytes_per_minute / 60_000
        self.level = min(float(self.bytes_per_minute), self.level + gained)
        self.filled_at_ms = now_ms

    def may_send(self, size: int, now_ms: int) -> bool:
        self._fill(now_ms)
        return self.level >= min(size, self.bytes_per_minute)

    def spend(self, size: int, now_ms: int) -> None:
        self._fill(now_ms)
        self.level -= size

    def wait_ms(self, size: int, now_ms: int) -> int:
        """How long until `size` bytes may leave."""
        self._fill(now_ms)
        lacking = min(size, self.bytes_per_minute) - self.level
        return max(0, round(lacking * 60_000 / self.bytes_per_minute))
