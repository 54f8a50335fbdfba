"""Facts about venues become rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.merging import NO_CLOCKS
from fengsui.foundation.ledgers import apply as registers
from fengsui.registers.venues import facts
from fengsui.registers.venues.models import Venue

PROJECTION_VERSION = 3  # 3: who sleep there, when it is open, notes
_TEXTS_OF_VERSION_2 = ("open_when", "notes")


def apply_venues_registered(fact: Fact) -> None:
    Venue.objects.bulk_create(
        [
            Venue(
                id=fact.entity(index),
                **{**item, **{name: item.get(name) or "" for name in _TEXTS_OF_VERSION_2}},
                headcount_at=None,
                is_invented=fact.fields["is_invented"],
                field_clock=NO_CLOCKS,
            )
            for index, item in enumerate(fact.items)
            if item is not None
        ],
        ignore_conflicts=True,
    )


def apply_headcount_recorded(fact: Fact) -> int | None:
    return _merge(fact, {"headcount_tonight": fact.fields["people"], "headcount_at": fact.at})


def apply_warning_contact_named(fact: Fact) -> int | None:
    return _merge(fact, {"warning_contact_id": fact.fields["person_id"]})


def _merge(fact: Fact, values: Mapping[str, Any]) -> int | None:
    venue_id: int = fact.fields["venue_id"]
    said = [registers.Said(venue_id, name, _plain(value)) for name, value in values.items()]
    registers.note_changes(fact, VENUES.name, said)
    return registers.merge_rows(fact, Venue, {venue_id: values})


def _plain(value: Any) -> Any:
    return int(value.timestamp()) if isinstance(value, datetime) else value


VENUES = registers.Register(
    name="venues",
    model=Venue,
    kinds=facts.VENUES,
    born={"venues.venues_registered": registers.counted},
    public=(
        "place_code",
        "name",
        "kind",
        "lon_e7",
        "lat_e7",
        "warning_contact_id",
        "headcount_tonight",
        "headcount_at",
        "boarding_people",
        "open_when",
        "notes",
    ),
)

APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    "venues.venues_registered": apply_venues_registered,
    "venues.headcount_recorded": apply_headcount_recorded,
    "venues.warning_contact_named": apply_warning_contact_named,
    **VENUES.applies(),
}
