"""Frames over datagrams of at most 233 bytes: the model of a mesh radio. Sans-IO, pure.

Source: the payload limit of Meshtastic (`DATA_PAYLOAD_LEN` 233). Datagrams may be lost, doubled
and reordered; nothing is split and nothing is answered at this level: receipts are telegrams.
"""

from __future__ import annotations

from dataclasses import dataclass

from fengsui.gateways.telegrams.messages import TelegramError

DATAGRAM_BYTES_MAX = 233


@dataclass(frozen=True, slots=True)
class Datagrams:
    """A link whose every datagram is one frame."""

    length_max: int = DATAGRAM_BYTES_MAX

    def write(self, frame: bytes) -> bytes:
        """Raises TelegramError where the frame is too long."""
        if len(frame) > self.length_max:
            raise TelegramError("telegrams.too_long", f"{len(frame)} > {self.length_max}")
        return frame

    def read(self, datagram: bytes) -> bytes | None:
        """The frame in a datagram; None where it is none of ours."""
        if not 0 < len(datagram) <= self.length_max or datagram[0] >> 6 != 1:
            return None
        return datagram
