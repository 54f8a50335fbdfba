"""Stories of the ladder: who is rung, who answers, who is named."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import Q

from fengsui.engines.calls import queries, services
from fengsui.engines.calls.models import Answer, Attempt, Call, Callout, CallParty, UnitCall
from fengsui.engines.calls.tests import town
from fengsui.engines.calls.tests.town import Behaviour
from fengsui.foundation.access.problems import Problem

pytestmark = pytest.mark.usefixtures("node")
ANSWERS = [Behaviour.ANSWERS]
SILENT = [Behaviour.NO_ANSWER]


def test_everyone_who_is_called_ends(clock: Any) -> None:
    town.phones(seed=5)
    parties = [
        town.party(
            number,
            place=town.village(number % 2, number % 7),
            unit=town.village(number % 2, number % 7),
            deputies=[town.person(1000 + number)],
            superiors=[town.person(2000 + number % 2)],
        )
        for number in range(1, 61)
    ]
    callout_id = town.open_callout(parties)
    town.run(minutes=60)
    callout = Callout.objects.get(pk=callout_id)
    ends = set(Call.objects.values_list("ended_as", flat=True))
    assert callout.state == "finished"
    assert "" not in ends
    assert ends <= {"answered", "unreached_named"}
    board = queries.board(callout_id, viewer=town.LEADER)
    added = Call.objects.filter(person_id__gt=1000).count()  # deputies of those who are away
    assert board["called"] == 60 + added
    assert board["answered"] + board["unreached_named"] == 60 + added
    # Red at night: where B answers first A is rung no more, though A is still owed an end.
    heard = Call.objects.filter(Q(ended_as="answered") | Q(is_covered=True)).count()
    assert heard > 40
    assert board["curve"][-1][1] == board["answered"]
    assert sum(row["called"] for row in board["by_place"]) == 60 + added


def test_one_answer_never_closes_anothers_call(clock: Any) -> None:
    town.phones({1: ANSWERS, 2: SILENT}, **town.silent_by_default())
    callout_id = town.open_callout([town.party(1), town.party(2)])
    town.run(minutes=3)
    assert town.call_of(callout_id, 1).ended_as == "answered"
    assert town.call_of(callout_id, 2).ended_as == ""


def test_silence_climbs_to_the_deputy_the_duty_room_and_the_door(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    room = {"person_id": 0, "name": "示意值班室", "contacts": [{"kind": "phone", "value": "00099"}]}
    callout_id = town.open_callout([town.party(1, deputies=[town.person(2)], superiors=[room])])
    town.run(minutes=1)
    assert town.call_of(callout_id, 1).tries == 1
    town.run(minutes=5)
    call = town.call_of(callout_id, 1)
    assert (call.rung, call.tries) == (1, 1)
    town.run(minutes=4)  # nobody is known as substitute, so that rung is skipped
    assert town.call_of(callout_id, 1).rung == 3
    town.run(minutes=2)
    call = town.call_of(callout_id, 1)
    assert (call.rung, call.state) == (4, "knock")
    town.run(minutes=31)
    call = town.call_of(callout_id, 1)
    assert call.ended_as == "unreached_named"
    assert Callout.objects.get(pk=callout_id).state == "finished"
    rungs = list(Attempt.objects.order_by("id").values_list("rung", flat=True))
    assert sorted(rungs) == [0, 0, 0, 1, 1, 3]
    assert set(CallParty.objects.filter(rung=3).values_list("name", flat=True)) == {"示意值班室"}


def test_a_stand_in_covers_the_unit_but_not_the_person(clock: Any) -> None:
    unit = town.village(0, 1)
    town.phones({1: SILENT, 2: ANSWERS}, **town.silent_by_default())
    callout_id = town.open_callout(
        [town.party(1, place=unit, unit=unit, deputies=[town.person(2)])]
    )
    town.run(minutes=12)
    call = town.call_of(callout_id, 1)
    assert Answer.objects.get().is_stand_in
    assert (call.is_covered, call.ended_as, call.state) == (True, "", "knock")
    assert UnitCall.objects.get().state == "acted"
    services.mark_reached_in_person(viewer=town.LEADER, call_id=call.id, note="示意敲门")
    assert town.call_of(callout_id, 1).ended_as == "reached_in_person"


def test_the_level_above_covers_the_person_but_never_answers_for_the_unit(clock: Any) -> None:
    unit = town.village(0, 1)
    town.phones({1: SILENT, 2: ANSWERS}, **town.silent_by_default())
    callout_id = town.open_callout(
        [town.party(1, place=unit, unit=unit, superiors=[town.person(2)])]
    )
    town.run(minutes=15)
    assert Answer.objects.get().is_stand_in
    assert town.call_of(callout_id, 1).is_covered
    assert not UnitCall.objects.filter(acknowledged_at__isnull=False).exists()


def test_a_late_answer_after_passing_up_counts_and_is_shown_late(clock: Any) -> None:
    town.phones({1: SILENT}, **town.silent_by_default())
    callout_id = town.open_callout([town.party(1)])
    town.run(minutes=40)
    assert town.call_of(callout_id, 1).ended_as == "unreached_named"
    services.record_answer(
        viewer=town.viewer_of(1),
        call_id=town.call_of(callout_id, 1).id,
        answer_kind="on_it",
        how="app",
        client_id="late-1",
    )
    call = town.call_of(callout_id, 1)
    assert (call.ended_as, call.is_late) == ("answered", True)
    board = queries.board(callout_id, viewer=town.LEADER)
    assert (board["answered"], board["late"], board["unreached_named"]) == (1, 1, 0)


def test_a_unit_has_answered_only_after_a_first_action(clock: Any) -> None:
    unit = town.village(0, 1)
    town.phones({}, **town.silent_by_default())
    callout_id = town.open_callout([town.party(1, place=unit, unit=unit)])
    call = town.call_of(callout_id, 1)
    services.record_answer(
        viewer=town.viewer_of(1), call_id=call.id, answer_kind="on_it", how="app", client_id="a"
    )
    board = queries.board(callout_id, viewer=town.LEADER)
    assert board["units"]["answered"] == 0
    assert board["units"]["unanswered"] == [{"code": unit, "name": "", "state": "acknowledged"}]
    with pytest.raises(Problem, match="heard_from_required"):
        services.record_first_action(
            viewer=town.TOWNSHIP_OFFICER, callout_id=callout_id, unit_code=unit
        )
    services.record_first_action(
        viewer=town.TOWNSHIP_OFFICER, callout_id=callout_id, unit_code=unit, heard_from="示意1"
    )
    board = queries.board(callout_id, viewer=town.LEADER)
    assert (board["units"]["answered"], board["units"]["unanswered"]) == (1, [])


def test_away_passes_to_the_deputy_who_gets_a_call_of_his_own(clock: Any) -> None:
    unit = town.village(0, 1)
    town.phones({1: [Behaviour.AWAY], 2: ANSWERS}, **town.silent_by_default())
    callout_id = town.open_callout(
        [town.party(1, place=unit, unit=unit, deputies=[town.person(2)])]
    )
    town.run(minutes=6)
    assert town.call_of(callout_id, 1).answer_kind == "away_pass_to_b"
    assert town.call_of(callout_id, 2).answer_kind == "on_it"
    assert UnitCall.objects.get().state == "acted"
    assert Callout.objects.get().state == "finished"


def test_a_wrong_number_moves_on_at_once_and_a_new_number_rings_again(clock: Any) -> None:
    town.phones({1: [Behaviour.WRONG_NUMBER, Behaviour.ANSWERS]}, **town.silent_by_default())
    policy = {
        "name": "test",
        "colour": "red",
        "rungs": [
            {
                "who": "holder",
                "channels": ["voice"],
                "tries": 3,
                "spacing_s": 600,
                "patience_s": 60,
            },
            {"who": "in_person", "patience_s": 1800},
        ],
    }
    callout_id = town.open_callout([town.party(1)], policy=policy)
    town.run(minutes=1)
    call = town.call_of(callout_id, 1)
    assert call.state == "knock"
    assert Attempt.objects.get().word == "wrong_number"
    services.replace_number(
        viewer=town.LEADER, call_id=call.id, value="00000000002", reason="村委会提供"
    )
    town.phones({1: ANSWERS})
    town.run(minutes=2)
    call = town.call_of(callout_id, 1)
    assert (call.lap, call.ended_as) == (1, "answered")


def test_nobody_is_called_twice_in_one_callout(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    callout_id = town.open_callout([town.party(1), town.party(1), town.party(2)])
    added = services.add_parties(
        viewer=town.LEADER, callout_id=callout_id, parties=[town.party(2), town.party(3)]
    )
    assert added == {"called": 1, "already": 1}
    assert Call.objects.count() == 3
    assert list(Call.objects.order_by("ordinal").values_list("ordinal", flat=True)) == [0, 1, 2]


def test_a_cancel_reaches_exactly_those_who_were_called(clock: Any) -> None:
    town.phones({1: ANSWERS}, **town.silent_by_default())
    callout_id = town.open_callout([town.party(1), town.party(2)])
    town.run(minutes=2)
    services.add_parties(viewer=town.LEADER, callout_id=callout_id, parties=[town.party(3)])
    services.stop_callout(viewer=town.LEADER, callout_id=callout_id, reason="预警解除")
    town.run(minutes=2)
    assert Attempt.objects.filter(call__person_id=3).count() == 0
    told = services.notify_cancelled(viewer=town.LEADER, callout_id=callout_id, text="预警解除")
    again = services.notify_cancelled(viewer=town.LEADER, callout_id=callout_id, text="预警解除")
    assert told == again
    town.run(minutes=2)
    notice = Call.objects.filter(callout_id=told["callout_id"])
    assert set(notice.values_list("person_id", "ended_as")) == {(1, "notified"), (2, "notified")}
    assert Callout.objects.get(pk=callout_id).state == "stopped"
    assert town.call_of(callout_id, 1).ended_as == "answered"
    assert town.call_of(callout_id, 2).ended_as == "unreached_named"


def test_an_answer_is_recorded_once_per_client_id(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    callout_id = town.open_callout([town.party(1)])
    call = town.call_of(callout_id, 1)
    answer = {"call_id": call.id, "answer_kind": "need_support", "how": "app", "client_id": "x"}
    first = services.record_answer(viewer=town.viewer_of(1), **answer)
    second = services.record_answer(viewer=town.viewer_of(1), **answer)
    assert (first["outcome"], second["outcome"]) == ("recorded", "already_recorded")
    assert Answer.objects.count() == 1
    with pytest.raises(Problem, match="not_found"):
        services.record_answer(viewer=town.viewer_of(2), **{**answer, "client_id": "y"})


def test_the_superior_records_an_answer_with_whom_it_was_heard_from(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    callout_id = town.open_callout([town.party(1)])
    call = town.call_of(callout_id, 1)
    with pytest.raises(Problem, match="heard_from_required"):
        services.answer_for(
            viewer=town.TOWNSHIP_OFFICER, call_id=call.id, answer_kind="on_it", heard_from=" "
        )
    services.answer_for(
        viewer=town.TOWNSHIP_OFFICER, call_id=call.id, answer_kind="on_it", heard_from="示意1"
    )
    answer = Answer.objects.get()
    assert (answer.heard_from, answer.recorded_by_id, answer.how) == ("示意1", 901, "recorded_for")
    assert town.call_of(callout_id, 1).ended_as == "answered"


def test_a_paused_channel_rings_nobody_and_the_ladder_goes_on(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    callout_id = town.open_callout([town.party(1)])
    services.pause_channel(
        viewer=town.LEADER, callout_id=callout_id, channel="voice", reason="线路故障"
    )
    town.run(minutes=10)
    assert set(Attempt.objects.values_list("channel", flat=True)) <= {"in_app", "email"}


def test_a_skipped_rung_passes_up_at_once(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    callout_id = town.open_callout([town.party(1, deputies=[town.person(2)])])
    town.run(minutes=1)
    services.skip_rung(viewer=town.LEADER, callout_id=callout_id, rung=0, reason="人在外地")
    town.step()
    assert town.call_of(callout_id, 1).rung == 1
    with pytest.raises(Problem, match="reason_required"):
        services.skip_rung(viewer=town.LEADER, callout_id=callout_id, rung=1, reason="")


def test_whoever_is_on_duty_is_resolved_when_the_rung_is_reached(clock: Any) -> None:
    clock.forward(hours=8)  # by day: red at night asks for B from the first try on
    asked: list[services.StandInRequest] = []

    def resolver(requests: Any) -> dict[int, services.StandIn]:
        asked.extend(requests)
        return {
            request.call_id: services.StandIn(55, "示意值班", [{"kind": "phone", "value": "00055"}])
            for request in requests
            if request.who == "superior_duty_room"
        }

    town.phones({55: ANSWERS}, **town.silent_by_default())
    services.set_resolver(resolver)
    try:
        callout_id = town.open_callout([town.party(1, deputies=[77])])
        town.run(minutes=1)
        assert asked == []
        town.run(minutes=9)
    finally:
        services.set_resolver(None)
    assert (77,) in {request.person_ids for request in asked}
    assert CallParty.objects.get(person_id=55).rung == 3
    assert town.call_of(callout_id, 1).is_covered
    mine = queries.my_open_calls(viewer=town.viewer_of(1))
    assert [row["stands_in"] for row in mine] == [False]
