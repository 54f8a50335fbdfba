"""A real answer proves the number it came from; a dead number is known from the call that failed.

Nobody ticks anything: whoever was rung at 02:10 and pressed 1 is reached by that number.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fengsui.engines.calls import channel_register, jobs
from fengsui.engines.calls import services as calls
from fengsui.engines.calls.models import Attempt, Companion, NumberHeard
from fengsui.engines.calls.tests import town
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.people import queries as people
from fengsui.foundation.people import services as registers
from fengsui.foundation.people.models import ContactPoint
from fengsui.gateways.channels import Delivery, Message, Outcome, Receipt
from tests.world import county as world

NODE = node_viewer()


class Telephone:
    """A voice channel that reaches people, as far as the engine can tell."""

    kind = "voice"
    contact_kinds = ("phone",)
    reaches_outside = True
    is_instant = True

    def __init__(self) -> None:
        self.sent: list[Message] = []

    def send(self, message: Message) -> Outcome:
        self.sent.append(message)
        return Outcome(Delivery.HANDED_OVER)

    def parse_callback(self, body: bytes) -> list[Receipt]:
        return []

    def poll(self, now: datetime) -> Sequence[Receipt]:
        return ()


@pytest.fixture
def county(node: Any, clock: Any) -> world.County:
    return world.build()


@pytest.fixture
def telephone(county: world.County, wired: None) -> Iterator[Telephone]:
    town.phones({}, **town.silent_by_default())
    phone = Telephone()
    channel_register.register_real(phone)
    yield phone
    channel_register.reset()


def ring(
    county: world.County, *who: str, exercise: bool = False, deputy: str = ""
) -> dict[str, Attempt]:
    """Rings these people by voice; each of them with the try that is on its way."""
    ids = {county.ids[one]: one for one in who}
    parties = people.parties_for_persons(
        [{"person_id": one, "title": "村支书"} for one in ids], viewer=NODE
    )
    if deputy:
        parties[0]["deputies"] = people.parties_for_persons(
            [{"person_id": county.ids[deputy], "title": "村支书"}], viewer=NODE
        )
    callout_id = town.open_callout(parties, exercise=exercise, place_code=world.COUNTY)
    town.step()
    return {
        ids[one.call.person_id]: one
        for one in Attempt.objects.filter(callout_id=callout_id, channel="voice").select_related(
            "call"
        )
    }


def told(attempt: Attempt | Companion, *, key: str = "", word: str = "") -> None:
    calls.record_receipts(
        viewer=NODE,
        receipts=[
            {
                "attempt_id": attempt.pk,
                "word": word,
                "heard_s": 9 if key else 0,
                "answer_kind": "on_it" if key else "",
                "acted": False,
            }
        ],
    )


def number_of(county: world.County, who: str) -> ContactPoint:
    return ContactPoint.objects.get(person_id=county.ids[who], kind="phone")


def work(now: Any) -> None:
    while jobs.prove(now):
        pass


def test_a_key_pressed_proves_the_number_at_that_moment_and_no_other(
    county: world.County, telephone: Telephone, clock: Any
) -> None:
    tries = ring(county, "shitan_a", "fengping_a")
    clock.forward(seconds=40)
    answered = clock.now()
    told(tries["shitan_a"], key="1")
    clock.forward(minutes=3)
    work(clock.now())
    assert number_of(county, "shitan_a").proven_at == answered.replace(microsecond=0)
    assert number_of(county, "fengping_a").proven_at is None
    assert not NumberHeard.objects.exists()


def test_nothing_is_proven_by_silence_by_a_machine_or_by_somebody_else(
    county: world.County, telephone: Telephone, clock: Any
) -> None:
    tries = ring(county, "shitan_a", "shitan_b", "fengping_a", "shuikou_a")
    told(tries["shitan_a"], word="no_answer")
    told(tries["shitan_b"], word="heard")  # a voice box listens to the end and presses nothing
    calls.answer_for(
        viewer=county.viewer("officer"),
        call_id=tries["fengping_a"].call_id,
        answer_kind="on_it",
        heard_from="示意邻居",
    )
    calls.record_answer(
        viewer=county.viewer("shuikou_a"),
        call_id=tries["shuikou_a"].call_id,
        answer_kind="on_it",
        how="app",
    )
    work(clock.now())
    assert not ContactPoint.objects.exclude(proven_at=None).exists()


def test_an_exercise_proves_nothing(county: world.County, telephone: Telephone, clock: Any) -> None:
    tries = ring(county, "shitan_a", exercise=True)
    told(tries["shitan_a"], key="1")
    assert not NumberHeard.objects.exists()
    work(clock.now())
    assert number_of(county, "shitan_a").proven_at is None


def test_a_number_that_does_not_exist_is_marked_dead_until_it_answers(
    county: world.County, telephone: Telephone, clock: Any
) -> None:
    tries = ring(county, "shitan_a")
    told(tries["shitan_a"], word="wrong_number")
    work(clock.now())
    dead = number_of(county, "shitan_a")
    assert dead.failed_at is not None
    assert dead.proven_at is None


def test_a_number_replaced_in_the_meantime_is_not_proven_by_the_old_one(
    county: world.County, telephone: Telephone, clock: Any
) -> None:
    tries = ring(county, "shitan_a")
    registers.replace_contact(
        viewer=NODE,
        contact_point_id=number_of(county, "shitan_a").pk,
        value="00010009999",
        reason="换了号码",
    )
    told(tries["shitan_a"], key="1")
    work(clock.now())
    assert number_of(county, "shitan_a").proven_at is None


def test_an_older_answer_does_not_take_a_newer_proof_back(
    county: world.County, telephone: Telephone, clock: Any
) -> None:
    tries = ring(county, "shitan_a")
    told(tries["shitan_a"], key="1")
    clock.forward(minutes=10)
    one = number_of(county, "shitan_a")
    registers.prove_contacts(viewer=NODE, contact_point_ids=[one.pk])
    newer = number_of(county, "shitan_a").proven_at
    work(clock.now())
    assert number_of(county, "shitan_a").proven_at == newer


def test_a_late_answer_to_the_old_number_does_not_prove_the_one_that_replaced_it(
    county: world.County, telephone: Telephone, clock: Any
) -> None:
    tries = ring(county, "shitan_a")
    calls.replace_number(
        viewer=county.viewer("officer"),
        call_id=tries["shitan_a"].call_id,
        value=number_of(county, "shitan_b").value,
        reason="空号，改拨家人",
    )
    told(tries["shitan_a"], key="1")
    work(clock.now())
    assert not ContactPoint.objects.exclude(proven_at=None).exists()


def test_whoever_stands_in_proves_an_own_number_and_not_the_holder_s(
    county: world.County, telephone: Telephone, clock: Any
) -> None:
    first = ring(county, "shitan_a", deputy="shitan_b")["shitan_a"]
    for _ in range(120):
        clock.forward(seconds=15)
        town.step()
        further = Attempt.objects.filter(call_id=first.call_id, rung=1, channel="voice").first()
        if further is not None:
            break
    assert further is not None
    told(further, key="1")
    work(clock.now())
    assert number_of(county, "shitan_b").proven_at is not None
    assert number_of(county, "shitan_a").proven_at is None


def test_whoever_is_rung_beside_at_night_proves_an_own_number(
    county: world.County, telephone: Telephone, clock: Any
) -> None:
    first = ring(county, "shitan_a", deputy="shitan_b")["shitan_a"]
    beside = Companion.objects.get(call_id=first.call_id, who="deputy", channel="voice")
    told(beside, key="1")
    work(clock.now())
    assert number_of(county, "shitan_b").proven_at is not None
    assert number_of(county, "shitan_a").proven_at is None
    assert not NumberHeard.objects.exists()


def test_a_number_rung_beside_that_does_not_exist_is_marked_dead(
    county: world.County, telephone: Telephone, clock: Any
) -> None:
    first = ring(county, "shitan_a", deputy="shitan_b")["shitan_a"]
    told(Companion.objects.get(call_id=first.call_id, who="deputy"), word="wrong_number")
    work(clock.now())
    assert number_of(county, "shitan_b").failed_at is not None
    assert number_of(county, "shitan_a").failed_at is None


def test_many_answers_cost_as_many_statements_as_few(
    county: world.County, telephone: Telephone, clock: Any
) -> None:
    everybody = [ref for ref, *_, phone in world.PERSONS if phone]
    tries = ring(county, *everybody)
    costs = []
    # Of one township each, so that both write one fact: only the number of people differs.
    for group in (["baishui"], ["shitan_a", "shitan_b", "fengping_a", "shitan_grid", "school"]):
        for who in group:
            told(tries[who], key="1")
        with CaptureQueriesContext(connection) as asked:
            work(clock.now())
        costs.append(sum(one["sql"].startswith("SELECT") for one in asked.captured_queries))
        assert all(number_of(county, who).proven_at for who in group)
    assert costs[0] == costs[1]
