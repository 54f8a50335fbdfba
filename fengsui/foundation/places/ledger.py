"""The ledger of places. The code of a place is its id; it cannot be changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.ledgers.rules import Choice, Column, Ledger, Row
from fengsui.foundation.ledgers.states import ColumnKind, Filter
from fengsui.foundation.places import queries, rules, services
from fengsui.foundation.places.apply import PLACES as REGISTER
from fengsui.foundation.places.states import PlaceKind
from fengsui.standards.divisions import DivisionLevel

COUNT_MAX = 100_000_000

LEVELS = (
    Choice(DivisionLevel.PROVINCE, "省级", "Province"),
    Choice(DivisionLevel.PREFECTURE, "地级", "Prefecture"),
    Choice(DivisionLevel.COUNTY, "县级", "County"),
    Choice(DivisionLevel.TOWNSHIP, "乡级", "Township"),
    Choice(DivisionLevel.VILLAGE, "村级", "Village"),
    Choice(DivisionLevel.GRID, "网格", "Grid"),
    Choice(DivisionLevel.GROUP, "中心户长组", "Group of households"),
)
KINDS = (
    Choice(PlaceKind.DIVISION, "行政区划", "Division"),
    Choice(PlaceKind.ZONE, "类似乡级单位", "Zone"),
    Choice(PlaceKind.GRID, "网格", "Grid"),
    Choice(PlaceKind.GROUP, "中心户长组", "Group of households"),
)


def create(
    viewer: Viewer, rows: Sequence[Row], cause: bytes | None, is_invented: bool
) -> list[str]:
    plain = []
    for row in rows:
        lon, lat = row.get("point") or (None, None)
        plain.append({**row, "lon_e7": lon, "lat_e7": lat})
    return services.create_places(viewer=viewer, rows=plain, cause=cause, is_invented=is_invented)


def naming(viewer: Viewer, codes: Sequence[Any]) -> Mapping[Any, str]:
    """A village is called with its township: every county has several 新建村."""
    return queries.full_names(codes, viewer=viewer)


PLACES = Ledger(
    name="places",
    zh="行政区划与网格",
    en="Places",
    see=Permission.SEE_PLACES,
    edit=Permission.EDIT_REGISTERS,
    register=REGISTER,
    create=create,
    naming=naming,
    place="code",
    text=("name",),
    columns=(
        Column(
            "code",
            "代码",
            "Code",
            ColumnKind.PLACE,
            required=True,
            is_key=True,
            editable=False,
            sortable=True,
            filter=Filter.UNDER,
            hint_zh="统计用区划代码 12 位；网格 15 位，户长组 17 位",
            hint_en="Division code of 12 digits; a grid has 15, a group 17",
            aliases=("区划代码", "行政区划代码", "统计用区划代码", "编码"),
        ),
        Column(
            "name",
            "名称",
            "Name",
            required=True,
            sortable=True,
            filter=Filter.CONTAINS,
            length_max=rules.NAME_LENGTH_MAX,
            aliases=("地名", "村名", "乡镇名称", "村（社区）名称", "区划名称"),
        ),
        Column(
            "level",
            "级别",
            "Level",
            ColumnKind.CHOICE,
            editable=False,
            sortable=True,
            filter=Filter.EQUALS,
            choices=LEVELS,
            hint_zh="不填时按代码判断",
            hint_en="Follows from the code where it is left empty",
        ),
        Column(
            "parent_code",
            "上级",
            "Above",
            ColumnKind.PLACE,
            reference="places",
            filter=Filter.EQUALS,
            hint_zh="不填时取代码之上最近的一级",
            hint_en="The nearest place above where it is left empty",
            aliases=("上级代码", "所属乡镇", "上级区划"),
        ),
        Column(
            "kind",
            "类别",
            "Kind",
            ColumnKind.CHOICE,
            filter=Filter.EQUALS,
            choices=KINDS,
            is_shown=False,
        ),
        Column("point", "位置", "Point", ColumnKind.POINT, aliases=("经纬度", "坐标")),
        Column(
            "coord_source",
            "位置来源",
            "Source of the point",
            is_shown=False,
            filter=Filter.EQUALS,
        ),
        Column("geometry", "边界", "Outline", ColumnKind.OUTLINE, is_shown=False),
        Column("geometry_note", "边界说明", "Note on the outline", is_shown=False),
        Column(
            "households_count",
            "户数（统计）",
            "Households (census)",
            ColumnKind.WHOLE,
            least=0,
            most=COUNT_MAX,
            unit="户",
            filter=Filter.RANGE,
            aliases=("户数", "总户数"),
        ),
        Column(
            "people_count",
            "人口（统计）",
            "People (census)",
            ColumnKind.WHOLE,
            least=0,
            most=COUNT_MAX,
            unit="人",
            filter=Filter.RANGE,
            aliases=("人口", "人口数", "总人口"),
        ),
    ),
)

LEDGERS: tuple[Ledger, ...] = (PLACES,)
