"""The reads on places. A viewer sees the places of their scope and the chain above it.

The chain above (one's own township, county) is names and outlines only: nobody can read a map
of a village without the county around it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import in_scopes, visible
from fengsui.foundation.access.viewer import Permission, Scope, Viewer
from fengsui.foundation.places import rules
from fengsui.foundation.places.models import MapFeature, MapSource, Place
from fengsui.foundation.places.states import Layer
from fengsui.standards.coordinates import E7
from fengsui.standards.divisions import DivisionLevel, full_code, scope_prefix, township_of

codes_above = rules.ancestors  # full codes above a full code, nearest first
_LEVELS = [level.value for level in DivisionLevel]


def node_place() -> Place | None:
    """The topmost place this node serves: the first county, or what stands in its stead.

    Without a viewer: the node's own identity, shown even on the sign-in page.
    """
    return min(
        Place.objects.exclude(name="").filter(parent_code="", is_withdrawn=False),
        key=lambda place: (_LEVELS.index(place.level), place.code),
        default=None,
    )


def place(code: str, *, viewer: Viewer) -> Place:
    """One place. Raises access.not_found outside the viewer's scope and the chain above it."""
    found = _seen(viewer).filter(code=full_code(code)).first()
    if found is None:
        raise NOT_FOUND()
    return found


def places_below(code: str, level: str | None = None, *, viewer: Viewer) -> list[Place]:
    """The places under `code` (itself left out) in order of code, of one level or of all."""
    rows = Place.objects.filter(
        visible(viewer, Permission.SEE_PLACES, "code"), _under([code]), is_withdrawn=False
    ).exclude(code=full_code(code))
    if level is not None:
        rows = rows.filter(level=level)
    return list(rows.order_by("code"))


def children(code: str, *, viewer: Viewer) -> list[Place]:
    """The places directly under `code`, whichever level they are."""
    rows = Place.objects.filter(
        visible(viewer, Permission.SEE_PLACES, "code"), parent_code=code, is_withdrawn=False
    )
    return list(rows.order_by("code"))


def chain(code: str, *, viewer: Viewer) -> list[Place]:
    """A place and everything above it, topmost first; levels that do not exist are skipped."""
    codes = [full_code(code), *rules.ancestors(full_code(code))]
    return sorted(_seen(viewer).filter(code__in=codes), key=lambda one: len(scope_prefix(one.code)))


def names(codes: Iterable[str], *, viewer: Viewer) -> dict[str, str]:
    """Code -> name of those that the viewer may see."""
    return dict(_seen(viewer).filter(code__in=set(codes)).values_list("code", "name"))


def full_names(codes: Iterable[str], *, viewer: Viewer) -> dict[str, str]:
    """Code -> name, with the township before a village and all above it before a grid."""
    wanted = set(codes)
    above = {code: [*rules.ancestors(code)] for code in wanted}
    needed = wanted | {code for one in above.values() for code in one if _is_below_county(code)}
    known = names(needed, viewer=viewer)
    return {
        code: " ".join(
            known[one] for one in (*reversed(above[code]), code) if one in known and one in needed
        )
        for code in wanted
        if code in known
    }


def _is_below_county(code: str) -> bool:
    return len(scope_prefix(code)) > 6


def points(
    codes: Iterable[str] | None = None, level: str | None = None, *, viewer: Viewer
) -> list[dict[str, Any]]:
    """{"code", "name", "level", "lon_e7", "lat_e7"} under `codes`, or of all; None: no point."""
    rows = Place.objects.filter(visible(viewer, Permission.SEE_PLACES, "code"), is_withdrawn=False)
    if codes is not None:
        rows = rows.filter(_under(codes))
    if level is not None:
        rows = rows.filter(level=level)
    found = rows.order_by("code").values("code", "name", "level", "lon_e7", "lat_e7")
    return [dict(row) for row in found]


def without_point(codes: Iterable[str] | None = None, *, viewer: Viewer) -> list[dict[str, str]]:
    """Villages that nobody has placed on the map yet: {"code", "name"}."""
    return [
        {"code": row["code"], "name": row["name"]}
        for row in points(codes, DivisionLevel.VILLAGE, viewer=viewer)
        if row["lon_e7"] is None
    ]


def with_geometry(levels: Iterable[str], *, viewer: Viewer) -> list[dict[str, Any]]:
    """Places of the levels with point and outline text, for deciding what an area touches."""
    rows = (
        Place.objects.filter(
            visible(viewer, Permission.SEE_PLACES, "code"),
            level__in=list(levels),
            is_withdrawn=False,
        )
        .order_by("code")
        .values("code", "name", "level", "parent_code", "lon_e7", "lat_e7", "geometry")
    )
    return [dict(row) for row in rows]


def codes_named_in(text: str, *, within: str, viewer: Viewer) -> list[str]:
    """Townships and villages below `within` that a text names; longest name first.

    A village counts where its township is named too or no other village bears the name.
    """
    places_there = {
        one.code: one.name
        for one in places_below(within, viewer=viewer)
        if one.level in (DivisionLevel.TOWNSHIP, DivisionLevel.VILLAGE) and one.name
    }
    found = rules.names_in(text, places_there)
    forms: dict[str, int] = {}
    for _, form in found:
        forms[form] = forms.get(form, 0) + 1
    townships = {code for code, _ in found if township_of(code) == code}
    return [
        code
        for code, form in found
        if code in townships or township_of(code) in townships or forms[form] == 1
    ]


def attributions(*, viewer: Viewer) -> list[str]:
    """What must be shown wherever the viewer's places are drawn, each once."""
    rows = MapSource.objects.filter(_context(viewer, "place_code")).order_by("id")
    return list(dict.fromkeys(rows.values_list("text", flat=True)))


def base_map(*, viewer: Viewer) -> dict[str, Any]:
    """The base map as GeoJSON in degrees WGS-84.

    {"is_invented", "attribution": [str], "bounds": [west, south, east, north] or None,
     "layers": {county, townships, villages, rivers, roads, contours: FeatureCollection},
     "without_point": [{"code", "name"}]}
    """
    layers: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("county", "townships", "villages", *(layer.value for layer in Layer))
    }
    shown = list(
        _seen(viewer)
        .filter(is_withdrawn=False)
        .exclude(level__in=[DivisionLevel.GRID, DivisionLevel.GROUP])
        .order_by("code")
    )
    for one in shown:
        feature = _place_feature(one)
        if feature is not None:
            layers[_layer_of(one)].append(feature)
    features = MapFeature.objects.filter(
        _context(viewer, "place_code"), is_withdrawn=False
    ).order_by("id")
    for row in features:
        layers.setdefault(row.layer, []).append(_map_feature(row))
    outlines = layers["county"] or layers["townships"] or layers["villages"]
    return {
        "is_invented": any(one.is_invented for one in shown),
        "attribution": attributions(viewer=viewer),
        "bounds": _bounds(outlines),
        "layers": {
            name: {"type": "FeatureCollection", "features": found} for name, found in layers.items()
        },
        "without_point": [
            {"code": one.code, "name": one.name}
            for one in shown
            if one.level == DivisionLevel.VILLAGE and one.lon_e7 is None
        ],
    }


def _layer_of(one: Place) -> str:
    if one.level == DivisionLevel.VILLAGE:
        return "villages"
    return "townships" if one.level == DivisionLevel.TOWNSHIP else "county"


def _place_feature(one: Place) -> dict[str, Any] | None:
    if one.geometry is not None and one.level != DivisionLevel.VILLAGE:
        geometry = json.loads(one.geometry)
    elif one.lon_e7 is not None and one.lat_e7 is not None:
        geometry = {"type": "Point", "coordinates": [one.lon_e7 / E7, one.lat_e7 / E7]}
    else:
        return None
    return {
        "type": "Feature",
        "properties": {
            "code": one.code,
            "name": one.name,
            "kind": one.kind,
            "level": one.level,
            "note": one.geometry_note,
            "lon": one.lon_e7 / E7 if one.lon_e7 is not None else None,
            "lat": one.lat_e7 / E7 if one.lat_e7 is not None else None,
            "is_invented": one.is_invented,
        },
        "geometry": geometry,
    }


def _map_feature(row: MapFeature) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {
            **json.loads(row.properties),
            "name": row.name,
            "note": row.note,
            "is_invented": row.is_invented,
        },
        "geometry": json.loads(row.geometry),
    }


def _bounds(features: list[dict[str, Any]]) -> list[float] | None:
    lons: list[float] = []
    lats: list[float] = []
    stack: list[Any] = [feature["geometry"]["coordinates"] for feature in features]
    while stack:
        inner = stack.pop()
        if isinstance(inner[0], (int, float)):
            lons.append(inner[0])
            lats.append(inner[1])
        else:
            stack.extend(inner)
    return [min(lons), min(lats), max(lons), max(lats)] if lons else None


def _under(codes: Iterable[str]) -> Q:
    """Rows of Place in the subtrees of full or short codes."""
    return in_scopes("code", tuple(Scope.of(code) for code in codes))


def _context(viewer: Viewer, field: str) -> Q:
    """In the viewer's scope, or on the chain above it."""
    scopes = viewer.scopes(Permission.SEE_PLACES)
    if any(not scope.prefix for scope in scopes):
        return Q()  # everything; an empty Q joined by "or" would vanish
    above = {
        full_code(scope.prefix[:digits])
        for scope in scopes
        for digits in (2, 4, 6, 9, 12, 15)
        if digits < len(scope.prefix)
    }
    return in_scopes(field, scopes) | Q(**{f"{field}__in": above})


def _seen(viewer: Viewer) -> QuerySet[Place]:
    return Place.objects.filter(_context(viewer, "code")).exclude(name="")
