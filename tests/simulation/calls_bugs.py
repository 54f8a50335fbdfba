"""Planted bugs of the call engine: each is one wrong line, and some whole night must notice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fengsui.engines.calls.apply import answers, ladder, opening
from fengsui.engines.calls.models import Call
from fengsui.engines.calls.states import AnswerKind, CallState
from fengsui.foundation.journal.dispatch import catalogue
from fengsui.foundation.journal.facts import Fact

Plant = Callable[[pytest.MonkeyPatch], None]


def _after(patch: pytest.MonkeyPatch, kind: str, also: Callable[[Fact], None]) -> None:
    """`also` happens whenever a fact of this kind has been applied."""
    real = catalogue().apply[kind]

    def applied(fact: Fact) -> int | None:
        waits_for = real(fact)
        if waits_for is None:
            also(fact)
        return waits_for

    patch.setitem(catalogue().apply, kind, applied)


def away_acknowledges_the_unit(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(answers, "ACKNOWLEDGES", frozenset(AnswerKind))


def a_first_action_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(catalogue().apply, "unit.first_action_recorded", lambda fact: None)


def who_was_met_is_not_written_down(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(catalogue().apply, "call.reached_in_person", lambda fact: None)


def only_the_first_unit_hears_of_it(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(answers._Called, "units", property(lambda self: [self.unit_code]))


def a_weaker_end_replaces_a_stronger(patch: pytest.MonkeyPatch) -> None:
    def ends_as(end: CallState) -> dict[str, Any]:
        return {"state": end.value, "ended_as": end.value, "next_at": None}

    for module in (answers, ladder, opening):
        patch.setattr(module, "ends_as", ends_as)


def a_stand_in_answers_for_the_person(patch: pytest.MonkeyPatch) -> None:
    def ended(fact: Fact) -> None:
        Call.objects.filter(pk=fact.fields["call_id"]).update(
            state="answered", ended_as="answered", next_at=None, answered_at=fact.at
        )

    _after(patch, "call.stood_in", ended)


def a_stop_leaves_people_without_an_end(patch: pytest.MonkeyPatch) -> None:
    def reopened(fact: Fact) -> None:
        callout = Call.objects.filter(callout_id=fact.fields["callout_id"], named_at=fact.at)
        callout.update(state="waiting", ended_as="", named_at=None)

    _after(patch, "callout.stopped", reopened)


def a_late_answer_is_lost(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(answers, "_SAY_ANSWERED", f"{answers._SAY_ANSWERED} AND ended_as = ''")


def nobody_is_named_after_the_knock(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(catalogue().apply, "calls.named_unreached", lambda fact: None)


BUGS: Mapping[str, Plant] = {
    "somebody away acknowledges the unit": away_acknowledges_the_unit,
    "a first action is forgotten": a_first_action_is_forgotten,
    "who was met is not written down": who_was_met_is_not_written_down,
    "only the first of several units hears of it": only_the_first_unit_hears_of_it,
    "a weaker end replaces a stronger": a_weaker_end_replaces_a_stronger,
    "a stand-in answers for the person": a_stand_in_answers_for_the_person,
    "a stop leaves people without an end": a_stop_leaves_people_without_an_end,
    "a late answer is lost": a_late_answer_is_lost,
    "nobody is named after the knock": nobody_is_named_after_the_knock,
}
