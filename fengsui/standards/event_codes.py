"""Event types of emergencies: code, name, and whether anybody has checked them.

Source: GB/T 35561-2017 as the national warning system (12379) uses and extends it; the rows
with verified = no were written down without the official copy. The table is event_codes.csv.
Receivers must accept codes that are not in it.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

# Handbook §3.2: the groups of GB/T 35561 in words of CAP 1.2 `category`; the longest prefix wins.
CAP_CATEGORIES: Final = MappingProxyType(
    {
        "11A": ("Geo", "Met"),
        "11B": ("Met",),
        "11C": ("Geo",),
        "11D": ("Geo",),
        "11E": ("Met",),
        "11F": ("Env",),
        "11G": ("Fire",),
        "12": ("Safety",),
        "12D": ("CBRNE",),
        "12G": ("Fire",),
        "12H": ("Transport",),
        "12J": ("Transport",),
        "12K": ("Transport",),
        "12L": ("Transport",),
        "12M": ("Transport",),
        "12P": ("Infra",),
        "12Q": ("Env",),
        "12T": ("CBRNE",),
        "13": ("Health",),
        "14": ("Security",),
    }
)


@dataclass(frozen=True, slots=True)
class EventCode:
    """One row: five characters for a type, three for a group of types."""

    code: str
    name: str
    source: str
    is_verified: bool


@cache
def event_codes() -> MappingProxyType[str, EventCode]:
    """Every known code. Two codes may share a name (11A06 and 11A51)."""
    table = files("fengsui.standards").joinpath("event_codes.csv").read_text("utf-8")
    rows = csv.DictReader(table.splitlines())
    return MappingProxyType(
        {
            row["code"]: EventCode(
                row["code"], row["name"], row["source"], row["verified"] == "yes"
            )
            for row in rows
        }
    )


def event_name(code: str) -> str:
    """The Chinese name, or "" for a code that is not in the table."""
    found = event_codes().get(code)
    return found.name if found else ""


@cache
def codes_by_name() -> MappingProxyType[str, str]:
    """Name to code; of two codes with one name, the verified one."""
    ranked = sorted(event_codes().values(), key=lambda row: (row.is_verified, row.code))
    return MappingProxyType({row.name: row.code for row in ranked if len(row.code) == 5})


def cap_categories(code: str) -> tuple[str, ...]:
    """CAP 1.2 `category` words of an event type; ("Other",) when the group is unknown."""
    for digits in (3, 2):
        found = CAP_CATEGORIES.get(code[:digits])
        if found:
            return found
    return ("Other",)
