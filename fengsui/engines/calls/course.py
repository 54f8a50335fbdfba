"""The course of a callout told again from its facts alone: who stood where, and when. Pure.

Shares no code with `apply`, so that the tables and this tale check each other: at every moment both
must say the same of every person. What a fact says holds from the time that stands in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fengsui.engines.calls import rules
from fengsui.engines.calls.states import (
    ACKNOWLEDGES,
    END_RANK,
    ON_ITS_WAY,
    WORD_RANK,
    CalloutState,
    CallState,
)
from fengsui.engines.calls.told import Person, Try, Unit
from fengsui.foundation.journal.facts import Fact
from fengsui.standards.instants import from_ms

_UNITS_OF_RUNG = ("deputy", "substitute", "duty_phone")  # the room above covers the person alone


@dataclass(slots=True)
class Course:
    """A callout from its first fact to its last, within what was asked for."""

    callout_id: int
    level: str = ""
    text: str = ""
    exercise: bool = False
    policy: Mapping[str, Any] = field(default_factory=dict)
    opened_at: datetime | None = None
    last_at: datetime | None = None
    people: dict[int, Person] = field(default_factory=dict)  # by call id
    units: dict[str, Unit] = field(default_factory=dict)
    tries: list[Try] = field(default_factory=list)
    states: list[tuple[datetime, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Batch:
    first_call_id: int
    count: int


Sees = Callable[[str], bool]


def tell(callout_id: int, facts: Iterable[Fact], *, sees: Sees) -> Course:
    """The course of one callout from all facts about it (and perhaps about others), in any order.

    Only people and units at places that `sees` says yes to. A fact of another kind, or one whose
    list of people is not here, changes nothing.
    """
    mine = (fact for fact in facts if _is_of(callout_id, fact))
    listed = sorted(mine, key=lambda fact: (fact.at, fact.hlc, fact.id))
    teller = _Teller(Course(callout_id))
    teller.index(listed)
    for fact in listed:
        teller.hear(fact)
    course = teller.course
    # Somebody out of sight may acknowledge for a unit in sight, so all are followed first.
    course.people = {pk: one for pk, one in course.people.items() if sees(one.place_code)}
    course.units = {code: unit for code, unit in course.units.items() if sees(code)}
    course.tries = [
        one for plan in teller.tries.values() for one in plan if one.call_id in course.people
    ]
    return course


def _is_of(callout_id: int, fact: Fact) -> bool:
    """Facts that name no callout name a call or a list: one of another callout is not known."""
    if fact.kind == "callout.opened":
        return fact.entity() == callout_id
    return int(fact.fields.get("callout_id", callout_id)) == callout_id


class _Teller:
    def __init__(self, course: Course) -> None:
        self.course = course
        self.batches: dict[int, _Batch] = {}
        self.tries: dict[int, list[Try]] = {}  # plan id -> its tries, in their order
        self.calls = 0  # on the list so far, in sight or not
        self.ended = 0
        self.stopped_at: datetime | None = None

    # --- what other facts refer to, known before the telling begins -----------------------------

    def index(self, facts: Iterable[Fact]) -> None:
        """A node whose clock is behind may date an outcome before its try: ids come first."""
        plans = []
        for fact in facts:
            if fact.kind == "callout.parties_added":
                count = len(fact.fields["person_ids"])
                self.batches[fact.entity()] = _Batch(fact.entity(1), count)
            elif fact.kind in _PLANS:
                plans.append(fact)
        self.tries = {plan.entity(): self._tries_of(plan) for plan in plans}

    def calls_of(self, batch_id: int, packed: bytes) -> list[int]:
        batch = self.batches.get(batch_id)
        if batch is None:
            return []
        offsets = rules.unpack_ordinals(packed, limit=batch.count)
        return [batch.first_call_id + offset for offset in offsets]

    def _tries_of(self, plan: Fact) -> list[Try]:
        channel_at, is_beside = _PLANS[plan.kind]
        return [
            Try(call_id, group[channel_at], is_beside)
            for group in plan.fields["groups"]
            for call_id in self.calls_of(group[0], group[6])
        ]

    # --- one fact after the other ---------------------------------------------------------------

    def hear(self, fact: Fact) -> None:
        told = _TOLD.get(fact.kind)
        if told is not None:
            told(self, fact)
            self.course.last_at = fact.at

    def opened(self, fact: Fact) -> None:
        fields, course = fact.fields, self.course
        course.level, course.text = fields["level"], fields["text"]
        course.exercise, course.policy = fields["exercise"], fields["policy"]
        course.opened_at = fact.at
        course.states.append((fact.at, CalloutState.OPEN.value))

    def parties_added(self, fact: Fact) -> None:
        fields = fact.fields
        further = fields["more_units"] or [()] * len(fields["person_ids"])
        items = [*fact.items, *([None] * len(fields["person_ids"]))]
        for index, person_id in enumerate(fields["person_ids"]):
            place = fields["place_codes"][index]
            units = tuple(one for one in (fields["unit_codes"][index], *further[index]) if one)
            for code in units:
                self.course.units.setdefault(code, Unit(fact.at))
            item = items[index]
            person = Person(
                call_id=fact.entity(1 + index),
                person_id=person_id,
                household_id=fields["household_ids"][index],
                place_code=place,
                units=units,
                post_title=fields["post_titles"][index],
                name=str(item["name"]) if item is not None else "",
            )
            person.move(fact.at, CallState.WAITING.value, 0)
            self.course.people[person.call_id] = person
            if self.stopped_at is not None:
                self._end(person, CallState.UNREACHED_NAMED, fact.at)
        self.calls += len(fields["person_ids"])
        self._settle(fact.at)

    def begun(self, fact: Fact) -> None:
        for one in self.tries.get(fact.entity(), []):
            one.hear(fact.at, "planned")

    def planned(self, fact: Fact) -> None:
        self.begun(fact)
        for batch_id, lap, rung, number, _channel, _next_ms, packed in fact.fields["groups"]:
            step = rules.progress(lap=lap, rung=rung, tries=number, phase=WORD_RANK["planned"])
            for call_id in self.calls_of(batch_id, packed):
                self._advance(call_id, fact, step, CallState.PLANNED, rung, "planned")

    def outcomes(self, fact: Fact) -> None:
        silent = not self.course.policy.get("needs_answer", True)
        for plan_id, step, word, heard_s, _next_ms, packed in fact.fields["groups"]:
            rank = WORD_RANK.get(word, 0)
            tries = self.tries.get(plan_id, [])
            rung = step % rules.LAP_STEP // rules.RUNG_STEP
            state = CallState.RINGING if word in ON_ITS_WAY else CallState.WAITING
            for offset in rules.unpack_ordinals(packed, limit=len(tries)) if rank else ():
                call_id = tries[offset].call_id
                tries[offset].hear(fact.at, word)
                self._advance(call_id, fact, step + rank, state, rung, word, heard_s)
                person = self.course.people.get(call_id)
                if silent and word in ON_ITS_WAY and person is not None:
                    self._end(person, CallState.NOTIFIED, fact.at)

    def beside_heard(self, fact: Fact) -> None:
        """No person moves by it, nor by its plan: only their own tries and answers move them."""
        for plan_id, word, _heard_s, packed in fact.fields["groups"]:
            tries = self.tries.get(plan_id, [])
            for offset in rules.unpack_ordinals(packed, limit=len(tries)):
                tries[offset].hear(fact.at, word)

    def knocks(self, fact: Fact) -> None:
        self._advance_groups(fact, rules.KNOCK_PHASE, CallState.KNOCK)

    def skipped(self, fact: Fact) -> None:
        self._advance_groups(fact, rules.NUMBER_PHASE, CallState.WAITING)

    def rung_elsewhere(self, fact: Fact) -> None:
        self._advance_groups(fact, rules.ELSEWHERE_PHASE, CallState.WAITING)

    def _advance_groups(self, fact: Fact, phase: int, state: CallState) -> None:
        for batch_id, lap, rung, *tries, _next_ms, packed in fact.fields["groups"]:
            step = rules.progress(lap=lap, rung=rung, tries=sum(tries), phase=phase)
            for call_id in self.calls_of(batch_id, packed):
                self._advance(call_id, fact, step, state, rung)

    def number_replaced(self, fact: Fact) -> None:
        lap = fact.fields["lap"]
        step = rules.progress(lap=lap, rung=0, tries=0, phase=rules.NUMBER_PHASE)
        self._advance(fact.fields["call_id"], fact, step, CallState.WAITING, 0)

    def named(self, fact: Fact) -> None:
        for batch_id, _lap, _rung, packed in fact.fields["groups"]:
            for call_id in self.calls_of(batch_id, packed):
                person = self.course.people.get(call_id)
                if person is not None:
                    self._end(person, CallState.UNREACHED_NAMED, fact.at)

    def answered(self, fact: Fact) -> None:
        person = self.course.people.get(fact.fields["call_id"])
        if person is None:
            return
        self._end(person, CallState.ANSWERED, fact.at)
        kind = fact.fields["answer_kind"]
        if kind == "need_support":
            person.needs_support_at = person.needs_support_at or fact.at
        if kind in ACKNOWLEDGES:
            self._acknowledge(person.units, fact.at)

    def stood_in(self, fact: Fact) -> None:
        fields = fact.fields
        person = self.course.people.get(fields["call_id"])
        if person is None or fields["answer_kind"] not in ACKNOWLEDGES:
            return
        units = fields["unit_codes"] or person.units[:1]
        rungs = self.course.policy.get("rungs") or [{"who": ""}]
        who = fields.get("who") or rungs[min(fields["rung"], len(rungs) - 1)]["who"]
        if who in _UNITS_OF_RUNG:
            self._acknowledge(units, fact.at)
        person.stood_in_for.update(units)
        if person.covered_at is None and person.stood_in_for >= set(person.units):
            person.covered_at = fact.at

    def reached(self, fact: Fact) -> None:
        person = self.course.people.get(fact.fields["call_id"])
        if person is not None:
            self._end(person, CallState.REACHED_IN_PERSON, fact.at)

    def first_action(self, fact: Fact) -> None:
        unit = self.course.units.get(fact.fields["unit_code"])
        if unit is not None and unit.action_at is None:
            unit.action_at = fact.at

    def units_called(self, fact: Fact) -> None:
        for code in fact.fields["unit_codes"]:
            self.course.units.setdefault(code, Unit(fact.at))

    def unit_acknowledged(self, fact: Fact) -> None:
        at = from_ms(fact.fields["acknowledged_at_ms"])
        self._acknowledge([fact.fields["unit_code"]], at)

    def stopped(self, fact: Fact) -> None:
        if self.stopped_at is not None:
            return
        self.stopped_at = fact.at
        self.course.states.append((fact.at, CalloutState.STOPPED.value))
        for person in self.course.people.values():
            self._end(person, CallState.UNREACHED_NAMED, fact.at)

    def finished(self, fact: Fact) -> None:
        ends = ("answered", "reached_in_person", "unreached_named", "notified")
        self.ended = max(self.ended, sum(fact.fields[name] for name in ends))
        self._settle(fact.at)

    # --- the two things that move a person ------------------------------------------------------

    def _advance(
        self,
        call_id: int,
        fact: Fact,
        step: int,
        state: CallState,
        rung: int,
        word: str = "",
        heard_s: int = 0,
    ) -> None:
        person = self.course.people.get(call_id)
        if person is None or (step, fact.entity()) <= person.progress:
            return
        person.progress = (step, fact.entity())
        if not person.end:
            person.move(fact.at, state.value, rung, word, heard_s)

    def _end(self, person: Person, end: CallState, at: datetime) -> None:
        if END_RANK[end.value] > END_RANK[person.end]:
            person.end = end.value
            last = person.steps[-1]
            person.move(at, end.value, last.rung, last.word, last.heard_s)

    def _acknowledge(self, units: Iterable[str], at: datetime) -> None:
        for code in units:
            unit = self.course.units.setdefault(code, Unit(at))
            unit.acknowledged_at = min(unit.acknowledged_at or at, at)

    def _settle(self, at: datetime) -> None:
        """Stopped stays; finished holds only while nobody was added since."""
        if self.stopped_at is not None:
            return
        is_finished = 0 < self.calls <= self.ended
        state = (CalloutState.FINISHED if is_finished else CalloutState.OPEN).value
        if not self.course.states or self.course.states[-1][1] != state:
            self.course.states.append((at, state))


# Where the channel stands in a group, and whether somebody else than the person called is tried.
_PLANS = {"calls.attempts_planned": (4, False), "calls.companions_planned": (5, True)}
_TOLD: Mapping[str, Callable[[_Teller, Fact], None]] = {
    "callout.opened": _Teller.opened,
    "callout.parties_added": _Teller.parties_added,
    "calls.attempts_planned": _Teller.planned,
    "calls.outcomes_recorded": _Teller.outcomes,
    "calls.companions_planned": _Teller.begun,
    "calls.companions_heard": _Teller.beside_heard,
    "calls.knocks_needed": _Teller.knocks,
    "calls.named_unreached": _Teller.named,
    "call.answered": _Teller.answered,
    "call.answered_for": _Teller.answered,
    "call.reached_in_person": _Teller.reached,
    "call.stood_in": _Teller.stood_in,
    "call.number_replaced": _Teller.number_replaced,
    "calls.rung_skipped": _Teller.skipped,
    "calls.rung_elsewhere": _Teller.rung_elsewhere,
    "callout.stopped": _Teller.stopped,
    "callout.finished": _Teller.finished,
    "unit.first_action_recorded": _Teller.first_action,
    "unit.acknowledged": _Teller.unit_acknowledged,
    "callout.units_called": _Teller.units_called,
}
