"""Time limits of 信息报告 as data: how soon which report is due, by profile and grade.

Source: columns `source`, `clause` and `date` of report_profiles.json. Where `is_verified` is false
the number is a local default, never law.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

MINUTES, HOUR_OF_DAY = "min", "hour_of_day"  # hours of a day are Beijing time


@dataclass(frozen=True, slots=True)
class Limit:
    """One number: `value` in `unit` for reports of a kind about events of these grades."""

    kind: str
    grades: tuple[str, ...]
    value: int
    unit: str
    source: str
    clause: str
    date: str
    is_verified: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """The limits that a county chose. What it does not name has no limit."""

    name: str
    zh: str
    en: str
    is_verified: bool
    limits: tuple[Limit, ...]

    def minutes(self, kind: str, grade: str) -> int | None:
        """Within how many minutes; None where the profile says nothing."""
        return next(iter(self._values(kind, grade, MINUTES)), None)

    def hours_of_day(self, kind: str, grade: str) -> tuple[int, ...]:
        """By which hours of every day, Beijing time."""
        return self._values(kind, grade, HOUR_OF_DAY)

    def _values(self, kind: str, grade: str, unit: str) -> tuple[int, ...]:
        rows = (one for one in self.limits if (one.kind, one.unit) == (kind, unit))
        return tuple(one.value for one in rows if grade in one.grades)


@cache
def _document() -> dict[str, Any]:
    text = files("fengsui.standards").joinpath("report_profiles.json").read_text("utf-8")
    plain: dict[str, Any] = json.loads(text)
    return plain


@cache
def grades() -> MappingProxyType[str, tuple[str, str]]:
    """Grade → its words (zh, en), the least first."""
    return MappingProxyType({row["name"]: (row["zh"], row["en"]) for row in _document()["grades"]})


@cache
def profiles() -> MappingProxyType[str, Profile]:
    """Every profile by its name; the first is what applies unless another is chosen."""
    made = {}
    for row in _document()["profiles"]:
        limits = tuple(Limit(**one | {"grades": tuple(one["grades"])}) for one in row["limits"])
        made[row["name"]] = Profile(**row | {"limits": limits})
    return MappingProxyType(made)


def profile_of(name: str) -> Profile:
    """The profile of that name; one that this release does not know is timed by the default."""
    known = profiles()
    return known.get(name) or next(iter(known.values()))
