"""Every duty room is rung at once, and who did not answer in five minutes is on the list."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.engines.calls import services as calls
from fengsui.engines.calls.models import Call
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.people import queries as people
from fengsui.readiness.watch import queries, services
from fengsui.readiness.watch.queries.handing import answers
from fengsui.readiness.watch.tests.room import plan, wired
from tests.world import county as world

NODE = node_viewer()


def _stand(roll_call_id: int) -> dict[str, str]:
    row = queries.roll_call(roll_call_id, viewer=NODE)
    return {one.place_code: one.answer.value for one in answers(row)}


def test_rooms_answer_in_time_late_or_not_at_all(node: Any, clock: Any) -> None:
    county = world.build()
    officer = county.viewer("officer")
    done = services.open_roll_call(viewer=officer, place_code=world.COUNTY)
    assert done["rooms"] == 2, "the townships' rooms; the caller's own is not rung"
    assert _stand(done["roll_call_id"]) == {world.QINGSHI: "waiting", world.BAISHUI: "waiting"}
    with pytest.raises(Problem, match="roll_call_runs"):
        services.open_roll_call(viewer=officer, place_code=world.COUNTY)
    clock.forward(minutes=4)
    _answer(county, done["callout_id"], "qingshi")
    clock.forward(minutes=2)
    assert _stand(done["roll_call_id"]) == {world.QINGSHI: "in_time", world.BAISHUI: "silent"}
    _answer(county, done["callout_id"], "baishui")
    assert _stand(done["roll_call_id"])[world.BAISHUI] == "late"


def _answer(county: world.County, callout_id: int, who: str) -> None:
    call = Call.objects.get(callout_id=callout_id, person_id=county.ids[who])
    calls.record_answer(viewer=county.viewer(who), call_id=call.id, answer_kind="on_it", how="app")


def test_it_rings_tonights_rota_and_not_the_register(node: Any, clock: Any) -> None:
    county = world.build()
    with wired():
        plan(
            county,
            world.QINGSHI,
            starts_at_hours=[0],
            leaders=[],
            officers=[county.ids["shitan_a"]],
            first_day=clock.now().astimezone().date().isoformat(),
        )
        clock.forward(days=1)
        done = services.open_roll_call(viewer=county.viewer("officer"), place_code=world.COUNTY)
        rung = set(Call.objects.filter(callout_id=done["callout_id"]).values_list("person_id"))
        assert (county.ids["shitan_a"],) in rung
        assert (county.ids["qingshi"],) not in rung


def test_only_who_may_steer_calls_the_roll(node: Any, clock: Any) -> None:
    county = world.build()
    for who in ("qingshi", "shitan_a", "shitan_grid"):
        with pytest.raises(Problem, match="not_allowed"):
            services.open_roll_call(viewer=county.viewer(who), place_code=world.COUNTY)


def test_a_grid_worker_is_not_woken_without_a_warning(node: Any, clock: Any) -> None:
    """It is ten past two: nobody of the grid is put on a list that no warning stands behind."""
    county = world.build()
    parties = people.parties_for_persons(
        [{"person_id": county.ids["shitan_grid"], "title": "网格员"}], viewer=NODE
    )

    def open_to(kind: str, policy: str = "red") -> None:
        calls.open_callout(
            viewer=county.viewer("leader"),
            subject_kind=kind,
            subject_id=0,
            place_code=world.SHITAN,
            level="red",
            text="示意",
            exercise=False,
            parties=parties,
            policy=policy,
        )

    with pytest.raises(Problem, match="grid_worker_at_night"):
        open_to("survey")
    open_to("alert")
    clock.forward(hours=19, minutes=40)  # 21:50: the ladder would reach into the night
    with pytest.raises(Problem, match="grid_worker_at_night"):
        open_to("survey", "orange")
    clock.forward(hours=12)
    open_to("survey")
    secretary = people.parties_for_persons(
        [{"person_id": county.ids["shitan_a"], "title": "村支书"}], viewer=NODE
    )
    clock.forward(hours=17)
    parties[:] = secretary
    open_to("survey")
