"""The code of a line on paper: `41730-037` is sheet 41730, line 03, check digit 7. Pure.

The check digit is Damm's (H. M. Damm, 2004; the quasigroup of order 10 in his table): it finds
every single wrong digit and every two neighbouring digits that were swapped.
"""

from __future__ import annotations

NUMBER_MIN, NUMBER_MAX = 10_000, 99_999
LINES_MAX = 99
_TABLE = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


class MistypedCodeError(ValueError):
    """Digits that are no code of a line; `field` says which part: "sheet", "line" or "check"."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(field)


def check_digit(digits: str) -> int:
    interim = 0
    for digit in digits:
        interim = _TABLE[interim][int(digit)]
    return interim


def line_code(number: int, line: int) -> str:
    """The three digits that name a line under its sheet's number: line, check digit."""
    if not (NUMBER_MIN <= number <= NUMBER_MAX and 1 <= line <= LINES_MAX):
        raise ValueError(f"no code for line {line} of sheet {number}")
    return f"{line:02d}{check_digit(f'{number}{line:02d}')}"


def full_code(number: int, line: int) -> str:
    return f"{number}-{line_code(number, line)}"


def read_number(digits: str) -> int:
    """Raises MistypedCodeError."""
    if not digits.isascii() or not digits.isdigit() or len(digits) != 5 or digits[0] == "0":
        raise MistypedCodeError("sheet")
    return int(digits)


def read_line(number: int, digits: str) -> int:
    """The line named by three digits under a sheet's number. Raises MistypedCodeError."""
    if not digits.isascii() or not digits.isdigit() or len(digits) != 3 or digits[:2] == "00":
        raise MistypedCodeError("line")
    if check_digit(f"{number}{digits}") != 0:
        raise MistypedCodeError("check")
    return int(digits[:2])
