"""Which place a cell means: a code, a name, or a path of names like 示意县石坝乡红旗村3组. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property

from fengsui.foundation.imports.rules.nearness import NearIndex
from fengsui.foundation.imports.rules.text import folded
from fengsui.standards.divisions import full_code, is_division_code, scope_prefix

NEAR_SHOWN_MAX = 3
CODE_SLIPS_MAX = 2
_ENDINGS = (
    "社区居民委员会", "村民委员会", "社区居委会", "街道办事处", "人民政府", "居委会", "村委会",
    "社区", "街道", "地区", "镇", "乡", "村", "县", "区", "市", "组", "网格",
)  # fmt: skip
_BARE_LEAST = 2  # 石坝 may stand for 石坝乡; a single character may not
_READINGS_MAX = 64
_LEADING_CODE = re.compile(r"(\d{6}|\d{9}|\d{12}|\d{15}|\d{17})(?!\d)")


@dataclass(frozen=True, slots=True)
class Place:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Placing:
    """`code` where exactly one place is meant; else those that may be, likeliest first."""

    code: str = ""
    near: tuple[str, ...] = ()


class PlaceIndex:
    """The places a viewer may see, looked up by code, name and path. Built once per import."""

    def __init__(self, places: Iterable[Place]) -> None:
        self.names: dict[str, str] = {}
        self._by_form: dict[str, list[str]] = {}
        self._exact: dict[str, list[str]] = {}
        self._longest = 0
        for one in places:
            self.names[one.code] = one.name
            name = folded(one.name)
            if not name:
                continue
            self._exact.setdefault(name, []).append(one.code)
            for form in _forms(name):
                self._by_form.setdefault(form, []).append(one.code)
                self._longest = max(self._longest, len(form))
        self.look_up = cache(self._look_up)

    def path(self, code: str) -> str:
        """示意县石坝乡红旗村: the names of a place and of what is above it, topmost first."""
        above = [one for one in dict.fromkeys(_chain(code)) if one in self.names]
        return "".join(self.names[one] for one in reversed(above))

    def _look_up(self, text: str, under: str = "") -> Placing:
        """The place that `text` means, among those below `under` where that is given."""
        digits = text.replace(" ", "")
        if digits.isascii() and digits.isdigit():
            return self._by_code(digits)
        leading = _LEADING_CODE.match(text)
        if leading:
            return self._by_code(leading[1])
        wanted = folded(text)
        if not wanted:
            return Placing()
        readings = self._readings(wanted, under)
        if readings:
            best = _deepest_and_plainest(readings, self._exact.get(wanted, ()))
            return Placing(best[0]) if len(best) == 1 else Placing(near=tuple(best[:8]))
        return Placing(near=self._near(wanted, under))

    def _by_code(self, digits: str) -> Placing:
        code = full_code(digits) if is_division_code(digits) else digits
        if code in self.names:
            return Placing(code)
        near = [
            one
            for one in self.names
            if len(one) == len(code)
            and sum(a != b for a, b in zip(one, code, strict=True)) <= CODE_SLIPS_MAX
        ]
        near += [one for one in self.names if one.rstrip("0") == digits.rstrip("0")]
        near.sort(key=lambda one: (_slips(one, code), one))
        return Placing(near=tuple(dict.fromkeys(near))[:NEAR_SHOWN_MAX])

    def _readings(self, wanted: str, under: str) -> list[str]:
        """Codes at the end of every way to read the text as names, each below the one before."""
        ends: list[str] = []
        open_ways: list[tuple[str, str]] = [(wanted, scope_prefix(under) if under else "")]
        for _ in range(_READINGS_MAX):
            if not open_ways:
                break
            rest, prefix = open_ways.pop()
            for length in range(min(self._longest, len(rest)), 0, -1):
                for code in self._by_form.get(rest[:length], ()):
                    if not code.startswith(prefix):
                        continue
                    if length == len(rest):
                        ends.append(code)
                    elif len(open_ways) < _READINGS_MAX:
                        open_ways.append((rest[length:], scope_prefix(code)))
        return list(dict.fromkeys(ends))

    def _near(self, wanted: str, under: str) -> tuple[str, ...]:
        """Places whose names sound or look like it; where the text begins with a place, in it."""
        prefix = scope_prefix(under) if under else ""
        found = self._alike(wanted, prefix)
        for length in range(min(self._longest, len(wanted) - 1), 1, -1):
            starts = [
                code for code in self._by_form.get(wanted[:length], ()) if code.startswith(prefix)
            ]
            if len(starts) == 1:
                found = [*self._alike(wanted[length:], scope_prefix(starts[0])), *found]
                break
        return tuple(dict.fromkeys(code for _, code in sorted(found)))[:NEAR_SHOWN_MAX]

    def _alike(self, wanted: str, prefix: str) -> list[tuple[float, str]]:
        """(less is more alike, code) of the places below a prefix."""
        return [
            (-likeness, code)
            for likeness, form in self._nearness.alike(wanted)
            for code in self._by_form[form]
            if code.startswith(prefix) and code != full_code(prefix)
        ]

    @cached_property
    def _nearness(self) -> NearIndex:
        return NearIndex(self._by_form)


def _forms(name: str) -> Iterator[str]:
    yield name
    for ending in _ENDINGS:
        bare = name.removesuffix(ending)
        if bare != name and len(bare) >= _BARE_LEAST:
            yield bare


def _chain(code: str) -> Iterator[str]:
    yield code
    for digits in (15, 12, 9, 6, 4, 2):
        if len(code) > digits:
            above = full_code(code[:digits])
            if above != code:
                yield above


def _slips(left: str, right: str) -> int:
    return sum(a != b for a, b in zip(left, right, strict=False)) + abs(len(left) - len(right))


def _deepest_and_plainest(codes: list[str], exact: Iterable[str]) -> list[str]:
    """Of several readings those whose own name is the whole text, else all of them."""
    plain = [code for code in codes if code in set(exact)]
    return plain or sorted(codes)
