"""Nights with units, levels, stand-ins and whatever people do by hand; and what must hold after.

`broken_promises` looks at the rows with an oracle of its own and at the course from facts; it is
what the planted bugs of `calls_bugs` are caught by.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fengsui.engines.calls import jobs, queries, services
from fengsui.engines.calls.facts import RUNG_SKIPPED, STOOD_IN
from fengsui.engines.calls.models import Answer, Attempt, Call, Callout, CallParty, UnitCall
from fengsui.engines.calls.states import ACKNOWLEDGES
from fengsui.engines.calls.tests import town
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.journal import clock as the_clock
from fengsui.foundation.journal import ledger
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.journal.queries import facts_of
from tests.simulation.test_calls_model import ENDS, STEP_S, STEPS_MAX, Night
from tests.world import replayed

MANUAL_STEPS_MAX = 40
LEVELS = ("township", "village", "group")
DUTIES = (
    jobs.unpack,
    jobs.advance,
    jobs.dispatch,
    jobs.hand_on,
    jobs.dispatch,
    jobs.hear,
    jobs.stand_in,
    jobs.audit,
)


class WholeNight(Night):
    """A county's night: two townships, their villages, holders of several posts, households."""

    def __init__(
        self, seed: int, node: ledger.Ledger, *, crashes: bool = True, people_max: int = 12
    ) -> None:
        self.people_max = people_max
        super().__init__(seed, node, crashes=crashes)

    def policy(self) -> dict[str, Any]:
        policy = super().policy()
        if self.draw.random() < 0.6:
            policy["hand_on_s"] = {level: self.draw.choice([40, 90]) for level in LEVELS}
        return policy

    def parties(self) -> list[dict[str, Any]]:
        draw = self.draw
        found = [
            town.party(60 + number, place=code, unit=code, title="值班员")
            for number, code in enumerate(town.TOWNSHIPS)
            if draw.random() < 0.7
        ]
        for person in range(1, draw.randint(3, self.people_max)):
            place = town.village(person % 2, person % 3)
            party = town.party(
                person,
                place=place,
                unit=draw.choice([place, place, ""]),
                deputies=[town.person(100 + person)] if draw.random() < 0.6 else [],
                superiors=[town.person(190)] if draw.random() < 0.6 else [],
            )
            if draw.random() < 0.3:  # 包村干部: also of a village of the other township
                party["unit_codes"] = [place, town.village(1 - person % 2, person % 3)]
            if draw.random() < 0.2:
                party["household_id"] = 5000 + person
                party["unit_code"] = ""
            if draw.random() < 0.1:
                party["contacts"] = []
            found.append(party)
        return found

    def by_hand(self, callout_id: int) -> None:
        """One of the manual steps of such a night, by somebody who may; refusals are fine."""
        draw = self.draw
        calls = list(Call.objects.filter(callout_id=callout_id).order_by("ordinal"))
        if not calls or draw.random() < 0.35:
            return
        call = draw.choice(calls)
        units = list(UnitCall.objects.filter(callout_id=callout_id).order_by("unit_code"))
        unit = draw.choice(units).unit_code if units else town.village(0, 0)
        stand_ins = list(CallParty.objects.filter(call=call, rung__gt=0).order_by("id"))
        beside = draw.choice(stand_ins).person_id if stand_ins else 100 + call.person_id
        leader = town.LEADER
        deeds: list[Callable[[], object]] = [
            lambda: services.record_answer(
                viewer=town.viewer_of(beside),
                call_id=call.id,
                answer_kind=draw.choice(["on_it", "need_support", "away_pass_to_b"]),
                how="app",
                client_id=f"beside {call.id} {draw.randint(0, 2)}",
            ),
            lambda: services.record_first_action(
                viewer=town.viewer_of(call.person_id), callout_id=callout_id, unit_code=unit
            ),
            lambda: services.record_first_action(
                viewer=leader, callout_id=callout_id, unit_code=unit, heard_from="示意"
            ),
            lambda: services.hand_on(
                viewer=leader,
                callout_id=callout_id,
                level=draw.choice(LEVELS),
                place_code=draw.choice([call.place_code, *town.TOWNSHIPS]),
                reason="示意",
            ),
            lambda: services.call_all_levels(
                viewer=leader, callout_id=callout_id, reason="示意", is_moving=True
            ),
            lambda: services.record_rung_elsewhere(
                viewer=leader,
                call_ids=[one.id for one in draw.sample(calls, min(3, len(calls)))],
                office=draw.choice(["示意气象台", "示意水利局"]),
                has_answered=draw.random() < 0.3,
                client_id=f"elsewhere {draw.randint(0, 9)}",
            ),
            lambda: (
                draw.random() < 0.3
                and services.stop_callout(viewer=leader, callout_id=callout_id, reason="示意")
            ),
        ]
        try:
            draw.choice(deeds)()
        except Problem:
            return

    def run(self, callout_id: int, *, desk: bool = True) -> None:
        for number in range(STEPS_MAX):
            for duty in DUTIES:
                self.alive(lambda duty=duty: duty(the_clock.now()))  # type: ignore[misc]
            if desk and number < MANUAL_STEPS_MAX:
                self.alive(lambda: self.at_the_desk(callout_id))
                self.alive(lambda: self.by_hand(callout_id))
            is_over = Callout.objects.get(pk=callout_id).state != "open"
            if is_over and (number > MANUAL_STEPS_MAX or not desk):
                return
            the_clock.forward(seconds=STEP_S)


def broken_promises(callout_id: int) -> list[str]:
    """What does not hold after a night. Nothing, if all is well."""
    calls = list(Call.objects.filter(callout_id=callout_id))
    callout = Callout.objects.get(pk=callout_id)
    answers = list(Answer.objects.filter(call__callout_id=callout_id))
    own = {one.call_id for one in answers if not one.is_stand_in}
    people = [call.person_id for call in calls]
    broken = [f"twice on the list: {one}" for one in set(people) if people.count(one) > 1]
    if callout.state == "open":
        broken.append("the callout never ended")
    for call in calls:
        broken += _of_call(call, callout, is_answered=call.id in own)
    broken += _of_units(callout, {call.id: call for call in calls}, answers)
    board = queries.board(callout_id, viewer=town.NODE)
    ends = sum(board[name] for name in ("answered", "reached_in_person", "notified"))
    if board["called"] != ends + board["unanswered"] or board["called"] != len(calls):
        broken.append("应叫 is not 已应 and 未应")
    return broken + replayed.disagreements(callout_id)


def _of_call(call: Call, callout: Callout, *, is_answered: bool) -> list[str]:
    broken = []
    if call.ended_as not in ENDS:
        return [f"without an end: {call.person_id} is {call.state}"]
    if call.state != call.ended_as or call.next_at is not None:
        broken.append(f"ended, and still {call.state}, next at {call.next_at}")
    if (call.ended_as == "answered") != is_answered:
        broken.append(f"{call.person_id} {call.ended_as}, own answer: {is_answered}")
    tries = Attempt.objects.filter(call=call)
    ended_at = call.answered_at or call.reached_at or call.notified_at or call.named_at
    after = tries.filter(started_at__gt=ended_at).exclude(word="withdrawn")
    if after.exists() and not call.named_at:
        broken.append(f"{call.person_id} was rung after the end")
    if callout.state == "stopped" and tries.filter(started_at__gt=callout.closed_at).exists():
        broken.append(f"{call.person_id} was rung after the callout was stopped")
    holder = CallParty.objects.get(pk=call.id)
    is_named = call.ended_as == "unreached_named" and holder.contacts
    if is_named and _rings_everybody(callout) and not tries.exists():
        broken.append(f"{call.person_id} was named and never rung")
    return broken


def _rings_everybody(callout: Callout) -> bool:
    """Nobody stopped it, paused a channel or skipped a rung, and the first rung has telephones."""
    first = callout.policy["rungs"][0]
    skipped = StoredFact.objects.filter(kind=RUNG_SKIPPED.number).exists()
    has_phones = {"voice", "sms"} & {*first["channels"]}
    is_left_alone = callout.state != "stopped" and not callout.paused_channels and not skipped
    return bool(has_phones) and is_left_alone


def _of_units(callout: Callout, calls: dict[int, Call], answers: list[Answer]) -> list[str]:
    """A unit is 叫到 when a holder acknowledged, or a deputy who stands in for just that unit."""
    said: set[str] = set()
    for one in answers:
        if one.kind not in ACKNOWLEDGES:
            continue
        if not one.is_stand_in:
            said.update(calls[one.call_id].units)
        elif _is_deputy(one, callout):
            said.update(one.unit_codes.split())
    broken = []
    for unit in UnitCall.objects.filter(callout=callout):
        if (unit.acknowledged_at is not None) != (unit.unit_code in said):
            broken.append(f"unit {unit.unit_code}: {unit.state}, acknowledged by {said}")
        is_acted = unit.acknowledged_at is not None and unit.first_action_at is not None
        if (unit.state == "acted") != is_acted:
            broken.append(f"unit {unit.unit_code} is {unit.state} without both")
    return broken


def _is_deputy(answer: Answer, callout: Callout) -> bool:
    for _, fact in facts_of([answer.id]):
        if fact.kind == STOOD_IN.name and fact.entity() == answer.id:
            rungs = callout.policy["rungs"]
            who = fact.fields.get("who") or rungs[min(answer.rung, len(rungs) - 1)]["who"]
            return who in ("deputy", "substitute", "duty_phone")
    return False
