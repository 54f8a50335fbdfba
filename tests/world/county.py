"""示例县: the small standing county of every story. Nothing in it is real.

示例县 439901000000
├── 青石镇 439901101000
│   ├── 石滩村 439901101201   danger area along the stream, 3 households
│   ├── 枫坪村 439901101202   danger area below a slope, 2 households
│   └── 云盘村 439901101203   no danger area
└── 白水乡 439901201000
    ├── 水口村 439901201201   danger area, 2 households
    └── 高寨村 439901201202   a village without a point, danger area without an outline
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fengsui.foundation.access.viewer import Viewer, node_viewer
from fengsui.foundation.accounts import services as accounts
from fengsui.foundation.accounts.queries import viewer_for_person
from fengsui.foundation.people import services as people
from fengsui.foundation.places import services as places
from fengsui.registers.risks import services as risks
from fengsui.registers.venues import services as venues
from fengsui.response.alerts import services as alerts

COUNTY = "439901000000"
QINGSHI = "439901101000"
BAISHUI = "439901201000"
SHITAN = "439901101201"
FENGPING = "439901101202"
YUNPAN = "439901101203"
SHUIKOU = "439901201201"
GAOZHAI = "439901201202"

PLACES = (
    (COUNTY, "示例县", 110.20, 28.50),
    (QINGSHI, "青石镇", 110.10, 28.45),
    (BAISHUI, "白水乡", 110.30, 28.55),
    (SHITAN, "石滩村", 110.08, 28.44),
    (FENGPING, "枫坪村", 110.12, 28.47),
    (YUNPAN, "云盘村", 110.15, 28.42),
    (SHUIKOU, "水口村", 110.31, 28.56),
    (GAOZHAI, "高寨村", None, None),
)
# ref, name, place, telephone ("" = none known)
PERSONS = (
    ("officer", "示意甲", COUNTY, "00010000001"),
    ("leader", "示意乙", COUNTY, "00010000002"),
    ("second_leader", "示意丙", COUNTY, "00010000003"),
    ("qingshi", "示意丁", QINGSHI, "00010000011"),
    ("baishui", "示意戊", BAISHUI, "00010000012"),
    ("shitan_a", "示意己", SHITAN, "00010000021"),
    ("shitan_b", "示意庚", SHITAN, "00010000022"),
    ("fengping_a", "示意辛", FENGPING, "00010000023"),
    ("shuikou_a", "示意壬", SHUIKOU, "00010000024"),
    ("gaozhai_a", "示意癸", GAOZHAI, "00010000025"),
    ("shitan_grid", "示意子", SHITAN, "00010000031"),
    ("school", "示意丑", FENGPING, "00010000041"),
)
POSTS = (
    ("county_room", COUNTY, "duty_room", "县应急值班室", ("officer", None)),
    ("county_leader", COUNTY, "duty_leader", "带班领导", ("leader", "second_leader")),
    ("qingshi_room", QINGSHI, "duty_room", "青石镇值班室", ("qingshi", None)),
    ("baishui_room", BAISHUI, "duty_room", "白水乡值班室", ("baishui", None)),
    ("shitan", SHITAN, "village_secretary", "村支书", ("shitan_a", "shitan_b")),
    ("fengping", FENGPING, "village_secretary", "村支书", ("fengping_a", None)),
    ("shuikou", SHUIKOU, "village_secretary", "村支书", ("shuikou_a", None)),
    ("gaozhai", GAOZHAI, "village_secretary", "村支书", ("gaozhai_a", None)),
    ("shitan_grid", SHITAN, "grid_worker", "网格员", ("shitan_grid", None)),
)
# ref, village, people, assist level, has a telephone
HOUSEHOLDS = (
    ("h1", SHITAN, 4, 1, True),
    ("h2", SHITAN, 2, 2, True),
    ("h3", SHITAN, 5, 0, True),
    ("h4", FENGPING, 3, 0, True),
    ("h5", FENGPING, 6, 1, False),
    ("h6", SHUIKOU, 4, 0, True),
    ("h7", SHUIKOU, 1, 3, True),
    ("h8", GAOZHAI, 2, 0, True),
    ("h9", YUNPAN, 5, 0, True),  # not in any danger area
)
GRANTS = {
    "officer": [["duty_officer", COUNTY]],
    "leader": [["duty_leader", COUNTY]],
    "second_leader": [["duty_leader", COUNTY]],
    "qingshi": [["township_officer", QINGSHI]],
    "baishui": [["township_officer", BAISHUI]],
    "shitan_a": [["village_secretary", SHITAN]],
    "shitan_grid": [["grid_worker", SHITAN]],
    "shuikou_a": [["village_secretary", SHUIKOU]],
    "gaozhai_a": [["village_secretary", GAOZHAI]],
}
E7 = 10_000_000


def box(lon: float, lat: float, half: float = 0.01) -> list[list[float]]:
    """A closed square ring around a point, in degrees."""
    west, east, south, north = lon - half, lon + half, lat - half, lat + half
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


@dataclass
class County:
    """The county as a story sees it: names to ids, and the words of a duty room."""

    ids: dict[str, int] = field(default_factory=dict)

    def viewer(self, who: str) -> Viewer:
        return viewer_for_person(self.ids[who])

    def import_xml(self, xml: str, by: str = "officer") -> dict[str, Any]:
        return alerts.import_warning(
            viewer=self.viewer(by), source_name="message.xml", data=xml.encode()
        )

    def issue(self, xml: str, *, author: str = "officer", approver: str = "leader") -> int:
        """A warning comes in and a second person approves it; the alert's id."""
        item = self.import_xml(xml, by=author)["items"][0]
        assert item["alert_id"], item["errors"]
        alerts.approve_alert(viewer=self.viewer(approver), alert_id=item["alert_id"])
        return int(item["alert_id"])


def build() -> County:
    """Registers the county through its services, as an office would."""
    node = node_viewer()
    places.register_places(
        viewer=node,
        county_code=COUNTY,
        places=[
            {
                "code": code,
                "name": name,
                "lon_e7": None if lon is None else round(lon * E7),
                "lat_e7": None if lat is None else round(lat * E7),
            }
            for code, name, lon, lat in PLACES
        ],
        is_invented=True,
    )
    persons = [{"ref": ref, "name": name, "place_code": at} for ref, name, at, _ in PERSONS]
    numbers = [
        {"person": ref, "kind": "phone", "value": number} for ref, _, _, number in PERSONS if number
    ]
    for ref, village, _, _, has_phone in HOUSEHOLDS:
        persons.append(
            {"ref": f"{ref}-contact", "name": f"示意户 {ref[1:]}", "place_code": village}
        )
        if has_phone:
            number = f"0002000000{ref[1:]}"
            numbers.append({"person": f"{ref}-contact", "kind": "phone", "value": number})
    ids = people.register_people(
        viewer=node,
        persons=persons,
        posts=[
            {"ref": f"post-{ref}", "place_code": at, "role": role, "title": title}
            for ref, at, role, title, _ in POSTS
        ],
        holdings=[
            {"post": f"post-{ref}", "person": holder, "slot": slot}
            for ref, _, _, _, holders in POSTS
            for slot, holder in zip("AB", holders, strict=True)
            if holder
        ],
        contact_points=numbers,
        is_invented=True,
    )
    points = {code: (lon, lat) for code, _, lon, lat in PLACES}
    ids = people.register_households(
        viewer=node,
        households=[
            {
                "ref": ref,
                "place_code": village,
                "label": f"示意户 {ref[1:]}",
                "people_count": count,
                "assist_level": assist,
                "contact_person": f"{ref}-contact",
                "responsible_person": "shitan_grid" if village == SHITAN else None,
                "group_head": "shitan_grid" if village == SHITAN else None,
                "relative_name": "示意亲属",
                "relative_phone": "00030000000",
                "lon_e7": None if points[village][0] is None else round(points[village][0] * E7),
                "lat_e7": None if points[village][1] is None else round(points[village][1] * E7),
            }
            for ref, village, count, assist, _ in HOUSEHOLDS
        ],
        refs=ids,
        is_invented=True,
    )
    ids = risks.register_danger_areas(
        viewer=node,
        areas=[
            _area("shitan-area", SHITAN, "石滩溪两岸", "flash_flood", points[SHITAN], "村小学"),
            _area("fengping-area", FENGPING, "枫坪后山", "geohazard", points[FENGPING], "村部"),
            _area("shuikou-area", SHUIKOU, "水口河段", "flash_flood", points[SHUIKOU], "乡中心校"),
            _area("gaozhai-area", GAOZHAI, "高寨山洪沟", "flash_flood", None, "高寨祠堂"),
        ],
        refs=ids,
        is_invented=True,
    )
    venues.register_venues(
        viewer=node,
        venues=[
            {
                "ref": "school-venue",
                "place_code": FENGPING,
                "name": "枫坪小学",
                "kind": "school",
                "lon_e7": round(110.12 * E7),
                "lat_e7": round(28.47 * E7),
                "warning_contact": ids["school"],
                "headcount_tonight": 40,
            }
        ],
        is_invented=True,
    )
    for who, grants in GRANTS.items():
        accounts.register_account(viewer=node, person_id=ids[who], grants=grants)
    return County(dict(ids))


def _area(
    ref: str,
    village: str,
    name: str,
    kind: str,
    point: tuple[float | None, float | None] | None,
    shelter: str,
) -> dict[str, Any]:
    geometry = None
    if point is not None and point[0] is not None and point[1] is not None:
        geometry = {"type": "Polygon", "coordinates": [box(point[0], point[1], 0.005)]}
    return {
        "ref": ref,
        "place_code": village,
        "name": name,
        "kind": kind,
        "geometry": geometry,
        "households": [one[0] for one in HOUSEHOLDS if one[1] == village],
        "trigger": "1 小时 60 毫米",
        "route": "沿村道上行",
        "shelter_name": shelter,
    }


RED_RAIN = """<?xml version="1.0" encoding="UTF-8"?>
<alert><identifier>{identifier}</identifier><sender>示例县气象局</sender>
<senderCode>43990141600000</senderCode><sendTime>{sent}</sendTime>
<status>{status}</status><msgType>{msg_type}</msgType><scope>Public</scope>
<code><method><methodName>SMS</methodName><message>{text}</message><audienceGrp/><audenceprt/></method></code>
<secClassification>None</secClassification><note/><references>{references}</references>
<info><language>zh-CN</language><eventType>11B03</eventType><urgency>Immediate</urgency>
<severity>{severity}</severity><certainty>Likely</certainty><effective>{sent}</effective><onset/>
<expires>{expires}</expires><senderName>值班员</senderName>
<headline>示例县气象局发布暴雨{colour}预警[{rank}]</headline><description>{text}</description>
<instruction/><web/><area><areaDesc>{area}</areaDesc><polygon/><circle/><geocode>{codes}</geocode></area></info>
</alert>"""
COLOURS = {
    "Red": ("红色", "I级/特别严重"),
    "Orange": ("橙色", "II级/严重"),
    "Yellow": ("黄色", "III级/较重"),
    "Blue": ("蓝色", "IV级/一般"),
}


def rain_warning(
    number: int = 0,
    *,
    severity: str = "Red",
    codes: str = f"{QINGSHI},{BAISHUI}",
    msg_type: str = "Alert",
    references: str = "",
    status: str = "Exercise",
    text: str = "",
    area: str = "青石镇、白水乡",
) -> str:
    """A 12379 message for the standing county, at 02:10 + `number` minutes on 17 July 2026."""
    colour, rank = COLOURS[severity]
    said = text or (
        f"示例县气象台2026年07月17日02时{10 + number:02d}分发布暴雨{colour}预警信号："
        "预计未来3小时，青石镇、白水乡降雨量将达100毫米以上，山洪、地质灾害风险极高。"
    )
    return RED_RAIN.format(
        identifier=f"43990141600000_20260717021{number % 10}00_0",
        sent=f"2026-07-17 02:{10 + number:02d}:00+08:00",
        expires="2026-07-17 05:10:00+08:00",
        severity=severity,
        colour=colour,
        rank=rank,
        codes=codes,
        msg_type=msg_type,
        references=references,
        status=status,
        text=said,
        area=area,
    )
