"""One person with posts in several units: one call, and each unit gets its acknowledgement."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.engines.calls import services
from fengsui.engines.calls.models import Call, UnitCall
from fengsui.engines.calls.tests import town
from fengsui.gateways.channels.simulated import Behaviour

pytestmark = pytest.mark.usefixtures("node")

ANSWERS = [Behaviour.ANSWERS]
FIRST, SECOND = town.village(0, 1), town.village(0, 2)


def states() -> dict[str, str]:
    return dict(UnitCall.objects.values_list("unit_code", "state"))


def test_one_answer_acknowledges_every_unit_in_which_a_person_holds_a_post(clock: Any) -> None:
    town.phones({1: ANSWERS}, **town.silent_by_default())
    callout_id = town.open_callout(
        [
            town.party(1, place=FIRST, unit=FIRST, title="村支书"),
            town.party(1, place=SECOND, unit=SECOND, title="包村干部"),
        ]
    )
    town.run(minutes=2)
    assert Call.objects.filter(callout_id=callout_id).count() == 1
    assert town.call_of(callout_id, 1).post_title == "村支书、包村干部"
    assert states() == {FIRST: "acknowledged", SECOND: "acknowledged"}


def test_such_a_person_reports_the_first_action_of_either_unit(clock: Any) -> None:
    town.phones({1: ANSWERS}, **town.silent_by_default())
    callout_id = town.open_callout(
        [
            town.party(1, place=FIRST, unit=FIRST),
            town.party(1, place=SECOND, unit=SECOND),
        ]
    )
    town.run(minutes=2)
    services.record_first_action(
        viewer=town.viewer_of(1), callout_id=callout_id, unit_code=SECOND, how="app"
    )
    assert states() == {FIRST: "acknowledged", SECOND: "acted"}


def test_a_deputy_of_one_unit_does_not_acknowledge_for_the_other(clock: Any) -> None:
    town.phones({2: ANSWERS}, **town.silent_by_default())
    callout_id = town.open_callout(
        [
            town.party(1, place=FIRST, unit=FIRST),
            town.party(1, place=SECOND, unit=SECOND, deputies=[town.person(2)]),
        ]
    )
    town.run(minutes=8)
    assert states() == {FIRST: "waiting", SECOND: "acted"}
    assert UnitCall.objects.get(unit_code=FIRST).first_action_at is None
    call = town.call_of(callout_id, 1)
    assert not call.is_covered, "the other unit is still owed somebody"


def test_the_deputies_of_both_units_together_cover_the_person(clock: Any) -> None:
    town.phones({2: ANSWERS, 3: ANSWERS}, **town.silent_by_default())
    callout_id = town.open_callout(
        [
            town.party(1, place=FIRST, unit=FIRST, deputies=[town.person(3)]),
            town.party(1, place=SECOND, unit=SECOND, deputies=[town.person(2)]),
        ]
    )
    town.run(minutes=15)
    assert set(states().values()) == {"acted"}
    assert town.call_of(callout_id, 1).is_covered


def test_parties_that_come_joined_say_their_further_units(clock: Any) -> None:
    town.phones({1: ANSWERS}, **town.silent_by_default())
    party = {**town.party(1, place=FIRST, unit=FIRST), "unit_codes": [FIRST, SECOND]}
    town.open_callout([party])
    town.run(minutes=2)
    assert states() == {FIRST: "acknowledged", SECOND: "acknowledged"}
