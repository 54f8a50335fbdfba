"""The ledger of danger areas."""

from __future__ import annotations

from collections.abc import Sequence

from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.ledgers.rules import Choice, Column, Ledger, Row, by_scope
from fengsui.foundation.ledgers.states import ColumnKind, Filter
from fengsui.registers.risks import rules, services
from fengsui.registers.risks.apply import DANGER_AREAS as REGISTER
from fengsui.registers.risks.states import DangerKind
from fengsui.standards.divisions import village_of

KINDS = (
    Choice(DangerKind.FLASH_FLOOD, "山洪", "Flash flood"),
    Choice(DangerKind.GEOHAZARD, "地质灾害", "Geological hazard"),
    Choice(DangerKind.WATERLOGGING, "低洼易涝", "Waterlogging"),
    Choice(DangerKind.DOWNSTREAM, "水库山塘下游", "Below a reservoir"),
    Choice(DangerKind.OTHER, "其他", "Other"),
)


def create(
    viewer: Viewer, rows: Sequence[Row], cause: bytes | None, is_invented: bool
) -> list[int]:
    return by_scope(
        rows,
        lambda row: village_of(row["place_code"]),
        lambda scope, here: services.record_danger_areas(
            viewer=viewer,
            scope=scope,
            rows=[rules.area_row(row) for row in here],
            is_invented=is_invented,
            cause=cause,
        ),
    )


DANGER_AREAS = Ledger(
    name="danger_areas",
    zh="危险区",
    en="Danger areas",
    see=Permission.SEE_HOUSEHOLDS,
    edit=Permission.EDIT_REGISTERS,
    register=REGISTER,
    create=create,
    text=("name",),
    columns=(
        Column(
            "name",
            "名称",
            "Name",
            required=True,
            is_key=True,
            sortable=True,
            filter=Filter.CONTAINS,
            length_max=rules.NAME_LENGTH_MAX,
            example="示意沟口",
            aliases=("危险区名称", "隐患点名称", "沟道名称"),
        ),
        Column(
            "place_code",
            "所在村",
            "Village",
            ColumnKind.PLACE,
            required=True,
            is_key=True,
            sortable=True,
            filter=Filter.UNDER,
            reference="places",
            aliases=("村", "所属村", "行政村", "所在地"),
        ),
        Column(
            "kind",
            "类别",
            "Kind",
            ColumnKind.CHOICE,
            required=True,
            sortable=True,
            filter=Filter.EQUALS,
            choices=KINDS,
            aliases=("灾种", "隐患类型", "类型"),
        ),
        Column(
            "trigger",
            "预警指标",
            "Trigger",
            length_max=rules.TEXT_LENGTH_MAX,
            hint_zh="什么情况下要转移，例如 1 小时雨量 40 毫米",
            hint_en="When people must leave, for example 40 mm in an hour",
            aliases=("转移条件", "临界雨量", "阈值"),
        ),
        Column(
            "route",
            "转移路线",
            "Route",
            length_max=rules.TEXT_LENGTH_MAX,
            is_shown=False,
            aliases=("路线",),
        ),
        Column(
            "shelter_name",
            "安置点",
            "Shelter",
            length_max=rules.NAME_LENGTH_MAX,
            sortable=True,
            aliases=("避险点", "安置地点", "避灾点"),
        ),
        Column(
            "geometry",
            "范围",
            "Outline",
            ColumnKind.OUTLINE,
            is_shown=False,
            aliases=("图形", "边界"),
        ),
    ),
)

LEDGERS: tuple[Ledger, ...] = (DANGER_AREAS,)
