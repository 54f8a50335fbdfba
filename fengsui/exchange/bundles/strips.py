"""A small bundle as a strip of QR codes, on a screen or on paper. Pure.

Each frame is a line of text: Base45 (RFC 9285, the alphabet that QR codes pack best) of a mark, the
first bytes of the file's SHA-256, its number, how many there are, a checksum, and its bytes. Frames
are read in any order, as often as one likes; a scanner that types, or a phone, will do.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

MARK = b"FQ\x01"
FRAME_BYTES = 600  # about QR version 22 at level M: read by a phone from a weak screen
FRAMES_MAX = 400
NAME_BYTES = 4
_HEAD = struct.Struct(f">3s{NAME_BYTES}sHHI")
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUE = {sign: value for value, sign in enumerate(_ALPHABET)}


class MalformedFrameError(ValueError):
    """Text that is no frame of a strip; the message says why."""


def frames_of(data: bytes) -> list[str]:
    """The strip of a file. Raises MalformedFrameError where it would be too long to scan."""
    pieces = [data[start : start + FRAME_BYTES] for start in range(0, len(data), FRAME_BYTES)]
    if not 0 < len(pieces) <= FRAMES_MAX:
        raise MalformedFrameError(f"{len(pieces)} frames, at most {FRAMES_MAX}")
    name = hashlib.sha256(data).digest()[:NAME_BYTES]
    return [
        _to_text(_HEAD.pack(MARK, name, index, len(pieces), zlib.crc32(piece)) + piece)
        for index, piece in enumerate(pieces)
    ]


@dataclass(slots=True)
class Strip:
    """Gathers frames until the file is whole."""

    name: bytes = b""
    total: int = 0
    pieces: dict[int, bytes] = field(default_factory=dict)

    def add(self, text: str) -> bool:
        """Takes a frame; False where it was here already. Raises MalformedFrameError."""
        data = _from_text(text)
        if len(data) <= _HEAD.size:
            raise MalformedFrameError("too short")
        mark, name, index, total, checksum = _HEAD.unpack_from(data)
        piece = data[_HEAD.size :]
        if mark != MARK:
            raise MalformedFrameError("not of a strip")
        if zlib.crc32(piece) != checksum or not index < total <= FRAMES_MAX:
            raise MalformedFrameError("misread")
        if self.total and (name, total) != (self.name, self.total):
            raise MalformedFrameError("of another strip")
        self.name, self.total = name, total
        fresh = index not in self.pieces
        self.pieces[index] = piece
        return fresh

    @property
    def missing(self) -> list[int]:
        """Numbers of the frames that are still to come, from 1 as they are printed."""
        return [index + 1 for index in range(self.total) if index not in self.pieces]

    def data(self) -> bytes:
        """The whole file. Raises MalformedFrameError."""
        whole = b"".join(self.pieces[index] for index in sorted(self.pieces))
        if not self.total or self.missing:
            raise MalformedFrameError(f"frames are missing: {self.missing[:20]}")
        if hashlib.sha256(whole).digest()[:NAME_BYTES] != self.name:
            raise MalformedFrameError("the frames do not make the file they name")
        return whole


def gather(lines: Iterable[str]) -> tuple[Strip, list[tuple[int, str]]]:
    """The strip of these lines, and (line from 1, why) of those that are no frame of it."""
    strip, wrong = Strip(), []
    for number, line in enumerate(lines, 1):
        text = line.strip("\r\n")
        if not text.strip():
            continue
        try:
            strip.add(text)
        except MalformedFrameError as error:
            wrong.append((number, str(error)))
    return strip, wrong


def _to_text(data: bytes) -> str:
    signs = []
    for start in range(0, len(data) - 1, 2):
        high, rest = divmod(data[start] << 8 | data[start + 1], 45 * 45)
        signs += [rest % 45, rest // 45, high]
    if len(data) % 2:
        signs += [data[-1] % 45, data[-1] // 45]
    return "".join(_ALPHABET[sign] for sign in signs)


def _from_text(text: str) -> bytes:
    try:
        signs = [_VALUE[sign] for sign in text]
    except KeyError as error:
        raise MalformedFrameError("a sign that does not occur in a frame") from error
    if len(signs) % 3 == 1:
        raise MalformedFrameError("a sign is missing")
    out = bytearray()
    for start in range(0, len(signs), 3):
        group = signs[start : start + 3]
        value = sum(sign * 45**place for place, sign in enumerate(group))
        if value >= (1 << 16 if len(group) == 3 else 1 << 8):
            raise MalformedFrameError("misread")
        out += value.to_bytes(len(group) - 1, "big")
    return bytes(out)
