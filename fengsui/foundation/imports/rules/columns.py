"""What a header of a sheet may stand for: a column of the ledger, or a part of one. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fengsui.foundation.ledgers.rules import Column
from fengsui.foundation.ledgers.states import ColumnKind

ROW_ID = "row_id"  # 编号: says which row is meant even where its name or number is masked
ROW_ID_ZH = "编号"
ROW_ID_EN = "Row number"
LON, LAT = ".lon", ".lat"
# Several headers may stand for one place or person: 乡镇, 村, 组; 责任人, 责任人电话.
JOINED = frozenset({ColumnKind.PLACE, ColumnKind.REFERENCE})


@dataclass(frozen=True, slots=True)
class Target:
    """One thing a header can be mapped to. `name` is the column's, with .lon or .lat of a point."""

    name: str
    zh: str
    en: str
    words: tuple[str, ...]  # other headers that mean it
    takes_several: bool = False
    required: bool = False


_PLACE_WORDS = (
    "乡镇", "乡镇街道", "所属乡镇", "村", "行政村", "村社区", "所属村", "村居", "组", "村民小组",
    "自然村", "网格", "所在地", "地址", "辖区", "所属辖区", "行政区划", "行政区划代码", "区划代码",
    "地区", "单位",
)  # fmt: skip
# In the register of places 村 is a name, not where something lies.
_OF_PLACES_THEMSELVES = ("code", "parent_code")
_LON_WORDS = ("经度", "东经", "lon", "lng", "longitude", "x", "x坐标")
_LAT_WORDS = ("纬度", "北纬", "lat", "latitude", "y", "y坐标")
_PHONE_WORDS = (
    "电话", "手机", "手机号", "手机号码", "联系电话", "电话号码", "联系方式", "值班电话", "号码",
)  # fmt: skip


def targets_of(columns: Sequence[Column]) -> list[Target]:
    """Everything a header of this ledger's sheets can stand for, in the order of its columns."""
    found = [Target(ROW_ID, ROW_ID_ZH, ROW_ID_EN, ("系统编号", "row id", "id"))]
    for column in columns:
        found.extend(_targets(column))
    return found


def _targets(column: Column) -> Iterator[Target]:
    words = tuple(column.aliases)
    if column.kind is ColumnKind.POINT:
        extra = () if column.name in ("point", "location") else (column.zh,)
        lon = tuple(f"{one}经度" for one in extra) + _LON_WORDS
        lat = tuple(f"{one}纬度" for one in extra) + _LAT_WORDS
        yield Target(column.name + LON, "经度", "Longitude", lon, required=column.required)
        yield Target(column.name + LAT, "纬度", "Latitude", lat, required=column.required)
        yield Target(column.name, column.zh, column.en, (*words, "坐标", "经纬度"))
        return
    if column.kind is ColumnKind.PLACE and column.name not in _OF_PLACES_THEMSELVES:
        words += _PLACE_WORDS
    if column.kind is ColumnKind.PHONE:
        words += _PHONE_WORDS
    if column.kind is ColumnKind.OUTLINE:
        words += ("图形", "范围", "边界", "geometry", "outline")
    yield Target(
        column.name,
        column.zh,
        column.en,
        words,
        takes_several=column.kind in JOINED,
        required=column.required,
    )


def column_of(target: str) -> str:
    """The column a target belongs to: "location.lon" is a part of "location"."""
    return target.removesuffix(LON).removesuffix(LAT)
