"""Due and missed is 失联待核 within thirty seconds, and the leader is rung."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fengsui.engines.calls import services as calls
from fengsui.engines.calls.models import Call, Callout
from fengsui.foundation.access.problems import Problem
from fengsui.readiness.watch import jobs, queries, services
from fengsui.readiness.watch.models import CheckIn, Word
from fengsui.readiness.watch.queries.checking import last_positions
from fengsui.standards.instants import to_ms
from tests.world import county as world

EVERY_S = 1800
NAMED_WITHIN = timedelta(seconds=30)


def _wait(clock: Any, seconds: float) -> None:
    """The writer's jobs look every ten seconds."""
    for _ in range(int(seconds / jobs.LOOK_EVERY_S)):
        clock.forward(seconds=jobs.LOOK_EVERY_S)
        jobs.watch(clock.now())


def _start(county: world.County, who: str = "shitan_a", **said: Any) -> int:
    made = services.start_check_ins(
        viewer=county.viewer(who),
        person_id=county.ids[who],
        **({"every_s": EVERY_S, "hours": 6, "leader_id": county.ids["qingshi"]} | said),
    )
    return int(made["check_in_id"])


def test_a_missed_check_in_is_named_within_30_s_and_the_leader_is_rung(
    node: Any, clock: Any
) -> None:
    county = world.build()
    key = _start(county, task="巡查石滩溪")
    shitan = county.viewer("shitan_a")
    clock.forward(minutes=20)
    services.check_in(
        viewer=shitan, check_in_id=key, lon_e7=1_100_800_000, lat_e7=284_400_000, accuracy_m=12
    )
    due_at = CheckIn.objects.get(pk=key).due_at
    _wait(clock, 29 * 60)
    assert CheckIn.objects.get(pk=key).missed_at is None
    _wait(clock, 120)
    row = CheckIn.objects.get(pk=key)
    assert row.missed_at is not None
    assert row.missed_at - due_at <= NAMED_WITHIN
    callout = Callout.objects.get(pk=row.callout_id)
    assert callout.subject_kind == "check_in"
    assert "失联待核" in callout.text
    assert "示意己" not in callout.text, "no name in what is spoken and cannot be erased"
    assert set(Call.objects.filter(callout=callout).values_list("person_id", flat=True)) == {
        county.ids["qingshi"]
    }
    (first,) = queries.check_ins(viewer=county.viewer("officer"))
    assert first.missed_at is not None
    assert last_positions([key])[key].lon_e7 == 1_100_800_000
    _wait(clock, 300)
    assert Callout.objects.filter(subject_kind="check_in").count() == 1, "named once"


def test_a_word_ends_the_alarm_and_the_ringing(node: Any, clock: Any) -> None:
    county = world.build()
    key = _start(county)
    _wait(clock, EVERY_S + 30)
    callout_id = CheckIn.objects.get(pk=key).callout_id
    services.check_in(viewer=county.viewer("qingshi"), check_in_id=key, text="电话打通了")
    row = CheckIn.objects.get(pk=key)
    assert (row.missed_at, Callout.objects.get(pk=callout_id).state) == (None, "stopped")
    _wait(clock, EVERY_S + 30)
    assert CheckIn.objects.get(pk=key).missed_at is not None, "and the next one is watched again"
    services.end_check_ins(
        viewer=county.viewer("qingshi"), check_in_id=key, outcome="found", reason="示意"
    )
    assert CheckIn.objects.get(pk=key).outcome == "found"
    _wait(clock, 60)
    assert queries.check_ins(viewer=county.viewer("officer")) == []


def test_a_word_kept_by_a_phone_without_network_counts_from_when_it_was_said(
    node: Any, clock: Any
) -> None:
    county = world.build()
    key = _start(county)
    said_at = clock.now() + timedelta(minutes=25)
    _wait(clock, EVERY_S + 60)
    assert CheckIn.objects.get(pk=key).missed_at is not None
    late = {"check_in_id": key, "at_ms": to_ms(said_at), "client_id": "phone-1"}
    shitan = county.viewer("shitan_a")
    assert services.check_in(viewer=shitan, **late)["outcome"] == "recorded"
    assert services.check_in(viewer=shitan, **late)["outcome"] == "already_recorded"
    row = CheckIn.objects.get(pk=key)
    assert (row.missed_at, row.due_at) == (None, said_at + timedelta(seconds=EVERY_S))
    assert Word.objects.count() == 1
    ahead = to_ms(clock.now() + timedelta(hours=9))
    services.check_in(viewer=shitan, check_in_id=key, at_ms=ahead)
    row = CheckIn.objects.get(pk=key)
    assert row.heard_at is not None
    assert row.heard_at <= clock.now(), "a phone's wrong clock does not buy time"


def test_nobody_says_back_for_whoever_did_not(node: Any, clock: Any) -> None:
    county = world.build()
    key = _start(county, every_s=3600, hours=1)
    _wait(clock, 3700)
    assert CheckIn.objects.get(pk=key).missed_at is not None, "the agreed return is a word too"


def test_without_a_leader_the_duty_room_above_is_rung(node: Any, clock: Any) -> None:
    county = world.build()
    key = _start(county, leader_id=None)
    _wait(clock, EVERY_S + 30)
    callout_id = CheckIn.objects.get(pk=key).callout_id
    rung = Call.objects.filter(callout_id=callout_id).values_list("person_id", flat=True)
    assert list(rung) == [county.ids["qingshi"]]
    calls.record_answer(
        viewer=county.viewer("qingshi"),
        call_id=Call.objects.get(callout_id=callout_id).id,
        answer_kind="on_it",
        how="app",
    )
    assert CheckIn.objects.get(pk=key).missed_at is not None, "told is not found"


def test_what_an_outsider_tries(node: Any, clock: Any) -> None:
    county = world.build()
    key = _start(county)
    for who in ("shuikou_a", "baishui", "gaozhai_a"):
        stranger = county.viewer(who)
        with pytest.raises(Problem, match="not_found"):
            services.check_in(viewer=stranger, check_in_id=key)
        with pytest.raises(Problem, match="not_found"):
            services.end_check_ins(viewer=stranger, check_in_id=key, outcome="back")
        with pytest.raises(Problem, match="not_found"):
            services.start_check_ins(
                viewer=stranger, person_id=county.ids["shitan_b"], every_s=1800, hours=1
            )
        assert queries.check_ins(viewer=stranger) == []
    with pytest.raises(Problem, match="leader_not_fit"):
        _start(county, "shuikou_a", leader_id=county.ids["shitan_grid"])
    with pytest.raises(Problem, match="every_out_of_range"):
        _start(county, "shuikou_a", every_s=60, leader_id=None)
    with pytest.raises(Problem, match="watched_already"):
        _start(county)
    with pytest.raises(Problem, match="position_not_valid"):
        services.check_in(viewer=county.viewer("shitan_a"), check_in_id=key, lon_e7=2**40, lat_e7=0)
