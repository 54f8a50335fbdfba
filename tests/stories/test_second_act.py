"""The second act by the wound clock, on the county's side: what it knows while one is cut."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fengsui.engines.calls import jobs as call_jobs
from fengsui.engines.calls import queries as calls
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.accounts.queries import viewer_for_person
from fengsui.response.alerts import queries as alerts
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.evacuations import services as evacuation_services
from fengsui.review.demonstration import queries, scenario, services
from tests.world.demonstration import run_everything

STEP_S = 60
CUT_AT_S = 480
PLUGGED_IN_AT_S = 1_800
ALONE = node_viewer("test")


@pytest.fixture
def officer(node: Any) -> Any:
    links = services.prepare()
    call_jobs.restart()
    services.forget()
    return viewer_for_person(int(links[0]["person_id"]))


@pytest.mark.slow
def test_a_township_is_cut_off_and_what_it_saw_alone_completes_the_numbers(
    officer: Any, clock: Any
) -> None:
    with pytest.raises(Problem, match="not_running"):
        services.cut(viewer=officer)
    begun = services.start(viewer=officer)
    night = queries.running_night()
    assert night is not None
    evacuation_id = alerts.gate(int(begun["alert_id"]), viewer=officer).evacuation_id
    opened = calls.callout(int(begun["callout_id"]), viewer=ALONE).opened_at

    def run_to(second: int) -> None:
        while (clock.now() - opened).total_seconds() < second:
            clock.forward(seconds=STEP_S)
            run_everything(clock)

    run_to(CUT_AT_S)
    asked = services.cut(viewer=officer)["second_act"]
    assert asked["state"] == "preparing"
    with pytest.raises(Problem, match="cut_already"):
        services.cut(viewer=officer)
    with pytest.raises(Problem, match="not_cut"):
        services.plug_in(viewer=officer)
    services.note_pulled(viewer=ALONE, night_id=night.pk, address="")
    code = asked["township_code"]
    known = queries.township_balance(evacuation_id, code)
    assert known["not_yet"] > 0

    run_to(PLUGGED_IN_AT_S)
    assert queries.township_balance(evacuation_id, code) == known, "nobody told the county"
    others = evacuations.balance(evacuation_id, viewer=officer)
    assert others["moved"] > known["moved"], "the other townships go on"

    services.plug_in(viewer=officer)
    for step in services.remaining_movements(night.pk):
        evacuation_services.record_household_status(
            viewer=ALONE,
            household_id=step["household_id"],
            evacuation_id=evacuation_id,
            status=step["status"],
            people_moved=step["people_moved"],
            confirmed_by=step["confirmed_by"],
            confirmed_how=step["confirmed_how"],
            client_id=f"second act {step['at_s']} {step['household_id']}",
            observed_at=min(clock.now(), opened + timedelta(seconds=step["at_s"])),
        )
    township = queries.township_balance(evacuation_id, code)
    said = services.note_agreed(
        viewer=ALONE, night_id=night.pk, facts=1, seconds=1, township=township
    )
    assert said["agree"]
    assert said["county"] == township
    shown = queries.shown(viewer=officer)["second_act"]
    assert (shown["state"], shown["outcome"]["agree"]) == ("agreed", True)

    run_to(scenario.NIGHT_S + 10 * STEP_S)
    final = evacuations.balance(evacuation_id, viewer=officer)
    assert (final["should"], final["not_yet"], final["households_left"]) == (620, 11, 4)


@pytest.mark.slow
def test_numbers_that_differ_are_said_to_differ(officer: Any, clock: Any) -> None:
    services.start(viewer=officer)
    night = queries.running_night()
    assert night is not None
    services.cut(viewer=officer)
    services.note_pulled(viewer=ALONE, night_id=night.pk, address="")
    services.plug_in(viewer=officer)
    wrong = {"should": 1, "moved": 1, "away": 0, "not_yet": 0}
    said = services.note_agreed(viewer=ALONE, night_id=night.pk, facts=1, seconds=1, township=wrong)
    assert not said["agree"]
