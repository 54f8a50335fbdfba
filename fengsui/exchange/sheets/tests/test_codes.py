"""A code that was typed wrong is found out before it names another household."""

from __future__ import annotations

import pytest

from fengsui.exchange.sheets import codes
from fengsui.exchange.sheets.codes import MistypedCodeError

NUMBERS = (10_000, 41_730, 52_918, 77_777, 99_999)


def test_a_code_names_its_line() -> None:
    for number in NUMBERS:
        for line in range(1, codes.LINES_MAX + 1):
            assert codes.read_line(number, codes.line_code(number, line)) == line


def test_every_wrong_digit_and_every_swap_of_neighbours_is_found() -> None:
    """Of the whole code, number and line: nothing of the kind gives another valid code."""
    for number in NUMBERS:
        for line in (1, 3, 12, 44, 99):
            digits = f"{number}{codes.line_code(number, line)}"
            wrong = {
                digits[:place] + other + digits[place + 1 :]
                for place in range(len(digits))
                for other in "0123456789"
            } | {
                digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
                for place in range(len(digits) - 1)
            }
            assert all(codes.check_digit(one) != 0 for one in wrong - {digits})


@pytest.mark.parametrize("text", ["", "1", "12", "1234", "00x", "001", "一二三", "٠٣٧"])
def test_what_is_no_line_is_refused(text: str) -> None:
    with pytest.raises(MistypedCodeError):
        codes.read_line(41_730, text)


@pytest.mark.parametrize("text", ["", "1234", "01234", "123456", "1234x"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(MistypedCodeError) as wrong:
        codes.read_number(text)
    assert wrong.value.field == "sheet"
