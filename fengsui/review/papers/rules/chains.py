"""接龙: a chain of lines that people add to in a WeChat group, pasted as text. Pure.

WeChat gives the chain as `#接龙`, a heading, perhaps `例 …`, then `1. …` a line. Phones and people
add full-width digits, other marks and their own words; nothing of that is a reason to lose a line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from fengsui.review.papers.states import SaidKind

LINES_MAX = 500
LINE_CHARACTERS_MAX = 200
_NUMBERED = re.compile(r"^\s*[(（【\[]?\s*(\d{1,4})\s*(?:[.．、,，:：)）】\]]|\s)\s*(.*)$")
_SPEAKER = re.compile(r"^\s*(.{1,24}?)\s*[:：]\s*(\S.*)$")
_HEADING = re.compile(r"^\s*(#|＃|例\s|例[:：]|接龙)")
_HIDDEN = re.compile("[\u200b-\u200f\u2028-\u202e\u2060\ufeff\ufe0f]")

# The gravest that is found counts: who writes 收到 and 需支援 in one line needs support.
_SIGNS: tuple[tuple[SaidKind, tuple[str, ...]], ...] = (
    (
        SaidKind.NEED_SUPPORT,
        ("支援", "求援", "救援", "救命", "被困", "受伤", "缺人", "要人", "来人", "帮忙", "增援"),
    ),
    (SaidKind.AWAY, ("不在村", "不在家", "外出", "在外", "请假", "出差", "回不来", "转b", "b岗")),
    (
        SaidKind.ON_IT,
        (
            "收到",
            "已收",
            "知道了",
            "知晓",
            "明白",
            "好的",
            "已通知",
            "正在",
            "落实",
            "已转移",
            "ok",
        ),
    ),
)
# 收到 that is denied is not 收到.
_DENIALS = (
    "没收到",
    "未收到",
    "没有收到",
    "收不到",
    "不清楚",
    "没转移",
    "未转移",
    "不能落实",
    "没落实",
)
_NO_NEED = (
    "不需要支援",
    "无需支援",
    "不用支援",
    "不需支援",
    "无人受伤",
    "没有人受伤",
    "无被困",
    "没有被困",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chain. `name` is one of the names looked for, "" where none stands in it."""

    row: int
    text: str
    name: str
    words: str
    said: SaidKind


def read_chain(text: str, names: Collection[str]) -> tuple[list[Line], int]:
    """The lines of a pasted chain, and how many lines beyond `LINES_MAX` were not read.

    `names`: those of the people called. The longest that the line begins with counts, else the
    longest that stands in it, so that 示意甲 is not taken for a line of 示意甲乙.
    """
    found: list[Line] = []
    left_out = 0
    for row, raw in _lines(text):
        if len(found) == LINES_MAX:
            left_out += 1
            continue
        name, words = _named(raw, names)
        found.append(Line(row, raw, name, words, said_in(words)))
    return found, left_out


def _lines(text: str) -> Iterator[tuple[int, str]]:
    numbered = any(_NUMBERED.match(one) for one in text.splitlines())
    for row, raw in enumerate(text.splitlines(), 1):
        # NFKC: full-width digits and marks are the same as narrow ones.
        line = _HIDDEN.sub("", unicodedata.normalize("NFKC", raw)).strip()
        if not line or _HEADING.match(line):
            continue
        match = _NUMBERED.match(line)
        if match:
            if match[2].strip():
                yield row, match[2].strip()[:LINE_CHARACTERS_MAX]
        elif not numbered:
            yield row, line[:LINE_CHARACTERS_MAX]


def _named(line: str, names: Collection[str]) -> tuple[str, str]:
    speaker = _SPEAKER.match(line)
    for part in (speaker[1] if speaker else "", line):
        standing = [one for one in names if one and one in part]
        if standing:
            first = [one for one in standing if part.startswith(one)]
            name = max(first or standing, key=len)
            if speaker and part == speaker[1]:
                return name, speaker[2].strip()
            return name, " ".join(line.replace(name, " ", 1).split()).strip("-—~，,。.+:： ")
    return "", line


def said_in(words: str) -> SaidKind:
    """What a line says. Without a word of its own, being in the chain says 收到."""
    plain = words.lower().replace(" ", "")
    if not plain or not re.search(r"\w", plain):
        return SaidKind.ON_IT
    for denial in _NO_NEED:
        plain = plain.replace(denial, "")
    if not plain:
        return SaidKind.ON_IT
    is_denied = any(one in plain for one in _DENIALS)
    for said, signs in _SIGNS:
        if said is SaidKind.ON_IT and is_denied:
            break
        if any(one in plain for one in signs):
            return said
    return SaidKind.OTHER
