"""The rota: gaps for ninety days, swaps, and a 值班室 that rings whoever sits there tonight."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.people import queries as people
from fengsui.foundation.people import services as people_services
from fengsui.readiness.watch import queries, services
from fengsui.readiness.watch.tests.room import at_hour, plan, room_of, today, wired
from tests.world import county as world

NODE = node_viewer()


def test_a_rota_of_three_days_leaves_the_rest_of_ninety_as_gaps(node: Any, clock: Any) -> None:
    county = world.build()
    room = room_of(world.COUNTY)
    bare = queries.rota(room, viewer=county.viewer("officer"))
    assert {gap.position for gap in bare.gaps} == {"leader", "officer"}
    assert all(gap.until_at - gap.from_at == timedelta(days=90) for gap in bare.gaps)
    services.set_rule(
        viewer=county.viewer("officer"), place_code=world.COUNTY, name="officers_least", number=1
    )
    done = plan(county)
    assert done == {"shifts": 12, "withdrawn": 0}
    begins = at_hour(8)
    found = queries.rota(room, viewer=county.viewer("officer"), begins=begins)
    assert [(gap.position, gap.from_at) for gap in found.gaps] == [
        ("leader", begins + timedelta(days=3)),
        ("officer", begins + timedelta(days=3)),
    ]
    assert plan(county)["withdrawn"] == 12, "planned again, the old shifts go"


def test_an_absence_opens_a_gap_and_a_swap_closes_it(node: Any, clock: Any) -> None:
    county = world.build()
    officer = county.viewer("officer")
    services.set_rule(viewer=officer, place_code=world.COUNTY, name="officers_least", number=1)
    plan(county, leaders=[county.ids["second_leader"]], officers=[county.ids["officer"]])
    begins = at_hour(8, day=1)
    people_services.report_absence(
        viewer=NODE,
        person_id=county.ids["officer"],
        from_at=begins,
        until_at=begins + timedelta(hours=12),
    )
    room = room_of(world.COUNTY)
    (gap,) = [
        gap
        for gap in queries.rota(room, viewer=officer, begins=begins, days=1).gaps
        if gap.position == "officer"
    ]
    assert (gap.from_at, gap.until_at) == (begins, begins + timedelta(hours=12))
    assert gap.away == (county.ids["officer"],)
    (shift,) = [
        one
        for one in queries.shifts([room], begins=begins, ends=gap.until_at, viewer=officer)
        if one.position == "officer"
    ]
    services.change_shift(
        viewer=officer, shift_id=shift.id, person_id=county.ids["leader"], reason="示意换班"
    )
    left = queries.rota(room, viewer=officer, begins=begins, days=1)
    assert [gap for gap in left.gaps if gap.position == "officer"] == []
    with pytest.raises(Problem, match="same_time_twice"):
        services.change_shift(
            viewer=officer, shift_id=shift.id, person_id=county.ids["second_leader"]
        )


def test_one_person_in_two_rooms_at_once_is_a_clash(node: Any, clock: Any) -> None:
    county = world.build()
    plan(county)
    services.plan_rota(
        viewer=NODE,
        post_id=room_of(world.QINGSHI),
        first_day=today(),
        days=1,
        starts_at_hours=[8],
        leaders=[],
        officers=[county.ids["leader"]],
        officers_each=1,
    )
    found = queries.rota(room_of(world.QINGSHI), viewer=county.viewer("officer"), begins=at_hour(8))
    assert any(one.person_id == county.ids["leader"] for one in found.clashes)


def test_a_call_to_the_duty_room_rings_whoever_sits_there(node: Any, clock: Any) -> None:
    county = world.build()
    room = room_of(world.COUNTY)
    asked = people.DutyAsked(1, world.QINGSHI, "青石镇值班室", True, 0, ())
    with wired():
        assert people.on_duty([asked])[1]["person_id"] == county.ids["officer"], "no rota yet"
        plan(county, officers=[county.ids["second_leader"], county.ids["officer"]])
        clock.forward(seconds=(at_hour(9, day=1) - clock.now()).total_seconds())
        first = people.on_duty([asked])[1]["person_id"]
        clock.forward(seconds=12 * 3600)
        second = people.on_duty([asked])[1]["person_id"]
        assert {first, second} == {county.ids["second_leader"], county.ids["officer"]}
        (party,) = people.parties_for_posts([room], viewer=NODE)
        assert party["person_id"] == second
        board = people.posts_tonight(viewer=county.viewer("leader"), roles=["duty_room"])
        (row,) = [one for one in board["items"] if one["post_id"] == room]
        assert row["on_post"] == [people.person_names([second], viewer=NODE)[second]]
        people_services.report_absence(
            viewer=NODE, person_id=second, from_at=None, until_at=clock.now() + timedelta(days=1)
        )
        assert people.on_duty([asked])[1]["person_id"] != second, "absent: not rung"
