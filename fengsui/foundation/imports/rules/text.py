"""What a person typed, as the register keeps it: cells cleaned, texts folded for comparing. Pure.

Offices' sheets come from many hands: full-width digits from an input method left on, spaces in
telephone numbers, radicals copied from a PDF that look like characters and are not, signs that
nobody can see. What is kept is what the writer meant; nothing is guessed beyond that.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, time
from typing import Any

CELL_LENGTH_MAX = 32_767  # Excel's own bound; a longer cell is no cell of a sheet
_WIDE = {
    **{code: code - 0xFEE0 for code in range(0xFF10, 0xFF1A)},
    **{code: code - 0xFEE0 for code in range(0xFF21, 0xFF3B)},
    **{code: code - 0xFEE0 for code in range(0xFF41, 0xFF5B)},
}
# Kangxi and CJK radicals and compatibility ideographs: they look like the character they stand for.
_LOOKALIKE = re.compile("[\u2e80-\u2fdf\uf900-\ufaff\U0002f800-\U0002fa1f]")
# Soft hyphen, zero-width signs, direction marks, byte order mark, unassigned surrogates.
_INVISIBLE = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_BLANKS = re.compile(r"[ \t\u00a0\u2000-\u200a\u3000]+")
# Most cells hold none of all that; one look is cheaper than six passes.
_DIRTY = re.compile(
    "[\x00-\x1f\x7f-\xa0\u00ad\u180e\u2000-\u200f\u202a-\u202e\u2060-\u2064\u2e80-\u2fdf\u3000"
    "\ud800-\udfff\uf900-\ufaff\ufeff\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
    "\U0002f800-\U0002fa1f]|  "
)
_NOT_A_WORD = re.compile(r"[\W_]+")
_CHINESE_DIGITS = {**{sign: index for index, sign in enumerate("零一二三四五六七八九")}, "两": 2}
_CHINESE_NUMBER = re.compile(r"第?([零一二三四五六七八九十两]{1,3})(?=组|号|网格|队|片)")


def cleaned(text: str) -> str:
    """The text without what nobody sees, digits and letters in their plain width, trimmed."""
    if _DIRTY.search(text) is None:
        return text.strip()
    text = _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _CONTROL.sub("", text).translate(_WIDE)
    text = _LOOKALIKE.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return "\n".join(_BLANKS.sub(" ", line).strip() for line in text.strip().split("\n")).strip()


def plain(cell: Any) -> str:
    """A cell of any type as the text its writer sees. A number that is whole has no ".0"."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cleaned(cell)
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        if not math.isfinite(cell):
            return "NaN"
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "seconds")
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    return cleaned(str(cell))


def folded(text: str) -> str:
    """For comparing: width, case, blanks and punctuation make no difference; 三组 is 3组."""
    plain_text = unicodedata.normalize("NFKC", cleaned(text)).casefold()
    return _CHINESE_NUMBER.sub(_digits_of, _NOT_A_WORD.sub("", plain_text))


def _digits_of(found: re.Match[str]) -> str:
    number = chinese_number(found[1])
    return found[0] if number is None else str(number)


def chinese_number(text: str) -> int | None:
    """一 to 九十九 as a number; None where it is not one."""
    if text in _CHINESE_DIGITS:
        return _CHINESE_DIGITS[text]
    tens, ten, ones = text.partition("十")
    if not ten or (tens and tens not in _CHINESE_DIGITS) or (ones and ones not in _CHINESE_DIGITS):
        return None
    return (_CHINESE_DIGITS[tens] if tens else 1) * 10 + (_CHINESE_DIGITS[ones] if ones else 0)
