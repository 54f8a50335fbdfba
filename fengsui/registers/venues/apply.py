"""Facts about venues become rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.merging import NO_CLOCKS, clock_of, merge
from fengsui.registers.venues.models import Venue


def apply_venues_registered(fact: Fact) -> None:
    Venue.objects.bulk_create(
        [
            Venue(
                id=fact.entity(index),
                **item,
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
    row = Venue.objects.filter(pk=venue_id).values("field_clock").first()
    if row is None:
        return venue_id
    winning, clocks = merge(row["field_clock"], clock_of(fact), values, entity=venue_id)
    if winning:
        Venue.objects.filter(pk=venue_id).update(**winning, field_clock=clocks)
    return None


APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    "venues.venues_registered": apply_venues_registered,
    "venues.headcount_recorded": apply_headcount_recorded,
    "venues.warning_contact_named": apply_warning_contact_named,
}
