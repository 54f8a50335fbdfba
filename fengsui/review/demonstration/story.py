"""Whole invented counties, the story's county with its storm, and people for a real one. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from fengsui.review.demonstration.county import (
    COUNTY_CODE,
    COUNTY_NAME,
    METRES_PER_DEGREE,
    County,
    degrees,
    layers,
    make_county,
    to_geojson,
)
from fengsui.review.demonstration.residents import populate
from fengsui.review.demonstration.roster import Roster, Row
from fengsui.review.demonstration.settlement import Site, make_households, with_outlines
from fengsui.review.demonstration.storm import Storm, place_storm
from fengsui.standards.coordinates import E7

SEED = 7  # of the county in the demonstration
STORY_TOWNSHIPS, STORY_VILLAGES, STORY_HOUSEHOLDS = 9, 96, 6_000
DRAWN_LAYERS = ("rivers", "roads", "contours")
PEOPLE_ATTRIBUTION = "住户、人员、危险区和场所为示意，全部虚构"
ATTRIBUTION = "示意地图：地形、边界、地名、住户和人员全部虚构"


def story() -> Roster:
    """The county of the three-minute night: always the same, ready in about two seconds."""
    return whole_county(SEED, STORY_TOWNSHIPS, STORY_VILLAGES, STORY_HOUSEHOLDS, with_storm=True)


def shown_people(roster: Roster) -> list[tuple[str, str]]:
    """Who is offered a sign-in link: (person ref, title), from the county down to a group."""
    silent = roster.storm["silent_village_codes"][0]
    quiet = set(roster.storm["silent_village_codes"])
    name_of = {place["code"]: place["name"] for place in roster.places}
    busy = next(
        area["place_code"]
        for area in roster.danger_areas
        if area["place_code"] in roster.storm["village_codes"] and area["place_code"] not in quiet
    )
    first = roster.danger_areas[
        next(
            number for number, area in enumerate(roster.danger_areas) if area["place_code"] == busy
        )
    ]["households"][0]
    group = next(row["place_code"] for row in roster.households if row["ref"] == first)
    town = f"{busy[:9]}000"
    return [
        ("county:officer:A", f"{roster.county_name}应急值班室 值班员"),
        ("county:leader:A", f"{roster.county_name}应急局 带班领导"),
        (f"{town}:officer:A", f"{name_of[town]}值班室 值班员"),
        (f"{busy}:secretary", f"{name_of[busy]} 村支书"),
        (f"{silent}:secretary", f"{name_of[silent]} 村支书（今夜叫不到）"),
        (f"{group}:head", f"{name_of[group]} 中心户长"),
        ("county:security", f"{roster.county_name}应急局 安全管理员"),
        ("county:auditor", f"{roster.county_name}应急局 审计员"),
    ]


def whole_county(
    seed: int, townships: int, villages: int, households: int, *, with_storm: bool = False
) -> Roster:
    """A county that looks like one, with everybody in it."""
    county = make_county(seed, townships, villages)
    random = np.random.Generator(np.random.PCG64([seed, 2]))
    sites = [Site(one.code, one.name, one.x, one.y) for one in county.villages]
    people, areas = make_households(random, sites, households, county)
    storm: Storm | None = None
    if with_storm:
        storm, people, areas = place_storm(random, county, people, areas)
    else:
        areas = with_outlines(people, areas, county)
    roster = Roster(COUNTY_CODE, COUNTY_NAME, map_features=_map_features(county))
    _add_divisions(roster, county)
    populate(
        roster,
        random,
        sites,
        [(town.code, town.name) for town in county.townships],
        people,
        areas,
        degrees,
    )
    if storm is not None:
        _add_storm(roster, county, storm)
    return roster


def fill(
    seed: int,
    households: int,
    *,
    county: tuple[str, str],
    townships: Sequence[tuple[str, str]],
    villages: Sequence[Mapping[str, Any]],
) -> Roster:
    """Invented people for an imported county: (code, name) pairs, villages with "code", "name"
    and "lon", "lat" in degrees, or None where the point is not known."""
    known = [(one["lon"], one["lat"]) for one in villages if one["lon"] is not None]
    middle_lon, middle_lat = np.mean(known, axis=0) if known else (0.0, 0.0)
    narrow = METRES_PER_DEGREE * float(np.cos(np.radians(middle_lat)))
    sites = [
        Site(one["code"], one["name"], float("nan"), float("nan"))
        if one["lon"] is None
        else Site(
            one["code"],
            one["name"],
            (one["lon"] - middle_lon) * narrow,
            (one["lat"] - middle_lat) * METRES_PER_DEGREE,
        )
        for one in villages
    ]
    random = np.random.Generator(np.random.PCG64([seed, 3]))
    people, areas = make_households(random, sites, households)
    roster = Roster(*county)

    def back(x: Any, y: Any) -> tuple[Any, Any]:
        return middle_lon + np.asarray(x) / narrow, middle_lat + np.asarray(y) / METRES_PER_DEGREE

    populate(roster, random, sites, townships, people, with_outlines(people, areas, None), back)
    return roster


def _map_features(county: County) -> list[Row]:
    return [
        {
            "layer": layer,
            "geometry": feature["geometry"],
            "name": "",
            "note": "示意",
            "properties": {
                key: value
                for key, value in feature["properties"].items()
                if key in ("rank", "elevation_m")
            },
        }
        for layer, collection in layers(county).items()
        if layer in DRAWN_LAYERS
        for feature in collection["features"]
    ]


def _add_divisions(roster: Roster, county: County) -> None:
    def row(code: str, level: str, name: str, parent: str, x: float, y: float) -> Row:
        lon, lat = degrees(x, y)
        return {
            "code": code,
            "level": level,
            "name": name,
            "parent_code": parent,
            "kind": "division",
            "lon_e7": round(float(lon) * E7),
            "lat_e7": round(float(lat) * E7),
            "geometry": None,
        }

    towns = county.townships
    seats = [county.villages[town.seat] for town in towns]
    outline = to_geojson(county.outline)
    first = row(roster.county_code, "county", roster.county_name, "", seats[0].x, seats[0].y)
    roster.places.append({**first, "geometry": outline})
    for town, seat in zip(towns, seats, strict=True):
        below = row(town.code, "township", town.name, roster.county_code, seat.x, seat.y)
        roster.places.append({**below, "geometry": to_geojson(town.outline)})
    for village in county.villages:
        parent = towns[village.township].code
        roster.places.append(
            row(village.code, "village", village.name, parent, village.x, village.y)
        )


def _add_storm(roster: Roster, county: County, storm: Storm) -> None:
    towns = sorted({county.villages[index].township for index in storm.villages})
    ring = to_geojson(storm.outline)["coordinates"][0]
    roster.storm = {
        "village_codes": [county.villages[index].code for index in storm.villages],
        "silent_village_codes": [county.villages[index].code for index in storm.silent],
        "township_names": [county.townships[index].name for index in towns],
        "polygon": [[float(lon), float(lat)] for lon, lat in ring],
    }
