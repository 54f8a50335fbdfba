"""逐级叫应 in the standing county: an orange night goes down level by level, a red one does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fengsui.engines.calls import jobs, queries
from fengsui.engines.calls import services as calls
from fengsui.engines.calls.models import Attempt, Call, CallParty, LevelHandover, UnitRelay
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.journal.stored import decode
from fengsui.foundation.people import services as people
from fengsui.foundation.people.models import Post
from fengsui.gateways.channels.simulated import Behaviour
from fengsui.response.alerts import services as alerts
from tests.world import county as world
from tests.world.county import rain_warning
from tests.world.night import Night

TEN_PAST_TWO = datetime(2026, 7, 17, 18, 10, tzinfo=UTC)  # 02:10 Beijing
MORNING = datetime(2026, 7, 18, 0, 0, tzinfo=UTC)


def on(night: Night, *, minutes: float) -> None:
    """As `Night.forward`, with the jobs of this story, half a minute at a time."""
    for _ in range(int(minutes * 2)):
        turn(night)
        night.clock.forward(seconds=30)
    turn(night)


def turn(night: Night) -> None:
    night.forward()
    while jobs.hand_on(night.clock.now()):
        pass
    jobs.stand_in(night.clock.now())
    night.forward()


def begin(night: Night, severity: str = "Orange") -> int:
    night.clock.wind(TEN_PAST_TWO)
    return night.county.issue(rain_warning(severity=severity))


def minute_of(night: Night, alert_id: int, who: str) -> int | None:
    """In which minute this person was first rung."""
    callout_id = night.alert(alert_id).callout_id
    tries = Attempt.objects.filter(
        callout_id=callout_id, call__person_id=night.county.ids[who], rung=0
    )
    first = tries.order_by("started_at").values_list("started_at", flat=True).first()
    return None if first is None else int((first - TEN_PAST_TWO).total_seconds() // 60)


def levels(night: Night, alert_id: int, who: str = "officer") -> dict[str, Any]:
    callout_id = night.alert(alert_id).callout_id
    assert callout_id is not None
    found = queries.levels_board(callout_id, viewer=night.county.viewer(who))
    return {one["level"]: one for one in found["levels"]} | {"whole": found}


def unit(found: dict[str, Any], level: str, code: str) -> dict[str, Any]:
    return next(one for one in found[level]["units"] if one["code"] == code)


def test_orange_goes_down_level_by_level_and_a_silent_township_stops_nobody(night: Night) -> None:
    night.everybody(Behaviour.NO_ANSWER, "baishui")
    alert_id = begin(night)
    turn(night)
    assert minute_of(night, alert_id, "qingshi") == 0
    assert minute_of(night, alert_id, "baishui") == 0
    assert minute_of(night, alert_id, "shitan_a") is None
    board = levels(night, alert_id)
    assert board["whole"]["mode"] == "by_level"
    assert unit(board, "village", world.SHUIKOU)["state"] == "not_yet"
    on(night, minutes=4)
    assert minute_of(night, alert_id, "shitan_a") in (0, 1)
    assert minute_of(night, alert_id, "shuikou_a") is None
    board = levels(night, alert_id)
    assert unit(board, "township", world.QINGSHI)["state"] == "answered"
    assert unit(board, "township", world.QINGSHI)["answered_by"] == "示意丁"
    assert unit(board, "township", world.BAISHUI)["state"] == "ringing"
    assert (
        board["township"]["next_deadline_at"]
        == unit(board, "township", world.BAISHUI)["deadline_at"]
    )
    on(night, minutes=2)
    assert minute_of(night, alert_id, "shuikou_a") == 5, "the township is silent, the village rings"
    household = minute_of(night, alert_id, "h1-contact")
    assert household is not None, "township, village and grid worker answered one after another"
    assert household < 6
    board = levels(night, alert_id)
    silent = unit(board, "township", world.BAISHUI)
    assert (silent["state"], silent["handed_on_how"]) == ("overdue", "deadline")
    assert silent["below"]["called"] == 5
    hows = set(LevelHandover.objects.values_list("level", "place_code", "how"))
    assert (1, world.QINGSHI, "answered") in hows
    assert (1, world.BAISHUI, "deadline") in hows


def test_red_and_an_order_to_move_call_everybody_at_once(night: Night) -> None:
    night.everybody(Behaviour.NO_ANSWER, "qingshi", "baishui", "shitan_a")
    alert_id = begin(night, "Red")
    turn(night)
    for who in ("qingshi", "shitan_a", "shitan_grid", "h1-contact", "shuikou_a"):
        assert minute_of(night, alert_id, who) == 0
    assert levels(night, alert_id)["whole"]["mode"] == "at_once"


def test_yellow_is_not_called_all_at_once_by_hand_and_orange_is_where_people_move(
    night: Night,
) -> None:
    night.everybody(Behaviour.NO_ANSWER, "qingshi", "baishui")
    alert_id = begin(night, "Yellow")
    turn(night)
    said = {"viewer": night.county.viewer("leader"), "reason": "示意水涨得快"}
    with pytest.raises(Problem, match="all_at_once_not_allowed"):
        alerts.call_all_levels(callout_id=night.alert(alert_id).callout_id or 0, **said)
    orange = night.county.issue(rain_warning(3, severity="Orange"))
    turn(night)
    assert minute_of(night, orange, "shitan_a") is None
    alerts.call_all_levels(callout_id=night.alert(orange).callout_id or 0, **said)
    turn(night)
    for who in ("shitan_a", "shitan_grid", "h1-contact", "shuikou_a", "school"):
        assert minute_of(night, orange, who) == 0


def test_a_township_sees_its_own_levels_and_a_village_nothing_above(night: Night) -> None:
    alert_id = begin(night)
    on(night, minutes=1)
    own = levels(night, alert_id, "qingshi")
    assert [one["code"] for one in own["township"]["units"]] == [world.QINGSHI]
    assert {one["code"] for one in own["village"]["units"]} <= {
        world.SHITAN,
        world.FENGPING,
        world.YUNPAN,
    }
    with pytest.raises(Problem, match="not_found"):
        queries.levels_board(
            night.alert(alert_id).callout_id or 0, viewer=night.county.viewer("shitan_grid")
        )


def test_what_the_level_above_wrote_down_and_other_offices_rang_is_on_the_board(
    night: Night,
) -> None:
    night.everybody(Behaviour.NO_ANSWER, "qingshi", "baishui")
    alert_id = begin(night)
    on(night, minutes=1)
    calls.answer_for(
        viewer=night.county.viewer("officer"),
        call_id=night.call(alert_id, "qingshi").id,
        answer_kind="on_it",
        heard_from="示意丁",
        note="座机接通",
    )
    calls.record_rung_elsewhere(
        viewer=night.county.viewer("officer"),
        call_ids=[night.call(alert_id, "baishui").id],
        office="示意县气象局",
        rung_at=TEN_PAST_TWO,
    )
    on(night, minutes=1)
    board = levels(night, alert_id)
    assert unit(board, "township", world.QINGSHI)["recorded_for"] == 1
    assert unit(board, "township", world.BAISHUI)["elsewhere"] == 1
    written = board["whole"]["recorded_for"]["items"][0]
    assert (written["by"], written["heard_from"]) == ("示意甲", "示意丁")
    rung = board["whole"]["elsewhere"]["items"][0]
    assert (rung["office"], rung["person_name"]) == ("示意县气象局", "示意戊")
    assert minute_of(night, alert_id, "shitan_a") is not None, "代录 hands on as an answer does"
    hidden = levels(night, alert_id, "baishui")["whole"]
    assert hidden["recorded_for"] == {"count": 0, "items": []}, "another township's words"


# --- a stand-in named while it runs ------------------------------------------------------------


def name_stand_in(night: Night, role: str = "village_secretary", **more: Any) -> dict[str, Any]:
    post = Post.objects.get(place_code=world.SHITAN, role=role)
    said = {"name": "示意顶岗人", "phone": "00088800001", "until_at": MORNING}
    return people.name_stand_in(
        viewer=night.county.viewer("qingshi"), post_id=post.pk, **{**said, **more}
    )


def test_a_stand_in_named_on_a_running_callout_is_rung(night: Night) -> None:
    night.everybody(Behaviour.NO_ANSWER, "shitan_a", "shitan_b")
    alert_id = begin(night, "Red")
    on(night, minutes=2)
    named = name_stand_in(night)
    on(night, minutes=2)
    callout_id = night.alert(alert_id).callout_id
    own = Call.objects.get(callout_id=callout_id, person_id=named["person_id"])
    assert own.answered_at is not None, "rung, and answered"
    assert own.units == [world.SHITAN]
    absent = night.call(alert_id, "shitan_a")
    assert absent.is_covered, "covered, yet still owed an end of his own"
    assert absent.ended_as == ""
    on(night, minutes=2)
    assert Call.objects.filter(callout_id=callout_id, person_id=named["person_id"]).count() == 1


def test_a_stand_in_for_the_deputy_is_rung_when_the_deputy_would_be(night: Night) -> None:
    night.everybody(Behaviour.NO_ANSWER, "shitan_a", "shitan_b")
    alert_id = begin(night, "Red")
    on(night, minutes=1)
    named = name_stand_in(night, absent_person_id=night.county.ids["shitan_b"])
    on(night, minutes=9)
    rung = CallParty.objects.filter(call=night.call(alert_id, "shitan_a"), rung__gt=0)
    assert named["person_id"] in set(rung.values_list("person_id", flat=True))


def test_a_stand_in_of_a_place_that_is_not_concerned_is_left_asleep(night: Night) -> None:
    alert_id = night.county.issue(rain_warning(codes=world.BAISHUI, area="白水乡"))
    turn(night)
    named = name_stand_in(night, until_at=night.clock.now() + timedelta(hours=5))
    on(night, minutes=1)
    callout_id = night.alert(alert_id).callout_id
    assert not Call.objects.filter(callout_id=callout_id, person_id=named["person_id"]).exists()


# --- units in two townships --------------------------------------------------------------------


def test_a_unit_of_another_township_is_acknowledged_in_its_own_feed(night: Night) -> None:
    """示意辛 of 枫坪 (青石镇) is also responsible for 高寨 (白水乡)."""
    ids = night.county.ids
    people.register_people(
        viewer=node_viewer(),
        persons=[],
        posts=[
            {
                "ref": "cadre",
                "place_code": world.GAOZHAI,
                "role": "village_cadre",
                "title": "包村干部",
            }
        ],
        holdings=[{"post": "cadre", "person": ids["fengping_a"], "slot": "A"}],
        contact_points=[],
        refs=ids,
        is_invented=True,
    )
    night.everybody(Behaviour.NO_ANSWER, "gaozhai_a")
    alert_id = begin(night, "Red")
    on(night, minutes=2)
    call = night.call(alert_id, "fengping_a")
    assert set(call.units) == {world.FENGPING, world.GAOZHAI}
    said = [
        fact
        for fact in map(decode, StoredFact.objects.order_by("arrival"))
        if fact is not None and fact.kind in ("unit.acknowledged", "callout.units_called")
    ]
    assert [(fact.kind, fact.scope) for fact in said] == [
        ("callout.units_called", world.BAISHUI),
        ("unit.acknowledged", world.GAOZHAI),
    ]
    assert UnitRelay.objects.get().acknowledged_at == call.answered_at
    on(night, minutes=1)
    assert UnitRelay.objects.count() == 1, "told once"
