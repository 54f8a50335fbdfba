"""The ledger of households."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.ledgers.rules import Choice, Column, Ledger, Row, by_scope
from fengsui.foundation.ledgers.states import ColumnKind, Filter
from fengsui.foundation.people import apply, rules, services
from fengsui.foundation.people.ledger.words import PLACE
from fengsui.standards.divisions import village_of

# 需协助转移: what help is needed, never why.
ASSIST_LEVELS = (
    Choice("0", "不需要", "None"),
    Choice("1", "一级：需提醒陪同", "1: accompany"),
    Choice("2", "二级：需搀扶", "2: support"),
    Choice("3", "三级：需抬运", "3: carry"),
)


def create(
    viewer: Viewer, rows: Sequence[Row], cause: bytes | None, is_invented: bool
) -> list[int]:
    def send(scope: str, here: list[Row]) -> range:
        (first,) = services.record_households(
            viewer=viewer,
            groups=[[scope, [_counted(row) for row in here], [_named(row) for row in here]]],
            is_invented=is_invented,
            cause=cause,
        )
        return range(first, first + len(here))

    return by_scope(rows, lambda row: village_of(row["place_code"]), send)


def _counted(row: Row) -> list[Any]:
    level = int(row.get("assist_level") or 0)
    people = row.get("people_count") or 0
    plain = {"place_code": row["place_code"], "people_count": people, "assist_level": level}
    for name in ("assist_people", "tonight_people"):
        if row.get(name) is not None:
            plain[name] = row[name]
    references = (row.get(name) for name in ("responsible_person", "group_head", "contact_person"))
    return rules.household_row(plain, *references)


def _named(row: Row) -> list[Any]:
    lon, lat = row.get("point") or (None, None)
    relative = [row.get("relative_name") or "", row.get("relative_phone") or ""]
    return [row["label"], *relative, lon, lat]


def _count(name: str, zh: str, en: str, *aliases: str, sortable: bool = False) -> Column:
    return Column(
        name,
        zh,
        en,
        ColumnKind.WHOLE,
        least=0,
        most=rules.PEOPLE_MAX,
        unit="人",
        sortable=sortable,
        filter=Filter.RANGE if sortable else Filter.NONE,
        aliases=aliases,
    )


def _person(name: str, zh: str, en: str, *aliases: str) -> Column:
    return Column(
        name,
        zh,
        en,
        ColumnKind.REFERENCE,
        reference="persons",
        filter=Filter.EQUALS,
        field=f"{name}_id",
        aliases=aliases,
    )


HOUSEHOLDS = Ledger(
    name="households",
    zh="住户",
    en="Households",
    see=Permission.SEE_HOUSEHOLDS,
    edit=Permission.EDIT_REGISTERS,
    register=apply.HOUSEHOLDS_REGISTER,
    create=create,
    title="label",
    text=("label",),
    columns=(
        Column(
            "label",
            "户主或户名",
            "Household",
            required=True,
            is_key=True,
            is_private=True,
            sortable=True,
            filter=Filter.CONTAINS,
            length_max=rules.NAME_LENGTH_MAX,
            example="示意甲户",
            aliases=("户主", "户主姓名", "姓名", "户名"),
        ),
        PLACE,
        _count("people_count", "登记人数", "People", "人口", "人数", "家庭人口", sortable=True),
        _count("tonight_people", "今晚在家", "Tonight", "常住人口", "在家人数"),
        Column(
            "assist_level",
            "需协助转移",
            "Needs help to move",
            ColumnKind.CHOICE,
            sortable=True,
            filter=Filter.EQUALS,
            choices=ASSIST_LEVELS,
            hint_zh="只记需要什么帮助，不记病情",
            hint_en="What help is needed, never why",
            aliases=("协助等级", "转移协助"),
        ),
        _count("assist_people", "需协助人数", "People who need help"),
        _person(
            "responsible_person", "转移包保责任人", "Answers for moving it", "包保责任人", "责任人"
        ),
        _person("group_head", "中心户长", "Head of the group", "户长", "联户长"),
        _person("contact_person", "本户联系人", "Contact person", "联系人"),
        Column(
            "relative_name",
            "亲属姓名",
            "Relative",
            is_private=True,
            is_shown=False,
            length_max=rules.NAME_LENGTH_MAX,
            aliases=("亲属", "家属"),
        ),
        Column(
            "relative_phone",
            "亲属电话",
            "Relative's number",
            ColumnKind.PHONE,
            is_private=True,
            is_personal=True,
            length_max=rules.PHONE_LENGTH_MAX,
            aliases=("联系电话", "电话", "手机号", "家属电话"),
        ),
        Column(
            "point",
            "位置",
            "Point",
            ColumnKind.POINT,
            is_private=True,
            is_shown=False,
            aliases=("经纬度", "坐标"),
        ),
    ),
)
