"""Placing and drawing on the map, and the feed of all households at once."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from ninja import Router, Schema
from pydantic import Field

from fengsui.foundation.access.queries import require
from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.access.viewer import Permission
from fengsui.foundation.people import queries as people
from fengsui.foundation.people import services as people_services
from fengsui.foundation.places import services as place_services
from fengsui.registers.risks import queries as risks
from fengsui.registers.risks import services as risk_services
from fengsui.registers.venues import queries as venues
from fengsui.standards.coordinates import E7
from fengsui.standards.divisions import village_of
from fengsui.web import dots
from fengsui.web.errors import CHANGED_MEANWHILE

router = Router(tags=["map"])

VILLAGE_HOUSEHOLDS_MAX = 3_000  # more is no village; the list says so by `is_whole`
LISTED_AT_ONCE_MAX = 400
DOTS_TYPE = "application/vnd.fengsui.dots"
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Pair = tuple[Longitude, Latitude]


class PointIn(Schema):
    """Where it stands, [longitude, latitude] in degrees WGS-84; null takes the point away."""

    point: Pair | None
    seen: Pair | None  # what the register showed when the person began


class PointOut(Schema):
    point: Pair | None
    before: Pair | None


class HouseholdOnMap(Schema):
    id: str
    label: str
    place_code: str
    people: int
    point: Pair | None


class HouseholdsOnMap(Schema):
    items: list[HouseholdOnMap]
    is_whole: bool


class AreaToDraw(Schema):
    id: str
    name: str
    kind: str
    village_code: str
    has_outline: bool
    households: int
    people: int


class HouseholdsPlaced(Schema):
    total: int
    without_point: int


class PlacingOut(Schema):
    danger_areas: list[AreaToDraw]
    households: HouseholdsPlaced


class VenueOnMap(Schema):
    id: str
    name: str
    kind: str
    point: Pair


class VenuesOnMap(Schema):
    items: list[VenueOnMap]


class DrawnArea(Schema):
    id: str
    name: str
    kind: str
    village_code: str
    geometry: dict[str, Any] | None
    mark: str
    listed: int
    inside: list[HouseholdOnMap]
    outside: list[HouseholdOnMap]
    unplaced: list[HouseholdOnMap]


class NewAreaIn(Schema):
    village_code: str
    name: str
    danger_kind: Literal["flash_flood", "geohazard", "waterlogging", "downstream", "other"]
    geometry: dict[str, Any]


class OutlineIn(Schema):
    geometry: dict[str, Any] | None
    mark: str


class ListingIn(Schema):
    add: Annotated[list[str], Field(max_length=LISTED_AT_ONCE_MAX, default_factory=list)]
    remove: Annotated[list[str], Field(max_length=LISTED_AT_ONCE_MAX, default_factory=list)]
    reason: str = ""


@router.get("/map/placing", response=PlacingOut)
def placing(request: HttpRequest) -> dict[str, Any]:
    """What can be placed and drawn: danger areas with and without an outline, households."""
    viewer = signed_in(request)
    return {
        "danger_areas": [
            {
                "id": str(row["id"]),
                "name": row["name"],
                "kind": row["kind"],
                "village_code": village_of(row["place_code"]),
                "has_outline": row["geometry"] is not None,
                "households": row["households"],
                "people": row["people"],
            }
            for row in risks.danger_areas_in(viewer=viewer)
        ],
        "households": people.households_placed(viewer=viewer),
    }


@router.get("/map/venues", response=VenuesOnMap)
def venues_on_map(request: HttpRequest) -> dict[str, Any]:
    """Schools, sites and the rest, where they have a point."""
    return {
        "items": [
            {"id": str(row["id"]), "name": row["name"], "kind": row["kind"], "point": _pair(row)}
            for row in venues.venues_in(viewer=signed_in(request))
            if row["lon_e7"] is not None
        ]
    }


@router.get("/map/household-dots")
def dots_of_households(request: HttpRequest) -> HttpResponse:
    """Positions of all households in sight, without names or ids (see docs/interfaces/map.md).

    Binary. Answers 304 while nothing has changed since the ETag that comes in If-None-Match.
    """
    viewer = signed_in(request)
    mark = people.dots_mark(viewer=viewer)
    tag = f'"{hashlib.blake2b(mark.encode(), digest_size=12).hexdigest()}"'
    if request.headers.get("If-None-Match") == tag:
        answer: HttpResponse = HttpResponseNotModified()
    else:
        found = people.household_dots(viewer=viewer)
        packed = dots.pack(found.rows, with_counts=found.are_cells)
        answer = HttpResponse(packed, content_type=DOTS_TYPE)
    answer["ETag"] = tag
    return answer


@router.post("/map/places/{place}/point", response=PointOut)
def place_a_place(request: HttpRequest, place: str, body: PointIn) -> dict[str, Any]:
    """Puts a village, or any other place, where a person pointed."""
    place_services.place_point(
        viewer=signed_in(request), code=place, **_columns(body.point), seen=_columns(body.seen)
    )
    return {"point": body.point, "before": body.seen}


@router.get("/map/households", response=HouseholdsOnMap)
def households_of_village(request: HttpRequest, village: str) -> dict[str, Any]:
    """The households of one village, to be placed."""
    found = people.households_in(
        [village], viewer=signed_in(request), limit=VILLAGE_HOUSEHOLDS_MAX + 1
    )
    return {
        "items": [_household(row) for row in found[:VILLAGE_HOUSEHOLDS_MAX]],
        "is_whole": len(found) <= VILLAGE_HOUSEHOLDS_MAX,
    }


@router.post("/map/households/{int:household_id}/point", response=PointOut)
def place_a_household(request: HttpRequest, household_id: int, body: PointIn) -> dict[str, Any]:
    """Puts a household where a person pointed. Where somebody lives is personal data."""
    viewer = signed_in(request)
    held = people.gate_household(household_id, viewer=viewer)
    require(viewer, Permission.EDIT_REGISTERS, held.place_code)
    if _columns(body.seen) != {"lon_e7": held.lon_e7, "lat_e7": held.lat_e7}:
        raise CHANGED_MEANWHILE()
    people_services.change_household(
        viewer=viewer, household_id=household_id, changes=_columns(body.point)
    )
    return {"point": body.point, "before": body.seen}


@router.get("/map/danger-areas/{int:danger_area_id}", response=DrawnArea)
def danger_area_on_map(request: HttpRequest, danger_area_id: int) -> dict[str, Any]:
    """One danger area with its outline, and which households stand inside or outside it."""
    area = risks.drawn_area(danger_area_id, viewer=signed_in(request))
    return {
        "id": str(area["id"]),
        "name": area["name"],
        "kind": area["kind"],
        "village_code": village_of(area["place_code"]),
        "geometry": area["geometry"],
        "mark": area["mark"],
        "listed": len(area["household_ids"]),
        **{
            where: [_household(row) for row in area[where]]
            for where in ("inside", "outside", "unplaced")
        },
    }


@router.post("/map/danger-areas/draw", response=DrawnArea)
def draw_danger_area(request: HttpRequest, body: NewAreaIn) -> dict[str, Any]:
    """A new danger area, drawn by hand."""
    drawn = risk_services.draw_danger_area(
        viewer=signed_in(request),
        place_code=body.village_code,
        name=body.name,
        kind=body.danger_kind,
        geometry=body.geometry,
    )
    return danger_area_on_map(request, drawn["danger_area_id"])


@router.post("/map/danger-areas/{int:danger_area_id}/outline", response=DrawnArea)
def redraw_danger_area(
    request: HttpRequest, danger_area_id: int, body: OutlineIn
) -> dict[str, Any]:
    """Another outline; `mark` says which one the person had before them."""
    risk_services.redraw_danger_area(
        viewer=signed_in(request),
        danger_area_id=danger_area_id,
        geometry=body.geometry,
        mark=body.mark,
    )
    return danger_area_on_map(request, danger_area_id)


@router.post("/map/danger-areas/{int:danger_area_id}/households", response=DrawnArea)
def list_households(request: HttpRequest, danger_area_id: int, body: ListingIn) -> dict[str, Any]:
    """Puts households on the list of a danger area, and takes others off it with a reason."""
    viewer = signed_in(request)
    area = risks.danger_area(danger_area_id, viewer=viewer)
    require(viewer, Permission.EDIT_REGISTERS, area["place_code"])
    if body.add:
        risk_services.list_households(
            viewer=viewer, danger_area_id=danger_area_id, household_ids=_ids(body.add)
        )
    if body.remove:
        risk_services.delist_households(
            viewer=viewer,
            danger_area_id=danger_area_id,
            household_ids=_ids(body.remove),
            reason=body.reason,
        )
    return danger_area_on_map(request, danger_area_id)


def _ids(texts: list[str]) -> list[int]:
    return [int(one) for one in texts if one.isdecimal()]


def _columns(point: Pair | None) -> dict[str, int | None]:
    if point is None:
        return {"lon_e7": None, "lat_e7": None}
    return {"lon_e7": round(point[0] * E7), "lat_e7": round(point[1] * E7)}


def _pair(row: dict[str, Any]) -> Pair | None:
    return None if row["lon_e7"] is None else (row["lon_e7"] / E7, row["lat_e7"] / E7)


def _household(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": str(row["id"]),
        "label": row["label"],
        "place_code": row["place_code"],
        "people": row["people"] if "people" in row else row["tonight_people"],
        "point": _pair(row),
    }
