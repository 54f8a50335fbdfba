"""The life-safety part of a night by telegrams only: no road, no network.

County and township talk by BeiDou terminals behind pseudo-terminals, township and village by
datagrams of 233 bytes that get lost. Later the full facts arrive, and nothing counts twice.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fengsui.engines.calls.models import Answer, Call
from fengsui.exchange.telegrams import queries
from fengsui.exchange.telegrams import services as telegrams
from fengsui.exchange.telegrams.models import Heard, InstructionAnswer, Outgoing, SentFrame
from fengsui.exchange.telegrams.states import Kind
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Grant, Scope, Viewer
from fengsui.response.alerts.models import Alert
from fengsui.response.situation import queries as situation
from fengsui.response.situation import services as situation_services
from tests.world import county as world
from tests.world.journals import Box, Boxes
from tests.world.thin_county import NODE, ThinCounty

pytestmark = pytest.mark.django_db(databases=["default", "local"], transaction=True)
TELEGRAM_BYTES_MAX = 78
SLOT_S = 60.5  # the card's interval, and what a computer's clock may lag behind the terminal's


@pytest.fixture
def thin(clock: Any, tmp_path: Path) -> Iterator[ThinCounty]:
    (tmp_path / "boxes").mkdir()
    county = ThinCounty(clock, Boxes(tmp_path / "boxes"), tmp_path)
    try:
        yield county
    finally:
        county.close()


def headcount(thin: ThinCounty, box: Box, place: str, moved: int, **more: int) -> None:
    with box.here():
        situation_services.report_headcount(
            viewer=NODE,
            content={"place_code": place, "should": 11, "moved": moved, "series": 1, **more},
        )


def sos(box: Box, people: int, sos_id: str, place: str = world.SHITAN) -> None:
    with box.here():
        situation_services.raise_sos(
            viewer=NODE,
            content={
                "place_code": place,
                "people": people,
                "injured": 1,
                "need": ["boat", "medical"],
                "lon_e7": 1_100_800_000,
                "lat_e7": 284_400_000,
                "text": "后山老屋",
            },
            sos_id=sos_id,
        )


def open_sos(box: Box) -> list[tuple[int, bool]]:
    with box.here():
        return [(row.people, row.is_provisional) for row in situation.open_sos(viewer=NODE)]


def moved(box: Box) -> int:
    with box.here():
        return situation.headcount_total(None, viewer=NODE)["moved"]


@pytest.mark.slow
@pytest.mark.parametrize("loss", [0.05, 0.30])
def test_a_night_by_telegrams_only(thin: ThinCounty, loss: float) -> None:
    seed = int(os.environ.get("FENGSUI_SEED", "406942"))
    sys.stdout.write(f"loss={loss} seed={seed}\n")
    thin.beidou(thin.county, thin.township, loss=loss, seed=seed)
    thin.radio(thin.township, thin.village, loss=loss, seed=seed + 1)
    thin.step(1)

    # The instruction goes out: county → township → village.
    with thin.county.here():
        alert_id = thin.people.issue(world.rain_warning(codes=world.QINGSHI))
    thin.until_delivered(step_s=SLOT_S, steps_max=240)
    with thin.village.here():
        assert not Alert.objects.exists(), "the alert itself is not here"
        instructions = queries.heard(viewer=NODE, kind=Kind.EVACUATION_INSTRUCTION)
        assert {area[:12] for row in instructions for area in row.content["areas"]} == {
            world.SHITAN
        }
        secretary = _secretary(thin)
        for row in instructions:
            telegrams.answer_instruction(viewer=secretary, heard_id=row.pk)

    # The village answers, counts, calls for help.
    headcount(thin, thin.village, world.SHITAN, 6, away=2, needs_help=1)
    thin.step(1)
    headcount(thin, thin.village, world.SHITAN, 9, away=2)
    sos(thin.village, 3, "sos-shitan")
    with thin.township.here():
        telegrams.receive_text(
            viewer=NODE, number="00010000023", text="ZY 7/9", place_code=world.FENGPING
        )
    seconds = thin.until_delivered(step_s=SLOT_S, steps_max=240)
    sys.stdout.write(f"delivered after {seconds} s of the wound clock\n")

    with thin.county.here():
        [call] = Call.objects.filter(person_id=thin.people.ids["shitan_a"])
        assert (call.state, call.ended_as) == ("answered", "answered")
        assert Answer.objects.filter(call=call).values_list("how", flat=True)[0] == "beidou"
    assert open_sos(thin.county) == [(3, True)]
    assert moved(thin.county) == 9 + 7
    with thin.county.here():
        sizes = list(SentFrame.objects.values_list("size", flat=True))
    with thin.township.here():
        sizes += SentFrame.objects.filter(link__carrier="beidou").values_list("size", flat=True)
    assert sizes
    assert max(sizes) <= TELEGRAM_BYTES_MAX

    # The road is open again: the full facts arrive, and nothing counts twice.
    thin.meet()
    assert open_sos(thin.county) == [(3, False)]
    assert moved(thin.county) == 9 + 7
    with thin.county.here():
        telegrams.match_answers(viewer=NODE)
        assert Call.objects.filter(person_id=thin.people.ids["shitan_a"]).count() == 1
        assert Call.objects.get(person_id=thin.people.ids["shitan_a"]).ended_as == "answered"
    with thin.village.here():
        assert Alert.objects.filter(pk=alert_id).exists()


def _secretary(thin: ThinCounty) -> Viewer:
    grants = (Grant("village_secretary", Scope.of(world.SHITAN)),)
    return Viewer(thin.people.ids["shitan_a"], "示意己", grants)


@pytest.mark.parametrize("first", ["telegram", "fact"])
def test_case_14_a_telegram_and_its_fact_count_once(thin: ThinCounty, first: str) -> None:
    thin.radio(thin.township, thin.village, loss=0.0, seed=1)
    thin.step(1)
    sos(thin.village, 3, "sos-1")
    headcount(thin, thin.village, world.SHITAN, 6)
    steps = [lambda: thin.until_delivered(step_s=20, steps_max=10), thin.meet]
    if first == "fact":
        with thin.village.here():
            telegrams.look()  # queued while the road was closed
        thin.meet()
        assert open_sos(thin.township) == [(3, False)]
    else:
        thin.until_delivered(step_s=20, steps_max=10)
        assert open_sos(thin.township) == [(3, True)]
    assert moved(thin.township) == 6
    for step in reversed(steps) if first == "telegram" else steps:
        step()
    assert open_sos(thin.township) == [(3, False)]
    assert moved(thin.township) == 6
    with thin.township.here():
        assert set(Heard.objects.values_list("kind", flat=True)) == {"sos", "headcount"}


@pytest.mark.parametrize("first", ["telegram", "app"])
def test_case_15_answered_by_telegram_and_later_by_phone(thin: ThinCounty, first: str) -> None:
    """One acknowledgement, two paths recorded, whichever comes first."""
    with thin.county.here():
        thin.people.issue(world.rain_warning(codes=world.QINGSHI))
    thin.meet()
    thin.radio(thin.township, thin.village, loss=0.0, seed=1)
    thin.radio(thin.county, thin.township, loss=0.0, seed=2)
    thin.step(1)
    from fengsui.engines.calls.services import record_answer

    with thin.village.here():
        call = Call.objects.get(person_id=thin.people.ids["shitan_a"])
        record_answer(
            viewer=_secretary(thin), call_id=call.pk, answer_kind="on_it", how="app", client_id="p1"
        )
        telegrams.look()
    if first == "app":
        thin.meet()
    thin.until_delivered(step_s=20, steps_max=10)
    thin.meet()
    for box in (thin.township, thin.county):
        with box.here():
            again = Call.objects.get(pk=call.pk)
            assert (again.ended_as, again.answer_kind) == ("answered", "on_it")
            paths = set(Answer.objects.filter(call_id=call.pk).values_list("how", flat=True))
            assert {"app", "radio"} <= paths
            assert Call.objects.filter(callout=call.callout_id, ended_as="answered").count() == 1


def test_case_22_sos_leaves_in_the_next_slot(thin: ThinCounty) -> None:
    """Behind a long queue on a link of one message a minute."""
    thin.beidou(thin.county, thin.township, loss=0.0, seed=1)
    thin.step(1)
    for village in (world.SHITAN, world.FENGPING, world.YUNPAN):
        for series in range(12):
            headcount(thin, thin.township, village, 1, series=series)
    with thin.township.here():
        situation_services.file_quick_report(
            viewer=NODE, content={"place_code": world.FENGPING, "disaster": "泥石流", "dead": 1}
        )
    for _ in range(5):
        thin.step(SLOT_S)
    terminal = thin.terminal_of(thin.township)
    assert len(terminal.sent) >= 3
    assert thin.waiting(thin.township) > 30
    before = len(terminal.sent)
    sos(thin.township, 5, "sos-2", world.FENGPING)
    thin.step(SLOT_S)
    assert len(terminal.sent) == before + 1, "one slot, one message"
    assert open_sos(thin.county) == [(5, True)]
    # What waited is not starved by it.
    for _ in range(3):
        thin.step(SLOT_S)
    assert len(terminal.sent) >= before + 3


def test_a_village_moves_its_people_on_an_instruction_by_telegram(thin: ThinCounty) -> None:
    """Before the alert itself is here; afterwards the alert is what is acted upon."""
    thin.radio(thin.county, thin.township, loss=0.0, seed=2)
    thin.meet()  # registers and households were here before the road went
    with thin.county.here():
        alert_id = thin.people.issue(world.rain_warning(codes=world.QINGSHI))
    thin.until_delivered(step_s=20, steps_max=10)
    with thin.township.here():
        assert not Alert.objects.filter(pk=alert_id).exists()
        [row] = queries.heard(viewer=NODE, kind=Kind.EVACUATION_INSTRUCTION)
        officer = Viewer(
            thin.people.ids["qingshi"],
            "示意丁",
            (Grant("township_officer", Scope.of(world.QINGSHI)),),
        )
        done = telegrams.move_on_instruction(viewer=officer, heard_id=row.pk)
        assert done["outcome"] == "recorded"
        assert Call.objects.exists(), "people of the place are called from here"
        again = telegrams.move_on_instruction(viewer=officer, heard_id=row.pk)
        assert again["outcome"] == "already_recorded"
    thin.meet()
    with thin.township.here(), pytest.raises(Problem, match=r"telegrams\.no_such_instruction"):
        telegrams.move_on_instruction(viewer=officer, heard_id=row.pk, client_id="x")


def test_nobody_is_asked_who_has_the_fact_already(thin: ThinCounty) -> None:
    """What another carrier brought and acknowledged takes no slot any more."""
    from fengsui.exchange.neighbours import services as neighbours
    from fengsui.foundation.journal import services as journal
    from fengsui.foundation.journal.models import Feed

    thin.radio(thin.township, thin.village, loss=1.0, seed=1)
    with thin.village.here():
        # Until sessions go by certificates, a neighbour is one that was named by hand.
        journal.trust_node(
            viewer=NODE,
            suite=1,
            public_key=thin.township.public_key,
            name="青石镇",
            scope=world.QINGSHI,
        )
    thin.step(1)
    sos(thin.village, 3, "sos-3")
    thin.step(1)
    assert thin.waiting(thin.village) == 1
    thin.meet()
    with thin.village.here():
        heads = [
            [
                [one.suite, bytes(one.public_key), one.incarnation, one.fact_class, one.audience],
                one.head_seq,
                bytes(one.head_hash),
            ]
            for one in Feed.objects.all()
        ]
        neighbours.note_vector(public_key=thin.township.public_key, heads=heads, carrier="session")
        telegrams.look()
        assert Outgoing.objects.get().standing == "overtaken"


def test_an_answer_that_came_by_road_only_answers_the_call(thin: ThinCounty) -> None:
    thin.radio(thin.township, thin.village, loss=0.0, seed=1)
    thin.radio(thin.county, thin.township, loss=0.0, seed=2)
    thin.step(1)
    with thin.county.here():
        thin.people.issue(world.rain_warning(codes=world.QINGSHI))
    thin.until_delivered(step_s=20, steps_max=20)
    for wire in thin.wires:
        wire.loss = 1.0
    with thin.village.here():
        [row] = queries.heard(viewer=NODE, kind=Kind.EVACUATION_INSTRUCTION)
        telegrams.answer_instruction(viewer=_secretary(thin), heard_id=row.pk)
        assert InstructionAnswer.objects.count() == 1
    thin.meet()
    with thin.county.here():
        assert telegrams.match_answers(viewer=NODE) == {"matched": 1}
        assert telegrams.match_answers(viewer=NODE) == {"matched": 0}
        [call] = Call.objects.filter(person_id=thin.people.ids["shitan_a"])
        assert call.ended_as == "answered"
