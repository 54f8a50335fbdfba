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
from fengsui.engines.calls.models import Answer, Attempt, Call, CallParty, UnitCall
from fengsui.engines.calls.rules import Who
from fengsui.engines.calls.services.dispatching import store_outcomes
from fengsui.engines.calls.services.opening import add_parties
from fengsui.engines.calls.services.stand_ins import (
    Reaching,
    StandIn,
    find_stand_ins,
    stand_in_of,
)
from fengsui.engines.calls.states import WORD_RANK, AnswerKind, Word
from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.services import command, on_commit_notify, record

NOTE_CHARACTERS_MAX = 500
CLIENT_ID_CHARACTERS_MAX = 64
HOW_CHARACTERS_MAX = 16


def _known(answer_kind: str) -> str:
    if answer_kind not in {kind.value for kind in AnswerKind}:
        raise UNKNOWN_ANSWER(answer=answer_kind)
    return answer_kind


def _short(text: str, limit: int = NOTE_CHARACTERS_MAX) -> str:
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
    _known(answer_kind)
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
    client_id = _short(client_id, CLIENT_ID_CHARACTERS_MAX)
    if client_id and Answer.objects.filter(client_id=client_id, call_id=call_id).exists():
        return {"call_id": call_id, "outcome": "already_recorded", "stands_in": stands_in}
    _store_answer(
        call,
        answer_kind,
        how[:HOW_CHARACTERS_MAX],
        client_id,
        stand_in_id=viewer.person_id if stands_in else None,
        viewer=viewer,
    )
    return {"call_id": call_id, "outcome": "recorded", "stands_in": stands_in}


def _store_answer(
    call: Call,
    answer_kind: str,
    how: str,
    client_id: str,
    *,
    stand_in_id: int | None,
    viewer: Viewer,
) -> Fact:
    fields: dict[str, Any] = {
        "call_id": call.id,
        "answer_kind": answer_kind,
        "how": how,
        "rung": call.rung,
        "client_id": client_id,
    }
    kind = ANSWERED
    if stand_in_id is not None:
        kind, fields["person_id"] = STOOD_IN, stand_in_id
        fields["unit_codes"] = _units_stood_in_for(call, stand_in_id)
    fact = record(
        kind,
        fields=fields,
        scope=call.place_code,
        viewer=viewer,
        about=(call.callout_id, call.id),
    )
    if stand_in_id is None and answer_kind == AnswerKind.AWAY_PASS_TO_B:
        _call_the_deputy(call, fact, viewer=viewer)
    on_commit_notify(f"callout:{call.callout_id}", {"verb": "answered"})
    return fact


def _units_stood_in_for(call: Call, person_id: int) -> list[str]:
    """Those of the call's units whose deputy this is; the level above stands in for them all."""
    rungs = call.callout.policy["rungs"]
    if rungs[min(call.rung, len(rungs) - 1)]["who"] not in (Who.DEPUTY, Who.SUBSTITUTE):
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
    _known(answer_kind)
    call = Call.objects.filter(pk=call_id).first()
    if call is None:
        raise NOT_FOUND()
    require(viewer, Permission.ANSWER_FOR_OTHERS, call.place_code)
    if not heard_from.strip():
        raise HEARD_FROM_REQUIRED()
    client_id = _short(client_id, CLIENT_ID_CHARACTERS_MAX)
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
        personal={"heard_from": _short(heard_from, 64), "note": _short(note)},
        scope=call.place_code,
        viewer=viewer,
        about=(call.callout_id, call.id),
    )
    if answer_kind == AnswerKind.AWAY_PASS_TO_B:
        _call_the_deputy(call, fact, viewer=viewer)
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
        personal={"note": _short(note)},
        scope=call.place_code,
        viewer=viewer,
        about=(call.callout_id, call.id),
    )
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
            "client_id": _short(client_id, CLIENT_ID_CHARACTERS_MAX),
        },
        personal={"heard_from": _short(heard_from, 64), "note": _short(note)},
        scope=unit_code,
        viewer=viewer,
        about=(callout_id,),
    )
    on_commit_notify(f"callout:{callout_id}", {"verb": "acted"})
    return {"unit_code": unit_code, "outcome": "recorded"}


@command
def record_receipts(*, viewer: Viewer, receipts: list[dict[str, Any]]) -> dict[str, int]:
    """What carriers tell afterwards: words about tries, answers by key, first actions by key.

    A receipt is {"attempt_id", "word", "heard_s", "answer_kind", "acted"}. A receipt told twice
    counts once; one about an unknown try is dropped. Returns counts.
    """
    ids = [int(receipt["attempt_id"]) for receipt in receipts]
    attempts = {
        attempt.id: attempt
        for attempt in Attempt.objects.filter(pk__in=ids).select_related("call", "call__callout")
    }
    client_ids = [_client_id(receipt) for receipt in receipts if receipt.get("answer_kind")]
    told = set(Answer.objects.filter(client_id__in=client_ids).values_list("client_id", flat=True))
    outcomes: list[tuple[int, str, int]] = []
    counts = {"answers": 0, "outcomes": 0, "actions": 0, "dropped": 0}
    for receipt in receipts:
        attempt = attempts.get(int(receipt["attempt_id"]))
        if attempt is None:
            counts["dropped"] += 1
            continue
        answer_kind, word = receipt.get("answer_kind") or "", receipt.get("word") or ""
        if answer_kind in {kind.value for kind in AnswerKind}:
            client_id = _client_id(receipt)
            if client_id not in told:
                told.add(client_id)
                _store_carried_answer(attempt, answer_kind, client_id, viewer=viewer)
                counts["answers"] += 1
            word = Word.ACKNOWLEDGED.value
        if receipt.get("acted"):
            for unit_code in _units_of(attempt):
                record_first_action(
                    viewer=viewer, callout_id=attempt.callout_id, unit_code=unit_code, how="key"
                )
                counts["actions"] += 1
        if word in WORD_RANK and WORD_RANK[word] > attempt.word_rank:
            outcomes.append((attempt.id, word, int(receipt.get("heard_s") or 0)))
    counts["outcomes"] = store_outcomes(outcomes, viewer=viewer) if outcomes else 0
    return counts


def _client_id(receipt: dict[str, Any]) -> str:
    return f"try {receipt['attempt_id']} {receipt['answer_kind']}"


def _store_carried_answer(
    attempt: Attempt, answer_kind: str, client_id: str, *, viewer: Viewer
) -> None:
    """Whoever was rung on that try pressed the key: the holder, or a stand-in for this call."""
    _store_answer(
        attempt.call,
        answer_kind,
        attempt.channel,
        client_id,
        stand_in_id=_stand_in_on(attempt),
        viewer=viewer,
    )


def _units_of(attempt: Attempt) -> list[str]:
    """The units for which whoever was rung on that try acts."""
    stand_in_id = _stand_in_on(attempt)
    if stand_in_id is None:
        return attempt.call.units
    return _units_stood_in_for(attempt.call, stand_in_id)


def _stand_in_on(attempt: Attempt) -> int | None:
    """Who was rung on that try for the person called; None: that person."""
    if attempt.call.callout.policy["rungs"][attempt.rung]["who"] == Who.HOLDER.value:
        return None
    party = (
        CallParty.objects.filter(call_id=attempt.call_id, rung=attempt.rung)
        .order_by("-added_at", "-id")
        .first()
    )
    return party.person_id if party is not None else 0
