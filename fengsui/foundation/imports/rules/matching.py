"""Which row of another register a cell means: by number, by name, by name and number. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property

from fengsui.foundation.imports.rules.nearness import NearIndex
from fengsui.foundation.imports.rules.phones import digits_of
from fengsui.foundation.imports.rules.placing import NEAR_SHOWN_MAX
from fengsui.foundation.imports.rules.text import folded

# A word that is a number goes before digits with blanks between: names may end in a digit.
_NUMBERS = (re.compile(r"(?<!\S)\+?\d[\d\-]{5,}\d(?!\S)"), re.compile(r"\+?\d[\d\s\-]{4,}\d"))
_RATIO = 0.6


@dataclass(frozen=True, slots=True)
class Known:
    """A row that others refer to. `numbers` are telephone numbers in plain digits."""

    id: int
    name: str
    numbers: tuple[str, ...] = ()
    place_code: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """`id` where exactly one row is meant; else those that may be, likeliest first."""

    id: int | None = None
    near: tuple[int, ...] = ()
    is_spent: bool = False  # so many unknown numbers were tried that none is looked up any more


class ReferenceIndex:
    """The rows of a register that a viewer may see, looked up as offices name them."""

    def __init__(self, rows: Iterable[Known], may_miss: Callable[[], bool] | None = None) -> None:
        """`may_miss` is asked for each new number that is nobody's; False ends looking them up."""
        self._may_miss = may_miss
        self._missed: set[str] = set()
        self._is_spent = False
        self.rows: dict[int, Known] = {}
        self._by_name: dict[str, list[int]] = {}
        self._by_number: dict[str, list[int]] = {}
        for one in rows:
            self.rows[one.id] = one
            self._by_name.setdefault(folded(one.name), []).append(one.id)
            for number in one.numbers:
                self._by_number.setdefault(number, []).append(one.id)
        self.look_up = cache(self._look_up)

    def _look_up(self, text: str, place_code: str = "") -> Match:
        """The row that `text` means; among namesakes the nearest to `place_code`, if only one."""
        number = next((found for one in _NUMBERS if (found := one.search(text))), None)
        name = folded(text.replace(number[0], " ")) if number else folded(text)
        if number:
            by_number = self._owners(digits_of(number[0]))
            if self._is_spent:
                return Match(is_spent=True)
            if len(by_number) == 1 and (not name or folded(self.rows[by_number[0]].name) == name):
                return Match(by_number[0])
            if by_number:
                both = [one for one in by_number if folded(self.rows[one].name) == name]
                if len(both) == 1:
                    return Match(both[0])
                return Match(near=tuple((both or by_number)[:NEAR_SHOWN_MAX]))
        same = self._by_name.get(name, [])
        if number and same:
            # The number is not theirs: a person has to look.
            return Match(near=tuple(self._nearest(same, place_code)[:NEAR_SHOWN_MAX]))
        if len(same) == 1:
            return Match(same[0])
        if same:
            ordered = self._nearest(same, place_code)
            first, second = (_shared(self.rows[one].place_code, place_code) for one in ordered[:2])
            if place_code and first > second:
                return Match(ordered[0])
            return Match(near=tuple(ordered[:NEAR_SHOWN_MAX]))
        return Match(near=self._near(name, place_code))

    def _owners(self, digits: str) -> list[int]:
        if self._is_spent:
            return []
        found = self._by_number.get(digits, [])
        if not found and digits not in self._missed:
            self._missed.add(digits)
            self._is_spent = self._may_miss is not None and not self._may_miss()
        return found

    def _nearest(self, ids: list[int], place_code: str) -> list[int]:
        return sorted(ids, key=lambda one: (-_shared(self.rows[one].place_code, place_code), one))

    def _near(self, name: str, place_code: str) -> tuple[int, ...]:
        if not name:
            return ()
        names = [one for _, one in self._nearness.alike(name, _RATIO)[:NEAR_SHOWN_MAX]]
        ids = [row for one in names for row in self._by_name[one]]
        return tuple(self._nearest(ids, place_code)[:NEAR_SHOWN_MAX])

    @cached_property
    def _nearness(self) -> NearIndex:
        return NearIndex(one for one in self._by_name if one)


def _shared(left: str, right: str) -> int:
    """How many digits two codes have in common from the left."""
    count = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        count += 1
    return count
