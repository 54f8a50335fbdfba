"""Facts about danger areas become rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.merging import NO_CLOCKS, clock_of
from fengsui.foundation.ledgers import apply as registers
from fengsui.registers.risks import facts, rules
from fengsui.registers.risks.models import DangerArea, DangerAreaHousehold

PROJECTION_VERSION = 2
_PLAIN = ("name", "kind", "trigger", "route", "shelter_name")


def apply_danger_areas_registered(fact: Fact) -> None:
    DangerArea.objects.bulk_create(
        [
            DangerArea(
                id=fact.entity(index),
                place_code=item["place_code"],
                **{name: item[name] or "" for name in _PLAIN},
                **_outline(item["geometry"]),
                is_invented=fact.fields["is_invented"],
                field_clock=NO_CLOCKS,
            )
            for index, item in enumerate(fact.items)
            if item is not None
        ],
        ignore_conflicts=True,
    )


def apply_danger_area_changed(fact: Fact) -> int | None:
    area_id: int = fact.fields["danger_area_id"]
    said = fact.fields["changes"]
    values = {name: said[name] for name in (*_PLAIN, "geometry") if name in said}
    registers.note_changes(
        fact,
        DANGER_AREAS.name,
        [registers.Said(area_id, name, value) for name, value in values.items()],
    )
    return registers.merge_rows(fact, DangerArea, {area_id: values}, derive=_derived)


def apply_households_listed(fact: Fact) -> None:
    _list(fact, is_listed=True)


def apply_households_delisted(fact: Fact) -> None:
    _list(fact, is_listed=False)


def _list(fact: Fact, *, is_listed: bool) -> None:
    """The later word on a pair wins; a pair needs neither area nor household to be there yet."""
    clock = clock_of(fact)
    said = {listing_id(pair): pair for pair in fact.fields["pairs"]}
    held = dict(DangerAreaHousehold.objects.filter(pk__in=list(said)).values_list("pk", "clock"))
    DangerAreaHousehold.objects.bulk_create(
        [
            DangerAreaHousehold(
                id=one,
                danger_area_id=pair[0],
                household_id=pair[1],
                place_code=pair[2],
                is_listed=is_listed,
                clock=clock,
            )
            for one, pair in said.items()
            if clock > held.get(one, "")
        ],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["is_listed", "clock"],
    )


def listing_id(pair: Sequence[Any]) -> int:
    """A positive 63-bit id from area and household, so that every node gives the pair the same."""
    digest = blake2b(f"{pair[0]}:{pair[1]}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def _outline(geometry: Any) -> dict[str, Any]:
    if geometry is None:
        return dict.fromkeys(("geometry", "west_e7", "south_e7", "east_e7", "north_e7"))
    west, south, east, north = rules.box_e7(geometry)
    return {
        "geometry": json.dumps(rules.to_degrees(geometry), separators=(",", ":")),
        "west_e7": west,
        "south_e7": south,
        "east_e7": east,
        "north_e7": north,
    }


def _derived(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return values if "geometry" not in values else {**values, **_outline(values["geometry"])}


DANGER_AREAS = registers.Register(
    name="danger_areas",
    model=DangerArea,
    kinds=facts.DANGER_AREAS,
    born={"risks.danger_areas_registered": registers.counted},
    public=("place_code", *_PLAIN, "geometry"),
    derive=_derived,
)


APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    "risks.danger_areas_registered": apply_danger_areas_registered,
    "risks.danger_area_changed": apply_danger_area_changed,
    "risks.households_listed": apply_households_listed,
    "risks.households_delisted": apply_households_delisted,
    **DANGER_AREAS.applies(),
}
