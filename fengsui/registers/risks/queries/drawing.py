"""What a person who draws a danger area must see: who stands inside it and is not listed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.people.models import Household
from fengsui.registers.risks.models import DangerArea
from fengsui.registers.risks.queries.areas import danger_area
from fengsui.standards.coordinates import E7

SUGGESTED_MAX = 500


def outline_mark(geometry: Mapping[str, Any] | None) -> str:
    """Tells two outlines apart, so that a change on top of an old one is noticed."""
    text = json.dumps(geometry, sort_keys=True, separators=(",", ":"))
    return blake2b(text.encode(), digest_size=8).hexdigest()


def danger_area_mark(area: DangerArea) -> str:
    """The mark of the outline that a row holds."""
    return outline_mark(None if area.geometry is None else json.loads(area.geometry))


def drawn_area(danger_area_id: int, *, viewer: Viewer) -> dict[str, Any]:
    """One danger area as `danger_area`, with its mark and the households its outline concerns.

    "mark"; "inside": households with a point in the outline that are not listed; "outside":
    listed households whose point lies outside it; "unplaced": listed ones without a point. Each
    {"id", "label", "place_code", "people", "lon_e7", "lat_e7"}, at most SUGGESTED_MAX.
    """
    area = danger_area(danger_area_id, viewer=viewer)
    listed = set(area["household_ids"])
    inside = _inside(area["geometry"], viewer) if area["geometry"] else []
    inside_ids = {one["id"] for one in inside}
    on_the_list = _households(
        viewer,
        danger_listings__danger_area_id=danger_area_id,
        danger_listings__is_listed=True,
    )
    others = [one for one in on_the_list if one["id"] not in inside_ids]
    has_outline = area["geometry"] is not None
    return {
        **area,
        "mark": outline_mark(area["geometry"]),
        "inside": [one for one in inside if one["id"] not in listed][:SUGGESTED_MAX],
        "outside": [one for one in others if has_outline and one["lon_e7"] is not None][
            :SUGGESTED_MAX
        ],
        "unplaced": [one for one in others if one["lon_e7"] is None][:SUGGESTED_MAX],
    }


def _inside(geometry: Mapping[str, Any], viewer: Viewer) -> list[dict[str, Any]]:
    """Households whose point the outline covers, the boundary included."""
    import shapely  # only where an outline is judged: it is 15 MB in every process

    from fengsui.registers.risks.rules.geometry import box_of

    shape = shapely.from_geojson(json.dumps(geometry))
    if not shape.is_valid:
        shape = shapely.make_valid(shape)
    west, south, east, north = box_of(shape)
    near = _households(
        viewer,
        lon_e7__gte=west,
        lon_e7__lte=east,
        lat_e7__gte=south,
        lat_e7__lte=north,
    )
    if not near:
        return []
    shapely.prepare(shape)
    covered = shapely.intersects_xy(
        shape, [one["lon_e7"] / E7 for one in near], [one["lat_e7"] / E7 for one in near]
    )
    return [one for one, is_in in zip(near, covered, strict=True) if is_in]


def _households(viewer: Viewer, **where: Any) -> list[dict[str, Any]]:
    rows = (
        Household.objects.filter(
            visible(viewer, Permission.SEE_HOUSEHOLDS), is_withdrawn=False, **where
        )
        .order_by("place_code", "id")
        .values("id", "label", "place_code", "tonight_people", "lon_e7", "lat_e7")
    )
    return [{**row, "people": row["tonight_people"]} for row in rows]
