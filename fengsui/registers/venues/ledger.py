"""The ledger of venues."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.ledgers.rules import Choice, Column, Ledger, Row, by_scope
from fengsui.foundation.ledgers.states import ColumnKind, Filter
from fengsui.registers.venues import rules, services
from fengsui.registers.venues.apply import VENUES as REGISTER
from fengsui.standards.divisions import township_of
from fengsui.standards.venue_kinds import venue_kinds


def create(
    viewer: Viewer, rows: Sequence[Row], cause: bytes | None, is_invented: bool
) -> list[int]:
    return by_scope(
        rows,
        lambda row: township_of(row["place_code"]),
        lambda scope, here: services.record_venues(
            viewer=viewer,
            scope=scope,
            rows=[_row(row) for row in here],
            is_invented=is_invented,
            cause=cause,
        ),
    )


def _row(row: Row) -> dict[str, Any]:
    lon, lat = row.get("point") or (None, None)
    plain = {
        **row,
        "lon_e7": lon,
        "lat_e7": lat,
        "headcount_tonight": row.get("headcount_tonight") or 0,
    }
    return rules.venue_row(plain, row.get("warning_contact"))


KINDS = tuple(Choice(one.code, one.zh, one.en) for one in venue_kinds().values())

VENUES = Ledger(
    name="venues",
    zh="公共场所",
    en="Venues",
    see=Permission.SEE_PEOPLE,
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
            example="示意小学",
            aliases=("场所名称", "单位名称", "学校名称"),
        ),
        Column(
            "place_code",
            "所在村（社区）",
            "Village",
            ColumnKind.PLACE,
            required=True,
            is_key=True,
            sortable=True,
            filter=Filter.UNDER,
            reference="places",
            aliases=("所在地", "村", "社区", "村（社区）", "所属村"),
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
            example="学校",
            aliases=("场所类别", "类型", "性质"),
        ),
        Column(
            "warning_contact",
            "预警接收人",
            "Warning contact",
            ColumnKind.REFERENCE,
            reference="persons",
            filter=Filter.EQUALS,
            field="warning_contact_id",
            hint_zh="接收并传播预警的人（突发事件应对法第六十五条）",
            hint_en="Receives and spreads warnings (突发事件应对法 art. 65)",
            aliases=("联系人", "负责人", "安全负责人"),
        ),
        Column(
            "headcount_tonight",
            "今晚人数",
            "People tonight",
            ColumnKind.WHOLE,
            least=0,
            most=rules.HEADCOUNT_MAX,
            unit="人",
            sortable=True,
            filter=Filter.RANGE,
            aliases=("人数", "在校人数", "常住人数"),
        ),
        Column(
            "boarding_people",
            "夜间住宿人数",
            "People who sleep there",
            ColumnKind.WHOLE,
            least=0,
            most=rules.HEADCOUNT_MAX,
            unit="人",
            sortable=True,
            filter=Filter.RANGE,
            hint_zh="住校生、工地住宿、民宿床位等平时夜里有多少人",
            hint_en="Boarders, workers who sleep on site, guests: how many on an ordinary night",
            aliases=("住校人数", "住宿人数", "住校生", "夜间人数", "寄宿人数"),
        ),
        Column(
            "open_when",
            "开放时间",
            "Open when",
            length_max=rules.OPEN_WHEN_LENGTH_MAX,
            hint_zh="季节或时段，例如 5 月至 10 月、周末、学期内",
            hint_en="Season or hours, for example May to October, weekends, in term",
            example="5 月至 10 月",
            aliases=("营业时间", "开放季节", "营业季节", "施工期", "学期"),
        ),
        Column(
            "notes",
            "备注",
            "Notes",
            length_max=rules.NOTES_LENGTH_MAX,
            is_shown=False,
            hint_zh="不写个人姓名和电话",
            hint_en="No names or numbers of persons",
            aliases=("说明",),
        ),
        Column("point", "位置", "Point", ColumnKind.POINT, is_shown=False, aliases=("经纬度",)),
    ),
)

LEDGERS: tuple[Ledger, ...] = (VENUES,)
