"""逐级叫应: each level answers for the next one; its silence stops nobody.

When a callout opens, everybody's turn is written down at the latest moment at which it may come,
so that the engine rings the next level whether or not this file ever runs. What runs here only
brings turns forward, and says on the record who handed on, and why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from fengsui.engines.calls import rules
from fengsui.engines.calls.apply.writing import milliseconds
from fengsui.engines.calls.errors import (
    ALL_AT_ONCE_NOT_ALLOWED,
    CALLOUT_CLOSED,
    NO_SUCH_LEVEL,
    NOT_BY_LEVEL,
    REASON_REQUIRED,
    TEXT_TOO_LONG,
)
from fengsui.engines.calls.facts import LEVEL_HANDED_ON
from fengsui.engines.calls.levels import (
    HANDS_ON,
    HandedOn,
    Level,
    Placed,
    Turns,
    is_by_level,
)
from fengsui.engines.calls.models import Call, Callout, LevelHandover, PartyBatch, Takeover
from fengsui.engines.calls.queries.levels import SPOKE, branches_by_call, heads_of, turns_of
from fengsui.engines.calls.services.owning import this_driver
from fengsui.engines.calls.states import CalloutState
from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import in_scopes, require
from fengsui.foundation.access.viewer import Permission, Scope, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, on_commit_notify, record
from fengsui.standards.divisions import full_code, scope_prefix, township_of

Branch = tuple[Level, str]
BRANCHES_PER_STEP = 200
CALLS_PER_SWEEP = 500
REASON_CHARACTERS_MAX = 300
CALLOUTS_REMEMBERED = 64


@dataclass(slots=True)
class Heads:
    """Who answers for which branches of a callout. Read again when the list has grown."""

    version: tuple[int, int]
    branches: dict[int, list[Branch]] = field(default_factory=dict)  # by call
    without_next: set[Branch] = field(default_factory=set)

    @property
    def held(self) -> frozenset[Branch]:
        return frozenset(branch for own in self.branches.values() for branch in own)


_heads: dict[int, Heads] = {}  # only so as not to read the same list every second


def turns_at_opening(hand_on_s: Mapping[str, int], parties: Sequence[dict[str, Any]]) -> Turns:
    return Turns.of(hand_on_s, (_placed(one) for one in parties), clock.now())


def turns_now(callout: Callout, parties: Sequence[dict[str, Any]]) -> Turns:
    """As above, for people added to a callout that runs: some levels have handed on already."""
    hand_on_s = callout.policy.get("hand_on_s") or {}
    new = Turns.of(hand_on_s, (_placed(one) for one in parties), callout.opened_at)
    return turns_of(callout, new.held | heads_of(callout)) if hand_on_s else new


def give_turns(turns: Turns, parties: Sequence[dict[str, Any]]) -> None:
    """Writes "due_ms" into every party whose turn is not now. Nothing where 一呼到底."""
    if not turns.hand_on_s:
        return
    now = clock.now()
    for party in parties:
        turn = turns.turn_at(Level(party["level"]), party["place_code"])
        if turn > now:
            party["due_ms"] = milliseconds(turn)


def _placed(party: Mapping[str, Any]) -> Placed:
    units = (party["unit_code"], *party["more_units"])
    return Placed(Level(party["level"]), party["place_code"], tuple(code for code in units if code))


def _version(callout: Callout) -> tuple[int, int]:
    handed_back = Takeover.objects.filter(callout=callout, handed_back_at=None).count()
    return callout.calls, handed_back


@command
def hand_on_levels(*, viewer: Viewer) -> dict[str, Any]:
    """Brings forward whose turn has come because the level above has spoken, and records which
    levels were silent too long. Returns {"handed_on", "more"}."""
    handed_on, more = 0, False
    for callout in Callout.objects.filter(state=CalloutState.OPEN).order_by("id"):
        if is_by_level(callout.policy):
            here, left = _hand_on_in(callout, viewer)
            handed_on, more = handed_on + here, more or left
    return {"handed_on": handed_on, "more": more}


def _hand_on_in(callout: Callout, viewer: Viewer) -> tuple[int, bool]:
    heads = _heads.get(callout.id)
    is_new = heads is None or heads.version != _version(callout)
    if heads is None or is_new:
        if len(_heads) >= CALLOUTS_REMEMBERED:
            _heads.clear()
        heads = _heads[callout.id] = Heads(
            _version(callout), branches_by_call(callout, driver=this_driver())
        )
    turns = turns_of(callout, heads.held)
    if turns.at_once_from is not None:
        return _sweep(callout, turns, HandedOn.AT_ONCE, viewer)
    silent = {branch for branch in turns.held if branch not in turns.handed}
    spoken = {
        branch
        for call_id in _who_spoke(heads, silent)
        for branch in heads.branches[call_id]
        if branch in silent
    }
    now = clock.now()
    late = {
        branch
        for branch in silent - spoken - heads.without_next
        if turns.deadline_of(branch) <= now
    }
    chosen = sorted(spoken)[:BRANCHES_PER_STEP]
    _record_handovers(callout, chosen, HandedOn.ANSWERED, turns, viewer)
    room = BRANCHES_PER_STEP - len(chosen)
    missed = [one for one in sorted(late)[:room] if _has_next(callout, one, heads)]
    _record_handovers(callout, missed, HandedOn.DEADLINE, turns, viewer)
    if is_new and turns.handed:
        _sweep(callout, turns, HandedOn.ANSWERED, viewer)  # who came late to an answered branch
    return len(chosen) + len(missed), len(spoken) > len(chosen) or len(late) > room


def _who_spoke(heads: Heads, silent: Collection[Branch]) -> list[int]:
    """Calls that answer for a branch nobody has spoken for so far, and have spoken now."""
    asked = [
        call_id for call_id, own in heads.branches.items() if any(one in silent for one in own)
    ]
    found: list[int] = []
    for start in range(0, len(asked), CALLS_PER_SWEEP):
        chunk = asked[start : start + CALLS_PER_SWEEP]
        found += Call.objects.filter(SPOKE, pk__in=chunk).values_list("id", flat=True)
    return found


def _below(callout: Callout, branch: Branch) -> Q:
    level, prefix = branch
    return Q(in_scopes("place_code", (Scope(prefix),)), callout=callout, batch__level__gt=level)


def _has_next(callout: Callout, branch: Branch, heads: Heads) -> bool:
    if Call.objects.filter(_below(callout, branch)).exists():
        return True
    heads.without_next.add(branch)
    return False


def _record_handovers(
    callout: Callout,
    chosen: Sequence[Branch],
    how: HandedOn,
    turns: Turns,
    viewer: Viewer,
    *,
    reason: str = "",
) -> None:
    """One fact per township and level; those below whose turn comes earlier by it are moved."""
    if not chosen:
        return
    now = clock.now()
    after = replace(turns, handed={**turns.handed, **dict.fromkeys(chosen, now)})
    by_scope: dict[tuple[str, Level], list[Branch]] = defaultdict(list)
    for branch in chosen:
        by_scope[township_of(full_code(branch[1])), branch[0]].append(branch)
    for (scope, level), here in sorted(by_scope.items()):
        groups: dict[str, list[list[Any]]] = {scope: []}
        if how is not HandedOn.DEADLINE:
            for branch in here:
                for township, moved in _moved(_below(callout, branch), after).items():
                    groups.setdefault(township, []).extend(moved)
        for township in sorted(groups):
            codes = [full_code(prefix) for _, prefix in here] if township == scope else []
            _record(callout, level, codes, how, groups[township], township, viewer, reason)
    on_commit_notify(f"callout:{callout.id}", {"verb": "level_handed_on"})


def _record(
    callout: Callout,
    level: Level,
    place_codes: list[str],
    how: HandedOn,
    groups: list[list[Any]],
    scope: str,
    viewer: Viewer,
    reason: str = "",
) -> None:
    record(
        LEVEL_HANDED_ON,
        fields={
            "callout_id": callout.id,
            "level": int(level),
            "place_codes": place_codes,
            "how": how.value,
            "groups": groups,
            "reason": reason,
        },
        scope=scope,
        viewer=viewer,
        about=(callout.id,),
    )


def _moved(where: Q, turns: Turns, limit: int | None = None) -> dict[str, list[list[Any]]]:
    """Township → groups of calls that nobody has rung and whose turn is earlier than written."""
    now = clock.now()
    waiting = Call.objects.filter(
        where, ended_as="", progress=0, next_at__gt=now, driver=this_driver()
    ).order_by("id")
    rows = waiting.values_list("id", "batch_id", "batch__level", "place_code", "next_at")
    due: dict[tuple[int, str], datetime] = {}
    by_group: dict[tuple[int, int], list[int]] = defaultdict(list)
    for pk, batch_id, level, place_code, next_at in rows[:limit]:
        turn = due.get((level, place_code))
        if turn is None:
            turn = max(now, turns.turn_at(Level(level), place_code))
            due[level, place_code] = turn
        if next_at is not None and turn < next_at:
            by_group[batch_id, milliseconds(turn)].append(pk)
    batches = PartyBatch.objects.in_bulk({batch_id for batch_id, _ in by_group})
    groups: dict[str, list[list[Any]]] = defaultdict(list)
    for (batch_id, turn_ms), ids in sorted(by_group.items()):
        batch = batches[batch_id]
        packed = rules.pack_ordinals([pk - batch.first_call_id for pk in ids])
        groups[batch.place_code].append([batch_id, turn_ms, packed])
    return groups


def _sweep(callout: Callout, turns: Turns, how: HandedOn, viewer: Viewer) -> tuple[int, bool]:
    """Everybody whose turn comes earlier than was written down, some hundred at a step."""
    limit = CALLS_PER_SWEEP if how is HandedOn.AT_ONCE else None
    groups = _moved(Q(callout=callout), turns, limit)
    for township in sorted(groups):
        _record(callout, Level.COUNTY, [], how, groups[township], township, viewer)
    if groups:
        on_commit_notify(f"callout:{callout.id}", {"verb": "level_handed_on"})
    return len(groups), bool(groups) and limit is not None


# --- what a person at the desk may do ----------------------------------------------------------


@command
def hand_on(
    *, viewer: Viewer, callout_id: int, level: str, place_code: str, reason: str
) -> dict[str, Any]:
    """不再等待: the level below this place is rung now, though the level itself is silent.

    `level`: county, township, village or group. Returns {"callout_id", "outcome"}.
    """
    reason = _reason(reason)
    callout = _open_callout(callout_id)
    require(viewer, Permission.ANSWER_FOR_OTHERS, place_code)
    if not is_by_level(callout.policy):
        raise NOT_BY_LEVEL()
    branch = (HANDS_ON.get(level, Level.HOUSEHOLD), scope_prefix(place_code))
    turns = turns_of(callout, heads_of(callout))
    if branch not in turns.held:
        raise NO_SUCH_LEVEL(level=level)
    if branch in turns.handed or turns.at_once_from is not None:
        return {"callout_id": callout_id, "outcome": "already_recorded"}
    _record_handovers(callout, [branch], HandedOn.BY_HAND, turns, viewer, reason=reason)
    return {"callout_id": callout_id, "outcome": "recorded"}


def before_their_turn(callout: Callout, rung: int) -> set[int]:
    """Calls that only another office has rung so far, and whose turn has not come: by level they
    still wait, though something is known of them."""
    if not is_by_level(callout.policy):
        return set()
    now = clock.now()
    spared = Call.objects.filter(callout=callout, rung=rung, ended_as="", next_at__gt=now)
    rows = list(
        spared.annotate(phase=F("progress") % rules.TRY_STEP)
        .filter(phase=rules.ELSEWHERE_PHASE)
        .values_list("id", "batch__level", "place_code")
    )
    turns = turns_of(callout, heads_of(callout)) if rows else None
    return {pk for pk, level, place in rows if turns and turns.turn_at(Level(level), place) > now}


def pass_by(callout: Callout, call_ids: Collection[int], *, viewer: Viewer, reason: str) -> int:
    """Whoever was passed over by hand is waited for no longer: their branches hand on at once.

    Returns how many branches did.
    """
    if not is_by_level(callout.policy):
        return 0
    own = branches_by_call(callout)
    turns = turns_of(callout, frozenset(one for found in own.values() for one in found))
    if turns.at_once_from is not None:
        return 0
    passed = {one for call_id in call_ids for one in own.get(call_id, ())}
    chosen = sorted(one for one in passed if one not in turns.handed)
    _record_handovers(callout, chosen, HandedOn.BY_HAND, turns, viewer, reason=reason)
    return len(chosen)


@command
def call_all_levels(
    *, viewer: Viewer, callout_id: int, reason: str, is_moving: bool
) -> dict[str, Any]:
    """一呼到底: everybody who still waits for a turn is rung now. Only in red, or where people
    are being moved (`is_moving`, said by whoever knows of the evacuation)."""
    reason = _reason(reason)
    callout = _open_callout(callout_id)
    if not viewer.may(Permission.APPROVE_ALERT, callout.place_code):
        require(viewer, Permission.STEER_CALLOUT, callout.place_code)
    if callout.level != "red" and not is_moving:
        raise ALL_AT_ONCE_NOT_ALLOWED()
    is_known = LevelHandover.objects.filter(callout=callout, how=HandedOn.AT_ONCE).exists()
    if is_known or not is_by_level(callout.policy):
        return {"callout_id": callout_id, "outcome": "already_recorded"}
    scope = callout.place_code
    _record(callout, Level.COUNTY, [scope], HandedOn.AT_ONCE, [], scope, viewer, reason)
    on_commit_notify(f"callout:{callout_id}", {"verb": "all_at_once"})
    return {"callout_id": callout_id, "outcome": "recorded"}


def _open_callout(callout_id: int) -> Callout:
    callout = Callout.objects.filter(pk=callout_id).first()
    if callout is None:
        raise NOT_FOUND()
    if callout.state == CalloutState.STOPPED:
        raise CALLOUT_CLOSED()
    return callout


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise REASON_REQUIRED()
    if len(reason) > REASON_CHARACTERS_MAX:
        raise TEXT_TOO_LONG(limit=REASON_CHARACTERS_MAX)
    return reason
