"""Red at night: A, B and 值班电话 ring at the same moment; one answer stops the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from fengsui.engines.calls import channel_register, jobs, queries, rules, services
from fengsui.engines.calls.models import (
    Answer,
    Attempt,
    Call,
    Callout,
    CallParty,
    Companion,
    CompanionOwed,
    NightMark,
    StopOwed,
    UnitCall,
)
from fengsui.engines.calls.services import StandIn, StandInRequest
from fengsui.engines.calls.tests import town
from fengsui.gateways.channels.in_app import InAppChannel
from fengsui.gateways.channels.simulated import Behaviour

pytestmark = pytest.mark.usefixtures("node")
ANSWERS, SILENT = [Behaviour.ANSWERS], [Behaviour.NO_ANSWER]
UNIT = town.village(0, 1)
ROOM = "00099"


def _duty_phones(requests: Sequence[StandInRequest]) -> Mapping[int, StandIn]:
    room = StandIn(0, "示意值班室", [{"kind": "phone", "value": ROOM}])
    return {one.call_id: room for one in requests if one.who is rules.Who.DUTY_PHONE}


@pytest.fixture(autouse=True)
def _duty_rooms() -> Iterator[None]:
    services.set_resolver(_duty_phones)
    yield
    services.set_resolver(None)


@pytest.fixture
def at_night(clock: Any) -> Any:
    """02:10 Beijing; the clock of the tests begins there."""
    assert rules.is_night(rules.policy_from_plain(services.default_plain()["red"]), clock.now())
    return clock


def opened(**changes: Any) -> int:
    party = town.party(1, place=UNIT, unit=UNIT, deputies=[town.person(2)])
    return town.open_callout([{**party, **changes}])


def beside() -> dict[str, str]:
    return dict(Companion.objects.order_by("step").values_list("who", "word"))


def test_a_b_and_the_duty_phone_ring_at_the_same_moment(at_night: Any) -> None:
    town.phones({1: SILENT, 2: SILENT}, **town.silent_by_default())
    callout_id = opened()
    town.step()
    started = {
        Attempt.objects.get().started_at,
        *Companion.objects.values_list("started_at", flat=True),
    }
    assert len(started) == 1
    assert beside() == {"deputy": "handed_over", "duty_phone": "handed_over"}
    (item,) = queries.unanswered(callout_id, viewer=town.LEADER)["items"]
    assert item["tries"] == 1, "the tries of others are no tries of this person"
    assert [one["who"] for one in item["also_rung"]] == ["deputy", "duty_phone"]
    assert not item["night_mark"]


def test_the_board_counts_the_phones_beside_by_channel(at_night: Any) -> None:
    town.phones({1: SILENT, 2: ANSWERS}, **town.silent_by_default())
    callout_id = opened()
    town.run(minutes=1)
    (voice,) = queries.by_channel(callout_id, viewer=town.LEADER)
    assert (voice["channel"], voice["tries"], voice["beside"]) == ("voice", 3, 2)
    assert voice["acknowledged"] == 1, "B answered"
    before = queries.by_channel(
        callout_id, viewer=town.LEADER, at=Callout.objects.get().opened_at - timedelta(seconds=1)
    )
    assert before == []
    assert queries.by_channel(callout_id, viewer=town.viewer_of(77)) == []


def test_by_day_only_a_rings(at_night: Any) -> None:
    at_night.forward(hours=8)
    town.phones({1: SILENT}, **town.silent_by_default())
    opened()
    town.step()
    assert not Companion.objects.exists()


def test_a_answers_and_the_others_stop_ringing_and_stay_listed(at_night: Any) -> None:
    carrier = town.phones({1: ANSWERS, 2: SILENT}, **town.silent_by_default())
    callout_id = opened()
    town.run(minutes=1.25)
    call = town.call_of(callout_id, 1)
    assert call.ended_as == "answered"
    assert beside() == {"deputy": "stopped", "duty_phone": "stopped"}
    assert not StopOwed.objects.exists(), "the carrier was told"
    listed = queries.rung_beside([call.id], viewer=town.LEADER)[call.id]
    assert [(one["who"], one["is_ringing"]) for one in listed] == [
        ("deputy", False),
        ("duty_phone", False),
    ]
    assert {one["name"] for one in listed} == {"示意2", "示意值班室"}
    at_the_end = carrier.poll(at_night.now() + (at_night.now() - call.answered_at))
    assert [one for one in at_the_end if not one.acted] == []
    assert Callout.objects.get().state == "finished"


def test_b_answers_and_a_stops_ringing_but_stays_owed_an_end(at_night: Any) -> None:
    town.phones({1: SILENT, 2: ANSWERS}, **town.silent_by_default())
    callout_id = opened()
    town.run(minutes=1)
    call = town.call_of(callout_id, 1)
    assert (call.is_covered, call.ended_as) == (True, "")
    assert Attempt.objects.get().word == "stopped"
    assert beside() == {"deputy": "acknowledged", "duty_phone": "stopped"}
    assert UnitCall.objects.get().state in ("acknowledged", "acted")
    answer = Answer.objects.get()
    assert (answer.is_stand_in, answer.person_id, answer.rung) == (True, 2, 0)
    (item,) = queries.unanswered(callout_id, viewer=town.LEADER)["items"]
    assert item["person_name"] == "示意1"
    town.run(minutes=40)
    assert town.call_of(callout_id, 1).ended_as == "unreached_named"
    assert Attempt.objects.count() == 1, "nobody is rung for a call that is covered"


def test_the_duty_phone_answers_for_its_unit(at_night: Any) -> None:
    carrier = town.phones({1: SILENT, 2: SILENT}, **town.silent_by_default())
    carrier.script[0] = ANSWERS
    callout_id = opened()
    town.run(minutes=1)
    assert UnitCall.objects.get().state in ("acknowledged", "acted")
    assert town.call_of(callout_id, 1).is_covered
    assert beside() == {"deputy": "stopped", "duty_phone": "acknowledged"}


def test_an_answer_in_the_app_stops_every_phone(at_night: Any) -> None:
    town.phones({1: SILENT, 2: SILENT}, **town.silent_by_default())
    callout_id = opened()
    town.step()
    services.record_answer(
        viewer=town.viewer_of(1),
        call_id=town.call_of(callout_id, 1).id,
        answer_kind="on_it",
        how="app",
    )
    assert set(beside().values()) == {"stopped"}
    assert Attempt.objects.get().word == "stopped"


def test_b_answers_in_the_app_while_the_call_stands_on_a(at_night: Any) -> None:
    town.phones({1: SILENT, 2: SILENT}, **town.silent_by_default())
    callout_id = opened()
    town.step()
    call = town.call_of(callout_id, 1)
    (mine,) = queries.my_open_calls(viewer=town.viewer_of(2))
    assert (mine["call_id"], mine["stands_in"]) == (call.id, True)
    services.record_answer(
        viewer=town.viewer_of(2), call_id=call.id, answer_kind="on_it", how="app"
    )
    assert town.call_of(callout_id, 1).is_covered
    assert UnitCall.objects.get().state == "acknowledged"


def test_a_phone_that_is_ringing_is_not_rung_a_second_time(at_night: Any) -> None:
    town.phones({1: SILENT, 2: SILENT, 3: SILENT}, **town.silent_by_default())
    both = [town.person(2)]
    town.open_callout(
        [
            town.party(1, place=UNIT, unit=UNIT, deputies=both),
            town.party(3, place=UNIT, unit=UNIT, deputies=both),
            town.party(2, place=UNIT, unit=UNIT),
        ]
    )
    town.step()
    rung = list(Companion.objects.values_list("who", flat=True))
    assert rung == ["duty_phone"], "B is rung for a call of his own; one duty phone, one ring"


def test_a_dead_number_of_a_waits_for_whoever_rings_beside(at_night: Any) -> None:
    town.phones({1: [Behaviour.WRONG_NUMBER], 2: ANSWERS}, **town.silent_by_default())
    callout_id = opened()
    town.run(minutes=1)
    assert town.call_of(callout_id, 1).is_covered
    assert Companion.objects.filter(person_id=2).count() == 1
    assert Attempt.objects.count() == 1


def test_a_crash_between_claim_and_send_says_that_it_may_have_rung(at_night: Any) -> None:
    town.phones({1: SILENT, 2: SILENT}, **town.silent_by_default())
    opened()
    jobs.unpack(at_night.now())
    jobs.advance(at_night.now())
    assert CompanionOwed.objects.filter(boot="").count() == 2
    jobs.dispatch(at_night.now())
    assert CompanionOwed.objects.exclude(boot="").count() == 2
    jobs.restart()
    town.step()
    assert set(beside().values()) == {"unknown"}
    assert not CompanionOwed.objects.exists()


def test_whoever_was_rung_beside_is_told_that_it_is_over(at_night: Any) -> None:
    town.phones({1: ANSWERS, 2: SILENT}, **town.silent_by_default())
    callout_id = opened()
    town.run(minutes=1.25)
    told = services.notify_cancelled(viewer=town.NODE, callout_id=callout_id, text="预警解除。")
    people = set(
        CallParty.objects.filter(call__callout_id=told["callout_id"]).values_list(
            "person_id", flat=True
        )
    )
    assert people == {0, 1, 2}


def test_a_night_without_telephones_is_marked_and_does_not_count(at_night: Any) -> None:
    channel_register.reset()
    channel_register._practice.clear()
    channel_register.register_practice(InAppChannel())
    jobs.restart()
    callout_id = opened()
    town.step()
    call = town.call_of(callout_id, 1)
    assert NightMark.objects.get().channel == "in_app"
    assert queries.night_marked(callout_id, viewer=town.LEADER) == {call.id: "in_app"}
    assert queries.not_counted_at_night(callout_id, viewer=town.LEADER) == 1
    (item,) = queries.unanswered(callout_id, viewer=town.LEADER)["items"]
    assert item["night_mark"], "the list says so"
    assert call.ended_as == "", "a message nobody hears ends nothing"


def test_a_night_mark_is_seen_where_the_call_is(at_night: Any) -> None:
    channel_register.reset()
    channel_register._practice.clear()
    channel_register.register_practice(InAppChannel())
    jobs.restart()
    callout_id = town.open_callout([town.party(1, place=town.village(1, 1))])
    town.step()
    assert queries.not_counted_at_night(callout_id, viewer=town.LEADER) == 1
    assert queries.not_counted_at_night(callout_id, viewer=town.TOWNSHIP_OFFICER) == 0
    assert Call.objects.count() == 1


def test_who_was_rung_beside_is_seen_where_the_call_is(at_night: Any) -> None:
    town.phones({1: SILENT, 2: SILENT}, **town.silent_by_default())
    far = town.village(1, 1)
    callout_id = opened(place_code=far, unit_code=far)
    town.step()
    call = town.call_of(callout_id, 1)
    assert call.id in queries.rung_beside([call.id], viewer=town.LEADER)
    assert queries.rung_beside([call.id], viewer=town.TOWNSHIP_OFFICER) == {}


def test_a_phone_of_which_nothing_was_heard_is_rung_again_on_the_next_try(at_night: Any) -> None:
    carrier = town.phones({1: SILENT, 2: SILENT}, **town.silent_by_default())
    opened()
    town.step()
    carrier._told.clear()  # the carrier tells nothing of any of the three
    at_night.forward(seconds=121)
    town.step()
    assert Attempt.objects.count() == 2
    assert Companion.objects.filter(who="deputy").count() == 2, "it cannot still be ringing"


def test_b_whose_own_turn_has_not_come_rings_beside_a(at_night: Any) -> None:
    town.phones({1: SILENT, 2: SILENT}, **town.silent_by_default())
    red = services.default_plain()["red"]
    head = town.party(1, place=UNIT, unit=UNIT, deputies=[town.person(2)])
    house = town.party(2, place=UNIT + "00101", title="住户") | {"household_id": 7001}
    callout_id = town.open_callout([head, house], policy=red | {"hand_on_s": {"village": 300}})
    town.step()
    assert town.call_of(callout_id, 2).progress == 0, "waits for the village to answer"
    assert beside() == {"deputy": "handed_over", "duty_phone": "handed_over"}


def test_a_callout_that_is_stopped_stops_every_phone(at_night: Any) -> None:
    carrier = town.phones({1: SILENT, 2: ANSWERS}, **town.silent_by_default())
    callout_id = opened()
    town.step()
    services.stop_callout(viewer=town.LEADER, callout_id=callout_id, reason="预警解除")
    town.step()
    assert set(beside().values()) == {"stopped"}
    assert Attempt.objects.get().word == "stopped"
    assert not StopOwed.objects.exists(), "the carrier was told"
    at_night.forward(minutes=2)
    assert [one for one in carrier.poll(at_night.now()) if not one.acted] == []


def test_a_phone_that_had_not_rung_yet_is_withdrawn(at_night: Any) -> None:
    town.phones({1: SILENT, 2: SILENT}, **town.silent_by_default())
    callout_id = opened()
    jobs.unpack(at_night.now())
    jobs.advance(at_night.now())
    services.record_answer(
        viewer=town.viewer_of(1),
        call_id=town.call_of(callout_id, 1).id,
        answer_kind="on_it",
        how="app",
    )
    assert set(beside().values()) == {"withdrawn"}
    assert Attempt.objects.get().word == "withdrawn"
    assert not StopOwed.objects.exists()


def test_two_groups_of_one_cycle_do_not_ring_the_same_phone(at_night: Any) -> None:
    """Whoever is at the second try and whoever is at the first are decided apart, at once."""
    town.phones({1: SILENT, 2: SILENT, 3: SILENT}, **town.silent_by_default())
    callout_id = opened()
    town.step()
    at_night.forward(seconds=120)
    jobs.hear(at_night.now())
    assert set(beside().values()) == {"no_answer"}
    late = town.party(3, place=UNIT, unit=UNIT, deputies=[town.person(2)])
    services.add_parties(viewer=town.LEADER, callout_id=callout_id, parties=[late])
    town.step()
    assert Attempt.objects.filter(word="handed_over").count() == 2
    ringing = Companion.objects.filter(word="handed_over").values_list("who", flat=True)
    assert sorted(ringing) == ["deputy", "duty_phone"]
