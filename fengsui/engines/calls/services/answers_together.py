"""Answers that come at the same moment, recorded at once: the same as one by one, by few queries.

What is more than an answer (somebody stands in, or is away and passes to slot B, or others ring
for the same call) goes the way of a single one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fengsui.engines.calls.facts import ANSWERED
from fengsui.engines.calls.models import Answer
from fengsui.engines.calls.queries.by_key import select_among
from fengsui.engines.calls.services.answering import (
    CLIENT_ID_CHARACTERS_MAX,
    HOW_CHARACTERS_MAX,
    check_answer_kind,
    record_answer,
    short,
)
from fengsui.engines.calls.states import AnswerKind
from fengsui.foundation.access.problems import NOT_FOUND, Problem
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal.services import (
    carried_out_together,
    on_commit_notify,
    record_many,
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """One answer that was found in order."""

    index: int
    viewer: Viewer
    callout_id: int
    call_id: int
    scope: str
    fields: dict[str, Any]

    @property
    def stated(self) -> dict[str, Any]:
        about = (self.callout_id, self.call_id)
        return {"fields": self.fields, "scope": self.scope, "about": about}


@carried_out_together(record_answer)
def record_answers(several: Sequence[dict[str, Any]]) -> Sequence[Any]:
    """What `record_answer` gives for each of the arguments, or the Problem it would raise; None for
    one that is to be carried out by itself."""
    columns = "id, callout_id, person_id, place_code, rung"
    ids = sorted({int(one["call_id"]) for one in several})
    calls = {row[0]: row for row in select_among(columns, "calls_call", ids)}
    told = _told_before(several)
    by_themselves = _with_companions(ids)
    results: list[Any] = [None] * len(several)
    asked: list[_Asked] = []
    for index, one in enumerate(several):
        call = calls.get(one["call_id"])
        try:
            check_answer_kind(one["answer_kind"])
            if call is None:
                raise NOT_FOUND()
            if not _is_plain(one, call, by_themselves):
                continue
            client_id = short(one.get("client_id", ""), CLIENT_ID_CHARACTERS_MAX)
        except Problem as problem:
            results[index] = problem
            continue
        if client_id and (client_id, call[0]) in told:
            results[index] = _result(call[0], "already_recorded")
            continue
        if client_id:
            told.add((client_id, call[0]))
        asked.append(_in_order(index, one, call, client_id))
        results[index] = _result(call[0], "recorded")
    record_many(ANSWERED, [(one.viewer, one.stated) for one in asked])
    for callout_id in sorted({one.callout_id for one in asked}):
        on_commit_notify(f"callout:{callout_id}", {"verb": "answered"})
    return results


def _told_before(several: Sequence[Mapping[str, Any]]) -> set[tuple[str, int]]:
    """(client id, call) of answers that are recorded already."""
    named = sorted({one["client_id"] for one in several if one.get("client_id")})
    if not named:
        return set()
    rows = Answer.objects.filter(client_id__in=named)
    return set(rows.values_list("client_id", "call_id"))


def _is_plain(one: Mapping[str, Any], call: Sequence[Any], by_themselves: set[int]) -> bool:
    viewer: Viewer = one["viewer"]
    is_own = viewer.is_node or (viewer.person_id and call[2] == viewer.person_id)
    passes_on = one["answer_kind"] == AnswerKind.AWAY_PASS_TO_B
    return bool(is_own) and not passes_on and call[0] not in by_themselves


def _in_order(index: int, one: Mapping[str, Any], call: Sequence[Any], client_id: str) -> _Asked:
    call_id, callout_id, _, place_code, rung = call
    fields = {
        "call_id": call_id,
        "answer_kind": one["answer_kind"],
        "how": one["how"][:HOW_CHARACTERS_MAX],
        "rung": rung,
        "client_id": client_id,
    }
    return _Asked(index, one["viewer"], callout_id, call_id, place_code, fields)


def _result(call_id: int, outcome: str) -> dict[str, Any]:
    return {"call_id": call_id, "outcome": outcome, "stands_in": False}


def _with_companions(call_ids: Sequence[int]) -> set[int]:
    """Calls for which others ring at the same moment: one answer stops those."""
    return {pk for (pk,) in select_among("call_id", "calls_companion", call_ids, "call_id")}
