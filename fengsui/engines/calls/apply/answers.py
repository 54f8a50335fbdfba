"""What people said and did: answers, stand-ins, in person, first actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from fengsui.engines.calls.apply.writing import earliest, ends_as, insert_many, stored, unit_call_id
from fengsui.engines.calls.models import Answer, Call, Callout, UnitCall
from fengsui.engines.calls.queries.by_key import select_among
from fengsui.engines.calls.rules import Who
from fengsui.engines.calls.states import ACKNOWLEDGES, CallState, UnitState
from fengsui.foundation.journal.facts import Fact

# Whose acknowledgement is the unit's own; the level above covers the person alone.
_OF_THE_UNIT = (Who.DEPUTY, Who.SUBSTITUTE, Who.DUTY_PHONE)
_INSERT_ANSWER = (
    "INSERT INTO calls_answer (id, call_id, person_id, recorded_by_id, kind, how, rung,"
    " is_stand_in, unit_codes, heard_from, note, client_id, answered_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, '', %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)
_SAY_ANSWERED = (
    "UPDATE calls_call SET state = 'answered', ended_as = 'answered', next_at = NULL,"
    " answered_at = %s, is_late = %s, answer_kind = %s, needs_support = %s WHERE id = %s"
)


class _Called(NamedTuple):
    """What an answer needs to know of its call."""

    id: int
    callout_id: int
    person_id: int
    unit_code: str
    more_units: str

    @property
    def units(self) -> list[str]:
        return [code for code in (self.unit_code, *self.more_units.split()) if code]


def apply_answered(fact: Fact) -> int | None:
    return apply_answered_many([fact])[0]


def apply_answered_many(facts: Sequence[Fact]) -> list[int | None]:
    return _apply_answers([(fact, fact.fields["how"], "", "") for fact in facts])


def apply_answered_for(fact: Fact) -> int | None:
    said = fact.personal or {"heard_from": "", "note": ""}
    awaited = _apply_answers([(fact, "recorded_for", said["heard_from"], said["note"])])
    if awaited == [None] and fact.personal is None:
        Answer.objects.filter(pk=fact.entity()).update(heard_from="", note="")
    return awaited[0]


def _apply_answers(said: Sequence[tuple[Fact, str, str, str]]) -> list[int | None]:
    """(fact, how, heard from, note) of each → what each waits for. The call says what its
    answers add up to: the first of them counts for the time, the last for what is said."""
    ids = sorted({int(fact.fields["call_id"]) for fact, _, _, _ in said})
    columns = "id, callout_id, person_id, unit_code, more_units"
    calls = {row[0]: _Called(*row) for row in select_among(columns, "calls_call", ids)}
    here = [one for one in said if one[0].fields["call_id"] in calls]
    rows = [_answer_row(calls[fact.fields["call_id"]], fact, *how) for fact, *how in here]
    insert_many(_INSERT_ANSWER, rows)
    _add_up(sorted(calls))
    _acknowledge_units(calls, [fact for fact, _, _, _ in here])
    return [
        None if fact.fields["call_id"] in calls else int(fact.fields["call_id"])
        for fact, _, _, _ in said
    ]


def _answer_row(call: _Called, fact: Fact, how: str, heard_from: str, note: str) -> tuple[Any, ...]:
    """In the order of _INSERT_ANSWER."""
    fields = fact.fields
    who = (fact.entity(), call.id, call.person_id, fact.actor)
    what = (fields["answer_kind"], how, fields["rung"], False, heard_from, note)
    return (*who, *what, fields["client_id"], stored(fact.at))


def _add_up(call_ids: Sequence[int]) -> None:
    columns = "call_id, answered_at, id, rung, kind, is_stand_in"
    by_call: dict[int, list[Any]] = {}
    for call_id, *answer, is_stand_in in sorted(
        select_among(columns, "calls_answer", call_ids, "call_id")
    ):
        if not is_stand_in:
            by_call.setdefault(call_id, []).append(answer)
    rows = []
    for call_id, answers in by_call.items():
        first_at, _, first_rung, _ = answers[0]
        supported = any(kind == "need_support" for _, _, _, kind in answers)
        rows.append((first_at, first_rung > 0, answers[-1][3], supported, call_id))
    insert_many(_SAY_ANSWERED, rows)


def _acknowledge_units(calls: Mapping[int, _Called], facts: Sequence[Fact]) -> None:
    first: dict[tuple[int, str], datetime] = {}
    for fact in facts:
        if fact.fields["answer_kind"] in ACKNOWLEDGES:
            call = calls[fact.fields["call_id"]]
            for code in call.units:
                unit = (call.callout_id, code)
                first[unit] = min(first.get(unit, fact.at), fact.at)
    for (callout_id, code), at in sorted(first.items()):
        touch_unit(callout_id, code, acknowledged_at=at)


def apply_stood_in(fact: Fact) -> int | None:
    fields = fact.fields
    call = Call.objects.filter(pk=fields["call_id"]).first()
    if call is None:
        return int(fields["call_id"])
    Answer.objects.bulk_create(
        [
            Answer(
                id=fact.entity(),
                call_id=call.id,
                person_id=fields["person_id"],
                recorded_by_id=fact.actor,
                kind=fields["answer_kind"],
                how=fields["how"],
                rung=fields["rung"],
                is_stand_in=True,
                unit_codes=" ".join(fields["unit_codes"] or [call.unit_code]),
                client_id=fields["client_id"],
                answered_at=fact.at,
            )
        ],
        ignore_conflicts=True,
    )
    if fields["answer_kind"] in ACKNOWLEDGES:
        # The level above covers the person, but a unit answers through its own post-holders.
        if (fields["who"] or _who_rings(call, fields["rung"])) in _OF_THE_UNIT:
            for code in fields["unit_codes"] or call.units[:1]:
                touch_unit(call.callout_id, code, acknowledged_at=fact.at)
        if _stood_in_for(call) >= set(call.units):
            Call.objects.filter(pk=call.id).update(is_covered=True)
    return None


def _stood_in_for(call: Call) -> set[str]:
    """The units of this call for which some stand-in has acknowledged."""
    said = Answer.objects.filter(call_id=call.id, is_stand_in=True, kind__in=ACKNOWLEDGES)
    return {code for codes in said.values_list("unit_codes", flat=True) for code in codes.split()}


def _who_rings(call: Call, rung: int) -> str:
    rungs = Callout.objects.get(pk=call.callout_id).policy["rungs"]
    return str(rungs[min(rung, len(rungs) - 1)]["who"])


def apply_reached_in_person(fact: Fact) -> int | None:
    changed = Call.objects.filter(pk=fact.fields["call_id"]).update(
        reached_at=earliest("reached_at", fact.at), **ends_as(CallState.REACHED_IN_PERSON)
    )
    return None if changed else int(fact.fields["call_id"])


def touch_unit(
    callout_id: int,
    unit_code: str,
    *,
    acknowledged_at: datetime | None = None,
    first_action_at: datetime | None = None,
    how: str = "",
) -> None:
    pk = unit_call_id(callout_id, unit_code)
    unit = UnitCall.objects.filter(pk=pk).first() or UnitCall(
        id=pk, callout_id=callout_id, unit_code=unit_code
    )
    if acknowledged_at and (not unit.acknowledged_at or acknowledged_at < unit.acknowledged_at):
        unit.acknowledged_at = acknowledged_at
    if first_action_at and (not unit.first_action_at or first_action_at < unit.first_action_at):
        unit.first_action_at, unit.first_action_how = first_action_at, how
    if unit.acknowledged_at:
        acted = unit.first_action_at is not None
        unit.state = UnitState.ACTED.value if acted else UnitState.ACKNOWLEDGED.value
    unit.save()


def apply_first_action_recorded(fact: Fact) -> int | None:
    fields = fact.fields
    if not Callout.objects.filter(pk=fields["callout_id"]).exists():
        return int(fields["callout_id"])
    touch_unit(
        fields["callout_id"], fields["unit_code"], first_action_at=fact.at, how=fields["how"]
    )
    return None
