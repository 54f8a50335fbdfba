"""A column of like values, written the shortest of several ways. Pure.

A column is one byte that names the way and the values in it. Every way gives back exactly the
values that went in, so which one was taken never matters to the reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from typing import Any

import cbor2
import zstandard

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_WORD = 1 << 63
_TRIAL_LEVEL = 3
VARINT_BYTES_MAX = 10


class MalformedColumnError(ValueError):
    """Bytes that are no column of the number of values that was promised."""


def write_varint(out: bytearray, value: int) -> None:
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)


def write_varints(values: Sequence[int]) -> bytes:
    """Unsigned integers, seven bits a byte, the lowest first."""
    out = bytearray()
    for value in values:
        write_varint(out, value)
    return bytes(out)


class Varints:
    """Reads what `write_varints` wrote, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def next(self) -> int:
        value = shift = 0
        for _ in range(VARINT_BYTES_MAX):
            if self._at >= len(self._data):
                break
            byte = self._data[self._at]
            self._at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
        raise MalformedColumnError("a number ends too early")

    def take(self, count: int) -> list[int]:
        return [self.next() for _ in range(count)]


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _unzigzag(value: int) -> int:
    return -(value + 1 >> 1) if value & 1 else value >> 1


# --- the ways -------------------------------------------------------------------------------


def _as_cbor(values: Sequence[Any]) -> bytes | None:
    return b"".join(cbor2.dumps(value) for value in values)


def _from_cbor(data: bytes, count: int) -> list[Any]:
    stream = BytesIO(data)
    try:
        values = [cbor2.load(stream) for _ in range(count)]
    except Exception as error:
        raise MalformedColumnError("not CBOR") from error
    if stream.read(1):
        raise MalformedColumnError("more values than promised")
    return values


def _all_integers(values: Sequence[Any]) -> bool:
    return all(type(value) is int and -_WORD <= value < _WORD for value in values)


def _as_steps(values: Sequence[Any]) -> bytes | None:
    """Integers by their difference from the one before."""
    if not _all_integers(values):
        return None
    before = 0
    out = bytearray()
    for value in values:
        write_varint(out, _zigzag(value - before))
        before = value
    return bytes(out)


def _from_steps(data: bytes, count: int) -> list[Any]:
    numbers, value, values = Varints(data), 0, []
    for _ in range(count):
        value += _unzigzag(numbers.next())
        values.append(value)
    return values


def _planes(rows: Sequence[bytes], width: int) -> bytes:
    whole = b"".join(rows)
    return b"".join(whole[place::width] for place in range(width))


def _rows(data: bytes, width: int, count: int) -> list[bytes]:
    if len(data) != width * count:
        raise MalformedColumnError("the planes have the wrong length")
    whole = bytearray(len(data))
    for place in range(width):
        whole[place::width] = data[place * count : (place + 1) * count]
    return [bytes(whole[at : at + width]) for at in range(0, len(whole), width)]


def _as_words(values: Sequence[Any]) -> bytes | None:
    """Integers as eight bytes each, all first bytes before all second ones."""
    if not _all_integers(values):
        return None
    return _planes([(value + _WORD).to_bytes(8, "big") for value in values], 8)


def _from_words(data: bytes, count: int) -> list[Any]:
    return [int.from_bytes(row, "big") - _WORD for row in _rows(data, 8, count)]


def _as_equal_bytes(values: Sequence[Any]) -> bytes | None:
    if not values or not all(type(value) is bytes for value in values):
        return None
    width = len(values[0])
    if not 0 < width < 256 or any(len(value) != width for value in values):
        return None
    return bytes([width]) + b"".join(values)


def _from_equal_bytes(data: bytes, count: int) -> list[Any]:
    width = data[0] if data else 0
    if not width or len(data) != 1 + width * count:
        raise MalformedColumnError("the byte strings have the wrong length")
    return [data[at : at + width] for at in range(1, len(data), width)]


def _as_uuids(values: Sequence[Any]) -> bytes | None:
    if not values or not all(type(one) is str and _UUID.fullmatch(one) for one in values):
        return None
    return b"".join(bytes.fromhex(value.replace("-", "")) for value in values)


def _from_uuids(data: bytes, count: int) -> list[Any]:
    if len(data) != 16 * count:
        raise MalformedColumnError("the ids have the wrong length")
    return [_uuid_text(data[at : at + 16].hex()) for at in range(0, len(data), 16)]


def _uuid_text(text: str) -> str:
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _as_choices(values: Sequence[Any]) -> bytes | None:
    """A list of the different values, then one number a value."""
    table: dict[bytes, int] = {}
    chosen = [table.setdefault(cbor2.dumps(value), len(table)) for value in values]
    if len(table) == len(values) and len(table) > 1:
        return None
    out = bytearray()
    write_varint(out, len(table))
    return bytes(out) + b"".join(table) + write_varints(chosen)


def _from_choices(data: bytes, count: int) -> Iterator[Any]:
    head = Varints(data)
    size = head.next()
    if size > count:
        raise MalformedColumnError("more choices than values")
    stream = BytesIO(data)
    stream.seek(len(write_varints([size])))
    try:
        encoded = [_one(stream) for _ in range(size)]
    except Exception as error:
        raise MalformedColumnError("not CBOR") from error
    chosen = Varints(stream.read()).take(count)
    if any(index >= size for index in chosen):
        raise MalformedColumnError("a choice that was not listed")
    # One after the other as they are used: few bytes here can stand for very many there.
    return (cbor2.loads(encoded[index]) for index in chosen)


def _one(stream: BytesIO) -> bytes:
    start = stream.tell()
    cbor2.load(stream)
    return stream.getvalue()[start : stream.tell()]


Write = Callable[[Sequence[Any]], bytes | None]
Read = Callable[[bytes, int], list[Any] | Iterator[Any]]
# The number of a way stands in files: it is never given to another.
WAYS: dict[int, tuple[Write, Read]] = {
    0: (_as_cbor, _from_cbor),
    1: (_as_steps, _from_steps),
    2: (_as_words, _from_words),
    3: (_as_equal_bytes, _from_equal_bytes),
    4: (_as_uuids, _from_uuids),
    5: (_as_choices, _from_choices),
}


def write_column(values: Sequence[Any]) -> bytes:
    """The column in the way that compresses best."""
    compressor = zstandard.ZstdCompressor(level=_TRIAL_LEVEL)
    best: tuple[int, bytes] | None = None
    for number, (write, _) in WAYS.items():
        data = write(values)
        if data is None:
            continue
        size = len(compressor.compress(data))
        if best is None or size < best[0]:
            best = (size, bytes([number]) + data)
    assert best is not None
    return best[1]


def read_column(data: bytes, count: int) -> Iterator[Any]:
    """The values of a column. Raises MalformedColumnError, never anything else."""
    way = WAYS.get(data[0]) if data else None
    if way is None:
        raise MalformedColumnError("an unknown way of writing a column")
    try:
        return iter(way[1](data[1:], count))
    except (ValueError, OverflowError, MemoryError) as error:
        raise MalformedColumnError(str(error)) from error
