"""One cycle of the engine: what is due → groups → one decision a group → facts → rows.

Select the due calls, decide once per group by the pure rule, record one fact per township and
kind, apply by ids. Live and replay take the same path, so they cannot differ.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count

from fengsui.engines.calls import channel_register, rules
from fengsui.engines.calls.apply.writing import insert_many, milliseconds, stored
from fengsui.engines.calls.facts import (
    ATTEMPTS_PLANNED,
    CALLOUT_FINISHED,
    KNOCKS_NEEDED,
    NAMED_UNREACHED,
    RUNG_RESOLVED,
)
from fengsui.engines.calls.models import Call, Callout, CallParty, PartyBatch, PendingParties
from fengsui.engines.calls.services.owning import drives, this_driver
from fengsui.engines.calls.services.stand_ins import Reaching, StandIn, find_stand_ins
from fengsui.engines.calls.states import CalloutState, CallState
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, on_commit_notify, record

CALLS_PER_CYCLE = 1000
RESOLVED_PER_FACT = 500
_INSERT_DISPATCH = (
    "INSERT INTO calls_dispatch (id, callout_id, call_id, party_id, channel, rung, try_number,"
    " owed_at, boot) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, '')"
)


class Due(NamedTuple):
    """A call whose next decision is due."""

    id: int
    callout_id: int
    batch_id: int
    lap: int
    rung: int
    state: str
    tries: int
    last_outcome: str
    channel: str
    is_covered: bool


class GroupKey(NamedTuple):
    """What calls of one group have in common: all that a decision depends on."""

    callout_id: int
    situation: rules.Situation


@dataclass(slots=True)
class Plan:
    """The decisions of one cycle, by township, as groups of facts to record."""

    tries: dict[str, list[list[Any]]] = field(default_factory=lambda: defaultdict(list))
    owed: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    knocks: dict[str, list[list[Any]]] = field(default_factory=lambda: defaultdict(list))
    names: dict[str, list[list[Any]]] = field(default_factory=lambda: defaultdict(list))
    counts: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))


@command
def advance_calls(*, viewer: Viewer, limit: int = CALLS_PER_CYCLE) -> dict[str, Any]:
    """One cycle over at most `limit` due calls. Returns {"moved", "more", "groups"}."""
    now = clock.now()
    due = due_calls(now, limit)
    if not due:
        return {"moved": 0, "more": False, "groups": 0}
    callouts = Callout.objects.in_bulk({call.callout_id for call in due})
    batches = PartyBatch.objects.in_bulk({call.batch_id for call in due})
    plan = Plan()
    groups = group(due)
    for key, calls in groups.items():
        callout = callouts[key.callout_id]
        _decide(plan, callout, key.situation, calls, batches, now=now, viewer=viewer)
    _record(plan, viewer)
    for callout_id in callouts:
        on_commit_notify(f"callout:{callout_id}", {"verb": "advanced"})
    return {"moved": len(due), "more": len(due) == limit, "groups": len(groups)}


def due_calls(now: datetime, limit: int) -> list[Due]:
    """This node's calls whose next decision is due, longest first. One index serves it (EXPLAIN
    test). Another node's calls are known here, and left to it."""
    rows = Call.objects.filter(driver=this_driver(), next_at__lte=now).order_by("next_at")
    return [Due(*row) for row in rows.values_list(*Due._fields)[:limit]]


def group(due: Iterable[Due]) -> dict[GroupKey, list[Due]]:
    """Calls with the same key get the same decision, so it is made once."""
    keys: dict[tuple[Any, ...], GroupKey] = {}
    groups: dict[GroupKey, list[Due]] = defaultdict(list)
    for call in due:
        common = (call.callout_id, *call[3:])
        key = keys.get(common)
        if key is None:
            key = keys[common] = GroupKey(call.callout_id, situation_of(call))
        groups[key].append(call)
    return groups


def situation_of(call: Due) -> rules.Situation:
    return rules.Situation(
        lap=call.lap,
        rung=call.rung,
        state=CallState(call.state),
        tries=call.tries,
        last_outcome=call.last_outcome,
        channel=call.channel,
        is_covered=call.is_covered,
    )


def _decide(
    plan: Plan,
    callout: Callout,
    situation: rules.Situation,
    calls: list[Due],
    batches: dict[int, PartyBatch],
    *,
    now: datetime,
    viewer: Viewer,
) -> None:
    policy = frozen_policy(callout)
    paused = {name for name, (is_paused, _) in callout.paused_channels.items() if is_paused}
    usable = channel_register.usable_kinds(exercise=callout.exercise) - paused
    voice = channel_register.voice_kinds()
    work = deque([(situation, calls)])
    while work:
        here, group_ = work.popleft()
        step = rules.next_step(policy, here, now=now, usable=usable, voice_channels=voice)
        if step.action is rules.Action.TRY:
            rung = policy.rungs[step.rung]
            parties = {call.id: call.id for call in group_}
            if rung.who is not rules.Who.HOLDER:
                parties = _parties_on(rung.who, step.rung, group_, batches, here.lap, viewer)
                nobody = [call for call in group_ if call.id not in parties]
                if nobody:
                    onward = rules.skip_to(policy, replace(here, rung=step.rung))
                    work.append((onward, nobody))
                group_ = [call for call in group_ if call.id in parties]
            _plan_tries(plan, callout.id, step, group_, parties, batches, here.lap, now)
            continue
        target, kind = (
            (plan.knocks, "knock") if step.action is rules.Action.KNOCK else (plan.names, "name")
        )
        for batch, packed, members in _by_batch(group_, batches):
            due_at = (
                [milliseconds(now + timedelta(seconds=step.due_after_s))]
                if step.action is rules.Action.KNOCK
                else []
            )
            target[batch.place_code].append([batch.id, here.lap, step.rung, *due_at, packed])
            plan.counts[kind, batch.place_code] += len(members)


_policies: dict[int, rules.Policy] = {}
POLICIES_KEPT = 64


def frozen_policy(callout: Callout) -> rules.Policy:
    """The callout's own policy; it never changes, so it is read once."""
    policy = _policies.get(callout.id)
    if policy is None:
        if len(_policies) >= POLICIES_KEPT:
            _policies.clear()
        policy = _policies[callout.id] = rules.policy_from_plain(callout.policy)
    return policy


def _by_batch(
    calls: Sequence[Due], batches: dict[int, PartyBatch]
) -> list[tuple[PartyBatch, bytes, list[int]]]:
    """(batch, packed offsets, call ids in that order) for each batch among `calls`."""
    by_batch: dict[int, list[int]] = defaultdict(list)
    for call in calls:
        by_batch[call.batch_id].append(call.id)
    found = []
    for batch_id in sorted(by_batch):
        batch, ids = batches[batch_id], sorted(by_batch[batch_id])
        packed = rules.pack_ordinals([call_id - batch.first_call_id for call_id in ids])
        found.append((batch, packed, ids))
    return found


def _plan_tries(
    plan: Plan,
    callout_id: int,
    step: rules.Step,
    calls: Sequence[Due],
    parties: dict[int, int],
    batches: dict[int, PartyBatch],
    lap: int,
    now: datetime,
) -> None:
    due_ms = milliseconds(now + timedelta(seconds=step.due_after_s))
    for batch, packed, ids in _by_batch(calls, batches):
        plan.tries[batch.place_code].append(
            [batch.id, lap, step.rung, step.tries, step.channel, due_ms, packed]
        )
        plan.owed[batch.place_code] += [
            (callout_id, call_id, parties[call_id], step.channel, step.rung, step.tries)
            for call_id in ids
        ]


def _parties_on(
    who: rules.Who,
    rung: int,
    calls: Sequence[Due],
    batches: dict[int, PartyBatch],
    lap: int,
    viewer: Viewer,
) -> dict[int, int]:
    """Call id → id of the CallParty that rings for it on this rung; resolved now if need be."""
    ids = [call.id for call in calls]
    parties = dict(
        CallParty.objects.filter(call_id__in=ids, rung=rung)
        .order_by("added_at", "id")
        .values_list("call_id", "id")
    )
    # A stand-in was chosen when the rung was reached; only calls that just came here are asked.
    unresolved = [call for call in calls if call.id not in parties]
    if not unresolved:
        return parties
    frozen = dict(
        CallParty.objects.filter(pk__in=[call.id for call in unresolved]).values_list(
            "id", "stand_ins"
        )
    )
    described = Call.objects.filter(pk__in=[call.id for call in unresolved]).values_list(
        "id", "person_id", "place_code", "unit_code", "post_title"
    )
    found = find_stand_ins(
        who,
        [
            Reaching(pk, person, place, unit, title, frozen.get(pk, {}))
            for pk, person, place, unit, title in described
        ],
    )
    resolved = [call for call in unresolved if call.id in found]
    for start in range(0, len(resolved), RESOLVED_PER_FACT):
        chunk = resolved[start : start + RESOLVED_PER_FACT]
        for batch, packed, members in _by_batch(chunk, batches):
            parties |= _record_resolution(who, rung, lap, batch, packed, members, found, viewer)
    return parties


def _record_resolution(
    who: rules.Who,
    rung: int,
    lap: int,
    batch: PartyBatch,
    packed: bytes,
    members: Sequence[int],
    found: Mapping[int, StandIn],
    viewer: Viewer,
) -> dict[int, int]:
    """Who rings for these calls from now on, as a fact; call id → id of the CallParty."""
    fact = record(
        RUNG_RESOLVED,
        fields={
            "batch_id": batch.id,
            "lap": lap,
            "rung": rung,
            "who": who.value,
            "offsets": packed,
            "person_ids": [found[pk].person_id for pk in members],
        },
        items=[{"name": found[pk].name, "contacts": found[pk].contacts} for pk in members],
        scope=batch.place_code,
        viewer=viewer,
        about=(batch.callout_id,),
    )
    return {pk: fact.entity(index) for index, pk in enumerate(members)}


def _record(plan: Plan, viewer: Viewer) -> None:
    """One fact per kind and township. Townships in order, so locks are taken in order."""
    for township in sorted(plan.tries):
        owed = plan.owed[township]
        fact = record(
            ATTEMPTS_PLANNED,
            fields={"groups": plan.tries[township], "count": len(owed)},
            scope=township,
            viewer=viewer,
        )
        first, owed_at = fact.entity(), stored(fact.at)
        rows = [(first + index, *row, owed_at) for index, row in enumerate(owed)]
        insert_many(_INSERT_DISPATCH, rows)
    for kind, name, targets in (
        (KNOCKS_NEEDED, "knock", plan.knocks),
        (NAMED_UNREACHED, "name", plan.names),
    ):
        for township in sorted(targets):
            record(
                kind,
                fields={"groups": targets[township], "count": plan.counts[name, township]},
                scope=township,
                viewer=viewer,
            )


@command
def finish_callouts(*, viewer: Viewer) -> dict[str, Any]:
    """Closes every open callout whose calls have all ended. Returns {"finished": [ids]}."""
    finished = []
    for callout in Callout.objects.filter(state=CalloutState.OPEN).order_by("id"):
        if not drives(callout):
            continue
        if Call.objects.filter(callout=callout, ended_as="").exists():
            continue
        if not callout.calls or PendingParties.objects.filter(callout_id=callout.id).exists():
            continue
        ends: dict[str, int] = dict(
            Call.objects.filter(callout=callout)
            .order_by()
            .values_list("ended_as")
            .annotate(Count("id"))
        )
        record(
            CALLOUT_FINISHED,
            fields={
                "callout_id": callout.id,
                "answered": ends.get("answered", 0),
                "reached_in_person": ends.get("reached_in_person", 0),
                "unreached_named": ends.get("unreached_named", 0),
                "notified": ends.get("notified", 0),
            },
            scope=callout.place_code,
            viewer=viewer,
            about=(callout.id,),
        )
        finished.append(callout.id)
        on_commit_notify(f"callout:{callout.id}", {"verb": "finished"})
    return {"finished": finished}
