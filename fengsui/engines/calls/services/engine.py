"""One cycle of the engine: what is due → groups → one decision a group → facts → rows.

Select the due calls, decide once per group by the pure rule, record one fact per township and
kind, apply by ids. Live and replay take the same path, so they cannot differ.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count

from fengsui.engines.calls import channel_register, rules
from fengsui.engines.calls.apply.writing import Batch, batches, insert_many, milliseconds, stored
from fengsui.engines.calls.facts import (
    ATTEMPTS_PLANNED,
    CALLOUT_FINISHED,
    KNOCKS_NEEDED,
    NAMED_UNREACHED,
    NIGHT_MARKED,
)
from fengsui.engines.calls.models import Call, Callout, PendingParties
from fengsui.engines.calls.services import companions, reaching
from fengsui.engines.calls.services.frozen import frozen_policy, open_callouts
from fengsui.engines.calls.services.owning import drives, this_driver
from fengsui.engines.calls.services.reaching import Members
from fengsui.engines.calls.states import CalloutState, CallState
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.services import command, on_commit_notify, record

CALLS_PER_CYCLE = 1000
TRIES_PER_DISPATCH = 250  # claimed, and withdrawn from, together
_DUE = (
    "SELECT id, callout_id, batch_id, lap, rung, state, tries, last_outcome, channel, is_covered"
    " FROM calls_call WHERE driver = %s AND next_at <= %s ORDER BY next_at, ordinal LIMIT %s"
)
_ID, _COMMON = itemgetter(0), itemgetter(slice(1, None))  # of a call that is due
_INSERT_DISPATCH = (
    "INSERT INTO calls_dispatch (id, plan_id, callout_id, place_code, step, channel, rung,"
    " try_number, count, waiting, owed_at, boot)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '')"
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
    callouts: dict[tuple[str, str], set[int]] = field(default_factory=lambda: defaultdict(set))
    marks: dict[str, list[list[Any]]] = field(default_factory=lambda: defaultdict(list))
    beside: dict[int, list[companions.Ring]] = field(default_factory=lambda: defaultdict(list))


@command
def advance_calls(*, viewer: Viewer, limit: int = CALLS_PER_CYCLE) -> dict[str, Any]:
    """One cycle over at most `limit` due calls. Returns {"moved", "more", "groups"}."""
    now = clock.now()
    due = due_calls(now, limit)
    if not due:
        return {"moved": 0, "more": False, "groups": 0}
    groups = group(due)
    here = batches({call[2] for call in due})
    callouts = open_callouts({key.callout_id for key in groups})
    plan = Plan()
    work = [_Work(callouts[key.callout_id], key.situation, of) for key, of in groups.items()]
    while work:
        work = _decide(plan, work, here, now=now, viewer=viewer)
    _record(plan, viewer)
    for callout_id in callouts:
        on_commit_notify(f"callout:{callout_id}", {"verb": "advanced"})
    return {"moved": len(due), "more": len(due) == limit, "groups": len(groups)}


def due_calls(now: datetime, limit: int) -> Sequence[tuple[Any, ...]]:
    """This node's calls whose next decision is due, longest first, each like `Due`. One index
    serves it (EXPLAIN test). Another node's calls are known here, and left to it."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [this_driver(), stored(now), limit])
        due: list[tuple[Any, ...]] = cursor.fetchall()
    return due


def group(due: Iterable[tuple[Any, ...]]) -> Mapping[GroupKey, Members]:
    """Calls with the same key get the same decision, so it is made once."""
    alike: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for common, calls in groupby(due, _COMMON):  # due together, they mostly stand together
        alike[common] += map(_ID, calls)
    groups: dict[GroupKey, dict[int, list[int]]] = defaultdict(dict)
    keys: dict[tuple[Any, ...], GroupKey] = {}
    for (callout_id, batch_id, *same), ids in alike.items():
        shared = (callout_id, *same)
        key = keys.get(shared)
        if key is None:
            key = keys[shared] = GroupKey(callout_id, _situation(*same))
        ids.sort()
        groups[key][batch_id] = ids
    return groups


def _situation(
    lap: int, rung: int, state: str, tries: int, outcome: str, channel: str, is_covered: bool
) -> rules.Situation:
    return rules.Situation(lap, rung, CallState(state), tries, outcome, channel, bool(is_covered))


class _Work(NamedTuple):
    """A group that is to be decided, and what a decision is made by."""

    callout: Callout
    situation: rules.Situation
    members: Members


class _Decided(NamedTuple):
    """A decision, before it is known whether anybody is there to be rung."""

    callout: Callout
    policy: rules.Policy
    situation: rules.Situation
    step: rules.Step
    members: Members

    @property
    def own_rung(self) -> reaching.Rung | None:
        """Where somebody else than the person called is to be rung."""
        if self.step.action is not rules.Action.TRY:
            return None
        who = self.policy.rungs[self.step.rung].who
        return (
            None
            if who is rules.Who.HOLDER
            else reaching.Rung(who, self.step.rung, self.situation.lap)
        )


def _decide(
    plan: Plan,
    work: Sequence[_Work],
    here: Mapping[int, Batch],
    *,
    now: datetime,
    viewer: Viewer,
) -> list[_Work]:
    """Decides groups and puts what they do into the plan. Returns those that go on to the next
    rung because nobody is there on this one."""
    decided = [_next(one, now) for one in work]
    reached = reaching.resolve(_asked((one.own_rung, one.members) for one in decided), here, viewer)
    further: list[_Work] = []
    tries: list[_Decided] = []
    for one in decided:
        if one.step.action is not rules.Action.TRY:
            _plan_end(plan, one, here, now)
            continue
        rung = one.own_rung
        if rung is not None:
            nobody = _split(one.members, reached[rung], is_in=False)
            if nobody:
                at = replace(one.situation, rung=one.step.rung)
                further.append(_Work(one.callout, rules.skip_to(one.policy, at), nobody))
            one = one._replace(members=_split(one.members, reached[rung]))
        _plan_tries(plan, one.step, one.members, here, one.situation.lap, now)
        if one.step.together:
            tries.append(one)
    _plan_beside(plan, tries, here, viewer)
    return further


def _next(work: _Work, now: datetime) -> _Decided:
    callout, situation, members = work
    policy = frozen_policy(callout)
    paused = {name for name, (is_paused, _) in callout.paused_channels.items() if is_paused}
    usable = channel_register.usable_kinds(exercise=callout.exercise) - paused
    voice = channel_register.voice_kinds()
    step = rules.next_step(policy, situation, now=now, usable=usable, voice_channels=voice)
    return _Decided(callout, policy, situation, step, members)


def _asked(
    rungs: Iterable[tuple[reaching.Rung | None, Members]],
) -> dict[reaching.Rung, dict[int, list[int]]]:
    """The members of all groups that ask for a rung, together."""
    asked: dict[reaching.Rung, dict[int, list[int]]] = defaultdict(dict)
    for rung, members in rungs:
        if rung is not None:
            for batch_id, ids in members.items():
                asked[rung].setdefault(batch_id, []).extend(ids)
    for of_batch in asked.values():
        for ids in of_batch.values():
            ids.sort()
    return asked


def _plan_end(plan: Plan, one: _Decided, here: Mapping[int, Batch], now: datetime) -> None:
    """Nobody can be rung any more: somebody knocks, or the name is given."""
    step, lap = one.step, one.situation.lap
    is_knock = step.action is rules.Action.KNOCK
    target, kind = (plan.knocks, "knock") if is_knock else (plan.names, "name")
    due_at = [milliseconds(now + timedelta(seconds=step.due_after_s))] if is_knock else []
    for batch, packed, ids in _packed(one.members, here):
        target[batch.place_code].append([batch.id, lap, step.rung, *due_at, packed])
        plan.counts[kind, batch.place_code] += len(ids)
        plan.callouts[kind, batch.place_code].add(batch.callout_id)


def _plan_beside(
    plan: Plan, tries: Sequence[_Decided], here: Mapping[int, Batch], viewer: Viewer
) -> None:
    """Who rings at the same moment as those who are tried, each resolved if need be."""

    def rung(one: _Decided, who: rules.Who) -> reaching.Rung:
        return reaching.Rung(who, rules.rung_of(one.policy, who), one.situation.lap)

    wanted = _asked((rung(one, who), one.members) for one in tries for who in one.step.together)
    found = reaching.resolve(wanted, here, viewer)
    by_callout: dict[int, list[companions.Beside]] = defaultdict(list)
    callouts: dict[int, Callout] = {}
    for one in tries:
        parties = [(who, found[rung(one, who)]) for who in one.step.together]
        if any(of_who for _, of_who in parties):
            callouts[one.callout.id] = one.callout
            beside = companions.Beside(one.step, one.situation.lap, one.members, parties)
            by_callout[one.callout.id].append(beside)
    for callout_id, several in by_callout.items():
        rings = plan.beside[callout_id]
        rings += companions.choose(callouts[callout_id], several, chosen=rings)


def _split(members: Members, chosen: Collection[int], *, is_in: bool = True) -> Members:
    """Those of the members who are chosen, or are not; batches of which nobody is are left out."""
    found = {
        batch_id: [pk for pk in ids if (pk in chosen) is is_in] for batch_id, ids in members.items()
    }
    return {batch_id: ids for batch_id, ids in found.items() if ids}


def _packed(
    members: Members, here: Mapping[int, Batch]
) -> Iterator[tuple[Batch, bytes, Sequence[int]]]:
    """(batch, packed offsets, call ids in that order) for each batch among the members."""
    for batch_id in sorted(members):
        batch, ids = here[batch_id], members[batch_id]
        yield batch, rules.pack_ordinals([pk - batch.first_call_id for pk in ids]), ids


def _plan_tries(
    plan: Plan,
    step: rules.Step,
    members: Members,
    here: Mapping[int, Batch],
    lap: int,
    now: datetime,
) -> None:
    due_ms = milliseconds(now + timedelta(seconds=step.due_after_s))
    at = rules.progress(lap=lap, rung=step.rung, tries=step.tries, phase=0)
    for batch, packed, ids in _packed(members, here):
        plan.tries[batch.place_code].append(
            [batch.id, lap, step.rung, step.tries, step.channel, due_ms, packed]
        )
        owed = (batch.callout_id, at, step.channel, step.rung, step.tries, len(ids))
        plan.owed[batch.place_code].append(owed)
        if not step.is_by_night_rule:
            mark = [batch.id, lap, step.rung, step.tries, step.channel, packed]
            plan.marks[batch.place_code].append(mark)
            plan.counts["mark", batch.place_code] += len(ids)


def _dispatches(fact: Fact, owed: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """In the order of _INSERT_DISPATCH: tries of the fact, which have the ids from its own on,
    as many together as are at the same try."""
    rows: list[tuple[Any, ...]] = []
    plan_id, owed_at = fact.entity(), stored(fact.at)
    first = plan_id
    for common, same in groupby(owed, key=lambda one: one[:5]):
        callout_id, *tried = common
        left = sum(one[5] for one in same)
        while left:
            count = min(left, TRIES_PER_DISPATCH)
            waiting = rules.pack_ordinals(range(count))
            rows.append((first, plan_id, callout_id, fact.scope, *tried, count, waiting, owed_at))
            first, left = first + count, left - count
    return rows


def _record(plan: Plan, viewer: Viewer) -> None:
    """One fact per kind and township. Townships in order, so locks are taken in order."""
    for township in sorted(plan.tries):
        owed = plan.owed[township]
        fact = record(
            ATTEMPTS_PLANNED,
            fields={"groups": plan.tries[township], "count": sum(one[5] for one in owed)},
            scope=township,
            viewer=viewer,
            about=sorted({one[0] for one in owed}),
        )
        insert_many(_INSERT_DISPATCH, _dispatches(fact, owed))
    for kind, name, targets in (
        (KNOCKS_NEEDED, "knock", plan.knocks),
        (NAMED_UNREACHED, "name", plan.names),
        (NIGHT_MARKED, "mark", plan.marks),
    ):
        for township in sorted(targets):
            record(
                kind,
                fields={"groups": targets[township], "count": plan.counts[name, township]},
                scope=township,
                viewer=viewer,
                about=sorted(plan.callouts[name, township]),
            )
    for callout_id, rings in plan.beside.items():
        companions.record_rings(callout_id, rings, viewer=viewer)


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
