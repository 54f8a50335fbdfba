"""A ledger that no app has, with every kind of column, for testing what is pure."""

from __future__ import annotations

from typing import Any

from fengsui.foundation.access.viewer import Permission
from fengsui.foundation.imports.rules.checking import Plan
from fengsui.foundation.imports.rules.columns import targets_of
from fengsui.foundation.imports.rules.headers import guess
from fengsui.foundation.imports.rules.matching import Known, ReferenceIndex
from fengsui.foundation.imports.rules.placing import Place, PlaceIndex
from fengsui.foundation.ledgers.rules import Choice, Column, Ledger
from fengsui.foundation.ledgers.states import ColumnKind

COUNTY, TOWN, OTHER_TOWN = "990100000000", "990100101000", "990100102000"
VILLAGE, TWIN, GROUP = "990100101201", "990100102201", "99010010120100103"
PLACES = (
    Place(COUNTY, "示意县"),
    Place(TOWN, "石坝乡"),
    Place(OTHER_TOWN, "高岭镇"),
    Place(VILLAGE, "红旗村"),
    Place(TWIN, "红旗村"),
    Place("990100101202", "石坝村"),
    Place("990100101203", "大坪社区居委会"),
    Place("990100101201001", "第一网格"),
    Place(GROUP, "3组"),
)
PERSONS = (
    Known(11, "示意甲", ("00012345678",), VILLAGE),
    Known(12, "示意乙", ("00012345679",), VILLAGE),
    Known(13, "示意丙", ("00012345670",), TWIN),
    Known(14, "示意丙", ("00012345671",), VILLAGE),
)


def nothing(*_: Any) -> list[Any]:
    raise AssertionError("pure tests write nothing")


HUTS = Ledger(
    name="huts",
    zh="窝棚",
    en="Huts",
    see=Permission.SEE_PLACES,
    edit=Permission.EDIT_REGISTERS,
    register=None,
    create=nothing,
    columns=(
        Column("place_code", "所在地", "Place", ColumnKind.PLACE, required=True, is_key=True),
        Column(
            "name",
            "名称",
            "Name",
            required=True,
            is_key=True,
            length_max=20,
            aliases=("户主", "姓名"),
        ),
        Column("people", "人数", "People", ColumnKind.WHOLE, unit="人", least=0, most=500),
        Column(
            "kind",
            "类别",
            "Kind",
            ColumnKind.CHOICE,
            choices=(Choice("wood", "木屋", "Wooden"), Choice("stone", "石屋", "Stone")),
        ),
        Column("phone", "联系电话", "Telephone", ColumnKind.PHONE, is_personal=True),
        Column("keeper", "责任人", "Keeper", ColumnKind.REFERENCE, reference="persons"),
        Column("point", "位置", "Point", ColumnKind.POINT),
        Column("outline", "图形", "Outline", ColumnKind.OUTLINE),
        Column("seen_at", "查看时间", "Seen at", ColumnKind.MOMENT),
        Column("is_empty", "是否空置", "Empty", ColumnKind.FLAG),
    ),
)


def plan_of(header: list[str], **more: Any) -> Plan:
    """A plan with the columns as they are guessed from a line of headers."""
    guessed = guess([header], targets_of(HUTS.columns))
    return Plan(
        HUTS,
        guessed.headers,
        guessed.columns,
        PlaceIndex(PLACES),
        {"persons": ReferenceIndex(PERSONS)},
        **more,
    )
