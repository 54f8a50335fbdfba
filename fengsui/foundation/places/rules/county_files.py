"""Reads a county's folder: county.geojson, towns.csv, villages.csv and optional map files. Pure.

Everything is read and checked before anything is decided; a fault names file, row and field.
A fault stops the import; a warning does not, and says what was done instead.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fengsui.foundation.places import rules
from fengsui.foundation.places.rules.county_findings import Finding
from fengsui.foundation.places.states import Layer
from fengsui.standards.coordinates import E7
from fengsui.standards.divisions import (
    COUNTY_DIGITS,
    TOWNSHIP_DIGITS,
    VILLAGE_DIGITS,
    DivisionLevel,
    full_code,
)

COUNTY, TOWNS, VILLAGES = "county.geojson", "towns.csv", "villages.csv"
VILLAGE_POINTS = "villages.geojson"
TOWNSHIP_OUTLINES = "townships_voronoi_derived.geojson"
RIVERS = "rivers_gshhg.geojson"
REQUIRED = (COUNTY, TOWNS, VILLAGES)
OPTIONAL = (VILLAGE_POINTS, TOWNSHIP_OUTLINES, RIVERS)
FILE_NAMES = REQUIRED + OPTIONAL

ROWS_MAX = 20_000
# The boundary is simplified: a village this close outside it is at the border, not misplaced.
OUTSIDE_TOLERANCE_DEGREES = 0.01
# Two files that give one village points further apart than about 100 m contradict each other.
POINTS_DISAGREE_DEGREES = 0.001
_TOWN_COLUMNS = ("code", "name", "lon", "lat")
_VILLAGE_COLUMNS = ("code", "name", "town_code", "lon", "lat")
DERIVED_NOTE_ZH = "推算的乡镇范围（按村点划分），不是法定界线"


@dataclass(slots=True)
class CountyFiles:
    """What a folder holds, ready for `places.services.register_places`."""

    county_code: str = ""
    county_name: str = ""
    places: list[dict[str, Any]] = field(default_factory=list)
    features: list[dict[str, Any]] = field(default_factory=list)
    attributions: list[str] = field(default_factory=list)
    faults: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)

    def counts(self) -> dict[str, int]:
        townships = [row for row in self.places if row["level"] == DivisionLevel.TOWNSHIP]
        villages = [row for row in self.places if row["level"] == DivisionLevel.VILLAGE]
        return {
            "places": len(self.places),
            "townships": len(townships),
            "villages": len(villages),
            "villages_with_point": sum(row.get("lon_e7") is not None for row in villages),
            "township_outlines": sum(row.get("geometry") is not None for row in townships),
            "rivers": sum(row["layer"] == Layer.RIVERS for row in self.features),
        }

    def missing(self, held: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """`held`: the register's points, since a person may have placed some by hand."""
        bare = {row["code"] for row in held if row["lon_e7"] is None}

        def of(level: DivisionLevel) -> list[dict[str, str]]:
            return [
                {"code": row["code"], "name": row["name"]}
                for row in self.places
                if row["level"] == level and row["code"] in bare
            ]

        return {
            "files": list(self.absent),
            "villages_without_point": of(DivisionLevel.VILLAGE),
            "townships_without_point": of(DivisionLevel.TOWNSHIP),
        }


def read(files: Mapping[str, bytes]) -> CountyFiles:
    """Reads and checks every file. Where `faults` is not empty, nothing of it may be used."""
    result = CountyFiles(absent=[name for name in OPTIONAL if name not in files])
    result.faults += [Finding("file_missing", name) for name in REQUIRED if name not in files]
    if result.faults:
        return result
    outline = _read_county(files[COUNTY], result)
    if outline is None:
        return result
    towns = _read_towns(files[TOWNS], result)
    villages = _read_villages(files[VILLAGES], result, towns)
    if VILLAGE_POINTS in files:
        _read_village_points(files[VILLAGE_POINTS], result, villages)
    if TOWNSHIP_OUTLINES in files:
        _read_township_outlines(files[TOWNSHIP_OUTLINES], result, towns)
    if RIVERS in files:
        _read_rivers(files[RIVERS], result)
    for name, rows in ((TOWNS, towns), (VILLAGES, villages)):
        for row in rows.values():
            _check_inside(name, row, outline, result)
    _check_counts(towns, villages, result)
    result.places += [
        {key: value for key, value in row.items() if not key.startswith("_")}
        for row in (*towns.values(), *villages.values())
    ]
    result.attributions = list(dict.fromkeys(result.attributions))
    return result


# --- the files ------------------------------------------------------------------------------


def _read_county(content: bytes, result: CountyFiles) -> Any:
    features = _features(COUNTY, content, result)
    if features is None:
        return None
    properties = features[0].get("properties") or {} if features else {}
    code, name = str(properties.get("adcode", "")), str(properties.get("name", ""))
    if len(features) != 1 or len(code) != COUNTY_DIGITS or not code.isdigit() or not name:
        result.faults.append(Finding("no_county", COUNTY))
        return None
    geometry = features[0]["geometry"]
    for _, fault in rules.geometry_faults(geometry):
        result.faults.append(Finding("bad_outline", COUNTY, detail=fault))
        return None
    import shapely  # 15 MB, and only where a county is loaded

    try:
        outline = shapely.from_geojson(json.dumps(geometry))
    except shapely.errors.ShapelyError as error:
        result.faults.append(Finding("bad_outline", COUNTY, detail=str(error)))
        return None
    if not geometry["type"].endswith("Polygon") or not outline.is_valid:
        reason = shapely.is_valid_reason(outline)
        result.faults.append(Finding("bad_outline", COUNTY, detail=reason))
        return None
    result.county_code, result.county_name = full_code(code), name
    source = str(properties.get("source", ""))
    if source:
        result.attributions.append(source)
    result.places.append(
        {
            "code": full_code(code),
            "name": name,
            "level": DivisionLevel.COUNTY,
            "geometry": geometry,
            "geometry_note": source,
        }
    )
    shapely.prepare(outline)
    return outline


def _read_towns(content: bytes, result: CountyFiles) -> dict[str, dict[str, Any]]:
    towns: dict[str, dict[str, Any]] = {}
    for number, row in _table(TOWNS, content, _TOWN_COLUMNS, result):
        read_row = _row(TOWNS, number, row, TOWNSHIP_DIGITS, result)
        if read_row is None:
            continue
        if read_row["code"] in towns:
            result.faults.append(Finding("duplicate_code", TOWNS, number, "code", row["code"]))
            continue
        read_row["level"] = DivisionLevel.TOWNSHIP
        read_row["_villages"] = row.get("villages") or ""
        towns[read_row["code"]] = read_row
    return towns


def _read_villages(
    content: bytes, result: CountyFiles, towns: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    villages: dict[str, dict[str, Any]] = {}
    for number, row in _table(VILLAGES, content, _VILLAGE_COLUMNS, result):
        read_row = _row(VILLAGES, number, row, VILLAGE_DIGITS, result)
        if read_row is None:
            continue
        code = read_row["code"]
        if code in villages or code in towns:
            result.faults.append(Finding("duplicate_code", VILLAGES, number, "code", code))
            continue
        # Digits 7-9 of 000: a village directly under the county, which is no fault.
        directly = code[COUNTY_DIGITS:TOWNSHIP_DIGITS] == "000"
        town = full_code((row["town_code"] or code[:TOWNSHIP_DIGITS]).strip())
        if not directly and (town not in towns or not code.startswith(town[:TOWNSHIP_DIGITS])):
            fault = Finding("unknown_town", VILLAGES, number, "town_code", row["town_code"] or town)
            result.faults.append(fault)
            continue
        read_row["level"] = DivisionLevel.VILLAGE
        villages[code] = read_row
    return villages


def _read_village_points(
    content: bytes, result: CountyFiles, villages: Mapping[str, dict[str, Any]]
) -> None:
    for number, feature in enumerate(_features(VILLAGE_POINTS, content, result) or (), 1):
        properties = feature.get("properties") or {}
        row = villages.get(str(properties.get("code", "")))
        if row is None:
            detail = str(properties.get("code", ""))
            result.warnings.append(Finding("unknown_code", VILLAGE_POINTS, number, "code", detail))
            continue
        try:
            lon, lat = (float(value) for value in feature["geometry"]["coordinates"][:2])
        except (KeyError, TypeError, ValueError):
            detail = str(feature.get("geometry"))[:60]
            result.faults.append(
                Finding("bad_number", VILLAGE_POINTS, number, "coordinates", detail)
            )
            continue
        if row["lon_e7"] is None:
            row["lon_e7"], row["lat_e7"] = rules.to_e7(lon), rules.to_e7(lat)
            row["coord_source"] = str(properties.get("coord_source") or VILLAGE_POINTS)
        elif (
            max(abs(row["lon_e7"] / E7 - lon), abs(row["lat_e7"] / E7 - lat))
            > POINTS_DISAGREE_DEGREES
        ):
            result.warnings.append(
                Finding("points_disagree", VILLAGE_POINTS, number, "", row["name"])
            )


def _read_township_outlines(
    content: bytes, result: CountyFiles, towns: Mapping[str, dict[str, Any]]
) -> None:
    for number, feature in enumerate(_features(TOWNSHIP_OUTLINES, content, result) or (), 1):
        properties = feature.get("properties") or {}
        code = full_code(str(properties.get("code", "")))
        if code not in towns:
            result.warnings.append(Finding("unknown_code", TOWNSHIP_OUTLINES, number, "code", code))
            continue
        for _, fault in rules.geometry_faults(feature["geometry"]):
            result.faults.append(Finding("not_json", TOWNSHIP_OUTLINES, number, "geometry", fault))
            break
        else:
            note = str(properties.get("derived") or "")
            towns[code]["geometry"] = feature["geometry"]
            towns[code]["geometry_note"] = f"{DERIVED_NOTE_ZH} / {note}" if note else ""


def _read_rivers(content: bytes, result: CountyFiles) -> None:
    for number, feature in enumerate(_features(RIVERS, content, result) or (), 1):
        properties = feature.get("properties") or {}
        source = str(properties.get("source") or "")
        for _, fault in rules.geometry_faults(feature["geometry"]):
            result.faults.append(Finding("not_json", RIVERS, number, "geometry", fault))
            break
        else:
            result.features.append(
                {
                    "layer": Layer.RIVERS,
                    "name": str(properties.get("name") or ""),
                    "geometry": feature["geometry"],
                    "note": source,
                    "properties": {"level": str(properties.get("level") or "")},
                }
            )
            if source:
                result.attributions.append(source)


# --- rows -----------------------------------------------------------------------------------


def _table(
    name: str, content: bytes, columns: Sequence[str], result: CountyFiles
) -> Iterator[tuple[int, dict[str, str]]]:
    """(row number as a spreadsheet shows it, row) of a CSV file with or without a BOM."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        result.faults.append(Finding("not_utf8", name))
        return
    reader = csv.DictReader(io.StringIO(text, newline=""))
    present = [(column or "").strip() for column in reader.fieldnames or ()]
    absent = [column for column in columns if column not in present]
    if absent:
        result.faults += [Finding("column_missing", name, 1, column, column) for column in absent]
        return
    reader.fieldnames = present
    for number, row in enumerate(reader, 2):
        if number > ROWS_MAX:
            result.faults.append(Finding("too_many_rows", name, number, "", str(ROWS_MAX)))
            return
        yield (
            number,
            {
                key: (value or "").strip()
                for key, value in row.items()
                if key is not None and not isinstance(value, list)
            },
        )


def _row(
    name: str, number: int, row: Mapping[str, str], digits: int, result: CountyFiles
) -> dict[str, Any] | None:
    code = row["code"]
    whole = full_code(code) if code.isdigit() and len(code) in (digits, VILLAGE_DIGITS) else ""
    fits = whole.startswith(result.county_code[:COUNTY_DIGITS]) and whole != result.county_code
    is_town = whole[TOWNSHIP_DIGITS:] == "000"
    if not whole or not fits or is_town != (digits == TOWNSHIP_DIGITS):
        result.faults.append(Finding("bad_code", name, number, "code", code))
        return None
    if not row["name"] or len(row["name"]) > rules.NAME_LENGTH_MAX:
        result.faults.append(Finding("empty_name", name, number, "name"))
        return None
    point = _point(name, number, row, result)
    return {
        "code": whole,
        "name": row["name"],
        "lon_e7": point[0] if point else None,
        "lat_e7": point[1] if point else None,
        "coord_source": (row.get("coord_source") or name) if point else "",
        "_row": number,
    }


def _point(
    name: str, number: int, row: Mapping[str, str], result: CountyFiles
) -> tuple[int, int] | None:
    if not row["lon"] and not row["lat"]:
        return None
    if not row["lon"] or not row["lat"]:
        result.faults.append(Finding("half_point", name, number, "lon/lat"))
        return None
    degrees = []
    for column in ("lon", "lat"):
        try:
            degrees.append(float(row[column]))
        except ValueError:
            result.faults.append(Finding("bad_number", name, number, column, row[column]))
            return None
    lon, lat = degrees
    # NaN compares false with everything, so it is refused here too.
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        detail = f"{row['lon']}, {row['lat']}"
        result.faults.append(Finding("not_wgs84", name, number, "lon/lat", detail))
        return None
    return rules.to_e7(lon), rules.to_e7(lat)


def _check_inside(name: str, row: dict[str, Any], outline: Any, result: CountyFiles) -> None:
    if row["lon_e7"] is None:
        return
    import shapely

    point = shapely.Point(row["lon_e7"] / E7, row["lat_e7"] / E7)
    distance = outline.distance(point)
    if distance == 0:
        return
    if distance <= OUTSIDE_TOLERANCE_DEGREES:
        result.warnings.append(
            Finding("point_at_border", name, row["_row"], "lon/lat", row["name"])
        )
        return
    result.warnings.append(Finding("point_outside", name, row["_row"], "lon/lat", row["name"]))
    row["lon_e7"] = row["lat_e7"] = None
    row["coord_source"] = ""


def _check_counts(
    towns: Mapping[str, dict[str, Any]], villages: Mapping[str, Any], result: CountyFiles
) -> None:
    for code, town in towns.items():
        said = town["_villages"]
        counted = sum(one.startswith(code[:TOWNSHIP_DIGITS]) for one in villages)
        if said and said != str(counted):
            result.warnings.append(Finding("count_differs", TOWNS, town["_row"], "villages", said))


def _features(name: str, content: bytes, result: CountyFiles) -> list[dict[str, Any]] | None:
    try:
        document = json.loads(content.decode("utf-8-sig"))
        features = document["features"]
        ok = document["type"] == "FeatureCollection" and all(
            isinstance(one, dict) and isinstance(one.get("geometry"), dict) for one in features
        )
    except (UnicodeDecodeError, ValueError, KeyError, TypeError, RecursionError) as error:
        result.faults.append(Finding("not_json", name, detail=str(error)[:80]))
        return None
    if not ok:
        result.faults.append(Finding("not_json", name, detail="FeatureCollection?"))
        return None
    return list(features)
