"""Whom a warning area concerns, in a small county with one of each difficulty."""

from __future__ import annotations

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Viewer, grants_of, node_viewer
from fengsui.foundation.people import queries as people_queries
from fengsui.foundation.people import services as people
from fengsui.foundation.places import services as places
from fengsui.registers.risks import queries, services
from fengsui.registers.venues import services as venues

NODE = node_viewer()
COUNTY = "439902000000"
EAST, WEST = "439902101000", "439902102000"
RIVER, HILL, LOST, FAR = "439902101201", "439902101202", "439902101203", "439902102201"
GROUP = "43990210120100101"


def square(lon: float, lat: float, half: float = 0.01) -> list[list[float]]:
    return [
        [lon - half, lat - half],
        [lon + half, lat - half],
        [lon + half, lat + half],
        [lon - half, lat + half],
    ]


def outline(lon: float, lat: float, half: float = 0.01) -> dict:
    ring = square(lon, lat, half)
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def e7(lon: float, lat: float) -> dict[str, int]:
    return {"lon_e7": round(lon * 1e7), "lat_e7": round(lat * 1e7)}


@pytest.fixture
def county(node):
    """River village (danger area with outline), hill village (none), a village without a point
    (danger area without outline), and a far village in the other township."""
    places.register_places(
        viewer=NODE,
        county_code=COUNTY,
        is_invented=True,
        places=[
            {"code": COUNTY, "name": "示意县"},
            {"code": EAST, "name": "东镇", **e7(110.1, 28.1)},
            {"code": WEST, "name": "西乡", **e7(110.5, 28.5)},
            {"code": RIVER, "name": "河边村", **e7(110.10, 28.10)},
            {"code": HILL, "name": "山上村", **e7(110.20, 28.10)},
            {"code": LOST, "name": "无点村"},
            {"code": FAR, "name": "远村", **e7(110.50, 28.50)},
        ],
    )
    persons = [
        ("secretary", RIVER), ("deputy", RIVER), ("hill", HILL), ("lost", LOST), ("far", FAR),
        ("duty", EAST), ("head", GROUP), ("other_head", "43990210120100102"), ("one", GROUP),
        ("school", HILL),
    ]  # fmt: skip
    refs = people.register_people(
        viewer=NODE,
        is_invented=True,
        persons=[{"ref": ref, "name": f"示意{ref}", "place_code": code} for ref, code in persons],
        posts=[
            {"ref": "p:river", "place_code": RIVER, "role": "village_secretary", "title": "村支书"},
            {"ref": "p:hill", "place_code": HILL, "role": "village_secretary", "title": "村支书"},
            {"ref": "p:lost", "place_code": LOST, "role": "village_secretary", "title": "村支书"},
            {"ref": "p:far", "place_code": FAR, "role": "village_secretary", "title": "村支书"},
            {"ref": "p:duty", "place_code": EAST, "role": "duty_room", "title": "值班室"},
            {"ref": "p:head", "place_code": GROUP, "role": "household_head", "title": "中心户长"},
            {"ref": "p:other", "place_code": "43990210120100102", "role": "household_head",
             "title": "中心户长"},
        ],
        holdings=[
            {"post": "p:river", "person": "secretary"},
            {"post": "p:river", "person": "deputy", "slot": "B"},
            {"post": "p:hill", "person": "hill"},
            {"post": "p:lost", "person": "lost"},
            {"post": "p:far", "person": "far"},
            {"post": "p:duty", "person": "duty"},
            {"post": "p:head", "person": "head"},
            {"post": "p:other", "person": "other_head"},
        ],
        contact_points=[
            {"person": ref, "kind": "phone", "value": f"000{number:08d}"}
            for number, (ref, _) in enumerate(persons)
            if ref != "lost"
        ]
        + [{"post": "p:duty", "kind": "phone", "value": "00099999999"}],
    )  # fmt: skip
    refs = people.register_households(
        viewer=NODE,
        is_invented=True,
        refs=refs,
        households=[
            {"ref": "h:danger", "place_code": GROUP, "label": "示意户1", "people_count": 4,
             "assist_level": 2, "group_head": "head", "contact_person": "one",
             "responsible_person": "secretary", **e7(110.101, 28.101)},
            {"ref": "h:beside", "place_code": GROUP, "label": "示意户2", "people_count": 3,
             **e7(110.102, 28.102)},
            {"ref": "h:lost", "place_code": LOST, "label": "示意户3", "people_count": 2},
            {"ref": "h:far", "place_code": FAR, "label": "示意户4", "people_count": 5,
             **e7(110.5, 28.5)},
            {"ref": "h:border", "place_code": HILL, "label": "示意户5", "people_count": 1,
             **e7(110.11, 28.1)},
        ],
    )  # fmt: skip
    refs = services.register_danger_areas(
        viewer=NODE,
        is_invented=True,
        refs=refs,
        areas=[
            {"ref": "a:river", "place_code": RIVER, "name": "河边危险区", "kind": "flash_flood",
             "geometry": outline(110.10, 28.10, 0.003), "households": ["h:danger"],
             "shelter_name": "河边小学"},
            {"ref": "a:lost", "place_code": LOST, "name": "无点危险区", "kind": "geohazard",
             "households": ["h:lost"]},
            {"ref": "a:far", "place_code": FAR, "name": "远危险区", "kind": "geohazard",
             "geometry": outline(110.5, 28.5), "households": ["h:far"]},
        ],
    )  # fmt: skip
    return venues.register_venues(
        viewer=NODE,
        is_invented=True,
        refs=refs,
        venues=[
            {"ref": "v:school", "place_code": HILL, "name": "山上小学", "kind": "school",
             "warning_contact": "school", "headcount_tonight": 12, **e7(110.2, 28.1)},
        ],
    )  # fmt: skip


def concerned(viewer=NODE, include_other_households=False, **area):
    found = queries.concerned(
        area=area, viewer=viewer, include_other_households=include_other_households
    )
    return found | queries.called(found, viewer=viewer)


def test_a_polygon_concerns_the_danger_areas_it_meets_and_all_their_households(county):
    found = concerned(polygons=[square(110.10, 28.10, 0.0005)])  # a corner of the danger area
    assert found["danger_area_ids"] == [county["a:lost"], county["a:river"]] or set(
        found["danger_area_ids"]
    ) == {county["a:river"], county["a:lost"]}
    assert county["h:danger"] in found["household_ids"]
    assert county["h:far"] not in found["household_ids"]


def test_a_village_without_a_point_cannot_be_ruled_out_and_is_listed(county):
    found = concerned(polygons=[square(110.10, 28.10)])
    assert LOST in found["village_codes"]
    assert found["without_point"] == [{"code": LOST, "name": "无点村"}]
    assert county["h:lost"] in found["household_ids"]


def test_a_household_on_the_line_of_the_warning_touches_its_village(county):
    """Its village's own point is far outside; the household stands exactly on the edge."""
    found = concerned(polygons=[square(110.10, 28.10)])
    assert HILL in found["village_codes"]
    assert found["other_households"] == {"count": 2, "included": False}


def test_codes_concern_everything_below_them(county):
    found = concerned(codes=[EAST])
    assert set(found["household_ids"]) == {county["h:danger"], county["h:lost"]}
    assert found["village_codes"] == [RIVER, HILL, LOST]
    assert found["township_codes"] == [EAST]
    assert [one["name"] for one in found["venues"]] == ["山上小学"]
    assert found["by_township"] == [
        {"code": EAST, "name": "东镇", "villages": 3, "households": 2, "people": 6, "assist": 1,
         "posts": 5}
    ]  # fmt: skip
    whole = concerned(codes=[COUNTY])
    assert whole["danger_households"] == 3
    assert concerned(codes=["439902"]) == whole


def test_codes_and_polygons_together_are_their_union(county):
    found = concerned(codes=[FAR], polygons=[square(110.10, 28.10, 0.0005)])
    assert {county["h:far"], county["h:danger"]} <= set(found["household_ids"])


def test_posts_of_villages_and_townships_but_only_the_heads_of_concerned_groups(county):
    found = concerned(codes=[RIVER])
    expected = {county["p:river"], county["p:duty"], county["p:head"]}
    assert set(found["post_ids"]) == expected
    assert county["p:other"] not in found["post_ids"]


def test_other_households_are_counted_but_called_only_when_asked_for(county):
    plain = concerned(codes=[RIVER])
    assert plain["other_households"] == {"count": 1, "included": False}
    assert plain["other_household_ids"] == []
    asked = concerned(codes=[RIVER], include_other_households=True)
    assert asked["other_household_ids"] == [county["h:beside"]]


def test_a_household_taken_off_the_list_is_no_longer_concerned(county):
    services.delist_households(
        viewer=NODE,
        danger_area_id=county["a:river"],
        household_ids=[county["h:danger"]],
        reason="已搬迁安置",
    )
    assert concerned(codes=[RIVER])["household_ids"] == []
    services.list_households(
        viewer=NODE, danger_area_id=county["a:river"], household_ids=[county["h:danger"]]
    )
    assert concerned(codes=[RIVER])["household_ids"] == [county["h:danger"]]


def test_a_household_that_moves_into_the_area_is_seen_at_once(county):
    assert concerned(polygons=[square(110.30, 28.30)])["other_households"]["count"] == 0
    people.change_household(viewer=NODE, household_id=county["h:far"], changes=e7(110.30, 28.30))
    assert concerned(polygons=[square(110.30, 28.30)])["other_households"]["count"] == 1


def test_a_viewer_is_told_of_their_own_scope_only(county):
    township = Viewer(1, "示意", grants_of([("township_officer", "439902102")]))
    found = concerned(viewer=township, codes=[COUNTY])
    assert found["household_ids"] == [county["h:far"]]
    assert found["village_codes"] == [FAR]
    nobody = concerned(viewer=Viewer(2, "示意"), codes=[COUNTY])
    assert nobody["danger_households"] == nobody["posts"] == nobody["parties"] == 0


def test_the_parties_name_deputies_superiors_and_full_numbers_for_the_program(county):
    parties = {
        one["person_id"]: one for one in queries.parties(area={"codes": [RIVER]}, viewer=NODE)
    }
    secretary = parties[county["secretary"]]
    assert [one["person_id"] for one in secretary["deputies"]] == [county["deputy"]]
    assert [one["person_id"] for one in secretary["superiors"]] == [county["duty"]]
    assert secretary["contacts"][0]["value"] == "00000000000"
    assert secretary["unit_code"] == RIVER
    household = parties[county["one"]]
    assert (household["household_id"], household["post_title"]) == (county["h:danger"], "住户")
    assert [one["person_id"] for one in household["deputies"]] == [county["head"]]
    assert [one["person_id"] for one in household["superiors"]] == [county["secretary"]]
    duty = parties[county["duty"]]
    assert {one["value"] for one in duty["contacts"]} == {"00000000005", "00099999999"}
    assert len(parties) == concerned(codes=[RIVER])["parties"]


def test_a_person_gets_masked_numbers(county):
    officer = Viewer(1, "示意", grants_of([("duty_officer", "439902")]))
    parties = queries.parties(area={"codes": [RIVER]}, viewer=officer)
    assert {one["contacts"][0]["value"][3:-4] for one in parties} == {"****"}
    assert people_queries.phone_masked("12") == "**"


def test_who_cannot_be_rung_is_counted(county):
    """无点村: its secretary has no number, its household has nobody to ring."""
    assert concerned(codes=[LOST])["without_number"] == 2


@pytest.mark.parametrize(
    "area",
    [{"codes": ["43990"]}, {"polygons": [[[1, 2], [3, 4]]]}, {"polygons": [square(28.1, 110.1)]}],
)
def test_an_area_that_makes_no_sense_is_refused(county, area):
    with pytest.raises(Problem) as refusal:
        queries.concerned(area=area, viewer=NODE)
    assert refusal.value.kind.code == "risks.bad_area"


def test_an_area_that_touches_nothing_concerns_nobody(county):
    found = concerned(polygons=[square(100.0, 20.0)])
    assert found["parties"] == found["danger_households"] == 0
    assert found["village_codes"] == []
    assert concerned()["village_codes"] == []


def test_venues_come_with_who_is_there_and_who_receives_the_warning(county):
    (school,) = concerned(codes=[EAST])["venues"]
    assert school["kind"] == "school"
    assert school["place_name"] == "山上村"
    assert school["contact_name"]
    assert school["contact_has_number"] is True
    assert school["boarding_people"] is None
