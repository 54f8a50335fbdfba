"""Reads the PNG files that Typst writes, so that a test can look for codes on a page."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np

_CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}


def grey(png: bytes) -> Any:
    """The picture as an array of grey bytes. PNG (ISO/IEC 15948) of 8 bits, not interlaced."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed = 8, b""
    width = height = channels = 0
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        data = png[at + 8 : at + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", data)
            assert (depth, interlaced) == (8, 0)
            channels = _CHANNELS[colour]
        elif kind == b"IDAT":
            packed += data
        at += 12 + length
    rows = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, 1 + width * channels)
    pixels = _unfiltered(rows, channels).reshape(height, width, channels)
    return np.ascontiguousarray(pixels[:, :, : min(3, channels)].mean(2).astype(np.uint8))


def _unfiltered(rows: Any, channels: int) -> Any:
    out = np.zeros((rows.shape[0], rows.shape[1] - 1), np.uint8)
    above = np.zeros(out.shape[1], np.uint8)
    for index, row in enumerate(rows):
        out[index] = above = _row(int(row[0]), row[1:], above, channels)
    return out


def _row(way: int, row: Any, above: Any, channels: int) -> Any:
    if way == 0:
        return row.copy()
    if way == 1:  # the sum of all before it, channel by channel
        return row.reshape(-1, channels).cumsum(0, dtype=np.uint8).reshape(-1)
    if way == 2:
        return row + above
    done = bytearray(row.tobytes())
    up = above.tobytes()
    for at in range(len(done)):
        left = done[at - channels] if at >= channels else 0
        corner = up[at - channels] if at >= channels else 0
        guess = (left + up[at]) // 2 if way == 3 else _paeth(left, up[at], corner)
        done[at] = (done[at] + guess) & 0xFF
    return np.frombuffer(bytes(done), np.uint8)


def _paeth(left: int, up: int, corner: int) -> int:
    estimate = left + up - corner
    distances = [(abs(estimate - one), order) for order, one in enumerate((left, up, corner))]
    return (left, up, corner)[min(distances)[1]]
