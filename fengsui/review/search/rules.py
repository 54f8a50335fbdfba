"""What is written into the index for a text, and what a question looks for in it. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

TEXT_MAX = 64  # characters of a name that are indexed
SUFFIXES_MAX = 16
SPELLINGS_MAX = 8  # of one name whose characters have several readings
QUERY_MAX = 40
TERMS_MAX = 4
TAIL_MIN = 4  # fewer digits of a number say nothing
TAIL_MAX = 20
WHOLE_MIN = 7  # digits of the shortest number that somebody has
CODE_MIN = 6
NUMBER_MARK = "#"
CODE_MARK = "@"

Readings = Callable[[str], tuple[str, ...]]
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_IGNORED = re.compile(r"[\x00-\x1f\x7f\s\-·•,，.。、（）()【】\[\]'’“”\"/]+")


class TermKind(StrEnum):
    """How one word of a question is looked up."""

    TEXT = "text"  # Han characters: any piece of a name
    SPELLING = "spelling"  # letters: pinyin, or its initials
    NUMBER = "number"  # the last digits of a telephone number
    CODE = "code"  # the first digits of a division code


@dataclass(frozen=True, slots=True)
class Term:
    kind: TermKind
    text: str  # as it stands in the rows
    key: str  # the beginning of the keys that answer it
    is_whole: bool = False  # only the whole key answers

    def is_answered_by(self, key: str) -> bool:
        return key == self.key if self.is_whole else key.startswith(self.key)


def plain(text: str) -> str:
    """Full-width forms made narrow, letters small, blanks and signs between words gone."""
    return _IGNORED.sub("", unicodedata.normalize("NFKC", text)).casefold()[:TEXT_MAX]


def text_keys(text: str, readings: Readings) -> set[str]:
    """The keys under which a name is found: each of its ends, and how it is spelt."""
    name = plain(text)
    if not name:
        return set()
    keys = set(_ends(name))
    for initials, syllables in spellings(name, readings):
        keys.update(_ends(initials))
        for end in _ends(syllables):
            keys.add("".join(end)[:TEXT_MAX])
    return keys


def number_keys(number: str) -> set[str]:
    """A number is found by its last digits, so it stands there backwards."""
    digits = "".join(sign for sign in unicodedata.normalize("NFKC", number) if sign.isdecimal())
    if len(digits) < TAIL_MIN:
        return set()
    return {NUMBER_MARK + digits[::-1][:TAIL_MAX]}


def code_keys(code: str) -> set[str]:
    return {CODE_MARK + code}


def spellings(name: str, readings: Readings) -> list[tuple[str, list[str]]]:
    """(initials, syllables) of a name that holds Han characters; [] where there is none."""
    if not _HAN.search(name):
        return []
    choices = [readings(sign) or (sign,) for sign in name]
    usual = [one[0] for one in choices]
    ways = [usual]
    # One rare reading at a time: nobody's name holds two, and all of them together are thousands.
    for place, one in enumerate(choices):
        ways += [[*usual[:place], rare, *usual[place + 1 :]] for rare in one[1:]]
    return [("".join(one[:1] for one in way), way) for way in ways[:SPELLINGS_MAX]]


def _ends(name: Sequence[str]) -> Iterable[Any]:
    """The name, and what is left of it after each sign or syllable, down to the last two."""
    yield name
    for start in range(1, min(len(name) - 1, SUFFIXES_MAX)):
        yield name[start:]


def terms_of(question: str) -> list[Term]:
    """The words of a question, at most TERMS_MAX; [] where there is nothing to look for."""
    words = unicodedata.normalize("NFKC", question[:QUERY_MAX]).split()
    terms = [one for one in map(_term, words) if one is not None]
    return terms[:TERMS_MAX]


def _term(word: str) -> Term | None:
    text = plain(word)
    if not text:
        return None
    if not text.isdecimal():
        kind = TermKind.TEXT if _HAN.search(text) else TermKind.SPELLING
        return Term(kind, text, text)
    if len(text) >= TAIL_MIN:
        return Term(TermKind.NUMBER, text, NUMBER_MARK + text[::-1])
    return Term(TermKind.TEXT, text, text)


def unguessable(term: Term) -> Term:
    """For somebody who is shown masked numbers: the digits that are shown, or the whole number.

    Otherwise one digit more at a time would spell out what the mask hides, with no reason given.
    """
    if term.kind is TermKind.NUMBER and len(term.text) > TAIL_MIN:
        return replace(term, is_whole=True)
    return term


def is_whole_number(question: str) -> bool:
    """Whether a question holds a number that may be somebody's whole telephone number."""
    return any(
        term.kind is TermKind.NUMBER and len(term.text) >= WHOLE_MIN for term in terms_of(question)
    )


def also_code(term: Term) -> Term | None:
    """The same digits read as the beginning of a division code, where they may be one."""
    if term.kind is TermKind.NUMBER and len(term.text) >= CODE_MIN:
        return Term(TermKind.CODE, term.text, CODE_MARK + term.text)
    return None


def successor(key: str) -> str:
    """The smallest text greater than every text that begins with `key` (code point order)."""
    return key[:-1] + chr(ord(key[-1]) + 1)


def agrees(term: Term, text: str, numbers: Iterable[str], readings: Readings) -> bool:
    """Whether a row of this name and these telephone numbers answers the term."""
    if term.kind is TermKind.TEXT:
        return term.text in plain(text)
    if term.kind is TermKind.NUMBER:
        keys = {key for number in numbers for key in number_keys(number)}
    else:
        keys = text_keys(text, readings)
    return any(term.is_answered_by(key) for key in keys)


def rank(term: Term, title: str) -> int:
    """0 the whole name, 1 its beginning, 2 somewhere in it."""
    name = plain(title)
    if name == term.text:
        return 0
    return 1 if name.startswith(term.text) else 2
