"""Ordinals as runs of varints: how one fact names thousands of calls. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def pack_ordinals(ordinals: Sequence[int]) -> bytes:
    """Ascending ordinals as runs: varints of (gap from the last end, length - 1), LEB128.

    A full township in order takes two or three bytes; a scattered call two.
    """
    packed = bytearray()
    if ordinals and ordinals[-1] - ordinals[0] == len(ordinals) - 1:
        first, last = ordinals[0], ordinals[-1]
        if first >= 0 and list(ordinals) == list(range(first, last + 1)):
            _varint(packed, first)
            _varint(packed, last - first)
            return bytes(packed)
    position = 0
    index = 0
    while index < len(ordinals):
        start = end = ordinals[index]
        index += 1
        while index < len(ordinals) and ordinals[index] == end + 1:
            end += 1
            index += 1
        if start < position:
            raise ValueError("ordinals must ascend without repetition")
        _varint(packed, start - position)
        _varint(packed, end - start)
        position = end + 1
    return bytes(packed)


def _varint(packed: bytearray, value: int) -> None:
    while value > 0x7F:
        packed.append(value & 0x7F | 0x80)
        value >>= 7
    packed.append(value)


def unpack_ordinals(packed: bytes, *, limit: int) -> list[int]:
    """The ordinals below `limit`; damaged bytes give what was readable and never raise."""
    numbers: list[int] = []
    value = shift = 0
    for byte in packed:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(value)
            value = shift = 0
        elif shift > 63:
            break
    ordinals: list[int] = []
    position = 0
    for gap, length in zip(numbers[::2], numbers[1::2], strict=False):
        start = position + gap
        if start >= limit:
            break
        position = min(start + length + 1, limit)
        ordinals.extend(range(start, position))
    return ordinals
