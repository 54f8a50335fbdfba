"""The invented county: the same every time, everything in its place, nothing plausible."""

from __future__ import annotations

import hashlib
import json
import re
import time

import numpy as np
import pytest
import shapely

from fengsui.review.demonstration import story as stories
from fengsui.review.demonstration.county import County, layers, make_county
from fengsui.review.demonstration.roster import Roster
from fengsui.review.demonstration.settlement import (
    RIVER_CLEARANCE_M,
    Households,
    Site,
    make_households,
    with_outlines,
)
from fengsui.review.demonstration.storm import STORM_ASSIST, STORM_HOUSEHOLDS

LAYERS_BYTES_MAX = 1_500_000


@pytest.fixture(scope="module")
def county() -> County:
    return make_county(7, townships=9, villages=96)


@pytest.fixture(scope="module")
def households(county: County) -> Households:
    sites = [Site(one.code, one.name, one.x, one.y) for one in county.villages]
    people, _ = make_households(np.random.Generator(np.random.PCG64(1)), sites, 6000, county)
    return people


@pytest.fixture(scope="module")
def story() -> Roster:
    return stories.story()


def digest(roster: Roster) -> str:
    rows = [
        roster.places,
        roster.map_features,
        roster.persons,
        roster.households,
        roster.danger_areas,
    ]
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()


def test_the_same_seed_makes_the_same_county_and_another_seed_another() -> None:
    first, again, other = (stories.whole_county(seed, 7, 40, 800) for seed in (3, 3, 4))
    assert digest(first) == digest(again)
    assert digest(first) != digest(other)


def test_the_counts_are_exact(county: County, story: Roster) -> None:
    assert len(county.townships) == 9
    assert len(county.villages) == 96
    assert len({village.code for village in county.villages}) == 96
    assert len({village.name for village in county.villages}) == 96
    assert len(story.households) == stories.STORY_HOUSEHOLDS


def test_everything_lies_inside_the_county(county: County, households: Households) -> None:
    shapely.prepare(county.outline)
    assert shapely.contains_xy(county.outline, households.x, households.y).all()
    for village in county.villages:
        assert county.townships[village.township].outline.contains(
            shapely.Point(village.x, village.y)
        )
    for line, _rank in county.rivers:
        assert county.outline.buffer(1).covers(line)


def test_townships_divide_the_county_without_gap_or_overlap(county: County) -> None:
    together = shapely.union_all([town.outline for town in county.townships])
    assert together.symmetric_difference(county.outline).area < 1e-6 * county.outline.area
    assert sum(town.outline.area for town in county.townships) == pytest.approx(together.area)


def test_no_household_stands_in_a_river(county: County, households: Households) -> None:
    rivers = shapely.union_all([line for line, _ in county.rivers])
    shapely.prepare(rivers)
    distance = shapely.distance(rivers, shapely.points(households.x, households.y))
    assert distance.min() >= RIVER_CLEARANCE_M - 0.01


def test_water_runs_downhill_to_the_edge(county: County) -> None:
    terrain = county.terrain
    height = terrain.height_m.ravel()
    below = height[terrain.receiver]
    moving = terrain.receiver != np.arange(terrain.receiver.size)
    assert (below[moving] < height[moving]).all()


def test_listed_households_lie_in_their_danger_area(county: County) -> None:
    sites = [Site(one.code, one.name, one.x, one.y) for one in county.villages]
    people, areas = make_households(np.random.Generator(np.random.PCG64(5)), sites, 6000, county)
    for number, area in enumerate(with_outlines(people, areas, county)):
        members = people.danger == number
        assert area.outline is not None
        assert area.outline.is_valid
        near = area.outline.buffer(6)
        assert shapely.contains_xy(near, people.x[members], people.y[members]).all()


def test_the_storm_meets_exactly_the_households_of_the_story(story: Roster) -> None:
    storm = shapely.Polygon(story.storm["polygon"])
    assert storm.is_valid
    by_ref = {row["ref"]: row for row in story.households}
    inside = set()
    for area in story.danger_areas:
        outline = shapely.geometry.shape(area["geometry"])
        assert storm.covers(outline) or not storm.intersects(outline)
        named = area["place_code"] in story.storm["village_codes"]
        assert named == storm.covers(outline)
        if named:
            inside |= set(area["households"])
    assert len(inside) == STORM_HOUSEHOLDS
    assert sum(by_ref[ref]["assist_people"] for ref in inside) == STORM_ASSIST
    assert len(story.storm["silent_village_codes"]) == 3


def test_village_points_agree_with_the_storms_outline(story: Roster) -> None:
    storm = shapely.Polygon(story.storm["polygon"])
    inside = {
        place["code"]
        for place in story.places
        if place["level"] == "village"
        and storm.contains(shapely.Point(place["lon_e7"] / 1e7, place["lat_e7"] / 1e7))
    }
    assert inside == set(story.storm["village_codes"])


def test_nobody_could_be_a_real_person_and_no_number_can_ring(story: Roster) -> None:
    assert all(re.fullmatch(r"示意.某\d{4,}", person["name"]) for person in story.persons)
    numbers = [contact["value"] for contact in story.contact_points]
    numbers += [row["relative_phone"] for row in story.households if "relative_phone" in row]
    assert all(re.fullmatch(r"000\d{8}", number) for number in numbers)
    assert len(set(numbers)) == len(numbers)
    assert all(row["name"].startswith("示意") for row in story.venues)


def test_every_reference_is_there(story: Roster) -> None:
    persons = {row["ref"] for row in story.persons}
    assert len(persons) == len(story.persons)
    for row in story.households:
        for name in ("responsible_person", "group_head", "contact_person"):
            assert row.get(name) is None or row[name] in persons
    assert {row["person"] for row in story.holdings} <= persons
    assert {row["warning_contact"] for row in story.venues} <= persons
    assert {person for person, _, _ in story.accounts} <= persons


def test_the_map_is_light_and_marked_as_invented(county: County) -> None:
    drawn = layers(county)
    assert len(json.dumps(drawn)) < LAYERS_BYTES_MAX
    for collection in drawn.values():
        assert all(one["properties"]["is_invented"] for one in collection["features"])


def test_a_real_county_is_filled_village_by_village() -> None:
    villages = [
        {"code": "433126101201", "name": "示意一村", "lon": 109.9, "lat": 28.6},
        {"code": "433126101202", "name": "示意二村", "lon": None, "lat": None},
    ]
    roster = stories.fill(
        1,
        300,
        county=("433126000000", "示意县"),
        townships=[("433126101000", "示意镇")],
        villages=villages,
    )
    assert len(roster.households) == 300
    for row in roster.households:
        assert ("lon_e7" in row) == row["place_code"].startswith("433126101201")
    assert {area["geometry"] is None for area in roster.danger_areas} == {True, False} or (
        all(area["place_code"] == "433126101201" for area in roster.danger_areas)
    )


def test_a_million_households_take_seconds() -> None:
    sites = [Site(f"439901100{200 + i:03d}", "示意", i * 3000.0, 0.0) for i in range(300)]
    before = time.perf_counter()
    people, _ = make_households(np.random.Generator(np.random.PCG64(1)), sites, 1_000_000)
    assert len(people) == 1_000_000
    assert time.perf_counter() - before < 20
