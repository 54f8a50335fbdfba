"""Bytes as decimal digits or as Chinese characters, for terminals that take nothing else. Pure.

Both write the byte string's place in the list of all byte strings (shortest first) as a number:
156 digits hold 64 bytes, 39 characters of GB 2312 hold 62.
"""

from __future__ import annotations

from functools import cache

from fengsui.gateways.telegrams.messages import TelegramError

NOT_ARMOURED = "telegrams.not_armoured"
_BYTES_MAX = 300
# GB 2312-1980: level 1 ends with D7F9, level 2 is D8A1 to F7FE.
_FIRST_ROW, _LAST_ROW, _LAST_OF_LEVEL_1 = 0xB0, 0xF7, (0xD7, 0xF9)


def _shorter(length: int) -> int:
    """How many byte strings are shorter than `length`."""
    return ((1 << 8 * length) - 1) // 255


def _place_of(data: bytes) -> int:
    return int.from_bytes(data, "big") + _shorter(len(data))


def _bytes_at(place: int) -> bytes:
    length = 0
    while place >= _shorter(length + 1):
        length += 1
        if length > _BYTES_MAX:
            raise TelegramError(NOT_ARMOURED, "too long")
    return (place - _shorter(length)).to_bytes(length, "big")


def to_digits(data: bytes) -> str:
    return str(_place_of(data))


def from_digits(digits: str) -> bytes:
    """Raises TelegramError."""
    if not digits.isascii() or not digits.isdigit() or len(digits) > 3 * _BYTES_MAX:
        raise TelegramError(NOT_ARMOURED, "not decimal digits")
    return _bytes_at(int(digits))


@cache
def characters() -> str:
    """The 6,763 characters of GB 2312, levels 1 and 2, in the order of their codes."""
    codes = (
        bytes((row, cell))
        for row in range(_FIRST_ROW, _LAST_ROW + 1)
        for cell in range(0xA1, 0xFF)
        if not (row == _LAST_OF_LEVEL_1[0] and cell > _LAST_OF_LEVEL_1[1])
    )
    return b"".join(codes).decode("gb2312")


@cache
def _numbers() -> dict[str, int]:
    return {character: number for number, character in enumerate(characters())}


def to_characters(data: bytes) -> str:
    place, written, table = _place_of(data), [], characters()
    while place:
        place, digit = divmod(place, len(table))
        written.append(table[digit])
    return "".join(reversed(written))


def from_characters(text: str) -> bytes:
    """Raises TelegramError."""
    numbers, place = _numbers(), 0
    if len(text) > _BYTES_MAX:
        raise TelegramError(NOT_ARMOURED, "too long")
    for character in text:
        if character not in numbers:
            raise TelegramError(NOT_ARMOURED, f"{character!r} is not in GB 2312")
        place = place * len(numbers) + numbers[character]
    return _bytes_at(place)


def bytes_in_digits(digits: int) -> int:
    """How many bytes any message may have to fit that many decimal digits."""
    return _largest(10**digits)


def bytes_in_characters(count: int) -> int:
    return _largest(len(characters()) ** count)


def _largest(places: int) -> int:
    length = 0
    while _shorter(length + 2) <= places:
        length += 1
    return length
