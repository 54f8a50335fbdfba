"""What a venue may look like. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fengsui.standards.coordinates import E7
from fengsui.standards.divisions import is_division_code

NAME_LENGTH_MAX = 120
KIND_LENGTH_MAX = 30
HEADCOUNT_MAX = 100_000
OPEN_WHEN_LENGTH_MAX = 100
NOTES_LENGTH_MAX = 500
_LENGTHS = {
    "name": NAME_LENGTH_MAX,
    "kind": KIND_LENGTH_MAX,
    "open_when": OPEN_WHEN_LENGTH_MAX,
    "notes": NOTES_LENGTH_MAX,
}
_WHOLE_FIELDS = ("headcount_tonight", "boarding_people")
_TEXT_FIELDS = ("open_when", "notes")
_REQUIRED_TEXT_FIELDS = ("name", "kind")


def venue_faults(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    code = row.get("place_code")
    if not isinstance(code, str) or not is_division_code(code) or len(code) < 12:
        yield "place_code", "need 12, 15 or 17 digits"
    for field in _REQUIRED_TEXT_FIELDS:
        value = row.get(field)
        if not isinstance(value, str) or not value.strip() or len(value) > _LENGTHS[field]:
            yield field, f"need text of 1 to {_LENGTHS[field]} characters"
    for field in _TEXT_FIELDS:
        value = row.get(field) or ""
        if not isinstance(value, str) or len(value) > _LENGTHS[field]:
            yield field, f"need text of at most {_LENGTHS[field]} characters"
    lon, lat = row.get("lon_e7"), row.get("lat_e7")
    if (lon is None) != (lat is None):
        yield "lon_e7", "need both lon_e7 and lat_e7, or neither"
    for field, bound in (("lon_e7", 180 * E7), ("lat_e7", 90 * E7)):
        value = row.get(field)
        if value is not None and (type(value) is not int or abs(value) > bound):
            yield field, "need an integer of 1e-7 degree"
    for field in _WHOLE_FIELDS:
        people = row.get(field, 0)
        if people is None and field == "boarding_people":
            continue
        if type(people) is not int or not 0 <= people <= HEADCOUNT_MAX:
            yield field, f"need a whole number from 0 to {HEADCOUNT_MAX}"


def venue_row(row: Mapping[str, Any], warning_contact_id: int | None) -> dict[str, Any]:
    return {
        "place_code": row["place_code"],
        "name": row["name"],
        "kind": row["kind"],
        "lon_e7": row.get("lon_e7"),
        "lat_e7": row.get("lat_e7"),
        "warning_contact_id": warning_contact_id,
        "headcount_tonight": row.get("headcount_tonight", 0),
        "boarding_people": row.get("boarding_people"),
        "open_when": row.get("open_when") or "",
        "notes": row.get("notes") or "",
    }
