"""Which numbers of a sender were opened already, and the whole number behind 16 sent bits. Pure.

Source: the sliding window of RFC 4303 §3.4.3, with the rebuilding of high bits of its appendix A.
"""

from __future__ import annotations

from dataclasses import dataclass

WINDOW_BITS = 2048
_SPAN = 1 << 16
_HALF = _SPAN >> 1
_MASK = (1 << WINDOW_BITS) - 1


@dataclass(frozen=True, slots=True)
class ReplayWindow:
    """One sender, epoch and class. Bit n of `seen` stands for the number `highest` - n."""

    highest: int = -1
    seen: int = 0

    def whole(self, low: int) -> int:
        """The number nearest to the highest seen whose low 16 bits are `low`."""
        if self.highest < 0:
            return low
        offset = (low - self.highest + _HALF) % _SPAN - _HALF
        number = self.highest + offset
        return number if number >= 0 else number + _SPAN

    def is_new(self, number: int) -> bool:
        """False for a number that was opened, and for one too old to tell."""
        age = self.highest - number
        return age < 0 or (age < WINDOW_BITS and not self.seen >> age & 1)

    def has(self, number: int) -> bool:
        """True only for a number that was certainly opened."""
        age = self.highest - number
        return 0 <= age < WINDOW_BITS and bool(self.seen >> age & 1)

    def with_number(self, number: int) -> ReplayWindow:
        """The window after opening `number`, which must be authentic."""
        age = self.highest - number
        if age >= 0:
            return ReplayWindow(self.highest, (self.seen | 1 << age) & _MASK)
        shifted = self.seen << -age & _MASK if -age < WINDOW_BITS else 0
        return ReplayWindow(number, shifted | 1)

    def to_bytes(self) -> bytes:
        return self.seen.to_bytes(WINDOW_BITS // 8, "big")

    @classmethod
    def from_bytes(cls, highest: int, data: bytes) -> ReplayWindow:
        return cls(highest, int.from_bytes(data, "big"))
