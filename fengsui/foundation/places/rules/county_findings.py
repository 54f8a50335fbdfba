"""What can be wrong in a county's folder: file, row, field and a sentence for each. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SENTENCES: Mapping[str, tuple[str, str]] = {
    "file_missing": ("缺少此文件。", "the file is missing."),
    "not_utf8": (
        "不是 UTF-8 编码，请在表格软件中另存为“CSV UTF-8”。",
        "is not UTF-8; save it as 'CSV UTF-8'.",
    ),
    "not_json": ("不是有效的 GeoJSON：{detail}。", "is not valid GeoJSON: {detail}."),
    "no_county": (
        "没有带六位 adcode、名称和面的县界。",
        "holds no county outline with a six-digit adcode and a name.",
    ),
    "bad_outline": ("县界图形有误：{detail}。", "the county outline is wrong: {detail}."),
    "column_missing": ("缺少“{detail}”列。", "the column {detail} is missing."),
    "too_many_rows": ("超过 {detail} 行。", "has more than {detail} rows."),
    "bad_code": (
        "代码“{detail}”不合规，应为本县 9 位或 12 位数字。",
        "the code {detail!r} is not one of 9 or 12 digits of this county.",
    ),
    "duplicate_code": (
        "代码“{detail}”与前面的行重复。",
        "the code {detail!r} stands in an earlier row already.",
    ),
    "unknown_town": (
        "所属乡镇“{detail}”不在 towns.csv 中。",
        "the township {detail!r} is not in towns.csv.",
    ),
    "unknown_code": (
        "代码“{detail}”不在表中，已略去此图形。",
        "the code {detail!r} is in no table; the shape was left out.",
    ),
    "empty_name": ("名称为空。", "the name is empty."),
    "bad_number": ("“{detail}”不是数字。", "{detail!r} is not a number."),
    "half_point": ("经纬度只有一个。", "only one of longitude and latitude is given."),
    "not_wgs84": (
        "经纬度超出范围或写反：{detail}。",
        "longitude and latitude are out of range or swapped: {detail}.",
    ),
    "point_outside": (
        "“{detail}”的坐标在县界之外，未采用；请在地图上手工标定。",
        "the point of {detail} lies outside the county and was not used; place it by hand.",
    ),
    "point_at_border": (
        "“{detail}”的坐标略出县界（界线经过简化），已采用。",
        "the point of {detail} lies just outside the simplified boundary; it was used.",
    ),
    "points_disagree": (
        "“{detail}”的坐标与 villages.csv 不一致，采用 villages.csv。",
        "the point of {detail} is not that of villages.csv, which was used.",
    ),
    "count_differs": (
        "行内写有 {detail} 个村，与 villages.csv 不符。",
        "the row speaks of {detail} villages, villages.csv of another number.",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault or a warning: in which file, row (1 is the header) and field, and what."""

    code: str
    file: str
    row: int | None = None
    field: str = ""
    detail: str = ""

    @property
    def where(self) -> str:
        row = f" 第{self.row}行/row {self.row}" if self.row is not None else ""
        return f"{self.file}{row}{' ' + self.field if self.field else ''}"

    @property
    def zh(self) -> str:
        return _SENTENCES[self.code][0].format(detail=self.detail)

    @property
    def en(self) -> str:
        return _SENTENCES[self.code][1].format(detail=self.detail)

    def to_plain(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "file": self.file,
            "row": self.row,
            "field": self.field,
            "zh": self.zh,
            "en": self.en,
        }
