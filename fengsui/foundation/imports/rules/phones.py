"""Telephone numbers as offices write them. Pure.

Source: 电信网编号计划 (2017): mobile numbers have 11 digits and begin with 1; a landline has an
area code of 3 or 4 digits beginning with 0 and a number of 7 or 8. Numbers that begin with 000
belong to nobody and are what examples and exercises use.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MOBILE_DIGITS = 11
SHORT_DIGITS_MAX = 5
_SEPARATORS = re.compile(r"[\s\-－—–_.·()（）]+")
_SEVERAL = re.compile(r"[/、,，;；|\\\n]+|或")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
_LANDLINE = re.compile(r"0\d{9,11}")
_FOREIGN = re.compile(r"\+[1-9]\d{6,14}")
# 110, 12345; numbers inside an office's own network; a landline without its area code.
_LOCAL = re.compile(r"[1-9]\d{2,4}|[2-9]\d{5,7}")
_NAME_BESIDE = re.compile(r"^[^\d+]{1,12}?[:：]?\s*(?=[+\d])")


@dataclass(frozen=True, slots=True)
class Reading:
    """A number, or what is wrong with it, or several to choose from."""

    number: str = ""
    zh: str = ""
    en: str = ""
    choices: tuple[str, ...] = ()


def read(text: str) -> Reading:
    """The number of a cell in plain digits ("+" only before a foreign country's code)."""
    if _SCIENTIFIC.fullmatch(text):
        return Reading(
            zh="号码被表格改成了科学计数法，原号码已丢失",
            en="the spreadsheet has turned the number into scientific notation; it is lost",
        )
    several = [digits_of(part) for part in _SEVERAL.split(text) if part.strip()]
    good = tuple(dict.fromkeys(one for one in several if not _fault(one)))
    if len(several) > 1 and good:
        if len(good) == 1 and len(several) == len([one for one in several if one == good[0]]):
            return Reading(good[0])
        return Reading(
            zh="一格里有几个号码", en="there are several numbers in one cell", choices=good
        )
    digits = digits_of(text)
    fault = _fault(digits)
    return Reading(digits) if not fault else Reading(zh=fault[0], en=fault[1])


def digits_of(text: str) -> str:
    """The cell without blanks, hyphens, brackets, +86 and a name before it."""
    bare = _SEPARATORS.sub("", _NAME_BESIDE.sub("", text.strip()))
    for country in ("+86", "0086"):
        bare = bare.removeprefix(country)
    if len(bare) == MOBILE_DIGITS + 2 and bare.startswith("861"):
        bare = bare[2:]
    return bare


def _fault(digits: str) -> tuple[str, str] | None:
    if _FOREIGN.fullmatch(digits):
        return None
    if not digits.isascii() or not digits.isdigit():
        return "含有不是数字的字符", "holds signs that are no digits"
    if digits.startswith("1") and len(digits) > SHORT_DIGITS_MAX:
        off = len(digits) - MOBILE_DIGITS
        if off == 0:
            return None
        zh = f"{'多' if off > 0 else '少'}{_COUNT[min(abs(off), 4)]}位数字，应为 {MOBILE_DIGITS} 位"
        en = f"{abs(off)} digit(s) too {'many' if off > 0 else 'few'}; a mobile number has 11"
        return zh, en
    if _LANDLINE.fullmatch(digits) or _LOCAL.fullmatch(digits):
        return None
    return (
        f"不像电话号码（{len(digits)} 位）",
        f"does not look like a telephone number ({len(digits)} digits)",
    )


_COUNT = {1: "一", 2: "两", 3: "三", 4: "好几"}
