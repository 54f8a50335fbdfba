"""What people say. One person's answer never closes another's call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from fengsui.engines.calls.apply.writing import milliseconds, unit_call_id
from fengsui.engines.calls.errors import (
    HEARD_FROM_REQUIRED,
    NO_SUCH_UNIT,
    TEXT_TOO_LONG,
    UNKNOWN_ANSWER,
)
from fengsui.engines.calls.facts import (
    ANSWERED,
    ANSWERED_FOR,
    FIRST_ACTION_RECORDED,
    REACHED_IN_PERSON,
    STOOD_IN,
)
from fengsui.engines.calls.models import (
    Answer,
    Call,
    CallParty,
    Companion,
    UnitCall,
)
from fengsui.engines.calls.rules import Who
from fengsui.engines.calls.services import companions
from fengsui.engines.calls.services.opening import add_parties
from fengsui.engines.calls.services.silencing import silence
from fengsui.engines.calls.services.stand_ins import (
    Reaching,
    StandIn,
    find_stand_ins,
    stand_in_of,
)
from fengsui.engines.calls.states import AnswerKind
from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.services import command, on_commit_notify, record

NOTE_CHARACTERS_MAX = 500
CLIENT_ID_CHARACTERS_MAX = 64
HOW_CHARACTERS_MAX = 16


_ANSWER_KINDS = frozenset(kind.value for kind in AnswerKind)


def check_answer_kind(answer_kind: str) -> str:
    if answer_kind not in _ANSWER_KINDS:
        raise UNKNOWN_ANSWER(answer=answer_kind)
    return answer_kind


def short(text: str, limit: int = NOTE_CHARACTERS_MAX) -> str:
    if len(text) > limit:
        raise TEXT_TOO_LONG(limit=limit)
    return text.strip()


@command
def record_answer(
    *, viewer: Viewer, call_id: int, answer_kind: str, how: str, client_id: str = ""
) -> dict[str, Any]:
    """The person called answers: on_it, need_support or away_pass_to_b.

    Somebody who is being rung for this call stands in: the unit has its acknowledgement, the
    person called is still owed an end. The same `client_id` is recorded once.
    Returns {"call_id", "outcome": recorded | already_recorded, "stands_in"}.
    """
    check_answer_kind(answer_kind)
    call = Call.objects.filter(pk=call_id).first()
    if call is None:
        raise NOT_FOUND()
    stands_in = False
    if not viewer.is_node and not (viewer.person_id and call.person_id == viewer.person_id):
        stands_in = CallParty.objects.filter(
            call_id=call_id, rung__gt=0, person_id=viewer.person_id
        ).exists()
        if not (stands_in and viewer.person_id):
            raise NOT_FOUND()
    client_id = short(client_id, CLIENT_ID_CHARACTERS_MAX)
    if client_id and Answer.objects.filter(client_id=client_id, call_id=call_id).exists():
        return {"call_id": call_id, "outcome": "already_recorded", "stands_in": stands_in}
    store_answer(
        call,
        answer_kind,
        how[:HOW_CHARACTERS_MAX],
        client_id,
        stand_in_id=viewer.person_id if stands_in else None,
        viewer=viewer,
        beside=companions.rung_as(call_id, viewer.person_id) if stands_in else None,
    )
    return {"call_id": call_id, "outcome": "recorded", "stands_in": stands_in}


def store_answer(
    call: Call,
    answer_kind: str,
    how: str,
    client_id: str,
    *,
    stand_in_id: int | None,
    viewer: Viewer,
    beside: Companion | None = None,
    try_id: int = 0,
) -> Fact:
    """`beside`: how the stand-in was rung together with the person called; `try_id`: the try on
    which somebody is speaking, whose phone is left alone."""
    fields: dict[str, Any] = {
        "call_id": call.id,
        "answer_kind": answer_kind,
        "how": how,
        "rung": beside.rung if beside is not None else call.rung,
        "client_id": client_id,
    }
    kind = ANSWERED
    if stand_in_id is not None:
        kind, fields["person_id"] = STOOD_IN, stand_in_id
        fields["who"] = beside.who if beside is not None else who_rings(call)
        fields["unit_codes"] = units_stood_in_for(call, stand_in_id, fields["who"])
    fact = record(
        kind,
        fields=fields,
        scope=call.place_code,
        viewer=viewer,
        about=(call.callout_id, call.id),
    )
    if stand_in_id is None and answer_kind == AnswerKind.AWAY_PASS_TO_B:
        _call_the_deputy(call, fact, viewer=viewer)
    silence(call, viewer=viewer, but=try_id)
    on_commit_notify(f"callout:{call.callout_id}", {"verb": "answered"})
    return fact


def who_rings(call: Call) -> str:
    rungs = call.callout.policy["rungs"]
    return str(rungs[min(call.rung, len(rungs) - 1)]["who"])


def units_stood_in_for(call: Call, person_id: int, who: str) -> list[str]:
    """Those of the call's units whose deputy this is; the level above stands in for them all, and
    a duty phone for the unit where it is."""
    if who == Who.DUTY_PHONE:
        return call.units[:1]
    if who not in (Who.DEPUTY, Who.SUBSTITUTE):
        return call.units
    holder = CallParty.objects.filter(pk=call.id).first()
    frozen = holder.stand_ins.get("deputies", ()) if holder is not None else ()
    for one in frozen:
        if isinstance(one, dict) and one.get("person_id") == person_id:
            units = [code for code in one.get("unit_codes", ()) if code in call.units]
            return units or call.units[:1]
    return call.units[:1]


def _call_the_deputy(call: Call, fact: Fact, *, viewer: Viewer) -> None:
    """不在村转B岗: the deputies, one for each unit, get calls of their own unless they have one."""
    holder = CallParty.objects.filter(pk=call.id).first()
    frozen = holder.stand_ins if holder is not None else {}
    deputies = _deputies_of(call, frozen)
    if not deputies or call.callout.state == "stopped":
        return
    add_parties(
        viewer=Viewer(viewer.person_id, viewer.name, is_node=True, request_id=viewer.request_id),
        callout_id=call.callout_id,
        parties=[
            {
                "person_id": deputy.person_id,
                "name": deputy.name,
                "contacts": deputy.contacts,
                "place_code": call.place_code,
                "unit_codes": deputy.unit_codes or call.units[:1],
                "post_title": call.post_title,
                "superiors": frozen.get("superiors", []),
            }
            for deputy in deputies
        ],
        cause=fact.id,
    )


def _deputies_of(call: Call, frozen: Mapping[str, Any]) -> list[StandIn]:
    """The first of them, and those who stand in for a unit that an earlier one does not."""
    found: list[StandIn] = []
    covered: set[str] = set()
    for one in frozen.get("deputies", ()):
        if isinstance(one, dict):
            deputy = stand_in_of(one)
            if not found or not covered.issuperset(deputy.unit_codes):
                found.append(deputy)
                covered.update(deputy.unit_codes)
    if found:
        return [one for one in found if one.person_id != call.person_id]
    reaching = Reaching(
        call.id, call.person_id, call.place_code, call.unit_code, call.post_title, frozen
    )
    return list(find_stand_ins(Who.DEPUTY, [reaching]).values())


@command
def answer_for(
    *,
    viewer: Viewer,
    call_id: int,
    answer_kind: str,
    heard_from: str,
    note: str = "",
    heard_at: datetime | None = None,
    client_id: str = "",
) -> dict[str, Any]:
    """上级代录: the level above writes down an answer that it heard: who, from whom, when."""
    check_answer_kind(answer_kind)
    call = Call.objects.filter(pk=call_id).first()
    if call is None:
        raise NOT_FOUND()
    require(viewer, Permission.ANSWER_FOR_OTHERS, call.place_code)
    if not heard_from.strip():
        raise HEARD_FROM_REQUIRED()
    client_id = short(client_id, CLIENT_ID_CHARACTERS_MAX)
    if client_id and Answer.objects.filter(client_id=client_id, call_id=call_id).exists():
        return {"call_id": call_id, "outcome": "already_recorded"}
    fact = record(
        ANSWERED_FOR,
        fields={
            "call_id": call_id,
            "answer_kind": answer_kind,
            "rung": call.rung,
            "heard_at_ms": milliseconds(heard_at or clock.now()),
            "client_id": client_id,
        },
        personal={"heard_from": short(heard_from, 64), "note": short(note)},
        scope=call.place_code,
        viewer=viewer,
        about=(call.callout_id, call.id),
    )
    if answer_kind == AnswerKind.AWAY_PASS_TO_B:
        _call_the_deputy(call, fact, viewer=viewer)
    silence(call, viewer=viewer)
    on_commit_notify(f"callout:{call.callout_id}", {"verb": "answered"})
    return {"call_id": call_id, "outcome": "recorded"}


@command
def mark_reached_in_person(*, viewer: Viewer, call_id: int, note: str = "") -> dict[str, Any]:
    """Somebody stood before this person and told them."""
    call = Call.objects.filter(pk=call_id).first()
    if call is None:
        raise NOT_FOUND()
    require(viewer, Permission.MARK_REACHED, call.place_code)
    if call.reached_at is not None:
        return {"call_id": call_id, "outcome": "already_recorded"}
    record(
        REACHED_IN_PERSON,
        fields={"call_id": call_id, "rung": call.rung},
        personal={"note": short(note)},
        scope=call.place_code,
        viewer=viewer,
        about=(call.callout_id, call.id),
    )
    silence(call, viewer=viewer)
    on_commit_notify(f"callout:{call.callout_id}", {"verb": "reached"})
    return {"call_id": call_id, "outcome": "recorded"}


@command
def record_first_action(
    *,
    viewer: Viewer,
    callout_id: int,
    unit_code: str,
    how: str = "app",
    heard_from: str = "",
    note: str = "",
    client_id: str = "",
) -> dict[str, Any]:
    """首次行动: what makes an acknowledged unit 应到. `how`: key, app or recorded_for.

    By its own post-holders, or by the level above, which says from whom it heard.
    """
    unit = UnitCall.objects.filter(pk=unit_call_id(callout_id, unit_code)).first()
    if unit is None:
        raise NO_SUCH_UNIT(unit=unit_code)
    own = viewer.is_node or (
        viewer.person_id != 0
        and CallParty.objects.filter(
            person_id=viewer.person_id,
            call__callout_id=callout_id,
        )
        .filter(Q(call__unit_code=unit_code) | Q(call__more_units__contains=unit_code))
        .exists()
    )
    if not own:
        require(viewer, Permission.ANSWER_FOR_OTHERS, unit_code)
        how = "recorded_for"
        if not heard_from.strip():
            raise HEARD_FROM_REQUIRED()
    if unit.first_action_at is not None:
        return {"unit_code": unit_code, "outcome": "already_recorded"}
    record(
        FIRST_ACTION_RECORDED,
        fields={
            "callout_id": callout_id,
            "unit_code": unit_code,
            "how": how[:HOW_CHARACTERS_MAX],
            "client_id": short(client_id, CLIENT_ID_CHARACTERS_MAX),
        },
        personal={"heard_from": short(heard_from, 64), "note": short(note)},
        scope=unit_code,
        viewer=viewer,
        about=(callout_id,),
    )
    on_commit_notify(f"callout:{callout_id}", {"verb": "acted"})
    return {"unit_code": unit_code, "outcome": "recorded"}
