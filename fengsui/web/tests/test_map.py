"""Placing and drawing over HTTP, and who may."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from fengsui.foundation.accounts.queries import SESSION_PERSON
from fengsui.foundation.people import queries as people
from fengsui.foundation.people.queries.dots import CELL_E7, household_dots
from fengsui.foundation.places import queries as places
from fengsui.registers.risks.queries import danger_areas_in
from fengsui.web import dots
from tests.world import county as world

API = "/api/v1/map"
EXAMPLES = json.loads((Path(__file__).parents[3] / "spec" / "dots.json").read_text("utf-8"))


class Desk:
    def __init__(self, county: world.County, who: str) -> None:
        self.client = Client()
        session = self.client.session
        session[SESSION_PERSON] = county.ids[who]
        session.save()

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(f"{API}/{path}", headers=headers)

    def post(self, path: str, **body: Any) -> Any:
        return self.client.post(f"{API}/{path}", body, content_type="application/json")


@pytest.fixture
def county(node: Any) -> world.County:
    return world.build()


@pytest.fixture
def qingshi(county: world.County) -> Desk:
    return Desk(county, "qingshi")


def ring(lon: float, lat: float, half: float = 0.01) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [world.box(lon, lat, half)]}


def bow_tie(lon: float, lat: float) -> dict[str, Any]:
    corners = [[lon, lat], [lon + 0.01, lat + 0.01], [lon + 0.01, lat], [lon, lat + 0.01]]
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


# --- points


def test_a_village_is_placed_shown_and_put_back(county: world.County) -> None:
    baishui = Desk(county, "baishui")
    path = f"places/{world.GAOZHAI}/point"
    before = baishui.get("base").json()
    assert [one["code"] for one in before["without_point"]] == [world.GAOZHAI]

    placed = baishui.post(path, point=[110.33, 28.58], seen=None)
    assert placed.json() == {"point": [110.33, 28.58], "before": None}
    assert baishui.get("base").json()["without_point"] == []

    undone = baishui.post(path, point=None, seen=[110.33, 28.58])
    assert undone.status_code == 200
    assert [one["code"] for one in baishui.get("base").json()["without_point"]] == [world.GAOZHAI]
    place = places.place(world.GAOZHAI, viewer=county.viewer("baishui"))
    assert (place.lon_e7, place.coord_source) == (None, "")


def test_a_point_that_somebody_moved_meanwhile_is_not_overwritten(county: world.County) -> None:
    officer, baishui = Desk(county, "officer"), Desk(county, "baishui")
    path = f"places/{world.GAOZHAI}/point"
    assert officer.post(path, point=[110.33, 28.58], seen=None).status_code == 200
    refused = baishui.post(path, point=[110.35, 28.50], seen=None)
    assert (refused.status_code, refused.json()["code"]) == (409, "places.point_changed")
    assert places.place(world.GAOZHAI, viewer=county.viewer("officer")).lon_e7 == 1_103_300_000


@pytest.mark.parametrize("who", ["qingshi", "shitan_a", "gaozhai_a"])
def test_only_an_editor_of_that_place_puts_it_on_the_map(county: world.County, who: str) -> None:
    answer = Desk(county, who).post(
        f"places/{world.GAOZHAI}/point", point=[110.33, 28.58], seen=None
    )
    assert answer.status_code in (403, 404)
    assert places.place(world.GAOZHAI, viewer=county.viewer("officer")).lon_e7 is None


@pytest.mark.parametrize("point", [[181, 20], [110, -91], [110], ["x", 1], [1e400, 20]])
def test_a_point_that_is_none_is_refused(qingshi: Desk, point: list[Any]) -> None:
    answer = qingshi.client.post(
        f"{API}/places/{world.SHITAN}/point",
        json.dumps({"point": point, "seen": None}),
        content_type="application/json",
    )
    assert answer.status_code in (400, 422)


def test_a_household_is_placed_by_its_township_and_nobody_next_door(
    county: world.County, qingshi: Desk
) -> None:
    (first, *_) = qingshi.get(f"households?village={world.SHITAN}").json()["items"]
    path = f"households/{first['id']}/point"
    moved = qingshi.post(path, point=[110.081, 28.441], seen=first["point"])
    assert moved.status_code == 200, moved.content
    held = people.household(int(first["id"]), viewer=county.viewer("qingshi"))
    assert (held["lon_e7"], held["lat_e7"]) == (1_100_810_000, 284_410_000)

    stale = qingshi.post(path, point=[110.082, 28.442], seen=first["point"])
    assert (stale.status_code, stale.json()["code"]) == (409, "web.changed_meanwhile")
    foreign = Desk(county, "baishui").post(path, point=None, seen=[110.081, 28.441])
    assert foreign.status_code == 404
    worker = Desk(county, "shitan_grid").post(path, point=None, seen=[110.081, 28.441])
    assert worker.status_code == 403


# --- danger areas


def test_a_danger_area_is_drawn_and_says_who_stands_in_it(
    county: world.County, qingshi: Desk
) -> None:
    drawn = qingshi.post(
        "danger-areas/draw",
        village_code=world.YUNPAN,
        name="云盘沟口",
        danger_kind="flash_flood",
        geometry=ring(110.15, 28.42),
    ).json()
    assert drawn["listed"] == 0
    (inside,) = drawn["inside"]
    assert inside["place_code"] == world.YUNPAN

    path = f"danger-areas/{drawn['id']}"
    listed = qingshi.post(f"{path}/households", add=[inside["id"]]).json()
    assert (listed["listed"], listed["inside"], listed["outside"]) == (1, [], [])

    moved = qingshi.post(
        f"{path}/outline", geometry=ring(110.25, 28.42), mark=listed["mark"]
    ).json()
    assert [one["id"] for one in moved["outside"]] == [inside["id"]]
    off = qingshi.post(f"{path}/households", remove=[inside["id"]], reason="已搬到范围之外")
    assert off.json()["listed"] == 0
    names = [one["name"] for one in danger_areas_in(viewer=county.viewer("qingshi"))]
    assert "云盘沟口" in names


def test_an_outline_that_crosses_itself_is_refused_in_words(
    county: world.County, qingshi: Desk
) -> None:
    refused = qingshi.post(
        "danger-areas/draw",
        village_code=world.YUNPAN,
        name="云盘沟口",
        danger_kind="flash_flood",
        geometry=bow_tie(110.15, 28.42),
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "risks.outline_refused")
    assert "第 1 条边与第 3 条边相交" in refused.json()["zh"]
    assert danger_areas_in([world.YUNPAN], viewer=county.viewer("qingshi")) == []


def test_an_outline_is_not_drawn_over_somebody_elses(county: world.County, qingshi: Desk) -> None:
    (area,) = danger_areas_in([world.SHITAN], viewer=county.viewer("qingshi"))
    path = f"danger-areas/{area['id']}"
    mark = qingshi.get(path).json()["mark"]
    first = Desk(county, "officer").post(f"{path}/outline", geometry=ring(110.09, 28.44), mark=mark)
    assert first.status_code == 200
    second = qingshi.post(f"{path}/outline", geometry=ring(110.07, 28.44), mark=mark)
    assert (second.status_code, second.json()["code"]) == (409, "risks.outline_changed")


def test_a_neighbour_neither_sees_nor_draws(county: world.County) -> None:
    (area,) = danger_areas_in([world.SHITAN], viewer=county.viewer("qingshi"))
    baishui = Desk(county, "baishui")
    assert baishui.get(f"danger-areas/{area['id']}").status_code == 404
    answer = baishui.post(
        f"danger-areas/{area['id']}/outline", geometry=None, mark="0000000000000000"
    )
    assert answer.status_code in (403, 404)
    drawn = baishui.post(
        "danger-areas/draw",
        village_code=world.SHITAN,
        name="别人的",
        danger_kind="other",
        geometry=ring(110.08, 28.44),
    )
    assert drawn.status_code == 403


# --- the feed of all households


@pytest.mark.parametrize("example", EXAMPLES["examples"])
def test_the_feed_is_packed_as_described(example: dict[str, Any]) -> None:
    rows = [tuple(one) for one in example["dots"]]
    assert dots.pack(rows, with_counts=example["with_counts"]).hex() == example["hex"]  # type: ignore[arg-type]


def test_the_feed_holds_the_households_in_sight_and_no_more(county: world.County) -> None:
    everything = Desk(county, "officer").get("household-dots")
    own = Desk(county, "qingshi").get("household-dots")
    assert own["Content-Type"] == "application/vnd.fengsui.dots"
    assert own["Cache-Control"] == "no-store"
    placed = [
        one
        for one in people.households_in([world.QINGSHI], viewer=county.viewer("officer"))
        if one["lon_e7"] is not None
    ]
    assert own.content[5] == len(placed) < everything.content[5]
    assert Desk(county, "school").get("household-dots").content.hex() == "465344310000"


def test_nothing_changed_costs_nothing_and_a_change_shows(qingshi: Desk) -> None:
    first = qingshi.get("household-dots")
    again = qingshi.get("household-dots", **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    (household, *_) = qingshi.get(f"households?village={world.SHITAN}").json()["items"]
    qingshi.post(
        f"households/{household['id']}/point", point=[110.08, 28.44], seen=household["point"]
    )
    changed = qingshi.get("household-dots", **{"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_one_persons_tag_is_no_use_to_another(county: world.County, qingshi: Desk) -> None:
    tag = Desk(county, "officer").get("household-dots")["ETag"]
    assert qingshi.get("household-dots", **{"If-None-Match": tag}).status_code == 200


def test_a_city_is_gathered_into_cells_that_still_add_up(county: world.County) -> None:
    viewer = county.viewer("officer")
    each = list(household_dots(viewer=viewer).rows)
    gathered = household_dots(viewer=viewer, dots_max=len(each) - 1)
    cells = list(gathered.rows)
    assert gathered.are_cells
    assert sum(households for *_, households in cells) == len(each)
    assert {(lon // CELL_E7, lat // CELL_E7) for lon, lat, _ in each} == {
        (lon // CELL_E7, lat // CELL_E7) for lon, lat, _ in cells
    }
