"""Level by level: each level answers for the next, and silence of a level stops nobody."""

from __future__ import annotations

from typing import Any

import pytest

from fengsui.engines.calls import jobs, services
from fengsui.engines.calls.models import Attempt, Call, LevelHandover
from fengsui.engines.calls.tests import town
from fengsui.engines.calls.tests.town import Behaviour
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.journal import clock as the_clock

pytestmark = pytest.mark.usefixtures("node")

T1, T2 = town.TOWNSHIPS
V1, V2 = town.village(0, 1), town.village(1, 1)
G1 = V1 + "00101"
TOWNSHIP, VILLAGE, HEAD, HOUSE = 11, 21, 31, 41
OTHER_TOWNSHIP, OTHER_VILLAGE = 12, 22
POLICY: dict[str, Any] = {
    "name": "orange",
    "colour": "orange",
    "hand_on_s": {"county": 60, "township": 300, "village": 300, "group": 300},
    "rungs": [
        {
            "who": "holder",
            "channels": ["voice"],
            "tries": 3,
            "spacing_s": 300,
            "patience_s": 60,
        },
        {"who": "in_person", "patience_s": 3600},
    ],
}


def parties() -> list[dict[str, Any]]:
    house = town.party(HOUSE, place=G1, title="住户")
    return [
        house | {"household_id": 7001},
        town.party(HEAD, place=G1, title="中心户长") | {"roles": ["household_head"]},
        town.party(VILLAGE, place=V1, unit=V1) | {"roles": ["village_secretary"]},
        town.party(TOWNSHIP, place=T1, unit=T1, title="值班室") | {"roles": ["duty_room"]},
        town.party(OTHER_TOWNSHIP, place=T2, unit=T2) | {"roles": ["township_deputy"]},
        town.party(OTHER_VILLAGE, place=V2, unit=V2) | {"roles": ["village_secretary"]},
    ]


def opened(**changes: Any) -> int:
    return town.open_callout(parties(), **{"policy": POLICY, "level": "orange", **changes})


def run(*, minutes: float, every_s: int = 30) -> None:
    for _ in range(int(minutes * 60 / every_s)):
        everything()
        the_clock.forward(seconds=every_s)
    everything()


def everything() -> None:
    town.step()
    while jobs.hand_on(the_clock.now()):
        pass
    jobs.stand_in(the_clock.now())
    town.step()


def rung() -> dict[int, int]:
    """Person → minute of the first ring."""
    first: dict[int, int] = {}
    begun = Call.objects.first()
    assert begun is not None
    start = begun.callout.opened_at
    for person_id, at in Attempt.objects.order_by("-started_at").values_list(
        "call__person_id", "started_at"
    ):
        first[person_id] = int((at - start).total_seconds() // 60)
    return first


def handovers() -> list[tuple[int, str, str]]:
    rows = LevelHandover.objects.order_by("handed_at", "level", "place_code")
    return list(rows.values_list("level", "place_code", "how"))


def test_silence_of_a_level_never_stops_the_next(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    opened()
    run(minutes=16)
    assert rung() == {
        TOWNSHIP: 0,
        OTHER_TOWNSHIP: 0,
        VILLAGE: 5,
        OTHER_VILLAGE: 5,
        HEAD: 10,
        HOUSE: 15,
    }
    assert handovers() == [
        (1, T1, "deadline"),
        (1, T2, "deadline"),
        (2, V1, "deadline"),
        (3, G1, "deadline"),
    ]


def test_the_next_level_is_rung_though_nothing_but_the_engine_runs(clock: Any) -> None:
    """The handing on is a job of its own; were it dead, every turn still comes."""
    town.phones({}, **town.silent_by_default())
    opened()
    town.run(minutes=16)
    assert (rung()[VILLAGE], rung()[HEAD], rung()[HOUSE]) == (5, 10, 15)
    assert not LevelHandover.objects.exists()


def test_a_level_that_answers_hands_on_at_once_in_its_own_branch(clock: Any) -> None:
    town.phones({TOWNSHIP: [Behaviour.ANSWERS]}, **town.silent_by_default())
    opened()
    run(minutes=11)
    first = rung()
    assert first[VILLAGE] <= 1, "its township answered"
    assert first[OTHER_VILLAGE] == 5, "the other township is silent"
    assert first[HEAD] in (5, 6), "five minutes from the village's turn, not from the opening"
    assert first[HOUSE] in (10, 11)
    assert (1, T1, "answered") in handovers()
    assert (1, T2, "deadline") in handovers()


def test_where_everybody_answers_the_whole_chain_is_rung_within_three_minutes(clock: Any) -> None:
    town.phones({}, temperaments={}, moods={Behaviour.ANSWERS: 1})
    opened()
    run(minutes=6)
    assert max(rung().values()) <= 3
    assert {how for _, _, how in handovers()} == {"answered"}
    assert set(Call.objects.values_list("ended_as", flat=True)) == {"answered"}


def test_a_level_that_has_nobody_passes_on(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    without = [one for one in parties() if one["person_id"] not in (TOWNSHIP, HEAD)]
    town.open_callout(without, policy=POLICY, level="orange")
    run(minutes=6)
    assert rung()[VILLAGE] == 0
    assert rung()[HOUSE] == 5


def test_red_calls_everybody_at_once(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    town.open_callout(parties())
    run(minutes=1)
    assert set(rung().values()) == {0}
    assert len(rung()) == 6


def test_somebody_at_the_desk_does_not_wait(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    callout_id = opened()
    run(minutes=1)
    said = {"callout_id": callout_id, "level": "township", "reason": "示意电话打不通"}
    services.hand_on(viewer=town.TOWNSHIP_OFFICER, place_code=T1, **said)
    run(minutes=1)
    assert rung()[VILLAGE] == 1
    assert OTHER_VILLAGE not in rung()
    with pytest.raises(Problem, match=r"not_found|not_allowed"):
        services.hand_on(viewer=town.TOWNSHIP_OFFICER, place_code=T2, **said)
    again = services.hand_on(viewer=town.LEADER, place_code=T1, **said)
    assert again["outcome"] == "already_recorded"


def test_everybody_at_once_only_in_red_or_where_people_move(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    callout_id = opened()
    run(minutes=1)
    said = {"viewer": town.LEADER, "callout_id": callout_id, "reason": "示意水位猛涨"}
    with pytest.raises(Problem, match="all_at_once_not_allowed"):
        services.call_all_levels(is_moving=False, **said)
    services.call_all_levels(is_moving=True, **said)
    run(minutes=1)
    assert len(rung()) == 6
    assert max(rung().values()) == 1


def test_whoever_is_added_later_is_rung_when_the_level_above_has_answered(clock: Any) -> None:
    town.phones({TOWNSHIP: [Behaviour.ANSWERS]}, **town.silent_by_default())
    callout_id = opened()
    run(minutes=2)
    services.add_parties(
        viewer=town.LEADER,
        callout_id=callout_id,
        parties=[
            town.party(23, place=town.village(0, 3)) | {"roles": ["village_secretary"]},
            town.party(24, place=town.village(1, 3)) | {"roles": ["village_secretary"]},
        ],
    )
    run(minutes=1)
    assert rung()[23] == 2
    assert 24 not in rung()


def test_skipping_a_rung_rings_nobody_before_the_turn(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    callout_id = opened()
    run(minutes=1)
    skipped = services.skip_rung(
        viewer=town.LEADER, callout_id=callout_id, rung=0, reason="示意线路中断"
    )
    assert skipped["skipped"] == 2, "the two townships; nobody else has been rung"
    run(minutes=1)
    assert town.call_of(callout_id, TOWNSHIP).state == "knock"
    assert town.call_of(callout_id, HOUSE).state == "waiting"


def test_a_level_that_is_skipped_by_hand_hands_on_at_once(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    callout_id = opened()
    run(minutes=1)
    services.skip_rung(viewer=town.LEADER, callout_id=callout_id, rung=0, reason="示意线路中断")
    run(minutes=1)
    first = rung()
    assert (first[VILLAGE], first[OTHER_VILLAGE]) == (1, 1), "nobody waits for whom nobody rings"
    assert HEAD not in first, "the villages have their own time"
    assert handovers() == [(1, T1, "by_hand"), (1, T2, "by_hand")]
    run(minutes=5)
    assert rung()[HEAD] in (5, 6), "five minutes from the village's turn"


def test_whoever_another_office_rang_before_their_turn_is_not_skipped_to_the_door(
    clock: Any,
) -> None:
    town.phones({}, **town.silent_by_default())
    callout_id = opened()
    run(minutes=1)
    call = town.call_of(callout_id, HOUSE)
    services.record_rung_elsewhere(viewer=town.LEADER, call_ids=[call.id], office="示意县气象局")
    skipped = services.skip_rung(
        viewer=town.LEADER, callout_id=callout_id, rung=0, reason="示意线路中断"
    )
    assert skipped["skipped"] == 2, "the turn of the household has not come"
    run(minutes=1)
    assert town.call_of(callout_id, HOUSE).state == "waiting"


def test_a_try_that_is_only_owed_is_withdrawn_when_another_office_has_rung(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    callout_id = opened()
    jobs.advance(the_clock.now())
    assert Attempt.objects.filter(call__person_id=TOWNSHIP, word="planned").count() == 1
    call = town.call_of(callout_id, TOWNSHIP)
    services.record_rung_elsewhere(viewer=town.LEADER, call_ids=[call.id], office="示意县气象局")
    run(minutes=4)
    assert set(Attempt.objects.filter(call=call).values_list("word", flat=True)) == {"withdrawn"}
    run(minutes=2)
    assert Attempt.objects.filter(call=call).exclude(word="withdrawn").count() == 1


@pytest.mark.parametrize("how", ["answered", "at_once"])
def test_no_level_rings_at_once_whom_another_office_has_just_rung(clock: Any, how: str) -> None:
    answers = {TOWNSHIP: [Behaviour.ANSWERS]} if how == "answered" else {}
    town.phones(answers, **town.silent_by_default())
    callout_id = opened()
    call = town.call_of(callout_id, VILLAGE)
    services.record_rung_elsewhere(viewer=town.LEADER, call_ids=[call.id], office="示意县水利局")
    if how == "at_once":
        services.call_all_levels(
            viewer=town.LEADER, callout_id=callout_id, reason="示意水位猛涨", is_moving=True
        )
    run(minutes=4)
    assert VILLAGE not in rung()
    run(minutes=2)
    assert rung()[VILLAGE] == 5, "silence is no end: ours comes a whole spacing after theirs"


def test_the_weather_office_has_rung_already(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    callout_id = opened()
    before = the_clock.now()
    call = town.call_of(callout_id, TOWNSHIP)
    told = services.record_rung_elsewhere(
        viewer=town.LEADER, call_ids=[call.id], office="示意县气象局", rung_at=before
    )
    assert told == {"spared": 1, "answered": 0, "already": 0}
    run(minutes=4)
    assert TOWNSHIP not in rung(), "spared the ring that the weather office made"
    run(minutes=2)
    assert rung()[TOWNSHIP] == 5
    run(minutes=10)
    assert Attempt.objects.filter(call=call).count() == 2, "two of ours and one of theirs"


def test_the_water_office_says_that_they_acknowledged(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    callout_id = opened()
    call = town.call_of(callout_id, TOWNSHIP)
    told = services.record_rung_elsewhere(
        viewer=town.LEADER, call_ids=[call.id], office="示意县水利局", has_answered=True
    )
    assert told["answered"] == 1
    run(minutes=2)
    call.refresh_from_db()
    assert call.ended_as == "answered"
    assert rung()[VILLAGE] == 0, "the township has the warning, so its villages are rung"
    assert TOWNSHIP not in rung()
    again = services.record_rung_elsewhere(
        viewer=town.LEADER, call_ids=[call.id], office="示意县水利局", has_answered=True
    )
    assert again["already"] == 1


def test_only_who_may_answer_for_others_says_what_another_office_did(clock: Any) -> None:
    town.phones({}, **town.silent_by_default())
    callout_id = opened()
    call = town.call_of(callout_id, OTHER_TOWNSHIP)
    for viewer in (town.TOWNSHIP_OFFICER, town.viewer_of(VILLAGE)):
        with pytest.raises(Problem, match=r"not_found|not_allowed"):
            services.record_rung_elsewhere(viewer=viewer, call_ids=[call.id], office="示意")
    with pytest.raises(Problem, match="office_required"):
        services.record_rung_elsewhere(viewer=town.LEADER, call_ids=[call.id], office=" ")
