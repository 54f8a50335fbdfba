"""村级先行转移: a village moves people on its own sign, and tells of it later."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.engines.calls.models import Call
from fengsui.foundation.access.problems import NOT_ALLOWED, Problem
from fengsui.registers.risks.queries import danger_areas_in
from fengsui.response.alerts.models import Alert
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.situation import queries, services
from fengsui.response.situation.errors import (
    GAUGE_NEEDS_VALUE,
    NOT_IN_THIS_VILLAGE,
    UNKNOWN_SIGN,
)
from fengsui.standards.instants import to_ms
from tests.world import county as world


def _area(county: world.County, village: str) -> int:
    (area,) = danger_areas_in([village], viewer=county.viewer("officer"))
    return int(area["id"])


def test_a_secretary_moves_people_on_a_gauge_without_asking_anybody(node: Any, clock: Any) -> None:
    county = world.build()
    secretary = county.viewer("shitan_a")
    moved_at = to_ms(clock.now()) - 600_000
    done = services.move_first(
        viewer=secretary,
        place_code=world.SHITAN,
        sign="gauge",
        gauge_value_mm=62,
        danger_area_ids=[_area(county, world.SHITAN)],
        at_ms=moved_at,
        client_id="phone-7",
        note="下雨太大",
    )
    alert = Alert.objects.get(id=done["alert_id"])
    assert (alert.state, alert.self_rescue, alert.category_name) == ("active", True, "村级先行转移")
    assert "62 毫米" in alert.verbatim_text
    assert "02:00" in alert.verbatim_text, "its own time, not the time of the report"
    assert evacuations.balance(done["evacuation_id"], viewer=secretary)["should"] == 11
    assert Call.objects.filter(callout_id=alert.callout_id).exists()
    (row,) = queries.moved_first(viewer=county.viewer("officer"))
    assert (row.sign, row.gauge_value_mm, to_ms(row.at)) == ("gauge", 62, moved_at)
    assert row.recorded_at == clock.now()
    again = services.move_first(
        viewer=secretary, place_code=world.SHITAN, sign="mark", client_id="phone-7"
    )
    assert (again["outcome"], again["alert_id"]) == ("already_recorded", alert.pk)
    assert Alert.objects.count() == 1


def test_only_the_households_of_the_chosen_danger_areas_are_listed(node: Any) -> None:
    county = world.build()
    officer = county.viewer("qingshi")
    done = services.move_first(
        viewer=officer,
        place_code=world.QINGSHI,
        sign="mark",
        danger_area_ids=[_area(county, world.FENGPING)],
    )
    listed = evacuations.households_of(done["evacuation_id"], viewer=officer)
    assert {row.place_code for row in listed} == {world.FENGPING}


def test_moving_first_is_for_ones_own_village_and_says_on_what_sign(node: Any) -> None:
    county = world.build()
    secretary = county.viewer("shitan_a")
    asked: dict[str, Any] = {"viewer": secretary, "place_code": world.SHITAN, "sign": "mark"}
    for changes, kind in (
        ({"viewer": county.viewer("shuikou_a")}, NOT_ALLOWED),
        ({"viewer": county.viewer("shitan_grid")}, NOT_ALLOWED),
        ({"place_code": world.QINGSHI}, NOT_ALLOWED),
        ({"sign": "dream"}, UNKNOWN_SIGN),
        ({"sign": "gauge"}, GAUGE_NEEDS_VALUE),
        ({"danger_area_ids": [_area(county, world.SHUIKOU)]}, NOT_IN_THIS_VILLAGE),
    ):
        with pytest.raises(Problem) as refused:
            services.move_first(**{**asked, **changes})
        assert refused.value.kind is kind
    assert queries.moved_first(viewer=secretary) == []
    services.move_first(**asked)
    assert len(queries.moved_first(viewer=secretary)) == 1


def test_moving_a_second_area_adds_its_households_and_calls_nobody_twice(node: Any) -> None:
    county = world.build()
    officer = county.viewer("qingshi")
    asked: dict[str, Any] = {"viewer": officer, "place_code": world.QINGSHI, "sign": "mark"}
    first = services.move_first(**asked, danger_area_ids=[_area(county, world.FENGPING)])
    second = services.move_first(**asked, danger_area_ids=[_area(county, world.SHITAN)])
    assert second["evacuation_id"] == first["evacuation_id"]
    listed = evacuations.households_of(first["evacuation_id"], viewer=officer)
    assert {row.place_code for row in listed} == {world.FENGPING, world.SHITAN}
    people = list(Call.objects.values_list("person_id", flat=True))
    assert len(people) == len(set(people))
