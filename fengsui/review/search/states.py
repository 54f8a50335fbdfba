"""What can be found, in the order in which answers are shown."""

from __future__ import annotations

from enum import IntEnum


class Kind(IntEnum):
    """A register whose rows the box finds. The numbers stand in the index: never reuse one."""

    PLACE = 1
    PERSON = 2
    POST = 3
    HOUSEHOLD = 4
    VENUE = 5
    DANGER_AREA = 6

    @property
    def ledger(self) -> str:
        """The name of its register, as in `GET /ledgers`."""
        return {
            Kind.PLACE: "places",
            Kind.PERSON: "persons",
            Kind.POST: "posts",
            Kind.HOUSEHOLD: "households",
            Kind.VENUE: "venues",
            Kind.DANGER_AREA: "danger_areas",
        }[self]
