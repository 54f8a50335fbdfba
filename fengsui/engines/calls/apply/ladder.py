"""The ladder: tries planned, their outcomes, door-knocks, names, stand-ins, skips, new numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import connection

from fengsui.engines.calls import rules
from fengsui.engines.calls.apply.opening import INSERT_PARTY
from fengsui.engines.calls.apply.owning import author_of
from fengsui.engines.calls.apply.writing import (
    advance,
    among,
    batches_of,
    calls_of,
    chunks,
    dumps,
    earliest,
    ends_as,
    insert_many,
    moment,
    stored,
    update_by_ids,
)
from fengsui.engines.calls.models import Call, Callout, CallParty, PartyBatch
from fengsui.engines.calls.states import ON_ITS_WAY, WORD_RANK, CallState
from fengsui.foundation.journal.facts import Fact

_INSERT_ATTEMPT = (
    "INSERT INTO calls_attempt (id, plan_id, callout_id, call_id, step, rung, try_number, channel,"
    " word, word_rank, heard_s, started_at, driver)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'planned', 1, 0, %s, %s) ON CONFLICT DO NOTHING"
)


def apply_attempts_planned(fact: Fact) -> int | None:
    batches, missing = batches_of(fact.fields["groups"])
    if missing is not None:
        return missing
    attempts: list[tuple[Any, ...]] = []
    plan_id, started_at, driver = fact.entity(), stored(fact.at), author_of(fact)
    for batch_id, lap, rung, number, channel, next_ms, packed in fact.fields["groups"]:
        batch = batches[batch_id]
        ids = calls_of(batch, packed)
        step = rules.progress(lap=lap, rung=rung, tries=number, phase=0)
        advance(
            ids,
            fact=fact.entity(),
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
        first = plan_id + len(attempts)
        attempts += [
            (
                first + index,
                plan_id,
                batch.callout_id,
                call_id,
                step,
                rung,
                number,
                channel,
                started_at,
                driver,
            )
            for index, call_id in enumerate(ids)
        ]
    insert_many(_INSERT_ATTEMPT, attempts)
    return None


def apply_outcomes_recorded(fact: Fact) -> int | None:
    for plan_id, step, word, heard_s, next_ms, packed in fact.fields["groups"]:
        offsets = rules.unpack_ordinals(packed, limit=1 << 20)
        ids = [plan_id + offset for offset in offsets]
        rank = WORD_RANK.get(word, 0)
        if not ids or not rank:
            continue
        found = _calls_and_channels(ids)
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


def _calls_and_channels(attempt_ids: Sequence[int]) -> list[tuple[int, int, str]]:
    """(call id, callout id, channel) of those tries that are here."""
    found: list[tuple[int, int, str]] = []
    with connection.cursor() as cursor:
        for chunk in chunks(attempt_ids):
            condition, bound = among(chunk)
            cursor.execute(
                f"SELECT call_id, callout_id, channel FROM calls_attempt WHERE {condition}",  # noqa: S608
                [bound],
            )
            found += cursor.fetchall()
    return found


def _notify_where_no_answer_is_asked(fact: Fact, found: Sequence[tuple[int, int, str]]) -> None:
    callouts = Callout.objects.in_bulk({callout_id for _, callout_id, _ in found})
    silent = {pk for pk, one in callouts.items() if not one.policy.get("needs_answer", True)}
    ids = [call_id for call_id, callout_id, _ in found if callout_id in silent]
    for chunk in chunks(ids):
        Call.objects.filter(pk__in=chunk).update(
            notified_at=earliest("notified_at", fact.at), **ends_as(CallState.NOTIFIED)
        )


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
