"""Turns of the writer: batches, savepoints, fairness between commands and jobs, a failing disk."""

import contextlib
import threading
import time
from datetime import datetime
from typing import Any

import pytest
from django.db import OperationalError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import queries, services, verify, wire, writer
from fengsui.foundation.journal.jobs import Job
from fengsui.foundation.journal.models import Feed, StoredFact
from fengsui.foundation.journal.writer import Call, Writer
from tests.beacon import services as beacons
from tests.beacon.models import Beacon

from .conftest import VILLAGE

LIGHT = "tests.beacon.services.light"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer.incarnation, "note_progress", lambda: None)
    monkeypatch.setattr(writer, "HOLD_SECONDS", 60.0)  # a busy machine must not cut batches short


class Caller:
    """Puts commands and keeps their answers in the order in which they came."""

    def __init__(self, turns: Writer) -> None:
        self.turns = turns
        self.answers: list[list[Any]] = []

    def put(self, number: int, *, is_retry: bool = False, **more: Any) -> None:
        arguments = {"viewer": node_viewer(), "place_code": VILLAGE, "name": str(number), **more}
        identity = number.to_bytes(16, "big")
        self.turns.put(Call(identity, is_retry, LIGHT, arguments, self._hear))

    def _hear(self, frame: bytes) -> None:
        self.answers.append(wire.unpack(frame[wire.LENGTH.size :]))

    def outcomes(self) -> list[Any]:
        return [True if answer[2] else answer[3]["code"] for answer in self.answers]


def test_one_commit_for_many_and_a_refusal_alone(node: Any) -> None:
    turns = Writer([])
    caller = Caller(turns)
    for number in range(6):
        caller.put(number, height_metres=-1 if number == 2 else 5)
    while turns.queue:
        turns.batch()
    assert caller.outcomes() == [True, True, "beacon.too_low", True, True, True]
    assert Beacon.objects.count() == 5
    assert turns.counts["groups"] < 6
    assert verify.check_database(processes=1).is_whole


def test_nobody_is_answered_before_the_commit(node: Any) -> None:
    turns = Writer([])
    depths: list[int] = []
    caller = Caller(turns)
    caller._hear = lambda frame: depths.append(node.depth)  # type: ignore[method-assign]
    caller.put(1)
    turns.batch()
    assert depths == [0]


def test_a_disk_that_fails_is_told_to_everybody_and_the_next_turn_goes_on(
    node: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    turns = Writer([])
    caller = Caller(turns)

    def fail() -> None:
        raise OperationalError("disk I/O error")

    with monkeypatch.context() as broken:
        broken.setattr(node, "insert_rows", fail)
        caller.put(1)
        caller.put(2)
        turns.batch()
    assert caller.outcomes() == ["journal.not_stored"] * 2
    assert not StoredFact.objects.exists()
    assert node.heads == {}
    caller.put(3)
    turns.batch()
    assert caller.outcomes()[-1] is True
    assert verify.check_database(processes=1).is_whole


def test_a_repetition_in_the_same_batch_is_done_once(node: Any) -> None:
    turns = Writer([])
    caller = Caller(turns)
    caller.put(1)
    caller.put(1, is_retry=True)
    turns.batch()
    caller.put(1, is_retry=True)
    turns.batch()
    assert Beacon.objects.count() == 1
    assert caller.answers[0] == caller.answers[1] == caller.answers[2]


def test_a_busy_job_and_many_commands_take_turns(node: Any) -> None:
    """Neither waits for more than one turn of the other, and jobs wait in line."""
    order: list[str] = []

    def busy(now: datetime) -> bool:
        order.append("busy")
        time.sleep(0.001)
        return True

    def other(now: datetime) -> bool:
        order.append("other")
        return True

    turns = Writer([Job("busy", 1.0, busy), Job("other", 1.0, other)])
    caller = Caller(turns)
    stop = threading.Event()

    def hear(frame: bytes) -> None:
        order.append("command")
        if order.count("command") == 20:
            stop.set()
        else:
            caller.put(order.count("command"))

    caller._hear = hear  # type: ignore[method-assign]
    caller.put(0)
    turns.loop(stop)
    assert order.count("command") >= 20
    assert "commandcommand" not in "".join(order)
    jobs = [step for step in order if step != "command"]
    assert jobs[:6] == ["busy", "other"] * 3


def test_a_failing_job_leaves_nothing_and_runs_again_in_its_turn(node: Any) -> None:
    def fail(now: datetime) -> None:
        beacons.light(viewer=node_viewer(), place_code=VILLAGE, name="半")
        raise ValueError("a fault of the program")

    turns = Writer([Job("fails", 0.0, fail)])
    turns.step_job()
    turns.step_job()
    assert turns.counts["job_steps"] == 2
    assert not StoredFact.objects.exists()


def test_a_batch_ends_with_its_time(node: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "HOLD_SECONDS", 0.0)
    turns = Writer([])
    caller = Caller(turns)
    caller.put(1)
    caller.put(2)
    turns.batch()
    assert len(caller.answers) == 1


def test_old_replies_are_forgotten(node: Any, clock: Any) -> None:
    turns = Writer([])
    caller = Caller(turns)
    caller.put(1)
    turns.batch()
    assert not services.forget_old_replies(clock.now())
    caller.put(2, is_retry=True)
    turns.batch()
    clock.forward(hours=2)
    services.forget_old_replies(clock.now())
    assert writer._earlier_reply((1).to_bytes(16, "big"), []) is None


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    groups=st.lists(
        st.tuples(
            st.lists(st.sampled_from(["good", "bad", "read", "both"]), max_size=5), st.booleans()
        ),
        max_size=5,
    )
)
def test_whatever_is_rolled_back_the_heads_are_those_on_the_disk(
    node: Any, groups: list[tuple[list[str], bool]]
) -> None:
    """Any mixture of commands that succeed, fail or read, in groups that commit or fail."""
    for steps, commits in groups:
        with contextlib.suppress(KeyError), node.group():
            for step in steps:
                with contextlib.suppress(Problem), node.savepoint():
                    take(step)
            if not commits:
                raise KeyError
    heads = {
        (feed.fact_class, feed.audience): (feed.head_seq, bytes(feed.head_hash))
        for feed in Feed.objects.filter(incarnation=node.incarnation, head_seq__gte=0)
    }
    assert {name: (head.seq, head.hash) for name, head in node.heads.items()} == heads
    assert node.next_arrival == StoredFact.objects.count() + 1
    assert verify.check_database(processes=1).is_whole


def take(step: str) -> None:
    viewer = node_viewer()
    if step == "both":
        beacons.light_and_see(viewer=viewer, place_code=VILLAGE, name="甲")
    elif step == "read":
        queries.facts_about(viewer, entity=1)
    else:
        beacons.light(
            viewer=viewer, place_code=VILLAGE, name="甲", height_metres=5 if step == "good" else -1
        )
