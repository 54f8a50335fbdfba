"""Kinds of venues that people gather, sleep or work in: code, Chinese, English, source.

Source: column `source` of venue_kinds.csv, with clause and date; rows with verified = no were
written down without the official copy. Offices may use words of their own: readers accept codes
that are not in the table and show them as they are written.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class VenueKind:
    """One row; the order of the table is the order in which kinds are offered."""

    code: str
    zh: str
    en: str
    source: str
    is_verified: bool


@cache
def venue_kinds() -> MappingProxyType[str, VenueKind]:
    """Every kind by its code, in the order of the table."""
    table = files("fengsui.standards").joinpath("venue_kinds.csv").read_text("utf-8")
    rows = csv.DictReader(table.splitlines())
    return MappingProxyType(
        {
            row["code"]: VenueKind(
                row["code"], row["zh"], row["en"], row["source"], row["verified"] == "yes"
            )
            for row in rows
        }
    )


def venue_kind_words(code: str) -> tuple[str, str]:
    """The kind in Chinese and English; a code that is not in the table as it is written."""
    found = venue_kinds().get(code)
    return (found.zh, found.en) if found else (code, code)
