"""Those rung at the same moment as the person called, and tries at night that do not count."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fengsui.engines.calls import rules
from fengsui.engines.calls.apply.owning import author_of
from fengsui.engines.calls.apply.writing import (
    batches_of,
    calls_of,
    insert_many,
    stored,
    update_by_ids,
)
from fengsui.engines.calls.models import Companion
from fengsui.engines.calls.states import WORD_RANK
from fengsui.foundation.journal.facts import Fact

_OFFSETS_MAX = 1 << 20
_INSERT_COMPANION = (
    "INSERT INTO calls_companion (id, plan_id, callout_id, call_id, party_id, person_id, who, step,"
    " rung, try_number, channel, word, word_rank, heard_s, started_at, driver)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'planned', 1, 0, %s, %s)"
    " ON CONFLICT DO NOTHING"
)
_INSERT_MARK = (
    "INSERT INTO calls_nightmark (id, callout_id, call_id, step, channel, marked_at)"
    " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)


def apply_companions_planned(fact: Fact) -> int | None:
    """The call itself does not move: only its own try and its own answers move it."""
    batches, missing = batches_of(fact.fields["groups"])
    if missing is not None:
        return missing
    rows: list[tuple[Any, ...]] = []
    plan_id, started_at, driver = fact.entity(), stored(fact.at), author_of(fact)
    for batch_id, lap, rung, number, who, channel, packed, party_ids, person_ids in fact.fields[
        "groups"
    ]:
        batch = batches[batch_id]
        step = rules.progress(lap=lap, rung=rung, tries=number, phase=0)
        first = plan_id + len(rows)
        calls = calls_of(batch, packed)
        for index, (call_id, party_id, person_id) in enumerate(
            zip(calls, party_ids, person_ids, strict=False)
        ):
            known = (first + index, plan_id, batch.callout_id, call_id, party_id, person_id, who)
            rows.append((*known, step, rung, number, channel, started_at, driver))
    insert_many(_INSERT_COMPANION, rows)
    return None


def apply_companions_heard(fact: Fact) -> int | None:
    for plan_id, word, heard_s, packed in fact.fields["groups"]:
        ids = [plan_id + one for one in rules.unpack_ordinals(packed, limit=_OFFSETS_MAX)]
        rank = WORD_RANK.get(word, 0)
        if not ids or not rank:
            continue
        if not Companion.objects.filter(plan_id=plan_id, pk=ids[0]).exists():
            return int(plan_id)
        _settle(ids, [word, rank, heard_s, stored(fact.at)], rank)
    return None


def _settle(ids: Sequence[int], values: Sequence[Any], rank: int) -> None:
    update_by_ids(
        "calls_companion",
        "word = %s, word_rank = %s, heard_s = %s, settled_at = %s",
        values,
        ids,
        only_if="word_rank < %s",
        bound=[rank],
    )


def apply_night_marked(fact: Fact) -> int | None:
    batches, missing = batches_of(fact.fields["groups"])
    if missing is not None:
        return missing
    rows: list[tuple[Any, ...]] = []
    first, marked_at = fact.entity(), stored(fact.at)
    for batch_id, lap, rung, number, channel, packed in fact.fields["groups"]:
        batch = batches[batch_id]
        step = rules.progress(lap=lap, rung=rung, tries=number, phase=0)
        for call_id in calls_of(batch, packed):
            known = (first + len(rows), batch.callout_id, call_id)
            rows.append((*known, step, channel, marked_at))
    insert_many(_INSERT_MARK, rows)
    return None
