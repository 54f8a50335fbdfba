"""What a place may look like, and geometries as whole numbers of 1e-7 degree. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fengsui.foundation.places.states import Layer, PlaceKind
from fengsui.standards.coordinates import E7
from fengsui.standards.divisions import (
    TOWNSHIP_DIGITS,
    DivisionLevel,
    full_code,
    is_division_code,
    level_of,
    parent_code,
)

NAME_LENGTH_MAX = 200
POINTS_PER_GEOMETRY_MAX = 16_000  # about 11 bytes each; a fact holds 256 kB
_ZONE_CODES = range(400, 600)  # 国统字〔2009〕91号: 类似乡级单位
_GEOMETRY_TYPES = ("Polygon", "MultiPolygon", "LineString", "MultiLineString")


def to_e7(degrees: float) -> int:
    return round(degrees * E7)


def kind_of(code: str) -> PlaceKind:
    """What the digits say a place is."""
    level = level_of(code)
    if level is DivisionLevel.GROUP:
        return PlaceKind.GROUP
    if level is DivisionLevel.GRID:
        return PlaceKind.GRID
    if level is DivisionLevel.TOWNSHIP and int(code[6:TOWNSHIP_DIGITS]) in _ZONE_CODES:
        return PlaceKind.ZONE
    return PlaceKind.DIVISION


def ancestors(code: str) -> Iterator[str]:
    """Full codes above a full code, nearest first, whether or not such places exist."""
    above = parent_code(code)
    while above:
        yield above
        above = parent_code(above)


def nearest_ancestor(code: str, existing: Iterable[str]) -> str:
    """The parent in a register that skips levels; "" where nothing is above."""
    known = existing if isinstance(existing, (set, frozenset, dict)) else set(existing)
    return next((above for above in ancestors(code) if above in known), "")


def place_faults(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    code = row.get("code")
    if not isinstance(code, str) or not is_division_code(code) or len(full_code(code)) != len(code):
        yield "code", "need 12, 15 or 17 digits"
    name = row.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > NAME_LENGTH_MAX:
        yield "name", f"need text of 1 to {NAME_LENGTH_MAX} characters"
    yield from point_faults(row)
    if row.get("geometry") is not None:
        yield from geometry_faults(row["geometry"])


def point_faults(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    lon, lat = row.get("lon_e7"), row.get("lat_e7")
    if (lon is None) != (lat is None):
        yield "lon_e7", "need both lon_e7 and lat_e7, or neither"
    for field, value, bound in (("lon_e7", lon, 180 * E7), ("lat_e7", lat, 90 * E7)):
        if value is not None and (type(value) is not int or abs(value) > bound):
            yield field, "need an integer of 1e-7 degree"


def geometry_faults(geometry: Any) -> Iterator[tuple[str, str]]:
    """GeoJSON (RFC 7946) in degrees."""
    if not isinstance(geometry, Mapping) or geometry.get("type") not in _GEOMETRY_TYPES:
        yield "geometry", f"need one of {', '.join(_GEOMETRY_TYPES)}"
        return
    try:
        points = count_points(geometry["coordinates"])
        scaled(geometry)
    except (KeyError, TypeError, ValueError, IndexError, OverflowError):
        yield "geometry", "the coordinates are not nested lists of [longitude, latitude]"
        return
    if points > POINTS_PER_GEOMETRY_MAX:
        yield "geometry", f"{points} points, at most {POINTS_PER_GEOMETRY_MAX}; simplify it"


def feature_faults(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if row.get("layer") not in set(Layer):
        yield "layer", f"need one of {', '.join(Layer)}"
    yield from geometry_faults(row.get("geometry"))


def count_points(coordinates: Any) -> int:
    if isinstance(coordinates[0], (int, float)):
        return 1
    return sum(count_points(inner) for inner in coordinates)


def scaled(geometry: Mapping[str, Any]) -> dict[str, Any]:
    """A GeoJSON geometry in degrees as the same shape in whole numbers of 1e-7 degree."""
    return {"type": geometry["type"], "coordinates": _scaled(geometry["coordinates"])}


def _scaled(coordinates: Any) -> list[Any]:
    if isinstance(coordinates[0], (int, float)):
        lon, lat = to_e7(coordinates[0]), to_e7(coordinates[1])
        if abs(lon) > 180 * E7 or abs(lat) > 90 * E7:
            raise ValueError("outside the world")
        return [lon, lat]
    return [_scaled(inner) for inner in coordinates]


def geometry_text(scaled_geometry: Mapping[str, Any]) -> str:
    """GeoJSON text in degrees of a scaled geometry; the same numbers give the same text."""
    plain = {
        "type": scaled_geometry["type"],
        "coordinates": _degrees(scaled_geometry["coordinates"]),
    }
    return json.dumps(plain, separators=(",", ":"))


def _degrees(coordinates: Any) -> list[Any]:
    if isinstance(coordinates[0], int):
        return [coordinates[0] / E7, coordinates[1] / E7]
    return [_degrees(inner) for inner in coordinates]


def parts(geometry: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A geometry too large for one fact, taken apart; what cannot be is left as it is."""
    if not str(geometry.get("type", "")).startswith("Multi"):
        return [geometry]
    if count_points(geometry["coordinates"]) <= POINTS_PER_GEOMETRY_MAX:
        return [geometry]
    single = geometry["type"].removeprefix("Multi")
    return [{"type": single, "coordinates": inner} for inner in geometry["coordinates"]]


def names_in(text: str, candidates: Mapping[str, str]) -> list[tuple[str, str]]:
    """(code, name as found) of the candidates whose name stands in `text`; longest name first.

    Township names are also found without 镇, 乡 or 街道 where two characters remain.
    """
    found = []
    for code, name in candidates.items():
        for form in _forms(code, name):
            if form in text:
                found.append((code, form))
                break
    return sorted(found, key=lambda pair: (-len(pair[1]), pair[0]))


def _forms(code: str, name: str) -> Iterator[str]:
    yield name
    endings: tuple[str, ...] = ()
    if level_of(code) is DivisionLevel.TOWNSHIP:
        endings = ("街道办事处", "街道", "镇", "乡")
    elif level_of(code) is DivisionLevel.VILLAGE:
        endings = ("社区居委会", "居委会", "村委会")
    for ending in endings:
        bare = name.removesuffix(ending)
        if bare != name and len(bare) >= 2:
            yield bare
