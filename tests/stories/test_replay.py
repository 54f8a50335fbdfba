"""Any night runs again from facts alone, and says at every moment what the board said then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection

from fengsui.engines.calls.facts import COMPANIONS_HEARD
from fengsui.engines.calls.models import Attempt, Companion
from fengsui.engines.calls.states import ARRIVED, FAILED_FOR_GOOD, FAILED_FOR_NOW
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import NOBODY, node_viewer
from fengsui.gateways.channels.simulated import Behaviour
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.evacuations.services import record_household_status
from fengsui.review.replay import queries, rules
from fengsui.standards.instants import to_ms
from tests.world import replayed
from tests.world.county import QINGSHI, SHITAN, SHUIKOU, rain_warning
from tests.world.night import Night

NODE = node_viewer()
FAILED = FAILED_FOR_GOOD | FAILED_FOR_NOW


def told(night: Night) -> tuple[int, int]:
    """One night with silence, a knock, a late answer and households; (alert id, callout id)."""
    night.everybody(Behaviour.NO_ANSWER, "shitan_a", "shuikou_a", "gaozhai_a")
    alert_id = night.county.issue(rain_warning())
    night.forward(minutes=4, every_s=20)
    for household, status in (("h1", "moved_central"), ("h3", "told"), ("h3", "moved_relatives")):
        record_household_status(
            viewer=night.county.viewer("shitan_grid"),
            household_id=night.county.ids[household],
            status=status,
            client_id=f"{household} {status}",
        )
        night.forward(minutes=1, every_s=20)
    night.forward(minutes=60, every_s=120)
    return alert_id, night.alert(alert_id).callout_id or 0


def test_every_moment_is_what_the_board_said_then(night: Night) -> None:
    began = night.clock.now()
    alert_id, callout_id = told(night)
    evacuation_id = night.alert(alert_id).evacuation_id or 0
    assert replayed.disagreements(callout_id) == []
    assert replayed.household_disagreements(evacuation_id) == []
    for who in ("officer", "qingshi", "shitan_a"):
        viewer = night.county.viewer(who)
        for minutes in (0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 70):
            at = began + timedelta(minutes=minutes, milliseconds=500)
            frame = replayed.frame(callout_id, at, viewer=viewer)
            assert frame == replayed.board(callout_id, at, viewer=viewer), (who, minutes)
            moved = replayed.moved(evacuation_id, at, viewer=viewer)
            board = evacuations.balance_at(evacuation_id, at, viewer=viewer)
            assert moved == {name: board[name] for name in moved}, (who, minutes)


def test_the_steps_add_up_to_the_board_of_any_moment(night: Night) -> None:
    _, callout_id = told(night)
    [shown] = queries.nights(viewer=NODE)
    score = queries.score(rules.night_of(night.clock.now()), viewer=NODE)
    assert shown["night"] == score["night"]
    [track] = score["tracks"]
    begins_ms = to_ms(_instant(score["begins_at"]))
    for step in track["calls"][:: max(1, len(track["calls"]) // 20)]:
        at = _instant(score["begins_at"]) + timedelta(milliseconds=step[0] + 1)
        counts = rules.counts_at(track["calls"], to_ms(at) - begins_ms)
        board = replayed.board(callout_id, at, viewer=NODE)
        assert sum(counts.values()) == board["called"]
        assert [counts.get(one, 0) for one in (7, 6, 4)] == [
            board["answered"],
            board["reached_in_person"],
            board["unreached_named"],
        ]
    kinds = [event["kind"] for event in score["events"]]
    assert kinds.index("callout.opened") < kinds.index("calls.knocks_needed")
    assert [event["ms"] for event in score["events"]] == sorted(e["ms"] for e in score["events"])


def tries_of(callout_id: int, until: datetime, under: str = "") -> dict[str, list[int]]:
    """Channel → [tries, arrived, answered by key, failed, beside the person called] of the
    tables."""
    found: dict[str, list[int]] = {}
    for model in (Attempt, Companion):
        for one in model.objects.filter(
            callout_id=callout_id, started_at__lte=until, call__place_code__startswith=under
        ):
            is_beside = model is Companion
            said = (True, one.word in ARRIVED, one.word == "acknowledged", one.word in FAILED)
            sums = found.setdefault(one.channel, [0] * 5)
            found[one.channel] = [
                total + int(yes) for total, yes in zip(sums, (*said, is_beside), strict=True)
            ]
    return found


def test_which_channel_reached_people_is_told_at_every_moment(night: Night) -> None:
    _, callout_id = told(night)
    score = queries.score(rules.night_of(night.clock.now()), viewer=NODE)
    [track] = score["tracks"]
    begins = _instant(score["begins_at"])
    channels = {one["channel"]: one["steps"] for one in track["channels"]}
    moments = sorted({step[0] for steps in channels.values() for step in steps})
    assert len(moments) > 3
    for ms in moments:
        table = tries_of(callout_id, begins + timedelta(milliseconds=ms + 1))
        shown = {name: replayed.sums_at(steps, ms)[0] for name, steps in channels.items()}
        assert {name: many for name, many in shown.items() if many} == {
            name: sums[0] for name, sums in table.items()
        }, ms
    # Of a moment gone by the table knows only how each try came out in the end.
    last = tries_of(callout_id, night.clock.now())
    assert {name: replayed.sums_at(steps, moments[-1]) for name, steps in channels.items()} == last
    assert sum(sums[2] for sums in last.values()) > 0
    assert sum(sums[4] for sums in last.values()) > 0, "at night others ring beside"
    for steps in channels.values():
        said = [replayed.sums_at(steps, ms)[2] for ms in moments]
        assert said == sorted(said), "a key that was pressed stays pressed"


def test_a_record_that_does_not_say_which_callout_was_heard_of_is_told_as_well(
    night: Night,
) -> None:
    """What became of phones beside was written down without the callout it is about, once."""
    told(night)
    [track] = queries.score(rules.night_of(night.clock.now()), viewer=NODE)["tracks"]
    with connection.cursor() as cursor:
        heard = "arrival IN (SELECT arrival FROM journal_fact WHERE kind = %s)"
        number = COMPANIONS_HEARD.number
        cursor.execute(f"SELECT entity, arrival FROM journal_about WHERE {heard}", [number])
        said = cursor.fetchall()
        assert said
        cursor.execute(f"DELETE FROM journal_about WHERE {heard}", [number])
    [again] = queries.score(rules.night_of(night.clock.now()), viewer=NODE)["tracks"]
    assert again["channels"] == track["channels"]
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO journal_about (entity, arrival) VALUES (%s, %s)", said)


def test_a_township_hears_of_its_own_tries_only(night: Night) -> None:
    _, callout_id = told(night)
    day = rules.night_of(night.clock.now())
    [track] = queries.score(day, viewer=night.county.viewer("qingshi"))["tracks"]
    own = tries_of(callout_id, night.clock.now(), under=QINGSHI[:9])
    assert own != tries_of(callout_id, night.clock.now())
    assert {
        one["channel"]: replayed.sums_at(one["steps"], 10**9) for one in track["channels"]
    } == own


def test_single_persons_and_households_have_their_own_course(night: Night) -> None:
    alert_id, callout_id = told(night)
    day = rules.night_of(night.clock.now())
    people = queries.people(day, callout_id, viewer=NODE)["items"]
    silent = next(one for one in people if one["name"] == "示意己")
    stands = [step[1] for step in silent["steps"]]
    assert stands[0] == 1
    assert 2 in stands
    assert stands[-1] in (3, 4)
    assert max(step[2] for step in silent["steps"]) > 0, "the ladder was climbed"
    assert people[0]["steps"][-1][1] in (1, 2, 3, 4), "whoever was never reached comes first"
    evacuation_id = night.alert(alert_id).evacuation_id or 0
    rows = queries.households(day, evacuation_id, viewer=NODE, under=SHITAN)["items"]
    assert {row["place_code"] for row in rows} == {SHITAN}
    h3 = next(row for row in rows if row["household_id"] == str(night.county.ids["h3"]))
    assert [step[1] for step in h3["steps"]] == ["not_yet", "told", "moved_relatives"]


def test_a_township_replays_its_own_and_hears_no_number_of_the_others(night: Night) -> None:
    _, callout_id = told(night)
    day = rules.night_of(night.clock.now())
    qingshi = night.county.viewer("qingshi")
    score = queries.score(day, viewer=qingshi)
    codes = {place["code"] for place in score["places"]}
    assert {code[:9] for code in codes} == {QINGSHI[:9]}
    sentences = [event["zh"] for event in score["events"]]
    assert "启动叫应" in sentences, "that there was a callout, without the county's number"
    assert not any("应叫" in one for one in sentences)
    assert all(
        one["place_code"].startswith(QINGSHI[:9])
        for one in queries.people(day, callout_id, viewer=qingshi)["items"]
    )
    assert queries.people(day, callout_id, viewer=qingshi, under=SHUIKOU)["items"] == []


def test_an_attacker_learns_nothing_not_even_that_there_was_a_night(night: Night) -> None:
    alert_id, callout_id = told(night)
    day = rules.night_of(night.clock.now())
    attempts: list[Callable[[], object]] = [
        lambda: queries.score(day, viewer=NOBODY),
        lambda: queries.people(day, callout_id, viewer=NOBODY),
        lambda: queries.households(day, night.alert(alert_id).evacuation_id or 0, viewer=NOBODY),
        lambda: queries.people(day - timedelta(days=1), callout_id, viewer=NODE),
        lambda: queries.people(day, callout_id + 1, viewer=NODE),
    ]
    for attempt in attempts:
        with pytest.raises(Problem) as refusal:
            attempt()
        assert refusal.value.kind.status == 404
    assert queries.nights(viewer=NOBODY) == []


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
