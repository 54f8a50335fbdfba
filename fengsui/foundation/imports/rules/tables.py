"""CSV and GeoJSON files as tables of cells. Pure; both refuse what they cannot read whole."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fengsui.foundation.imports.rules.headers import Merged

ROWS_MAX = 50_000  # of one import; a county's households come township by township
COLUMNS_MAX = 200
CELLS_MAX = 2_000_000
CELL_LENGTH_MAX = 32_767
OUTLINE_LENGTH_MAX = 400_000
SHEETS_MAX = 50
_DELIMITERS = ",\t;|，"
_SAMPLE_LINES = 20
_ENCODINGS = ("utf-8-sig", "gb18030")


class Unreadable(Exception):
    """The file cannot be read; `zh` and `en` say why and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


@dataclass(slots=True)
class Sheet:
    """One table. `rows` hold str, int, float, bool or None; row 0 is the file's first."""

    name: str
    rows: list[list[Any]]
    merged: list[Merged] = field(default_factory=list)
    is_geojson: bool = False
    is_cut: bool = False  # has more rows or columns than can be taken


def too_large(zh: str, en: str) -> Unreadable:
    fix_zh = f"最多 {ROWS_MAX} 行、{COLUMNS_MAX} 列，请分成几个文件"
    return Unreadable(f"{zh}。{fix_zh}", f"{en}. At most {ROWS_MAX} rows and {COLUMNS_MAX} columns")


def text_of(content: bytes) -> str:
    """A text file in any encoding that offices' machines write."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _decoded(content, "utf-16")
    if b"\x00" in content[:4000]:
        even, odd = content[0:4000:2].count(0), content[1:4000:2].count(0)
        return _decoded(content, "utf-16-le" if odd > even else "utf-16-be")
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(
        "文字编码无法识别。请在表格软件中另存为“CSV UTF-8”或 xlsx",
        "The encoding is not understood. Save it as “CSV UTF-8” or xlsx",
    )


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable("文件残缺，文字读不完整", "The file is broken off") from error


def read_csv(content: bytes) -> Sheet:
    """The rows of a CSV file, its delimiter found by which one cuts the lines most evenly."""
    text = text_of(content)
    if "\x00" in text:
        raise Unreadable("不是表格文件：含有二进制内容", "This is no table: it holds binary data")
    delimiter = _delimiter(text)
    csv.field_size_limit(OUTLINE_LENGTH_MAX)
    rows: list[list[Any]] = []
    cells = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if len(row) > COLUMNS_MAX and any(row[COLUMNS_MAX:]):
                raise too_large(f"一行有 {len(row)} 列", f"A row has {len(row)} columns")
            cells += len(row)
            if len(rows) >= ROWS_MAX + 100 or cells > CELLS_MAX:
                raise too_large("表格太大", "The table is too large")
            rows.append(list(row[:COLUMNS_MAX]))
    except csv.Error as error:
        raise Unreadable(f"不是有效的 CSV：{error}", f"This is no valid CSV: {error}") from error
    return Sheet("CSV", rows)


def _delimiter(text: str) -> str:
    lines = [line for line in text.splitlines()[:_SAMPLE_LINES] if line.strip()]
    best, best_score = ",", 0.0
    for one in _DELIMITERS:
        counts = [line.count(one) for line in lines]
        common = max(set(counts), key=counts.count, default=0)
        if common:
            score = counts.count(common) / len(counts) + min(common, 20) / 100
            best, best_score = (one, score) if score > best_score else (best, best_score)
    return best


def read_geojson(content: bytes, point: str, outline: str) -> Sheet:
    """A FeatureCollection as a table: a column for every property, and the geometry.

    `point`, `outline`: headers for a point's longitude and latitude ("" where the ledger has
    none) and for a shape's GeoJSON text. Source: RFC 7946.
    """
    features = _features(content)
    names = list(dict.fromkeys(str(key) for one in features for key in one["properties"]))
    if len(names) > COLUMNS_MAX - 3:
        raise too_large(f"属性多达 {len(names)} 个", f"There are {len(names)} properties")
    heads = [name for name in names if name != outline]
    has_points = bool(point) and any(_kind(one) == "Point" for one in features)
    has_shapes = bool(outline) and any(_kind(one) not in ("", "Point") for one in features)
    if has_points:
        heads += [name for name in ("经度", "纬度") if name not in heads]
    rows: list[list[Any]] = [[*heads, *([outline] if has_shapes else [])]]
    for one in features:
        said = {name: _cell(one["properties"].get(name)) for name in heads}
        if has_points and said["经度"] in (None, ""):
            said["经度"], said["纬度"] = _lonlat(one)
        rows.append([*said.values(), *([_shape(one)] if has_shapes else [])])
    return Sheet("GeoJSON", rows, is_geojson=True)


def _features(content: bytes) -> list[dict[str, Any]]:
    try:
        document = json.loads(text_of(content))
        features = document["features"]
        if document.get("type") != "FeatureCollection" or not isinstance(features, list):
            raise ValueError("FeatureCollection?")
        found = [
            {"properties": dict(one.get("properties") or {}), "geometry": one.get("geometry")}
            for one in features
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unreadable(
            "不是有效的 GeoJSON（应为 FeatureCollection）", "This is no GeoJSON FeatureCollection"
        ) from error
    if len(found) > ROWS_MAX:
        raise too_large(f"有 {len(found)} 个图形", f"There are {len(found)} features")
    return found


def _kind(feature: Mapping[str, Any]) -> str:
    geometry = feature["geometry"]
    return str(geometry.get("type", "")) if isinstance(geometry, Mapping) else ""


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text[:CELL_LENGTH_MAX]


def _lonlat(feature: Mapping[str, Any]) -> list[Any]:
    if _kind(feature) != "Point":
        return [None, None]
    coordinates = feature["geometry"].get("coordinates")
    if isinstance(coordinates, list) and len(coordinates) >= 2:
        return [_cell(coordinates[0]), _cell(coordinates[1])]
    return ["?", "?"]


def _shape(feature: Mapping[str, Any]) -> str | None:
    if _kind(feature) in ("", "Point"):
        return None
    text = json.dumps(feature["geometry"], separators=(",", ":"))
    return text if len(text) <= OUTLINE_LENGTH_MAX else "?"
