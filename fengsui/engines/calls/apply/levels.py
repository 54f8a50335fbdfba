"""Level by level: whose turn has come, who was rung elsewhere, units of other townships."""

from __future__ import annotations

from fengsui.engines.calls import rules
from fengsui.engines.calls.apply.answers import touch_unit
from fengsui.engines.calls.apply.writing import (
    advance,
    batches_of,
    calls_of,
    moment,
    stored,
    unit_call_id,
    update_by_ids,
)
from fengsui.engines.calls.models import (
    Callout,
    LevelHandover,
    RungElsewhere,
    UnitCall,
    UnitRelay,
)
from fengsui.engines.calls.states import CallState
from fengsui.foundation.journal.facts import Fact


def apply_level_handed_on(fact: Fact) -> int | None:
    fields = fact.fields
    if not Callout.objects.filter(pk=fields["callout_id"]).exists():
        return int(fields["callout_id"])
    batches, missing = batches_of(fields["groups"])
    if missing is not None:
        return missing
    LevelHandover.objects.bulk_create(
        [
            LevelHandover(
                id=fact.entity(index),
                callout_id=fields["callout_id"],
                level=fields["level"],
                place_code=code,
                how=fields["how"],
                reason=fields["reason"],
                person_id=fact.actor,
                handed_at=fact.at,
            )
            for index, code in enumerate(fields["place_codes"])
        ],
        ignore_conflicts=True,
    )
    for batch_id, next_ms, packed in fields["groups"]:
        # Of several words that bring a turn forward the earliest holds, in whatever order they
        # arrive; a call that has begun has its own next decision.
        at = stored(moment(next_ms))
        update_by_ids(
            "calls_call",
            "next_at = %s",
            [at],
            calls_of(batches[batch_id], packed),
            only_if="progress = 0 AND ended_as = '' AND next_at > %s",
            bound=[at],
        )
    return None


def apply_rung_elsewhere(fact: Fact) -> int | None:
    fields = fact.fields
    batches, missing = batches_of(fields["groups"])
    if missing is not None:
        return missing
    note = (fact.personal or {"note": ""})["note"]
    rows: list[RungElsewhere] = []
    for batch_id, lap, rung, tries, next_ms, packed in fields["groups"]:
        ids = calls_of(batches[batch_id], packed)
        rows += [
            RungElsewhere(
                id=fact.entity(len(rows) + index),
                call_id=call_id,
                office=fields["office"],
                rung_at=moment(fields["rung_at_ms"]),
                has_answered=fields["has_answered"],
                note=note,
                recorded_by_id=fact.actor,
                recorded_at=fact.at,
            )
            for index, call_id in enumerate(ids)
        ]
        advance(
            ids,
            fact=fact.entity(),
            progress=rules.progress(lap=lap, rung=rung, tries=tries, phase=rules.ELSEWHERE_PHASE),
            lap=lap,
            rung=rung,
            tries=tries,
            state=CallState.WAITING,
            last_outcome="",
            heard_s=0,
            channel="",
            next_at=moment(next_ms),
        )
    RungElsewhere.objects.bulk_create(rows, ignore_conflicts=True)
    if fact.personal is None:
        RungElsewhere.objects.filter(pk__in=[row.id for row in rows]).update(note="")
    return None


def apply_unit_acknowledged(fact: Fact) -> int | None:
    fields = fact.fields
    if not Callout.objects.filter(pk=fields["callout_id"]).exists():
        return int(fields["callout_id"])
    at = moment(fields["acknowledged_at_ms"])
    UnitRelay.objects.bulk_create(
        [
            UnitRelay(
                id=fact.entity(),
                callout_id=fields["callout_id"],
                unit_code=fields["unit_code"],
                call_id=fields["call_id"],
                acknowledged_at=at,
            )
        ],
        ignore_conflicts=True,
    )
    touch_unit(fields["callout_id"], fields["unit_code"], acknowledged_at=at)
    return None


def apply_units_called(fact: Fact) -> int | None:
    callout_id = fact.fields["callout_id"]
    if not Callout.objects.filter(pk=callout_id).exists():
        return int(callout_id)
    UnitCall.objects.bulk_create(
        [
            UnitCall(id=unit_call_id(callout_id, code), callout_id=callout_id, unit_code=code)
            for code in fact.fields["unit_codes"]
        ],
        ignore_conflicts=True,
    )
    return None
