"""What people said and did: answers, stand-ins, in person, first actions."""

from __future__ import annotations

from datetime import datetime

from fengsui.engines.calls.apply.writing import earliest, ends_as, unit_call_id
from fengsui.engines.calls.models import Answer, Call, Callout, UnitCall
from fengsui.engines.calls.rules import Who
from fengsui.engines.calls.states import ACKNOWLEDGES, CallState, UnitState
from fengsui.foundation.journal.facts import Fact


def apply_answered(fact: Fact) -> int | None:
    return _apply_answer(fact, how=fact.fields["how"], heard_from="", note="")


def apply_answered_for(fact: Fact) -> int | None:
    said = fact.personal or {"heard_from": "", "note": ""}
    return _apply_answer(fact, how="recorded_for", heard_from=said["heard_from"], note=said["note"])


def _apply_answer(fact: Fact, *, how: str, heard_from: str, note: str) -> int | None:
    fields = fact.fields
    call = Call.objects.filter(pk=fields["call_id"]).first()
    if call is None:
        return int(fields["call_id"])
    Answer.objects.bulk_create(
        [
            Answer(
                id=fact.entity(),
                call_id=call.id,
                person_id=call.person_id,
                recorded_by_id=fact.actor,
                kind=fields["answer_kind"],
                how=how,
                rung=fields["rung"],
                heard_from=heard_from,
                note=note,
                client_id=fields["client_id"],
                answered_at=fact.at,
            )
        ],
        ignore_conflicts=True,
    )
    if fact.personal is None:
        Answer.objects.filter(pk=fact.entity()).update(heard_from="", note="")
    said = list(
        Answer.objects.filter(call_id=call.id, is_stand_in=False)
        .order_by("answered_at", "id")
        .values_list("answered_at", "rung", "kind")
    )
    first_at, first_rung, _ = said[0]
    Call.objects.filter(pk=call.id).update(
        state=CallState.ANSWERED.value,
        ended_as=CallState.ANSWERED.value,
        next_at=None,
        answered_at=first_at,
        is_late=first_rung > 0,
        answer_kind=said[-1][2],
        needs_support=any(kind == "need_support" for _, _, kind in said),
    )
    if fields["answer_kind"] in ACKNOWLEDGES:
        for code in call.units:
            _touch_unit(call.callout_id, code, acknowledged_at=fact.at)
    return None


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
        if _who_rings(call, fields["rung"]) in (Who.DEPUTY, Who.SUBSTITUTE):
            for code in fields["unit_codes"] or call.units[:1]:
                _touch_unit(call.callout_id, code, acknowledged_at=fact.at)
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


def _touch_unit(
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
    _touch_unit(
        fields["callout_id"], fields["unit_code"], first_action_at=fact.at, how=fields["how"]
    )
    return None
