"""The base map over HTTP."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.places import queries

router = Router(tags=["map"])


class Named(Schema):
    code: str
    name: str


class FeatureCollection(Schema):
    """GeoJSON (RFC 7946), WGS-84."""

    type: str
    features: list[dict[str, Any]]


class MapLayers(Schema):
    county: FeatureCollection
    townships: FeatureCollection
    villages: FeatureCollection
    rivers: FeatureCollection
    roads: FeatureCollection
    contours: FeatureCollection


class BaseMap(Schema):
    is_invented: bool
    attribution: list[str]
    bounds: list[float] | None
    layers: MapLayers
    without_point: list[Named]


@router.get("/map/base", response=BaseMap)
def base_map(request: HttpRequest) -> dict[str, Any]:
    """The viewer's county, townships and villages with rivers, roads and contours."""
    return queries.base_map(viewer=signed_in(request))
