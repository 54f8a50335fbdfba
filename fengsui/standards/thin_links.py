"""Figures of thin links: how long a message may be, how often one may leave.

Source: column `source` of thin_links.csv. Those with verified = no depend on the card or the
maker and were not seen on hardware: they are defaults to be edited.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class ThinLinkFigure:
    """One figure with its unit and where it is from."""

    name: str
    value: int
    unit: str
    source: str
    is_verified: bool


@cache
def thin_link_figures() -> MappingProxyType[str, ThinLinkFigure]:
    """Every figure by name."""
    table = files("fengsui.standards").joinpath("thin_links.csv").read_text("utf-8")
    rows = csv.DictReader(table.splitlines())
    return MappingProxyType(
        {
            row["name"]: ThinLinkFigure(
                row["name"],
                int(row["value"]),
                row["unit"],
                row["source"],
                row["verified"] == "yes",
            )
            for row in rows
        }
    )


def thin_link_figure(name: str) -> int:
    """The value of a figure. Raises KeyError."""
    return thin_link_figures()[name].value
