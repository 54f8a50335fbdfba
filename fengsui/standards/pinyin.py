"""How Han characters are read, without tones: for searching by pinyin and by initials.

Source: the readings of the pypinyin package (from Unihan kMandarin and zdic), one character at a
time. Phrases are not looked up: a name is not a phrase.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import cache

READINGS_MAX = 3  # of one character; 单 as a surname is read by its third
_FIRST, _LAST = 0x4E00, 0x9FFF
_MARKED = {
    "ā": "a", "á": "a", "ǎ": "a", "à": "a", "ō": "o", "ó": "o", "ǒ": "o", "ò": "o",
    "ē": "e", "é": "e", "ě": "e", "è": "e", "ê": "e", "ī": "i", "í": "i", "ǐ": "i", "ì": "i",
    "ū": "u", "ú": "u", "ǔ": "u", "ù": "u", "ü": "v", "ǖ": "v", "ǘ": "v", "ǚ": "v", "ǜ": "v",
    "ń": "n", "ň": "n", "ǹ": "n", "ḿ": "m",
}  # fmt: skip


def readings_of(character: str) -> tuple[str, ...]:
    """The syllables of one character, commonest first, at most READINGS_MAX; () for others."""
    return _table().get(ord(character), ())


@cache
def _table() -> Mapping[int, tuple[str, ...]]:
    """Under 3 MB, where the package itself with its phrases would stay with 55 MB."""
    import os

    os.environ["PYPINYIN_NO_PHRASES"] = "1"
    from pypinyin.constants import PINYIN_DICT

    table = {
        point: tuple(map(sys.intern, _plain(marked)))
        for point, marked in PINYIN_DICT.items()
        if _FIRST <= point <= _LAST
    }
    for name in [one for one in sys.modules if one.split(".")[0] == "pypinyin"]:
        del sys.modules[name]
    return table


def _plain(marked: str) -> list[str]:
    bare = ("".join(_MARKED.get(sign, sign) for sign in one) for one in marked.split(","))
    return list(dict.fromkeys(one for one in bare if one.isascii() and one.isalpha()))[
        :READINGS_MAX
    ]
