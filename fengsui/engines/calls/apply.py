"""One fact → rows. Facts only ever move a call forward, so their order does not matter."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Case, F, Q, Value, When

from fengsui.engines.calls import rules
from fengsui.engines.calls.models import (
    Alarm,
    Answer,
    Attempt,
    Call,
    Callout,
    CallParty,
    PartyBatch,
    UnitCall,
)
from fengsui.engines.calls.states import (
    ACKNOWLEDGES,
    END_RANK,
    ON_ITS_WAY,
    WORD_RANK,
    CalloutState,
    CallState,
    UnitState,
)
from fengsui.foundation.journal.facts import Fact

# SQLite and PostgreSQL both take more; past this the statement costs more than it saves.
IDS_PER_STATEMENT = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_INSERT_CALL = (
    "INSERT INTO calls_call (id, callout_id, batch_id, ordinal, person_id, household_id,"
    " place_code, unit_code, post_title, progress, lap, rung, tries, state, last_outcome, heard_s,"
    " channel, is_covered, next_at, ended_as, answer_kind, is_late, needs_support, named_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 0, 0, 0, 0, %s, '', 0, '', %s, %s, %s, '', %s,"
    " %s, %s) ON CONFLICT DO NOTHING"
)
_INSERT_PARTY = (
    "INSERT INTO calls_callparty (id, call_id, rung, person_id, name, contacts, stand_ins,"
    " contacts_hlc, added_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)
_INSERT_ATTEMPT = (
    "INSERT INTO calls_attempt (id, plan_id, callout_id, call_id, step, rung, try_number, channel,"
    " word, word_rank, heard_s, started_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'planned', 1, 0, %s) ON CONFLICT DO NOTHING"
)


def moment(milliseconds: int) -> datetime:
    """A time in a fact's body: milliseconds since 1970 UTC."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // timedelta(milliseconds=1)


def unit_call_id(callout_id: int, unit_code: str) -> int:
    """The same on every node and in any order, because several facts may name a unit first."""
    digest = hashlib.sha256(f"unit {callout_id} {unit_code}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def _stored(at: datetime | None) -> Any:
    return connection.ops.adapt_datetimefield_value(at)


def _many(statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), IDS_PER_STATEMENT):
        yield ids[start : start + IDS_PER_STATEMENT]


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


# --- opening ----------------------------------------------------------------------------------


def apply_opened(fact: Fact) -> int | None:
    fields = fact.fields
    Callout.objects.bulk_create(
        [
            Callout(
                id=fact.entity(),
                subject_kind=fields["subject_kind"],
                subject_id=fields["subject_id"],
                place_code=fact.scope,
                level=fields["level"],
                text=fields["text"],
                exercise=fields["exercise"],
                policy=fields["policy"],
                expected=fields["expected"],
                follows=fields["follows"],
                opened_at=fact.at,
            )
        ],
        ignore_conflicts=True,
    )
    return None


def apply_parties_added(fact: Fact) -> int | None:
    fields = fact.fields
    callout = Callout.objects.filter(pk=fields["callout_id"]).first()
    if callout is None:
        return int(fields["callout_id"])
    if PartyBatch.objects.filter(pk=fact.entity()).exists():
        _forget_erased_parties(fact)
        return None
    count = len(fields["person_ids"])
    PartyBatch.objects.create(
        id=fact.entity(),
        callout=callout,
        place_code=fact.scope,
        first_ordinal=fields["first_ordinal"],
        first_call_id=fact.entity(1),
        count=count,
        added_at=fact.at,
    )
    is_stopped = callout.state == CalloutState.STOPPED
    ended = CallState.UNREACHED_NAMED.value if is_stopped else ""
    calls: list[tuple[Any, ...]] = []
    parties: list[tuple[Any, ...]] = []
    next_at = None if is_stopped else _stored(fact.at)
    named_at = _stored(callout.closed_at) if is_stopped else None
    added_at = _stored(fact.at)
    described = zip(
        fields["person_ids"],
        fields["household_ids"],
        fields["place_codes"],
        fields["unit_codes"],
        fields["post_titles"],
        fact.items,
        strict=False,
    )
    for index, (person_id, household_id, place_code, unit_code, post_title, item) in enumerate(
        described
    ):
        call_id = fact.entity(1 + index)
        calls.append(
            (
                call_id,
                callout.id,
                fact.entity(),
                fields["first_ordinal"] + index,
                person_id,
                household_id,
                place_code,
                unit_code,
                post_title,
                ended or CallState.WAITING.value,
                False,
                next_at,
                ended,
                False,
                False,
                named_at,
            )
        )
        known = item or {"name": "", "contacts": [], "deputies": [], "superiors": []}
        stand_ins = {"deputies": known["deputies"], "superiors": known["superiors"]}
        parties.append(
            (
                call_id,
                call_id,
                0,
                person_id,
                known["name"],
                _dumps(known["contacts"]),
                _dumps(stand_ins),
                fact.hlc,
                added_at,
            )
        )
    _many(_INSERT_CALL, calls)
    _many(_INSERT_PARTY, parties)
    units = sorted({code for code in fields["unit_codes"] if code})
    UnitCall.objects.bulk_create(
        [
            UnitCall(id=unit_call_id(callout.id, code), callout=callout, unit_code=code)
            for code in units
        ],
        ignore_conflicts=True,
    )
    callout.calls += count
    _settle_callout(callout)
    return None


def _forget_erased_parties(fact: Fact) -> None:
    """Names and numbers whose leaves were erased go; the calls stay and count."""
    erased = [fact.entity(1 + index) for index, item in enumerate(fact.items) if item is None]
    for chunk in _chunks(erased):
        for party in CallParty.objects.filter(pk__in=chunk):
            is_own = party.contacts_hlc == fact.hlc
            party.name, party.stand_ins = "", {"deputies": [], "superiors": []}
            # A number that was said later is another fact's, and goes with that one.
            party.contacts = [] if is_own else party.contacts[:1]
            party.save()


def _settle_callout(callout: Callout) -> None:
    """Stopped wins; finished holds only while nobody was added since."""
    if callout.state != CalloutState.STOPPED:
        is_finished = 0 < callout.calls <= callout.finished_calls
        callout.state = CalloutState.FINISHED.value if is_finished else CalloutState.OPEN.value
    callout.save()


# --- the ladder -------------------------------------------------------------------------------


def _advance(
    ids: Sequence[int],
    *,
    progress: int,
    lap: int,
    rung: int,
    tries: int,
    state: CallState,
    last_outcome: str,
    heard_s: int,
    channel: str | None,
    next_at: datetime | None,
    keeps_next_at: bool = False,
) -> None:
    """Moves calls to `progress` unless they are further. By primary key only: any other column
    in the condition would tempt the planner away from it (bench and EXPLAIN test)."""
    values: dict[str, Any] = {
        "progress": progress,
        "lap": lap,
        "rung": rung,
        "tries": tries,
        "last_outcome": last_outcome,
        "heard_s": heard_s,
        "state": Case(When(ended_as="", then=Value(state.value)), default=F("state")),
    }
    if channel is not None:
        values["channel"] = channel
    if not keeps_next_at:
        values["next_at"] = Case(When(ended_as="", then=Value(next_at)), default=None)
    for chunk in _chunks(ids):
        Call.objects.filter(pk__in=chunk, progress__lt=progress).update(**values)


def _calls_of(batch: PartyBatch, packed: bytes) -> list[int]:
    offsets = rules.unpack_ordinals(packed, limit=batch.count)
    return [batch.first_call_id + offset for offset in offsets]


def _batches(groups: Sequence[Sequence[Any]]) -> tuple[dict[int, PartyBatch], int | None]:
    """The batches that groups name, and the first that is not here yet."""
    wanted = {int(group[0]) for group in groups}
    found = PartyBatch.objects.in_bulk(wanted)
    return found, next(iter(sorted(wanted - found.keys())), None)


def apply_attempts_planned(fact: Fact) -> int | None:
    batches, missing = _batches(fact.fields["groups"])
    if missing is not None:
        return missing
    attempts: list[tuple[Any, ...]] = []
    plan_id, started_at = fact.entity(), _stored(fact.at)
    for batch_id, lap, rung, number, channel, next_ms, packed in fact.fields["groups"]:
        batch = batches[batch_id]
        ids = _calls_of(batch, packed)
        step = rules.progress(lap=lap, rung=rung, tries=number, phase=0)
        _advance(
            ids,
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
            )
            for index, call_id in enumerate(ids)
        ]
    _many(_INSERT_ATTEMPT, attempts)
    return None


def apply_outcomes_recorded(fact: Fact) -> int | None:
    for plan_id, step, word, heard_s, next_ms, packed in fact.fields["groups"]:
        offsets = rules.unpack_ordinals(packed, limit=1 << 20)
        ids = [plan_id + offset for offset in offsets]
        rank = WORD_RANK.get(word, 0)
        if not ids or not rank:
            continue
        found: list[tuple[int, int, str]] = []
        for chunk in _chunks(ids):
            found += Attempt.objects.filter(pk__in=chunk).values_list(
                "call_id", "callout_id", "channel"
            )
            Attempt.objects.filter(pk__in=chunk, word_rank__lt=rank).update(
                word=word, word_rank=rank, heard_s=heard_s, settled_at=fact.at
            )
        if not found:
            return int(plan_id)
        by_channel: dict[str, list[int]] = defaultdict(list)
        for call_id, _, channel in found:
            by_channel[channel].append(call_id)
        lap, rest = divmod(step, rules.LAP_STEP)
        rung, rest = divmod(rest, rules.RUNG_STEP)
        for channel, call_ids in by_channel.items():
            _advance(
                call_ids,
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


def _notify_where_no_answer_is_asked(fact: Fact, found: Sequence[tuple[int, int, str]]) -> None:
    callouts = Callout.objects.in_bulk({callout_id for _, callout_id, _ in found})
    silent = {pk for pk, one in callouts.items() if not one.policy.get("needs_answer", True)}
    ids = [call_id for call_id, callout_id, _ in found if callout_id in silent]
    for chunk in _chunks(ids):
        Call.objects.filter(pk__in=chunk).update(
            notified_at=_earliest("notified_at", fact.at), **_ends_as(CallState.NOTIFIED)
        )


def _earliest(field: str, at: datetime) -> Case:
    return Case(
        When(Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gt": at}), then=Value(at)),
        default=F(field),
    )


def _ends_as(end: CallState) -> dict[str, Any]:
    """Ends a call, unless it has ended in a way that counts for more."""
    weaker = [name for name, rank in END_RANK.items() if rank < END_RANK[end.value]]
    return {
        "state": Case(When(ended_as__in=weaker, then=Value(end.value)), default=F("state")),
        "ended_as": Case(When(ended_as__in=weaker, then=Value(end.value)), default=F("ended_as")),
        "next_at": None,
    }


def apply_knocks_needed(fact: Fact) -> int | None:
    batches, missing = _batches(fact.fields["groups"])
    if missing is not None:
        return missing
    for batch_id, lap, rung, next_ms, packed in fact.fields["groups"]:
        _advance(
            _calls_of(batches[batch_id], packed),
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
    batches, missing = _batches(fact.fields["groups"])
    if missing is not None:
        return missing
    for batch_id, _lap, _rung, packed in fact.fields["groups"]:
        for chunk in _chunks(_calls_of(batches[batch_id], packed)):
            Call.objects.filter(pk__in=chunk).update(
                named_at=_earliest("named_at", fact.at), **_ends_as(CallState.UNREACHED_NAMED)
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
                _dumps(known["contacts"]),
                "{}",
                fact.hlc,
                _stored(fact.at),
            )
        )
    _many(_INSERT_PARTY, rows)
    return None


# --- what people say and do -------------------------------------------------------------------


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
        _acknowledge_unit(call, fact.at)
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
                client_id=fields["client_id"],
                answered_at=fact.at,
            )
        ],
        ignore_conflicts=True,
    )
    if fields["answer_kind"] in ACKNOWLEDGES:
        Call.objects.filter(pk=call.id).update(is_covered=True)
        _acknowledge_unit(call, fact.at)
    return None


def apply_reached_in_person(fact: Fact) -> int | None:
    changed = Call.objects.filter(pk=fact.fields["call_id"]).update(
        reached_at=_earliest("reached_at", fact.at), **_ends_as(CallState.REACHED_IN_PERSON)
    )
    return None if changed else int(fact.fields["call_id"])


def _acknowledge_unit(call: Call, at: datetime) -> None:
    if call.unit_code:
        _touch_unit(call.callout_id, call.unit_code, acknowledged_at=at)


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


# --- what a person changes on a running callout -----------------------------------------------


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
    _advance(
        [call_id],
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
    batches, missing = _batches(fact.fields["groups"])
    if missing is not None:
        return missing
    for batch_id, lap, rung, next_ms, packed in fact.fields["groups"]:
        _advance(
            _calls_of(batches[batch_id], packed),
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


def apply_channel_paused(fact: Fact) -> int | None:
    fields = fact.fields
    callout = Callout.objects.filter(pk=fields["callout_id"]).first()
    if callout is None:
        return int(fields["callout_id"])
    _, said_at = callout.paused_channels.get(fields["channel"], [False, 0])
    if fact.hlc > said_at:
        said = {**callout.paused_channels, fields["channel"]: [fields["is_paused"], fact.hlc]}
        callout.paused_channels = dict(sorted(said.items()))
        callout.save()
    return None


def apply_stopped(fact: Fact) -> int | None:
    callout = Callout.objects.filter(pk=fact.fields["callout_id"]).first()
    if callout is None:
        return int(fact.fields["callout_id"])
    if callout.state == CalloutState.STOPPED and callout.closed_at and callout.closed_at <= fact.at:
        return None
    callout.state = CalloutState.STOPPED.value
    callout.closed_at = fact.at
    callout.stop_reason = fact.fields["reason"]
    callout.save()
    Call.objects.filter(callout=callout, ended_as="").update(
        named_at=_earliest("named_at", fact.at), **_ends_as(CallState.UNREACHED_NAMED)
    )
    return None


def apply_finished(fact: Fact) -> int | None:
    fields = fact.fields
    callout = Callout.objects.filter(pk=fields["callout_id"]).first()
    if callout is None:
        return int(fields["callout_id"])
    total = sum(
        fields[name] for name in ("answered", "reached_in_person", "unreached_named", "notified")
    )
    if total > callout.finished_calls:
        callout.finished_calls = total
        if callout.state != CalloutState.STOPPED:
            callout.closed_at = fact.at
    _settle_callout(callout)
    return None


def apply_promise_at_risk(fact: Fact) -> int | None:
    fields = fact.fields
    Alarm.objects.bulk_create(
        [
            Alarm(
                id=fact.entity(),
                callout_id=fields["callout_id"],
                what=fields["what"],
                overdue=fields["overdue"],
                oldest_s=fields["oldest_s"],
                raised_at=fact.at,
            )
        ],
        ignore_conflicts=True,
    )
    return None


APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    "callout.opened": apply_opened,
    "callout.parties_added": apply_parties_added,
    "calls.attempts_planned": apply_attempts_planned,
    "calls.outcomes_recorded": apply_outcomes_recorded,
    "calls.knocks_needed": apply_knocks_needed,
    "calls.named_unreached": apply_named_unreached,
    "call.answered": apply_answered,
    "call.answered_for": apply_answered_for,
    "call.reached_in_person": apply_reached_in_person,
    "call.stood_in": apply_stood_in,
    "calls.rung_resolved": apply_rung_resolved,
    "call.number_replaced": apply_number_replaced,
    "calls.rung_skipped": apply_rung_skipped,
    "callout.channel_paused": apply_channel_paused,
    "callout.stopped": apply_stopped,
    "callout.finished": apply_finished,
    "unit.first_action_recorded": apply_first_action_recorded,
    "calls.promise_at_risk": apply_promise_at_risk,
}
