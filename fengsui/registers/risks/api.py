"""Danger areas over HTTP."""

from __future__ import annotations

from typing import Any, cast

from django.http import HttpRequest
from ninja import Router, Schema

from fengsui.foundation.access.problems import SIGN_IN_FIRST
from fengsui.foundation.access.viewer import Viewer
from fengsui.registers.risks import queries

router = Router(tags=["map"])


class DangerAreaProperties(Schema):
    id: str
    name: str
    kind: str
    village_code: str
    households: int
    people: int
    shelter_name: str
    is_invented: bool


class DangerAreaFeature(Schema):
    type: str
    properties: DangerAreaProperties
    geometry: dict[str, Any]


class DangerAreaCollection(Schema):
    """GeoJSON (RFC 7946), WGS-84."""

    type: str
    features: list[DangerAreaFeature]


@router.get("/map/danger-areas", response=DangerAreaCollection)
def danger_areas(request: HttpRequest) -> dict[str, Any]:
    """The outlines of the danger areas in sight, with how many live in them."""
    viewer = cast(Viewer, request.viewer)  # type: ignore[attr-defined]
    if not viewer.person_id:
        raise SIGN_IN_FIRST()
    return queries.danger_area_map(viewer=viewer)
