"""The ladder: tries planned, their outcomes, door-knocks, names, stand-ins, skips, new numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from django.db import connection

from fengsui.engines.calls import rules
from fengsui.engines.calls.apply.opening import INSERT_PARTY
from fengsui.engines.calls.apply.owning import author_of
from fengsui.engines.calls.apply.writing import (
    advance,
    batches_of,
    calls_of,
    dumps,
    earliest,
    ends_as,
    insert_many,
    listed,
    moment,
    stored,
    update_by_ids,
)
from fengsui.engines.calls.models import Call, Callout, CallParty, PartyBatch
from fengsui.engines.calls.queries.by_key import chunks, select_among
from fengsui.engines.calls.states import ON_ITS_WAY, WORD_RANK, CallState
from fengsui.foundation.journal.facts import Fact

_INSERT_ATTEMPTS = (
    "INSERT INTO calls_attempt (id, plan_id, callout_id, call_id, step, rung, try_number, channel,"
    " word, word_rank, heard_s, started_at, driver)"
    " SELECT %s + position, %s, %s, value, %s, %s, %s, %s, 'planned', 1, 0, {started_at}, %s"
    " FROM {listed} AS called WHERE true ON CONFLICT DO NOTHING"
)


def apply_attempts_planned(fact: Fact) -> int | None:
    """Groups that are at the same try follow each other, so they are written as one."""
    groups = fact.fields["groups"]
    batches, missing = batches_of(groups)
    if missing is not None:
        return missing
    first = plan_id = fact.entity()
    driver, started_at = author_of(fact), stored(fact.at)
    for (callout_id, lap, rung, number, channel, next_ms), same in groupby(
        groups, key=lambda group: (batches[group[0]].callout_id, *group[1:6])
    ):
        ids = [pk for group in same for pk in calls_of(batches[group[0]], group[6])]
        step = rules.progress(lap=lap, rung=rung, tries=number, phase=0)
        advance(
            ids,
            fact=plan_id,
            progress=step + WORD_RANK["planned"],
            lap=lap,
            rung=rung,
            tries=number,
            state=CallState.PLANNED,
            last_outcome="planned",
            heard_s=0,
            channel=channel,
            next_at=moment(next_ms),
        )
        insert_attempts(
            first, ids, plan_id, callout_id, (step, rung, number, channel, started_at, driver)
        )
        first += len(ids)
    return None


def insert_attempts(
    first: int, call_ids: Sequence[int], plan_id: int, callout_id: int, common: tuple[Any, ...]
) -> None:
    """Tries with consecutive ids from `first`; `common` is step, rung, number, channel, time,
    driver."""
    table, bound = listed(call_ids)
    cast = "%s" if connection.vendor == "sqlite" else "%s::timestamptz"
    statement = _INSERT_ATTEMPTS.format(listed=table, started_at=cast)
    with connection.cursor() as cursor:
        cursor.execute(statement, [first, plan_id, callout_id, *common, bound])


def apply_outcomes_recorded(fact: Fact) -> int | None:
    for plan_id, step, word, heard_s, next_ms, packed in fact.fields["groups"]:
        offsets = rules.unpack_ordinals(packed, limit=1 << 20)
        ids = [plan_id + offset for offset in offsets]
        rank = WORD_RANK.get(word, 0)
        if not ids or not rank:
            continue
        found = select_among("call_id, callout_id, channel", "calls_attempt", ids)
        update_by_ids(
            "calls_attempt",
            "word = %s, word_rank = %s, heard_s = %s, settled_at = %s",
            [word, rank, heard_s, stored(fact.at)],
            ids,
            only_if="word_rank < %s",
            bound=[rank],
        )
        if not found:
            return int(plan_id)
        by_channel: dict[str, list[int]] = defaultdict(list)
        for call_id, _, channel in found:
            by_channel[channel].append(call_id)
        lap, rest = divmod(step, rules.LAP_STEP)
        rung, rest = divmod(rest, rules.RUNG_STEP)
        for channel, call_ids in by_channel.items():
            advance(
                call_ids,
                fact=fact.entity(),
                progress=step + rank,
                lap=lap,
                rung=rung,
                tries=rest // rules.TRY_STEP,
                state=CallState.RINGING if word in ON_ITS_WAY else CallState.WAITING,
                last_outcome=word,
                heard_s=heard_s,
                channel=channel,
                next_at=None if next_ms is None else moment(next_ms),
                keeps_next_at=next_ms is None,
            )
        if word in ON_ITS_WAY:
            _notify_where_no_answer_is_asked(fact, found)
    return None


def _notify_where_no_answer_is_asked(fact: Fact, found: Sequence[tuple[Any, ...]]) -> None:
    silent = {pk for pk in {row[1] for row in found} if not _needs_answer(pk)}
    ids = [row[0] for row in found if row[1] in silent]
    for chunk in chunks(ids):
        Call.objects.filter(pk__in=chunk).update(
            notified_at=earliest("notified_at", fact.at), **ends_as(CallState.NOTIFIED)
        )


# The policy of a callout is part of the fact that its id is made of: it cannot change.
_ASKS: dict[int, bool] = {}
CALLOUTS_KEPT = 1024


def _needs_answer(callout_id: int) -> bool:
    known = _ASKS.get(callout_id)
    if known is None:
        found = Callout.objects.filter(pk=callout_id).values_list("policy", flat=True).first()
        if found is None:
            return True
        if len(_ASKS) >= CALLOUTS_KEPT:
            _ASKS.clear()
        known = _ASKS[callout_id] = bool(found.get("needs_answer", True))
    return known


def apply_knocks_needed(fact: Fact) -> int | None:
    batches, missing = batches_of(fact.fields["groups"])
    if missing is not None:
        return missing
    for batch_id, lap, rung, next_ms, packed in fact.fields["groups"]:
        advance(
            calls_of(batches[batch_id], packed),
            fact=fact.entity(),
            progress=rules.progress(lap=lap, rung=rung, tries=0, phase=rules.KNOCK_PHASE),
            lap=lap,
            rung=rung,
            tries=0,
            state=CallState.KNOCK,
            last_outcome="",
            heard_s=0,
            channel="",
            next_at=moment(next_ms),
        )
    return None


def apply_named_unreached(fact: Fact) -> int | None:
    batches, missing = batches_of(fact.fields["groups"])
    if missing is not None:
        return missing
    for batch_id, _lap, _rung, packed in fact.fields["groups"]:
        for chunk in chunks(calls_of(batches[batch_id], packed)):
            Call.objects.filter(pk__in=chunk).update(
                named_at=earliest("named_at", fact.at), **ends_as(CallState.UNREACHED_NAMED)
            )
    return None


def apply_rung_resolved(fact: Fact) -> int | None:
    fields = fact.fields
    batch = PartyBatch.objects.filter(pk=fields["batch_id"]).first()
    if batch is None:
        return int(fields["batch_id"])
    erased = [fact.entity(index) for index, item in enumerate(fact.items) if item is None]
    if erased:
        CallParty.objects.filter(pk__in=erased).update(name="", contacts=[])
    rows = []
    offsets = rules.unpack_ordinals(fields["offsets"], limit=batch.count)
    described = zip(offsets, fields["person_ids"], fact.items, strict=False)
    for index, (offset, person_id, item) in enumerate(described):
        known = item or {"name": "", "contacts": []}
        rows.append(
            (
                fact.entity(index),
                batch.first_call_id + offset,
                fields["rung"],
                person_id,
                known["name"],
                dumps(known["contacts"]),
                "{}",
                fact.hlc,
                stored(fact.at),
            )
        )
    insert_many(INSERT_PARTY, rows)
    return None


def apply_number_replaced(fact: Fact) -> int | None:
    fields = fact.fields
    call_id = fields["call_id"]
    party = CallParty.objects.filter(pk=call_id).first()
    if party is None:
        return int(call_id)
    value = (fact.personal or {"value": ""})["value"]
    if fact.hlc >= party.contacts_hlc:
        others = [row for row in party.contacts if row.get("kind") != fields["contact_kind"]]
        party.contacts = [{"kind": fields["contact_kind"], "value": value}, *others]
        party.contacts_hlc = fact.hlc
        party.save()
    advance(
        [call_id],
        fact=fact.entity(),
        progress=rules.progress(lap=fields["lap"], rung=0, tries=0, phase=rules.NUMBER_PHASE),
        lap=fields["lap"],
        rung=0,
        tries=0,
        state=CallState.WAITING,
        last_outcome="",
        heard_s=0,
        channel="",
        next_at=moment(fields["next_at_ms"]),
    )
    return None


def apply_rung_skipped(fact: Fact) -> int | None:
    batches, missing = batches_of(fact.fields["groups"])
    if missing is not None:
        return missing
    for batch_id, lap, rung, next_ms, packed in fact.fields["groups"]:
        advance(
            calls_of(batches[batch_id], packed),
            fact=fact.entity(),
            progress=rules.progress(lap=lap, rung=rung, tries=0, phase=rules.NUMBER_PHASE),
            lap=lap,
            rung=rung,
            tries=0,
            state=CallState.WAITING,
            last_outcome="",
            heard_s=0,
            channel="",
            next_at=moment(next_ms),
        )
    return None
