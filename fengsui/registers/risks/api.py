"""Danger areas over HTTP."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from fengsui.foundation.access.requests import signed_in
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
    return queries.danger_area_map(viewer=signed_in(request))
