"""Plain rows for the registers, and how invented people are named.

Pure. No name here can be taken for a real person's (示意 + surname + 某 + number), and no number
can ring: all start with 000. Rows refer to each other by `ref`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_SURNAMES = "向田石龙彭李王杨吴张陈罗刘黄周胡"

Row = dict[str, Any]


@dataclass(slots=True)
class Roster:
    """Rows in the shape that the `register_*` services take."""

    county_code: str
    county_name: str
    places: list[Row] = field(default_factory=list)
    map_features: list[Row] = field(default_factory=list)
    persons: list[Row] = field(default_factory=list)
    posts: list[Row] = field(default_factory=list)
    holdings: list[Row] = field(default_factory=list)
    contact_points: list[Row] = field(default_factory=list)
    households: list[Row] = field(default_factory=list)
    danger_areas: list[Row] = field(default_factory=list)
    venues: list[Row] = field(default_factory=list)
    accounts: list[tuple[str, str, str]] = field(default_factory=list)  # (person ref, role, place)
    storm: dict[str, Any] = field(default_factory=dict)

    def person(self, reference: str, place_code: str) -> str:
        """One more invented person with a number that cannot ring; returns the ref."""
        number = len(self.persons) + 1
        surname = _SURNAMES[(number * 7) % len(_SURNAMES)]
        self.persons.append(
            {"ref": reference, "name": f"示意{surname}某{number:04d}", "place_code": place_code}
        )
        self.contact_points.append(
            {"person": reference, "kind": "phone", "value": f"000{10_000_000 + number:08d}"}
        )
        return reference

    def post(self, place_code: str, role: str, title: str, *holders: str) -> str:
        """A post with its A and B holders; a duty room also gets a number of its own."""
        reference = f"post:{role}:{place_code}"
        self.posts.append(
            {"ref": reference, "place_code": place_code, "role": role, "title": title}
        )
        self.holdings += [
            {"post": reference, "person": person, "slot": slot}
            for person, slot in zip(holders, "AB", strict=False)
        ]
        if role == "duty_room":
            number = len(self.posts)
            self.contact_points.append(
                {"post": reference, "kind": "phone", "value": f"0009{number:07d}"}
            )
        return reference
