"""The verbs on places."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal.services import command, record
from fengsui.foundation.places import facts, queries, rules
from fengsui.foundation.places.errors import (
    ALREADY_THERE,
    IMPORT_REFUSED,
    POINT_CHANGED,
    POINT_OUTSIDE,
    ROWS_REFUSED,
)
from fengsui.foundation.places.models import MapFeature, MapSource, Place
from fengsui.standards.divisions import level_of, township_of

# A county's own places and shapes go in one command, so an import is there or it is not;
# thousands of grids and groups follow in pieces that do not hold the writer long.
WEIGHT_PER_COMMAND = 60_000
WEIGHT_PER_FACT = rules.POINTS_PER_GEOMETRY_MAX
_ROW_WEIGHT = 40  # a place without an outline, in points of an outline
_PLAIN = (
    "level",
    "name",
    "parent_code",
    "kind",
    "lon_e7",
    "lat_e7",
    "coord_source",
    "households_count",
    "people_count",
)

Row = Mapping[str, Any]


def register_places(
    *,
    viewer: Viewer,
    county_code: str,
    places: Sequence[Row],
    map_features: Sequence[Row] = (),
    attributions: Sequence[str] = (),
    source: str = "",
    is_invented: bool = False,
) -> dict[str, int]:
    """Registers places and shapes of the base map, leaving alone what is there already.

    places:       {"code" (12, 15 or 17 digits), "name", "lon_e7", "lat_e7" (integers of 1e-7
                  degree, or absent), "geometry": GeoJSON Polygon/MultiPolygon in degrees or None,
                  "coord_source", "geometry_note", "level", "kind", "parent_code"};
                  level, kind and parent follow from the code where they are not given: the
                  parent is the nearest place above that exists.
    map_features: {"layer": "rivers"|"roads"|"contours", "geometry": GeoJSON line or polygon in
                  degrees, "name", "note", "properties": {name: int or str}}. The features given
                  for a layer replace those that were there; a layer not given is left alone.
    attributions: sentences that must be shown wherever the county is drawn.

    Returns {"places_recorded", "features_recorded", "facts"}; all 0 where nothing is new.
    Raises places.rows_refused, access.not_allowed; then nothing at all has been written.
    """
    _check(viewer, county_code, places, map_features)
    new_places = _news_of_places(places, is_invented)
    new_features, gone = _news_of_features(county_code, map_features)
    new_attributions = _news_of_attributions(county_code, attributions)
    if not (new_places or new_features or gone or new_attributions):
        return {"places_recorded": 0, "features_recorded": 0, "facts": 0}
    manifest = {
        "source": source,
        "attributions": new_attributions,
        "is_invented": is_invented,
        "places_count": len(new_places),
        "features_count": len(new_features),
    }
    batches = list(_batches(new_places, new_features, gone))
    return {
        "places_recorded": len(new_places),
        "features_recorded": len(new_features),
        "facts": _send(viewer, county_code, manifest, batches),
    }


def _send(
    viewer: Viewer, county_code: str, manifest: dict[str, Any], batches: list[list[list[Any]]]
) -> int:
    """Sends the parts one by one; the manifest goes with the first and is the cause of all."""
    recorded = 0
    cause: bytes | None = None
    for batch in batches:
        written = record_places(
            viewer=viewer,
            scope=county_code,
            manifest=manifest if cause is None else None,
            batch=batch,
            is_invented=manifest["is_invented"],
            cause=cause,
        )
        cause = cause or written["manifest"]
        recorded += written["facts"]
    return recorded


def _check(
    viewer: Viewer, county_code: str, places: Sequence[Row], map_features: Sequence[Row]
) -> None:
    for number, row in enumerate(places, 1):
        for field, fault in rules.place_faults(row):
            raise ROWS_REFUSED(row=number, code=row.get("code"), field=field, fault=fault)
        require(viewer, Permission.EDIT_REGISTERS, row["code"])
    for number, row in enumerate(map_features, 1):
        for field, fault in rules.feature_faults(row):
            raise ROWS_REFUSED(row=number, code=row.get("layer"), field=field, fault=fault)
    require(viewer, Permission.EDIT_REGISTERS, county_code)


@command
def record_places(
    *,
    viewer: Viewer,
    scope: str,
    manifest: dict[str, Any] | None,
    batch: list[list[Any]],
    is_invented: bool,
    cause: bytes | None,
) -> dict[str, Any]:
    """Part of an import: `batch` is [["places"|"features"|"withdrawn", rows], ...].

    The first part carries the manifest, whose fact is the cause of all others.
    """
    require(viewer, Permission.EDIT_REGISTERS, scope)
    written = 0
    if manifest is not None:
        cause = record(facts.IMPORT_OPENED, fields=manifest, scope=scope, viewer=viewer).id
        written += 1
    for what, rows in batch:
        if what == "withdrawn":
            record(
                facts.FEATURES_WITHDRAWN,
                fields={"count": len(rows), "feature_ids": rows},
                scope=scope,
                viewer=viewer,
                cause=cause,
            )
        else:
            record(
                facts.PLACES_IMPORTED if what == "places" else facts.FEATURES_IMPORTED,
                fields={"count": len(rows), "is_invented": is_invented},
                items=rows,
                scope=scope,
                viewer=viewer,
                cause=cause,
            )
        written += 1
    return {"manifest": cause, "facts": written}


@command
def create_places(
    *, viewer: Viewer, rows: Sequence[Row], cause: bytes | None, is_invented: bool
) -> list[str]:
    """Registers places one by one typed or imported; the codes. Rows as in `register_places`.

    Raises places.rows_refused, places.already_there, access.not_allowed.
    """
    for number, row in enumerate(rows, 1):
        for field, fault in rules.place_faults(row):
            raise ROWS_REFUSED(row=number, code=row.get("code"), field=field, fault=fault)
        require(viewer, Permission.EDIT_REGISTERS, row["code"])
    codes = [str(row["code"]) for row in rows]
    there = Place.objects.filter(code__in=codes).exclude(name="").values_list("code", flat=True)
    for code in sorted(there):
        raise ALREADY_THERE(code=code)
    above = {code for one in codes for code in rules.ancestors(one)}
    existing = {*codes, *Place.objects.filter(code__in=above).values_list("code", flat=True)}
    by_scope: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_scope.setdefault(township_of(row["code"]), []).append(_item(row, existing))
    for scope, items in by_scope.items():
        record(
            facts.PLACES_IMPORTED,
            fields={"count": len(items), "is_invented": is_invented},
            items=items,
            scope=scope,
            viewer=viewer,
            cause=cause,
        )
    return codes


def county_file_names() -> tuple[str, ...]:
    """The files that `import_county` looks at."""
    from fengsui.foundation.places.rules import county_files

    return county_files.FILE_NAMES


def import_county(*, viewer: Viewer, files: Mapping[str, bytes], source: str) -> dict[str, Any]:
    """Loads a folder of county.geojson, towns.csv, villages.csv and optional map files.

    `files`: file name -> content. Returns what was loaded and what is missing:
    {"county": {"code", "name"}, "found": {...counts}, "recorded": {...}, "missing":
     {"files", "villages_without_point", "townships_without_point"}, "warnings": [finding]}.
    Raises places.import_refused with every fault, and then nothing has been written.
    """
    # Here only: shapely is 15 MB that no other process of the node needs.
    from fengsui.foundation.places.rules import county_files

    read = county_files.read(files)
    if read.faults:
        first = read.faults[0]
        raise IMPORT_REFUSED(
            count=len(read.faults),
            where=first.where,
            zh=first.zh,
            en=first.en,
            faults=[fault.to_plain() for fault in read.faults],
        )
    recorded = register_places(
        viewer=viewer,
        county_code=read.county_code,
        places=read.places,
        map_features=read.features,
        attributions=read.attributions,
        source=source,
    )
    return {
        "county": {"code": read.county_code, "name": read.county_name},
        "found": read.counts(),
        "recorded": recorded,
        "missing": read.missing(queries.points([read.county_code], viewer=viewer)),
        "attributions": read.attributions,
        "warnings": [warning.to_plain() for warning in read.warnings],
    }


@command
def place_point(
    *,
    viewer: Viewer,
    code: str,
    lon_e7: int | None,
    lat_e7: int | None,
    seen: Mapping[str, int | None] | None = None,
) -> dict[str, Any]:
    """Puts a place on the map by hand: a village that the import could not find.

    None for both takes the point away again, which is how placing a village that had none is
    undone. `seen`: {"lon_e7", "lat_e7"} that the person looked at; where the register holds
    others by now, nothing is changed. Raises places.point_outside, places.point_changed,
    access.not_found, access.not_allowed.
    """
    place = queries.place(code, viewer=viewer)
    require(viewer, Permission.EDIT_REGISTERS, place.code)
    if seen is not None and dict(seen) != {"lon_e7": place.lon_e7, "lat_e7": place.lat_e7}:
        raise POINT_CHANGED(name=place.name)
    for _, fault in rules.point_faults({"lon_e7": lon_e7, "lat_e7": lat_e7}):
        raise POINT_OUTSIDE(fault=fault)
    record(
        facts.POINT_PLACED,
        fields={
            "code": place.code,
            "lon_e7": lon_e7,
            "lat_e7": lat_e7,
            "coord_source": "" if lon_e7 is None else facts.PLACED_BY_HAND,
        },
        scope=place.code,
        viewer=viewer,
    )
    return {"code": place.code}


# --- what is new ----------------------------------------------------------------------------


def _news_of_places(places: Sequence[Row], is_invented: bool) -> list[dict[str, Any]]:
    """Items of the rows that say something the register does not hold already."""
    codes = [row["code"] for row in places]
    rows = Place.objects.in_bulk(codes)
    above = {code for one in codes for code in rules.ancestors(one)}
    existing = {*codes, *Place.objects.filter(code__in=above).values_list("code", flat=True)}
    news = []
    for row in places:
        item = _item(row, existing)
        held = rows.get(row["code"])
        if held is not None and held.coord_source == facts.PLACED_BY_HAND:
            # A person looked at the map; a file that comes again knows no better.
            item |= {"lon_e7": None, "lat_e7": None, "coord_source": None}
        if held is None or held.is_invented != is_invented or _differs(item, held):
            news.append(item)
    return news


def _item(row: Row, existing: set[str]) -> dict[str, Any]:
    code = row["code"]
    geometry = row.get("geometry")
    return {
        "code": code,
        "level": str(row.get("level") or level_of(code)),
        "name": row["name"].strip(),
        "parent_code": row.get("parent_code") or rules.nearest_ancestor(code, existing),
        "kind": str(row.get("kind") or rules.kind_of(code)),
        "lon_e7": row.get("lon_e7"),
        "lat_e7": row.get("lat_e7"),
        "coord_source": row.get("coord_source") or None,
        "geometry": None if geometry is None else rules.scaled(geometry),
        "geometry_note": row.get("geometry_note") or None,
        "households_count": row.get("households_count"),
        "people_count": row.get("people_count"),
    }


def _differs(item: Row, held: Place) -> bool:
    if any(item[name] is not None and item[name] != getattr(held, name) for name in _PLAIN):
        return True
    if item["geometry"] is None:
        return False
    return bool(
        rules.geometry_text(item["geometry"]) != held.geometry
        or (item["geometry_note"] or "") != held.geometry_note
    )


def _news_of_attributions(county_code: str, attributions: Sequence[str]) -> list[str]:
    known = set(MapSource.objects.filter(place_code=county_code).values_list("text", flat=True))
    return [text for text in dict.fromkeys(attributions) if text not in known]


def _news_of_features(
    county_code: str, features: Sequence[Row]
) -> tuple[list[dict[str, Any]], list[int]]:
    """Items that are not drawn yet, and ids of the features that no row describes any more."""
    layers = {str(row["layer"]) for row in features}
    held = {
        (row.layer, row.name, row.properties, row.geometry, row.note): row.pk
        for row in MapFeature.objects.filter(
            place_code=county_code, layer__in=layers, is_withdrawn=False
        )
    }
    news = []
    for row in features:
        for geometry in rules.parts(row["geometry"]):
            item: dict[str, Any] = {
                "layer": str(row["layer"]),
                "name": row.get("name") or "",
                "geometry": rules.scaled(geometry),
                "note": row.get("note") or "",
                "properties": dict(row.get("properties") or {}),
            }
            key = (
                item["layer"],
                item["name"],
                json.dumps(item["properties"], sort_keys=True),
                rules.geometry_text(item["geometry"]),
                item["note"],
            )
            if held.pop(key, None) is None:
                news.append(item)
    return news, sorted(held.values())


def _batches(
    places: Sequence[Row], features: Sequence[Row], gone: Sequence[int]
) -> Iterator[list[list[Any]]]:
    """Facts by weight, gathered into commands by weight. The first command always comes."""
    batch: list[list[Any]] = [["withdrawn", list(gone)]] if gone else []
    weight = 0
    for what, rows in (("places", places), ("features", features)):
        piece: list[Row] = []
        piece_weight = 0
        for row in rows:
            row_weight = _weight(row)
            if piece and piece_weight + row_weight > WEIGHT_PER_FACT:
                batch.append([what, piece])
                piece, piece_weight = [], 0
                if weight > WEIGHT_PER_COMMAND:
                    yield batch
                    batch, weight = [], 0
            piece.append(row)
            piece_weight += row_weight
            weight += row_weight
        if piece:
            batch.append([what, piece])
    yield batch


def _weight(row: Row) -> int:
    geometry = row["geometry"]
    return _ROW_WEIGHT + (0 if geometry is None else rules.count_points(geometry["coordinates"]))
