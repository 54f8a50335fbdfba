"""What a danger area may look like. Pure. Whom an area touches is in `geometry`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fengsui.registers.risks.states import DangerKind
from fengsui.standards.coordinates import E7
from fengsui.standards.divisions import is_division_code

NAME_LENGTH_MAX = 120
TEXT_LENGTH_MAX = 2_000
POINTS_PER_OUTLINE_MAX = 16_000
_OUTLINES = ("Polygon", "MultiPolygon")


def area_faults(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    code = row.get("place_code")
    if not isinstance(code, str) or not is_division_code(code) or len(code) < 12:
        yield "place_code", "need 12, 15 or 17 digits"
    name = row.get("name")
    if not isinstance(name, str) or not name.strip() or len(name) > NAME_LENGTH_MAX:
        yield "name", f"need text of 1 to {NAME_LENGTH_MAX} characters"
    if row.get("kind") not in set(DangerKind):
        yield "kind", f"need one of {', '.join(DangerKind)}"
    for field, longest in (
        ("shelter_name", NAME_LENGTH_MAX),
        ("trigger", TEXT_LENGTH_MAX),
        ("route", TEXT_LENGTH_MAX),
    ):
        value = row.get(field)
        if value is not None and (not isinstance(value, str) or len(value) > longest):
            yield field, f"need text of at most {longest} characters"
    geometry = row.get("geometry")
    if geometry is not None:
        yield from _outline_faults(geometry)


def _outline_faults(geometry: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(geometry, Mapping) or geometry.get("type") not in _OUTLINES:
        yield "geometry", "need a GeoJSON Polygon or MultiPolygon"
        return
    import shapely  # only where an outline is registered: it is 15 MB in every process

    try:
        shape = shapely.from_geojson(json.dumps(geometry))
    except (TypeError, ValueError, shapely.errors.ShapelyError) as error:
        yield "geometry", str(error)[:80]
        return
    if shape.is_empty:
        yield "geometry", "the outline is empty"
    elif shapely.get_num_coordinates(shape) > POINTS_PER_OUTLINE_MAX:
        yield "geometry", f"at most {POINTS_PER_OUTLINE_MAX} points; simplify it"
    elif not _in_the_world(shape.bounds):
        yield "geometry", "leaves the world; is it [lon, lat]?"


def _in_the_world(bounds: tuple[float, float, float, float]) -> bool:
    west, south, east, north = bounds
    return west >= -180 and east <= 180 and south >= -90 and north <= 90


def area_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """The item of the fact: geometry in whole numbers of 1e-7 degree."""
    geometry = row.get("geometry")
    return {
        "place_code": row["place_code"],
        "name": row["name"].strip(),
        "kind": str(row["kind"]),
        "geometry": None if geometry is None else _scaled(geometry, lambda one: round(one * E7)),
        "trigger": row.get("trigger") or "",
        "route": row.get("route") or "",
        "shelter_name": row.get("shelter_name") or "",
    }


def to_degrees(geometry: Mapping[str, Any]) -> dict[str, Any]:
    return _scaled(geometry, lambda one: one / E7)


def _scaled(geometry: Mapping[str, Any], turn: Callable[[Any], Any]) -> dict[str, Any]:
    def walk(inner: Any) -> Any:
        if isinstance(inner, (list, tuple)):
            if inner and not isinstance(inner[0], (list, tuple)):
                return [turn(inner[0]), turn(inner[1])]
            return [walk(one) for one in inner]
        return inner

    return {"type": geometry["type"], "coordinates": walk(geometry["coordinates"])}


def box_e7(geometry: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """West, south, east, north of a geometry in whole numbers."""
    lons: list[int] = []
    lats: list[int] = []
    stack: list[Any] = [geometry["coordinates"]]
    while stack:
        inner = stack.pop()
        if isinstance(inner[0], int):
            lons.append(inner[0])
            lats.append(inner[1])
        else:
            stack.extend(inner)
    return min(lons), min(lats), max(lons), max(lats)
