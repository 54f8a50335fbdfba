"""Facts about places become rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.merging import NO_CLOCKS, clock_of, merge
from fengsui.foundation.ledgers import apply as registers
from fengsui.foundation.places import facts, rules
from fengsui.foundation.places.models import MapFeature, MapSource, Place
from fengsui.standards.divisions import level_of

PROJECTION_VERSION = 2

_FIELDS = (
    "level",
    "name",
    "parent_code",
    "kind",
    "lon_e7",
    "lat_e7",
    "coord_source",
    "geometry",
    "geometry_note",
    "households_count",
    "people_count",
    "is_invented",
    "field_clock",
)


def apply_import_opened(fact: Fact) -> None:
    MapSource.objects.bulk_create(
        [
            MapSource(
                id=fact.entity(index),
                place_code=fact.scope,
                text=text,
                is_invented=fact.fields["is_invented"],
            )
            for index, text in enumerate(fact.fields["attributions"])
        ],
        ignore_conflicts=True,
    )


def apply_places_imported(fact: Fact) -> None:
    """None in an item says nothing about that field, so an import never removes a point."""
    said: dict[str, dict[str, Any]] = {}
    for item in fact.items:
        if item is None:
            continue
        values = {
            field: value
            for field, value in item.items()
            if value is not None and field not in ("code", "geometry")
        }
        if item["geometry"] is not None:
            values["geometry"] = rules.geometry_text(item["geometry"])
        said[item["code"]] = {**values, "is_invented": fact.fields["is_invented"]}
    _merge_rows(fact, said)


def apply_point_placed(fact: Fact) -> None:
    fields = fact.fields
    values = {name: fields[name] for name in ("lon_e7", "lat_e7", "coord_source")}
    _merge_rows(fact, {fields["code"]: values})
    registers.note_changes(
        fact,
        PLACES.name,
        [registers.Said(fields["code"], name, value) for name, value in values.items()],
    )


def _merge_rows(fact: Fact, said: Mapping[str, Mapping[str, Any]]) -> None:
    clock = clock_of(fact)
    rows = Place.objects.in_bulk(list(said))
    changed = []
    for code, values in said.items():
        place = rows.get(code) or _blank(code)
        winning, clocks = merge(place.field_clock, clock, values, entity=code)
        if not winning:
            continue
        for field, value in winning.items():
            setattr(place, field, value)
        place.field_clock = clocks
        changed.append(place)
    Place.objects.bulk_create(
        changed, update_conflicts=True, unique_fields=["code"], update_fields=_FIELDS
    )


def _blank(code: str) -> Place:
    """A place of which only a point has arrived so far: its import may still be under way."""
    return Place(
        code=code,
        level=level_of(code).value,
        name="",
        parent_code="",
        kind=rules.kind_of(code).value,
        coord_source="",
        geometry_note="",
        is_invented=False,
        field_clock=NO_CLOCKS,
    )


def apply_features_imported(fact: Fact) -> None:
    MapFeature.objects.bulk_create(
        [
            MapFeature(
                id=fact.entity(index),
                place_code=fact.scope,
                layer=item["layer"],
                name=item["name"],
                properties=json.dumps(item["properties"] or {}, sort_keys=True),
                geometry=rules.geometry_text(item["geometry"]),
                note=item["note"],
                is_invented=fact.fields["is_invented"],
                is_withdrawn=False,
            )
            for index, item in enumerate(fact.items)
            if item is not None
        ],
        ignore_conflicts=True,
    )


def apply_features_withdrawn(fact: Fact) -> int | None:
    wanted = fact.fields["feature_ids"]
    there = set(MapFeature.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    MapFeature.objects.filter(pk__in=there).update(is_withdrawn=True)
    return next((one for one in wanted if one not in there), None)


def _blank_row(code: str) -> dict[str, Any]:
    blank = _blank(code)
    return {one.attname: getattr(blank, one.attname) for one in Place._meta.concrete_fields}


def _derived(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """An outline comes as whole numbers of 1e-7 degree and is kept as text in degrees."""
    if values.get("geometry") is None:
        return values
    return {**values, "geometry": rules.geometry_text(values["geometry"])}


def _codes(fact: Fact) -> list[str]:
    return [item["code"] for item in fact.items if item is not None]


PLACES = registers.Register(
    name="places",
    model=Place,
    kinds=facts.PLACES,
    born={"places.imported": _codes},
    public=(
        "name",
        "parent_code",
        "kind",
        "lon_e7",
        "lat_e7",
        "coord_source",
        "geometry",
        "geometry_note",
        "households_count",
        "people_count",
    ),
    place="code",
    derive=_derived,
    blank_row=_blank_row,
)

APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    "places.import_opened": apply_import_opened,
    "places.imported": apply_places_imported,
    "places.point_placed": apply_point_placed,
    "places.features_imported": apply_features_imported,
    "places.features_withdrawn": apply_features_withdrawn,
    **PLACES.applies(),
}
