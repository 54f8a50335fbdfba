"""Twelve-digit division codes, with grids and groups below them.

Source: GB/T 2260, GB/T 10114 and the statistical division code rules (国统字〔2009〕91号);
grid and group suffixes are this project's convention (village + 3 digits, + 2 digits).
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

COUNTY_DIGITS = 6
TOWNSHIP_DIGITS = 9
VILLAGE_DIGITS = 12
GRID_DIGITS = 15
GROUP_DIGITS = 17
PLACES_REMEMBERED = 4096
_CODE = re.compile(r"^(\d{6}|\d{9}|\d{12}|\d{15}|\d{17})$")


class DivisionLevel(StrEnum):
    """省 市 县 乡 村 网格 中心户长组."""

    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    GRID = "grid"
    GROUP = "group"


def is_division_code(code: str) -> bool:
    return bool(_CODE.match(code))


def full_code(code: str) -> str:
    """Six- and nine-digit forms written out to twelve digits; longer codes unchanged."""
    return code.ljust(VILLAGE_DIGITS, "0") if len(code) < VILLAGE_DIGITS else code


@lru_cache(maxsize=PLACES_REMEMBERED)
def scope_prefix(code: str) -> str:
    """The prefix shared by a place and everything below it. "" is the whole country."""
    if not code:
        return ""
    code = full_code(code)
    if len(code) > VILLAGE_DIGITS:
        return code
    for digits in (TOWNSHIP_DIGITS, COUNTY_DIGITS, 4, 2):
        if set(code[digits:]) != {"0"}:
            return code[: {9: 12, 6: 9, 4: 6, 2: 4}[digits]]
    return code[:2]


@lru_cache(maxsize=PLACES_REMEMBERED)
def level_of(code: str) -> DivisionLevel:
    """The level of a full code (12, 15 or 17 digits)."""
    if len(code) == GROUP_DIGITS:
        return DivisionLevel.GROUP
    if len(code) == GRID_DIGITS:
        return DivisionLevel.GRID
    return {
        2: DivisionLevel.PROVINCE,
        4: DivisionLevel.PREFECTURE,
        6: DivisionLevel.COUNTY,
        9: DivisionLevel.TOWNSHIP,
        12: DivisionLevel.VILLAGE,
    }[len(scope_prefix(code))]


def parent_code(code: str) -> str:
    """The next code upwards by digits; levels that do not exist are skipped by the register."""
    if len(code) == GROUP_DIGITS:
        return code[:GRID_DIGITS]
    if len(code) == GRID_DIGITS:
        return code[:VILLAGE_DIGITS]
    shorter = {12: 9, 9: 6, 6: 4, 4: 2, 2: 0}[len(scope_prefix(code))]
    return full_code(code[:shorter]) if shorter else ""


@lru_cache(maxsize=PLACES_REMEMBERED)
def township_of(code: str) -> str:
    return full_code(code[:TOWNSHIP_DIGITS])


@lru_cache(maxsize=PLACES_REMEMBERED)
def village_of(code: str) -> str:
    return full_code(code[:VILLAGE_DIGITS])


@lru_cache(maxsize=PLACES_REMEMBERED)
def county_of(code: str) -> str:
    return full_code(code[:COUNTY_DIGITS])
