"""Everybody and everything in the villages of a county, as rows. Pure and deterministic."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from fengsui.review.demonstration.roster import Roster, Row
from fengsui.review.demonstration.settlement import FLOOD, KINDS, DangerArea, Households, Site
from fengsui.standards.coordinates import E7

_COMPASS = ("东", "东北", "北", "西北", "西", "西南", "南", "东南")
_TRIGGERS = {
    "flash_flood": "1小时雨量60毫米或3小时100毫米，或溪水漫过步石、突然变浑：立即转移",
    "geohazard": "24小时雨量100毫米，或坡上见裂缝、听到响声、泉水变浑：立即转移",
}
_VENUES = (
    ("小学", "school", 0, 60), ("中心卫生院", "clinic", 4, 24), ("敬老院", "nursing_home", 18, 45),
    ("民宿", "homestay", 4, 22), ("公路工地", "construction_site", 8, 40),
    ("农家乐", "restaurant", 0, 14), ("露营地", "campsite", 6, 30),
)  # fmt: skip


def populate(
    roster: Roster,
    random: np.random.Generator,
    sites: Sequence[Site],
    townships: Sequence[tuple[str, str]],
    people: Households,
    areas: Sequence[DangerArea],
    to_degrees: Any,
) -> None:
    _add_county_posts(roster, townships)
    in_danger = np.zeros(len(sites), dtype=bool)
    in_danger[people.village[people.danger >= 0]] = True
    for index, site in enumerate(sites):
        _add_village_posts(roster, site, has_danger=bool(in_danger[index]))
    _add_households(roster, sites, people, to_degrees)
    _add_danger_areas(roster, sites, people, areas, to_degrees)
    _add_venues(roster, random, sites, townships, to_degrees)
    # Last, so that nobody else's number changes.
    security = roster.person("county:security", roster.county_code)
    roster.accounts.append((security, "security_administrator", roster.county_code))
    _add_relief(roster)


def _add_relief(roster: Roster) -> None:
    """Two more officers, who take turns with the first two: somebody is there to hand over to."""
    relief = [roster.person(f"county:officer:{slot}", roster.county_code) for slot in "CD"]
    roster.accounts += [(person, "duty_officer", roster.county_code) for person in relief]


def _add_county_posts(roster: Roster, townships: Sequence[tuple[str, str]]) -> None:
    code = roster.county_code
    officers = [roster.person(f"county:officer:{slot}", code) for slot in "AB"]
    leaders = [roster.person(f"county:leader:{slot}", code) for slot in "AB"]
    roster.post(code, "duty_room", "县应急值班室", *officers)
    roster.post(code, "duty_leader", "县应急局带班领导", *leaders)
    roster.accounts += [(officer, "duty_officer", code) for officer in officers]
    roster.accounts += [(leader, "duty_leader", code) for leader in leaders]
    auditor = roster.person("county:auditor", code)
    roster.accounts.append((auditor, "auditor", code))
    for town, name in townships:
        on_duty = [roster.person(f"{town}:officer:{slot}", town) for slot in "AB"]
        leader, deputy = (roster.person(f"{town}:{role}", town) for role in ("leader", "deputy"))
        roster.post(town, "duty_room", f"{name}值班室", *on_duty)
        roster.post(town, "township_leader", f"{name}镇长", leader, deputy)
        roster.post(town, "township_deputy", f"{name}分管领导", deputy, leader)
        roster.accounts += [(person, "township_officer", town) for person in (*on_duty, leader)]


def _add_village_posts(roster: Roster, site: Site, *, has_danger: bool) -> None:
    code = site.code
    secretary, second, cadre = (
        roster.person(f"{code}:{role}", code) for role in ("secretary", "second", "cadre")
    )
    roster.post(code, "village_secretary", f"{site.name}村支书", secretary, second)
    roster.post(code, "village_cadre", f"{site.name}包村干部", cadre)
    roster.accounts += [(person, "village_secretary", code) for person in (secretary, second)]
    if has_danger:
        warner = roster.person(f"{code}:warner", code)
        roster.post(code, "flash_flood_warner", f"{site.name}山洪预警员", warner)


def _add_households(
    roster: Roster, sites: Sequence[Site], people: Households, to_degrees: Any
) -> None:
    """Households with their grids and groups, whose worker and head come with the first of them."""
    lon, lat = to_degrees(people.x, people.y)
    has_point = ~np.isnan(lon)
    lon_e7 = np.where(has_point, np.rint(np.nan_to_num(lon) * E7), 0).astype(np.int64).tolist()
    lat_e7 = np.where(has_point, np.rint(np.nan_to_num(lat) * E7), 0).astype(np.int64).tolist()
    columns = zip(
        people.village.tolist(), people.grid.tolist(), people.group.tolist(),
        people.people.tolist(), people.tonight.tolist(), people.assist_level.tolist(),
        people.danger.tolist(), has_point.tolist(), strict=True,
    )  # fmt: skip
    last_grid = last_group = ""
    for number, (at, grid, group, count, tonight, level, danger, placed) in enumerate(columns):
        site = sites[at]
        grid_code = f"{site.code}{grid:03d}"
        group_code = f"{grid_code}{group:02d}"
        if grid_code != last_grid:
            last_grid = grid_code
            _add_part(roster, grid_code, "grid", f"{site.name}第{grid}网格", site.code)
            worker = roster.person(f"{grid_code}:worker", grid_code)
            roster.post(grid_code, "grid_worker", f"{site.name}第{grid}网格网格员", worker)
            roster.accounts.append((worker, "grid_worker", grid_code))
        if group_code != last_group:
            last_group = group_code
            _add_part(roster, group_code, "group", f"{site.name}{grid}-{group}组", grid_code)
            head = roster.person(f"{group_code}:head", group_code)
            roster.post(group_code, "household_head", f"{site.name}{grid}-{group}组中心户长", head)
            roster.accounts.append((head, "household_head", group_code))
        row: Row = {
            "ref": f"household:{number}",
            "place_code": group_code,
            "label": f"示意户{number + 1:05d}",
            "people_count": count,
            "tonight_people": tonight,
            "assist_level": level,
            "assist_people": 1 if level else 0,
            "responsible_person": f"{site.code}:cadre" if level else f"{grid_code}:worker",
            "group_head": f"{group_code}:head",
        }
        if placed:
            row["lon_e7"], row["lat_e7"] = lon_e7[number], lat_e7[number]
        if danger >= 0:
            row["contact_person"] = roster.person(f"contact:{number}", group_code)
            row["relative_name"] = f"示意亲属{number + 1:05d}"
            row["relative_phone"] = f"0008{number:07d}"
        roster.households.append(row)


def _add_part(roster: Roster, code: str, kind: str, name: str, parent: str) -> None:
    roster.places.append(
        {
            "code": code,
            "level": kind,
            "name": name,
            "parent_code": parent,
            "kind": kind,
            "geometry": None,
        }
    )


def _add_danger_areas(
    roster: Roster,
    sites: Sequence[Site],
    people: Households,
    areas: Sequence[DangerArea],
    to_degrees: Any,
) -> None:
    order = np.argsort(people.danger, kind="stable")
    bounds = np.searchsorted(people.danger[order], np.arange(len(areas) + 1)).tolist()
    seen: dict[int, int] = {}
    for number, area in enumerate(areas):
        members = order[bounds[number] : bounds[number + 1]].tolist()
        if not members:
            continue
        site = sites[area.village]
        seen[area.village] = seen.get(area.village, 0) + 1
        what = "溪沟" if area.kind == FLOOD else "后山"
        kind = KINDS[area.kind]
        shelter = f"{site.name}村部" if seen[area.village] % 2 else f"{site.name}小学"
        roster.danger_areas.append(
            {
                "ref": f"area:{number}",
                "place_code": site.code,
                "name": f"{site.name}{what}{seen[area.village]}号危险区",
                "kind": kind,
                "geometry": _geometry(area.outline, to_degrees),
                "households": [f"household:{member}" for member in members],
                "trigger": _TRIGGERS[kind],
                "route": _route(area.outline, site, shelter),
                "shelter_name": shelter,
            }
        )


def _geometry(outline: BaseGeometry | None, to_degrees: Any) -> dict[str, Any] | None:
    if outline is None:
        return None
    moved = shapely.transform(
        outline,
        lambda points: np.round(np.stack(to_degrees(points[:, 0], points[:, 1]), 1), 6),
    )
    plain: dict[str, Any] = json.loads(shapely.to_geojson(moved))
    return plain


def _route(outline: BaseGeometry | None, site: Site, shelter: str) -> str:
    if outline is None:
        return f"离开溪沟和陡坡，沿村道到{shelter}，不走沟底，不过漫水桥"
    east, north = site.x - outline.centroid.x, site.y - outline.centroid.y
    metres = max(100, round(float(np.hypot(east, north)) * 1.3 / 50) * 50)
    compass = _COMPASS[int(np.rint(np.degrees(np.arctan2(north, east)) / 45)) % 8]
    return f"沿村道向{compass}走约{metres}米到{shelter}，不走沟底，不过漫水桥"


def _add_venues(
    roster: Roster,
    random: np.random.Generator,
    sites: Sequence[Site],
    townships: Sequence[tuple[str, str]],
    to_degrees: Any,
) -> None:
    for town, name in townships:
        here = [site for site in sites if site.code[:9] == town[:9]]
        if not here:
            continue
        for index, (word, kind, low, high) in enumerate(_VENUES):
            site = here[int(random.integers(len(here)))]
            contact = roster.person(f"{town}:venue:{index}", site.code)
            roster.accounts.append((contact, "venue_contact", site.code))
            row: Row = {
                "ref": f"venue:{town}:{index}",
                "place_code": site.code,
                "name": f"示意{name}{word}",
                "kind": kind,
                "warning_contact": contact,
                "headcount_tonight": int(random.integers(low, high + 1)),
            }
            if not np.isnan(site.x):
                angle = random.uniform(0, 2 * np.pi)
                lon, lat = to_degrees(site.x + 220 * np.cos(angle), site.y + 220 * np.sin(angle))
                row["lon_e7"], row["lat_e7"] = round(float(lon) * E7), round(float(lat) * E7)
            roster.venues.append(row)
