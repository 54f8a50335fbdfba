"""Callouts and the people on their list: opened, added to, stopped, finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fengsui.engines.calls import rules
from fengsui.engines.calls.apply.owning import author_key_of, author_of, taken
from fengsui.engines.calls.apply.writing import (
    dumps,
    earliest,
    ends_as,
    insert_many,
    moment,
    stored,
    unit_call_id,
)
from fengsui.engines.calls.levels import natural_level
from fengsui.engines.calls.models import Alarm, Call, Callout, CallParty, PartyBatch, UnitCall
from fengsui.engines.calls.queries.by_key import chunks
from fengsui.engines.calls.states import CalloutState, CallState
from fengsui.foundation.journal.facts import Fact

_INSERT_CALL = (
    "INSERT INTO calls_call (id, callout_id, batch_id, ordinal, person_id, household_id,"
    " place_code, unit_code, more_units, post_title, progress, progress_fact, due_progress,"
    " due_fact, driver, lap, rung, tries, state, last_outcome, heard_s, channel, is_covered,"
    " next_at, ended_as, answer_kind, is_late, needs_support, named_at)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0, 0, 0, 0, %s, 0, 0, 0, %s, '', 0, '', %s,"
    " %s, %s, '', %s, %s, %s) ON CONFLICT DO NOTHING"
)
INSERT_PARTY = (
    "INSERT INTO calls_callparty (id, call_id, rung, person_id, name, contacts, stand_ins,"
    " contacts_hlc, added_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"
)
_NO_STAND_INS = dumps({"deputies": [], "superiors": []})


def apply_opened(fact: Fact) -> int | None:
    fields = fact.fields
    owner_key, owner = author_key_of(fact)
    Callout.objects.bulk_create(
        [
            Callout(
                id=fact.entity(),
                subject_kind=fields["subject_kind"],
                subject_id=fields["subject_id"],
                place_code=fact.scope,
                level=fields["level"],
                text=fields["text"],
                texts=fields["texts"] or [],
                exercise=fields["exercise"],
                policy=fields["policy"],
                expected=fields["expected"],
                follows=fields["follows"],
                opened_at=fact.at,
                owner_key=owner_key,
                owner=owner,
                driver=owner,
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
        level=_level_of(fields),
    )
    insert_many(_INSERT_CALL, _call_rows(fact, callout))
    insert_many(INSERT_PARTY, _party_rows(fact))
    UnitCall.objects.bulk_create(
        [
            UnitCall(id=unit_call_id(callout.id, code), callout=callout, unit_code=code)
            for code in sorted(_units_of(fields))
        ],
        ignore_conflicts=True,
    )
    callout.calls += count
    settle_callout(callout)
    return None


def _level_of(fields: Mapping[str, Any]) -> int:
    """Facts of before there were levels say none; then the place says it."""
    said = fields["level"]
    return int(said) if said is not None else int(natural_level(fields["place_codes"][0]))


def _units_of(fields: Mapping[str, Any]) -> set[str]:
    further = (code for codes in fields["more_units"] or () for code in codes)
    return {code for code in (*fields["unit_codes"], *further) if code}


def _call_rows(fact: Fact, callout: Callout) -> list[tuple[Any, ...]]:
    """In the order of _INSERT_CALL. Whoever is added to a stopped callout is named at once."""
    fields = fact.fields
    is_stopped = callout.state == CalloutState.STOPPED
    ended = CallState.UNREACHED_NAMED.value if is_stopped else ""
    state = ended or CallState.WAITING.value
    next_at = None if is_stopped else stored(moment(fields["next_at_ms"]))
    named_at = stored(callout.closed_at) if is_stopped else None
    driver = rules.driver_of(fact.scope, owner=callout.owner, taken=taken(callout.id))
    first, batch_id, ordinal = fact.entity(1), fact.entity(), fields["first_ordinal"]
    further: Sequence[Sequence[str]] = fields["more_units"] or [()] * len(fields["unit_codes"])
    described = zip(
        fields["person_ids"],
        fields["household_ids"],
        fields["place_codes"],
        fields["unit_codes"],
        [" ".join(codes) for codes in further],
        fields["post_titles"],
        strict=False,
    )
    return [
        (
            *(first + index, callout.id, batch_id, ordinal + index),
            *columns,
            *(driver, state, False, next_at, ended, False, False, named_at),
        )
        for index, columns in enumerate(described)
    ]


def _party_rows(fact: Fact) -> list[tuple[Any, ...]]:
    """In the order of INSERT_PARTY: the holders, under the ids of their calls."""
    added_at = stored(fact.at)
    rows = []
    for index, (person_id, item) in enumerate(
        zip(fact.fields["person_ids"], fact.items, strict=False)
    ):
        call_id = fact.entity(1 + index)
        known = item or {"name": "", "contacts": [], "deputies": [], "superiors": []}
        language = known.get("language")  # few have one: a column would be written for everybody
        frozen = known["deputies"] or known["superiors"] or language
        stand_ins = {"deputies": known["deputies"], "superiors": known["superiors"]}
        if language:
            stand_ins["language"] = language
        rows.append(
            (
                *(call_id, call_id, 0, person_id, known["name"]),
                dumps(known["contacts"]),
                dumps(stand_ins) if frozen else _NO_STAND_INS,
                *(fact.hlc, added_at),
            )
        )
    return rows


def _forget_erased_parties(fact: Fact) -> None:
    """Names and numbers whose leaves were erased go; the calls stay and count."""
    erased = [fact.entity(1 + index) for index, item in enumerate(fact.items) if item is None]
    for chunk in chunks(erased):
        for party in CallParty.objects.filter(pk__in=chunk):
            is_own = party.contacts_hlc == fact.hlc
            party.name, party.stand_ins = "", {"deputies": [], "superiors": []}
            # A number that was said later is another fact's, and goes with that one.
            party.contacts = [] if is_own else party.contacts[:1]
            party.save()


def settle_callout(callout: Callout) -> None:
    """Stopped wins; finished holds only while nobody was added since."""
    if callout.state != CalloutState.STOPPED:
        is_finished = 0 < callout.calls <= callout.finished_calls
        callout.state = CalloutState.FINISHED.value if is_finished else CalloutState.OPEN.value
    callout.save(update_fields=["calls", "finished_calls", "state", "closed_at"])


def apply_channel_paused(fact: Fact) -> int | None:
    fields = fact.fields
    callout = Callout.objects.filter(pk=fields["callout_id"]).first()
    if callout is None:
        return int(fields["callout_id"])
    was_paused, said_at = callout.paused_channels.get(fields["channel"], [False, 0])
    if (fact.hlc, fields["is_paused"]) > (said_at, was_paused):
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
        named_at=earliest("named_at", fact.at), **ends_as(CallState.UNREACHED_NAMED)
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
    settle_callout(callout)
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
                driver=author_of(fact),
            )
        ],
        ignore_conflicts=True,
    )
    return None
