"""Which villages, households and danger areas an area touches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import Q

from fengsui.foundation.access.queries import in_scopes, visible
from fengsui.foundation.access.viewer import Permission, Scope, Viewer
from fengsui.foundation.places import queries as places
from fengsui.registers.risks.errors import BAD_AREA
from fengsui.registers.risks.models import DangerArea
from fengsui.registers.risks.queries.points import household_points
from fengsui.registers.risks.rules import geometry
from fengsui.registers.venues import queries as venues
from fengsui.standards.divisions import (
    DivisionLevel,
    is_division_code,
    scope_prefix,
    township_of,
    village_of,
)


@dataclass(slots=True)
class Touched:
    """What an area touches, gathered step by step."""

    prefixes: list[str]
    shape: Any
    villages: dict[str, dict[str, Any]] = field(default_factory=dict)  # all in sight, by code
    townships: dict[str, dict[str, Any]] = field(default_factory=dict)
    village_codes: set[str] = field(default_factory=set)
    households_inside: npt.NDArray[np.int64] = field(
        default_factory=lambda: np.empty(0, dtype=np.int64)
    )
    household_places: npt.NDArray[np.int32] = field(
        default_factory=lambda: np.empty(0, dtype=np.int32)
    )  # of each of them, an index into `place_codes`
    place_codes: npt.NDArray[np.bytes_] = field(default_factory=lambda: np.empty(0, dtype="S17"))


def touch(area: Mapping[str, Any], viewer: Viewer) -> Touched:
    codes = [str(code) for code in area.get("codes") or ()]
    for code in codes:
        if not is_division_code(code):
            raise BAD_AREA(fault=f"{code!r} is not a place code")
    try:
        shape = geometry.area_shape(area.get("polygons") or ())
    except geometry.AreaFaultError as error:
        raise BAD_AREA(fault=str(error)) from error
    touched = Touched(prefixes=[scope_prefix(code) for code in codes], shape=shape)
    rows = places.with_geometry([DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE], viewer=viewer)
    for row in rows:
        level = touched.villages if row["level"] == DivisionLevel.VILLAGE else touched.townships
        level[row["code"]] = row
    touched.village_codes = {code for code in touched.villages if _is_under(code, touched.prefixes)}
    # A code below a village (grid, group) touches the village.
    touched.village_codes |= {
        village_of(prefix)
        for prefix in touched.prefixes
        if len(prefix) >= 12 and village_of(prefix) in touched.villages
    }
    _touch_households(touched, viewer)
    if shape is not None:
        _touch_villages(touched)
    return touched


def _touch_households(touched: Touched, viewer: Viewer) -> None:
    """Households under the codes or inside the polygons, in the viewer's sight."""
    held = household_points()
    if not len(held.ids):
        return
    inside = held.within(touched.prefixes)
    if touched.shape is not None:
        inside |= geometry.points_inside(touched.shape, held.lon_e7, held.lat_e7)
    inside &= held.within(scope.prefix for scope in viewer.scopes(Permission.SEE_HOUSEHOLDS))
    chosen = np.flatnonzero(inside)
    touched.households_inside = held.ids[chosen]
    touched.household_places = held.place[chosen]
    touched.place_codes = held.codes
    touched.village_codes |= {
        village_of(code)
        for code in codes_of(touched, np.ones(len(chosen), dtype=np.bool_))
        if village_of(code) in touched.villages
    }


def codes_of(touched: Touched, chosen: npt.NDArray[np.bool_]) -> set[str]:
    """The place codes of the chosen ones of `households_inside`."""
    numbers = np.unique(touched.household_places[chosen])
    return {code.decode() for code in touched.place_codes[numbers].tolist()}


def _touch_villages(touched: Touched) -> None:
    for rows in (touched.villages, touched.townships):
        listed = list(rows.values())
        points = [
            (geometry.NO_POINT_E7, geometry.NO_POINT_E7)
            if row["lon_e7"] is None
            else (row["lon_e7"], row["lat_e7"])
            for row in listed
        ]
        located = np.array(points, dtype=np.int32).reshape(-1, 2)
        inside = geometry.points_inside(touched.shape, located[:, 0], located[:, 1])
        outlines = geometry.outlines_touched(touched.shape, [row["geometry"] for row in listed])
        for row, by_point, by_outline in zip(listed, inside.tolist(), outlines, strict=True):
            row["is_touched"] = by_point or by_outline
    touched.village_codes |= {code for code, row in touched.villages.items() if row["is_touched"]}
    townships = {code for code, row in touched.townships.items() if row["is_touched"]}
    townships |= {township_within(touched, code) for code in touched.village_codes}
    touched.village_codes |= {
        code
        for code, row in touched.villages.items()
        if is_pointless(row) and township_within(touched, code) in townships
    }


def township_within(touched: Touched, code: str) -> str:
    """The township of a village, or what stands in its stead where that level is skipped."""
    village = touched.villages.get(village_of(code))
    township = township_of(code)
    if township in touched.townships or village is None:
        return township
    return village["parent_code"] or township


def is_pointless(row: Mapping[str, Any]) -> bool:
    return row["lon_e7"] is None and row["geometry"] is None


def _is_under(code: str, prefixes: Iterable[str]) -> bool:
    return any(code.startswith(prefix) for prefix in prefixes)


def areas_touched(touched: Touched, viewer: Viewer) -> list[dict[str, Any]]:
    # Without an outline only the village can decide, so all of these are looked at.
    condition = _under_q(touched.prefixes) | Q(geometry__isnull=True)
    if touched.shape is not None:
        west, south, east, north = geometry.box_of(touched.shape)
        condition |= Q(
            west_e7__lte=east, east_e7__gte=west, south_e7__lte=north, north_e7__gte=south
        )
    rows = list(
        DangerArea.objects.filter(
            condition, visible(viewer, Permission.SEE_HOUSEHOLDS), is_withdrawn=False
        )
        .order_by("place_code", "id")
        .values("id", "place_code", "geometry", "shelter_name")
    )
    meets = [False] * len(rows)
    if touched.shape is not None:
        meets = geometry.outlines_touched(touched.shape, [row["geometry"] for row in rows])
    return [
        dict(row)
        for row, met in zip(rows, meets, strict=True)
        if met
        or _is_under(row["place_code"], touched.prefixes)
        or (row["geometry"] is None and village_of(row["place_code"]) in touched.village_codes)
    ]


def _under_q(prefixes: Sequence[str]) -> Q:
    return in_scopes("place_code", tuple(Scope(prefix) for prefix in prefixes))


_VENUE_FIELDS = (
    "name",
    "kind",
    "warning_contact_id",
    "place_code",
    "headcount_tonight",
    "boarding_people",
    "open_when",
)


def venues_touched(touched: Touched, viewer: Viewer) -> list[dict[str, Any]]:
    """Venues inside, under a code, or without a point in a village that is touched."""
    rows = venues.venues_in(viewer=viewer)
    inside = [False] * len(rows)
    if touched.shape is not None and rows:
        points = [
            (geometry.NO_POINT_E7, geometry.NO_POINT_E7)
            if row["lon_e7"] is None
            else (row["lon_e7"], row["lat_e7"])
            for row in rows
        ]
        located = np.array(points, dtype=np.int32)
        inside = geometry.points_inside(touched.shape, located[:, 0], located[:, 1]).tolist()
    return [
        {
            "venue_id": row["id"],
            "place_name": touched.villages.get(village_of(row["place_code"]), {}).get("name", ""),
            **{name: row[name] for name in _VENUE_FIELDS},
        }
        for row, by_point in zip(rows, inside, strict=True)
        if by_point
        or _is_under(row["place_code"], touched.prefixes)
        or (row["lon_e7"] is None and village_of(row["place_code"]) in touched.village_codes)
    ]
