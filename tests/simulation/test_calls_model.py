"""Whatever people, carriers and crashes do, every person ends answered, reached or named.

Each seed draws a policy, people, what a person at the desk does, and where the process dies:
between any two SQL statements, or between any two steps of the engine. FENGSUI_SEEDS=200 runs
more. A failing seed is printed by its test's name.
"""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from django.db import connection

from fengsui.engines.calls import channel_register, jobs, queries, services
from fengsui.engines.calls.models import (
    Answer,
    Attempt,
    Call,
    Callout,
    CallParty,
    Companion,
    CompanionOwed,
    Dispatch,
    NightMark,
    PendingParties,
    StopOwed,
    UnitCall,
)
from fengsui.engines.calls.tests import town
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.journal import clock as the_clock
from fengsui.foundation.journal import ledger, replay
from fengsui.foundation.journal.models import StoredFact, Waiting
from fengsui.foundation.journal.stored import decode
from fengsui.gateways.channels.in_app import InAppChannel
from fengsui.gateways.channels.simulated import Behaviour, SimulatedCarrier

SEEDS = range(int(os.environ.get("FENGSUI_SEEDS", "16")))
STEP_S = 20
STEPS_MAX = 400
ENDS = {"answered", "reached_in_person", "unreached_named", "notified"}


@pytest.fixture(autouse=True)
def _duty_phones() -> Iterator[None]:
    """One number for each village, and a few villages without."""

    def rooms(requests: Sequence[services.StandInRequest]) -> dict[int, services.StandIn]:
        return {
            one.call_id: services.StandIn(
                0, "示意值班室", [{"kind": "phone", "value": f"000{one.place_code[-3:]}"}]
            )
            for one in requests
            if one.who == "duty_phone" and not one.place_code.endswith("2")
        }

    services.set_resolver(rooms)
    yield
    services.set_resolver(None)


class ProcessDied(Exception):
    """The power went."""


class Night:
    """One seeded run: a callout, its people, and a process that dies now and then."""

    def __init__(self, seed: int, node: ledger.Ledger, *, crashes: bool = True) -> None:
        self.draw = random.Random(seed)
        self.seed = seed
        self.node = node
        self.crashes = crashes
        self.deaths = 0
        self.script = {
            person: [self.draw.choice(list(Behaviour)) for _ in range(self.draw.randint(1, 3))]
            for person in range(1, 200)
        }
        self.boot()

    def boot(self) -> None:
        """As after a power cut: the tables and the same simulated people, nothing else."""
        channel_register.reset()
        for kind in ("voice", "sms"):
            carrier = SimulatedCarrier(kind=kind, seed=self.seed, script=self.script)
            channel_register.register_practice(carrier)
        channel_register.register_practice(InAppChannel())
        jobs.restart()
        ledger.use(ledger.Ledger.open(self.node.key, self.node.incarnation))

    def policy(self) -> dict[str, Any]:
        draw = self.draw
        kinds = ["voice", "sms", "in_app", "satellite"]

        def rung(who: str) -> dict[str, Any]:
            spacing_s = draw.choice([20, 40, 60])
            return {
                "who": who,
                "channels": draw.sample(kinds, draw.randint(1, 3)),
                "otherwise": draw.sample(kinds, draw.randint(0, 1)),
                "tries": draw.randint(1, 3),
                "spacing_s": spacing_s,
                "patience_s": draw.randint(5, spacing_s),
            }

        others = draw.sample(
            ["deputy", "substitute", "superior_duty_room", "holder"], draw.randint(0, 3)
        )
        rungs = [rung("holder"), *(rung(who) for who in others)]
        # Rung together, at night or always: B, the duty phone, the room above.
        beside = ["deputy", "duty_phone", "superior_duty_room"]
        rungs[0]["together"] = draw.sample(beside, draw.choice([0, 1, 2, 3]))
        rungs[0]["together_only_at_night"] = draw.random() < 0.5
        if draw.random() < 0.7:
            rungs.append({"who": "in_person", "patience_s": draw.choice([30, 90])})
        return {
            "name": "drawn",
            "colour": "red",
            "rungs": rungs,
            "needs_answer": draw.random() < 0.9,
            "night_needs_voice": draw.random() < 0.5,
        }

    def parties(self) -> list[dict[str, Any]]:
        draw = self.draw
        found = []
        for person in range(1, draw.randint(3, 14)):
            place = town.village(person % 2, person % 3)
            party = town.party(
                person,
                place=place,
                unit=draw.choice([place, ""]),
                deputies=[town.person(100 + person)] if draw.random() < 0.6 else [],
                superiors=[town.person(190)] if draw.random() < 0.6 else [],
            )
            if draw.random() < 0.1:
                party["contacts"] = []
            found.append(party)
        return found

    def at_the_desk(self, callout_id: int) -> None:
        """Now and then somebody answers in the app, knocks, replaces a number, skips a rung …"""
        draw = self.draw
        calls = list(Call.objects.filter(callout_id=callout_id).order_by("id"))
        if not calls or draw.random() < 0.6:
            return
        call = draw.choice(calls)
        deeds: list[Callable[[], object]] = [
            lambda: services.record_answer(
                viewer=town.viewer_of(call.person_id),
                call_id=call.id,
                answer_kind=draw.choice(["on_it", "need_support", "away_pass_to_b"]),
                how="app",
                client_id=f"app {call.id} {draw.randint(0, 2)}",
            ),
            lambda: services.mark_reached_in_person(viewer=town.LEADER, call_id=call.id),
            lambda: services.answer_for(
                viewer=town.LEADER, call_id=call.id, answer_kind="on_it", heard_from="示意"
            ),
            lambda: services.replace_number(
                viewer=town.LEADER, call_id=call.id, value="00000000009", reason="示意"
            ),
            lambda: services.skip_rung(
                viewer=town.LEADER, callout_id=callout_id, rung=0, reason="示意"
            ),
            lambda: services.pause_channel(
                viewer=town.LEADER,
                callout_id=callout_id,
                channel=draw.choice(["voice", "sms"]),
                reason="示意",
                is_paused=draw.random() < 0.5,
            ),
            lambda: services.add_parties(
                viewer=town.LEADER,
                callout_id=callout_id,
                parties=[town.party(draw.randint(1, 30))],
            ),
        ]
        deed = draw.choice(deeds)
        if draw.random() < 0.85 or call.lap < 3:
            try:
                deed()
            except Problem:
                return

    def alive(self, deed: Callable[[], object]) -> None:
        """Does it, unless the process dies at some statement; then boots again."""
        dies_at = self.draw.randint(1, 25) if self.crashes and self.draw.random() < 0.12 else 0
        count = 0

        def at_each_statement(execute: Any, sql: str, *rest: Any) -> Any:
            nonlocal count
            if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
                count += 1
                if count == dies_at:
                    raise ProcessDied
            return execute(sql, *rest)

        try:
            if dies_at:
                with connection.execute_wrapper(at_each_statement):
                    deed()
            else:
                deed()
        except ProcessDied:
            self.deaths += 1
            self.boot()
        else:
            if self.crashes and self.draw.random() < 0.03:
                self.deaths += 1
                self.boot()

    def run(self, callout_id: int, *, desk: bool = True) -> None:
        duties = (jobs.unpack, jobs.advance, jobs.dispatch, jobs.dispatch, jobs.hear, jobs.audit)
        for number in range(STEPS_MAX):
            for duty in duties:
                self.alive(lambda duty=duty: duty(the_clock.now()))  # type: ignore[misc]
            if desk and number < 60:
                self.alive(lambda: self.at_the_desk(callout_id))
            if Callout.objects.get(pk=callout_id).state != "open" and number > 60:
                return
            the_clock.forward(seconds=STEP_S)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_person_ends_whatever_happens(seed: int, node: Any, clock: Any) -> None:
    night = Night(seed, node)
    callout_id = town.open_callout(night.parties(), policy=night.policy())
    night.run(callout_id)
    calls = list(Call.objects.filter(callout_id=callout_id))
    lost = [(call.person_id, call.state) for call in calls if call.ended_as not in ENDS]
    assert not lost, f"seed {seed}: without an end: {lost}"
    assert Callout.objects.get(pk=callout_id).state == "finished"
    assert not Dispatch.objects.exists() or night.deaths
    assert not PendingParties.objects.exists()
    people = [call.person_id for call in calls]
    assert len(people) == len(set(people)), "somebody was put on the list twice"
    own = set(Answer.objects.filter(is_stand_in=False).values_list("call_id", flat=True))
    answered = {call.id for call in calls if call.ended_as == "answered"}
    assert answered == own, "an answer closed a call that was not its own, or was lost"
    for call in calls:
        assert call.state == call.ended_as
        assert call.next_at is None
        ended_at = call.answered_at or call.reached_at or call.notified_at or call.named_at
        started = Attempt.objects.filter(call=call, started_at__gt=ended_at)
        assert not started.exists() or call.named_at, "rung after it had ended"
        beside = Companion.objects.filter(call=call, started_at__gt=ended_at)
        assert not beside.exists() or call.named_at, "somebody was rung beside it after it ended"
    assert not CompanionOwed.objects.exists() or night.deaths
    assert not StopOwed.objects.exists() or night.deaths
    ledger.use(ledger.Ledger.open(node.key, node.incarnation))


def _story(callout_id: int) -> dict[int, Any]:
    """Person → what happened to them, free of ids and times."""
    tries: dict[int, list[Any]] = defaultdict(list)
    rows = Attempt.objects.filter(callout_id=callout_id).order_by("call_id", "step")
    for attempt in rows.select_related("call"):
        tries[attempt.call.person_id].append((attempt.rung, attempt.try_number, attempt.channel))
    return {
        call.person_id: (call.ended_as, call.rung, call.is_covered, tries[call.person_id])
        for call in Call.objects.filter(callout_id=callout_id)
    }


@pytest.mark.parametrize("seed", range(4))
def test_deciding_per_group_is_deciding_call_by_call(
    seed: int, node: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = Night(seed, node, crashes=False)
    policy, parties = night.policy(), night.parties()
    policy["night_needs_voice"] = False
    _give_everybody_phones_of_their_own(parties)
    stories = []
    for size in (1000, 1):
        monkeypatch.setattr(jobs, "CALLS_PER_STEP", size)
        monkeypatch.setattr(jobs, "advance", _until_nothing_is_due(jobs.advance))
        callout_id = town.open_callout(parties, policy=policy)
        night.run(callout_id, desk=False)
        stories.append(_story(callout_id))
    assert stories[0] == stories[1]


def _give_everybody_phones_of_their_own(parties: list[dict[str, Any]]) -> None:
    """Beside which of two calls a phone rings that both may ring is said by their ids alone."""
    for party in parties:
        party["superiors"] = [town.person(60 + party["person_id"]) for _ in party["superiors"]]

    def rooms(requests: Sequence[services.StandInRequest]) -> dict[int, services.StandIn]:
        people = dict(Call.objects.values_list("id", "person_id"))
        return {
            one.call_id: services.StandIn(
                0, "示意值班室", [{"kind": "phone", "value": f"0005{people[one.call_id]:03d}"}]
            )
            for one in requests
            if one.who == "duty_phone"
        }

    services.set_resolver(rooms)


def _until_nothing_is_due(advance: Any) -> Any:
    def all_of_it(now: Any) -> bool:
        while advance(now):
            pass
        return False

    return all_of_it


@pytest.mark.parametrize("seed", range(100, 106))
def test_the_order_between_feeds_does_not_matter(seed: int, node: Any, clock: Any) -> None:
    night = Night(seed, node, crashes=False)
    callout_id = town.open_callout(night.parties(), policy=night.policy())
    night.run(callout_id)
    models = (Callout, Call, CallParty, Attempt, Answer, UnitCall, Companion, NightMark)
    tables = [model._meta.db_table for model in models]
    before = {name: value for name, value in replay.digest().items() if name in tables}
    feeds: dict[int, list[StoredFact]] = defaultdict(list)
    for stored in StoredFact.objects.order_by("arrival"):
        feeds[stored.feed_id].append(stored)
    book = ledger.current()
    with book.group():
        replay._empty([model._meta.db_table for model in replay.projected_models()])
        Waiting.objects.all().delete()
        book.waiting = 0
        while feeds:
            feed = night.draw.choice(sorted(feeds))
            stored = feeds[feed].pop(0)
            if not feeds[feed]:
                del feeds[feed]
            fact = decode(stored)
            assert fact is not None
            book.apply(fact, stored.arrival, None)
            if night.draw.random() < 0.1:
                book.apply(fact, stored.arrival, None)  # applying twice changes nothing
    after = {name: value for name, value in replay.digest().items() if name in tables}
    assert [name for name in before if before[name] != after[name]] == []
    assert queries.board(callout_id, viewer=town.LEADER)["called"] == Call.objects.count()
