"""逐级叫应 as the board shows it: each level, each of its units, and what stands below them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q

from fengsui.engines.calls.levels import (
    WORDS,
    HandedOn,
    Level,
    Turns,
    branches,
    is_by_level,
    prefixes_above,
    seconds_by_level,
)
from fengsui.engines.calls.models import (
    Answer,
    Call,
    Callout,
    CallParty,
    LevelHandover,
    PartyBatch,
    RungElsewhere,
)
from fengsui.engines.calls.queries.gates import callout, calls_in_sight
from fengsui.engines.calls.queries.people import items_of, still_unanswered
from fengsui.engines.calls.states import ACKNOWLEDGES
from fengsui.foundation.access.queries import in_scopes, visible
from fengsui.foundation.access.viewer import Permission, Scope, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.people.queries import person_names
from fengsui.foundation.places.queries import names
from fengsui.standards.divisions import full_code, scope_prefix, village_of
from fengsui.standards.instants import to_iso

Branch = tuple[Level, str]
UNITS_SHOWN_MAX = 500
WORDS_SHOWN_MAX = 20
PEOPLE_SHOWN_MAX = 60
UNIT_LEVELS = (Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE)
# Whose word hands on: an acknowledgement, a stand-in's, or somebody who stood before them.
SPOKE = (
    Q(answered_at__isnull=False, answer_kind__in=[kind.value for kind in ACKNOWLEDGES])
    | Q(is_covered=True)
    | Q(reached_at__isnull=False)
)
_SETTLED = Q(answered_at__isnull=False) | Q(reached_at__isnull=False) | Q(notified_at__isnull=False)


def branches_by_call(callout: Callout, *, driver: int | None = None) -> dict[int, list[Branch]]:
    """Call → the branches that person answers for; of one driver's calls, or of all."""
    batches = PartyBatch.objects.filter(callout=callout, level__lt=Level.HOUSEHOLD)
    levels = dict(batches.values_list("id", "level"))
    rows = Call.objects.filter(callout=callout, batch_id__in=levels)
    if driver is not None:
        rows = rows.filter(driver=driver)
    found: dict[int, list[Branch]] = {}
    for pk, batch_id, place, unit, more in rows.values_list(
        "id", "batch_id", "place_code", "unit_code", "more_units"
    ):
        units = [code for code in (unit, *more.split()) if code]
        found[pk] = branches(Level(levels[batch_id]), place, units)
    return found


def heads_of(callout: Callout) -> frozenset[Branch]:
    """Every branch of a callout in which somebody answers for those below."""
    return frozenset(one for own in branches_by_call(callout).values() for one in own)


def turns_of(callout: Callout, held: frozenset[Branch]) -> Turns:
    """Whose turn comes when, as far as is known by now."""
    handed: dict[Branch, datetime] = {}
    at_once: datetime | None = None
    rows = LevelHandover.objects.filter(callout=callout).order_by("handed_at", "id")
    for level, place_code, how, at in rows.values_list("level", "place_code", "how", "handed_at"):
        if how == HandedOn.AT_ONCE:
            at_once = at_once or at
        handed.setdefault((Level(level), scope_prefix(place_code)), at)
    return Turns(
        seconds_by_level(callout.policy.get("hand_on_s") or {}),
        held,
        callout.opened_at,
        handed,
        at_once,
    )


def levels_board(callout_id: int, *, viewer: Viewer) -> dict[str, Any]:
    """Every level of a callout with its units, of what the viewer may see. Plain values.

    {"callout_id", "mode": "by_level" | "at_once", "hand_on_s", "levels": […],
     "recorded_for": {"count", "items"}, "elsewhere": {"count", "items"}}; a unit is one place of
    a level, with its own state, its deadline, and the sums of everybody below it.
    """
    found = callout(callout_id, viewer=viewer)
    now = clock.now()
    rows = _rows(found, viewer, now)
    by_level = is_by_level(found.policy)
    turns = turns_of(found, frozenset(_held(rows)))
    is_at_once = not by_level or turns.at_once_from is not None
    units = _units(found, rows, turns, viewer, now, is_at_once=is_at_once)
    shown = []
    for level in Level:
        of_level = [row for row in rows if row["batch__level"] == level]
        if not of_level:
            continue
        called, settled = (sum(row[name] for row in of_level) for name in ("n", "settled"))
        own = units.get(level, [])
        deadlines = [unit["deadline_at"] for unit in own if unit["is_awaited"]]
        for unit in own:
            del unit["is_awaited"]
        shown.append(
            {
                "level": level.name.lower(),
                "word_zh": WORDS[level][0],
                "word_en": WORDS[level][1],
                "called": called,
                "answered": settled,
                "unanswered": called - settled,
                "not_yet": sum(row["not_yet"] for row in of_level),
                "next_deadline_at": min(deadlines) if deadlines else None,
                "units": own[:UNITS_SHOWN_MAX],
            }
        )
    return {
        "callout_id": str(callout_id),
        "mode": "at_once" if is_at_once else "by_level",
        "hand_on_s": dict(found.policy.get("hand_on_s") or {}),
        "levels": shown,
        "recorded_for": _recorded_for(found, viewer),
        "elsewhere": _elsewhere(found, viewer),
    }


def people_on_level(
    callout_id: int, *, level: str, place_code: str, viewer: Viewer
) -> list[dict[str, Any]]:
    """Who of one level has not answered at a place, as in `unanswered`, the first of them."""
    found = callout(callout_id, viewer=viewer)
    wanted = [one for one in Level if one.name.lower() == level]
    under = in_scopes("place_code", (Scope.of(place_code),))
    calls = still_unanswered(callout_id, viewer).filter(under, batch__level__in=wanted)
    return items_of(list(calls.order_by("ordinal")[:PEOPLE_SHOWN_MAX]), found, viewer=viewer)


def _rows(found: Callout, viewer: Viewer, now: datetime) -> list[dict[str, Any]]:
    """One row per level and place with its sums: one query, whatever the number of people."""
    waits = Q(progress=0, ended_as="", next_at__gt=now)
    rows = (
        calls_in_sight(found.id, viewer)
        .values("batch__level", "place_code")
        .annotate(
            n=Count("id"),
            settled=Count("id", filter=_SETTLED),
            spoke=Count("id", filter=SPOKE),
            answered_at=Min("answered_at", filter=SPOKE),
            reached_at=Min("reached_at"),
            named=Count("id", filter=Q(ended_as="unreached_named")),
            not_yet=Count("id", filter=waits),
        )
        .order_by("batch__level", "place_code")
    )
    return [dict(row) for row in rows]


def _held(rows: Iterable[Mapping[str, Any]]) -> Iterable[Branch]:
    for row in rows:
        yield from branches(Level(row["batch__level"]), row["place_code"])


def _units(
    found: Callout,
    rows: Sequence[Mapping[str, Any]],
    turns: Turns,
    viewer: Viewer,
    now: datetime,
    *,
    is_at_once: bool,
) -> dict[Level, list[dict[str, Any]]]:
    """Level → its units in the order of their codes: silent ones are marked, not moved."""
    own, below = _sums_by_branch(rows)
    known = names([full_code(prefix) for _, prefix in own], viewer=viewer)
    handed = _handovers(found)
    first = _who_answered_first(found, viewer)
    recorded = _count_by_branch(_answers_for(found, viewer), "call__batch__level")
    others = _count_by_branch(_rung_elsewhere(found, viewer), "call__batch__level")
    shown: dict[Level, list[dict[str, Any]]] = defaultdict(list)
    for branch in sorted(own):
        level, prefix = branch
        sums = own[branch]
        answer_by = found.opened_at + timedelta(seconds=int(found.policy["answer_within_s"]))
        deadline = answer_by if is_at_once else turns.deadline_of(branch)
        state = _state(sums, deadline, now)
        said = handed.get(branch, {})
        rest = below[branch]
        shown[level].append(
            {
                "code": full_code(prefix),
                "name": known.get(full_code(prefix), full_code(prefix)),
                "state": state,
                "called": sums["n"],
                "answered": sums["settled"],
                "answered_at": _iso(sums["first"]),
                **first.get(branch, {"answered_by": "", "answered_as": ""}),
                "handed_on_at": _iso(said.get("at")),
                "handed_on_how": said.get("how", ""),
                "handed_on_reason": said.get("reason", ""),
                "deadline_at": _iso(deadline),
                "is_awaited": state in ("ringing", "not_yet"),
                "below": {**rest, "unanswered": rest["called"] - rest["answered"]},
                "recorded_for": recorded.get(branch, 0),
                "elsewhere": others.get(branch, 0),
            }
        )
    return shown


def _sums_by_branch(
    rows: Sequence[Mapping[str, Any]],
) -> tuple[dict[Branch, dict[str, Any]], dict[Branch, dict[str, int]]]:
    """What stands in each unit, and what stands below it."""
    own: dict[Branch, dict[str, Any]] = {}
    below: dict[Branch, dict[str, int]] = defaultdict(lambda: {"called": 0, "answered": 0})
    for row in rows:
        level = Level(row["batch__level"])
        for upper in UNIT_LEVELS:
            if upper >= level:
                break
            for prefix in prefixes_above(row["place_code"]):
                below[upper, prefix]["called"] += row["n"]
                below[upper, prefix]["answered"] += row["settled"]
        if level in UNIT_LEVELS:
            _add(own.setdefault((level, scope_prefix(row["place_code"])), {}), row)
    return own, below


def _add(sums: dict[str, Any], row: Mapping[str, Any]) -> None:
    for name in ("n", "settled", "spoke", "named", "not_yet"):
        sums[name] = sums.get(name, 0) + row[name]
    times = [at for at in (sums.get("first"), row["answered_at"], row["reached_at"]) if at]
    sums["first"] = min(times) if times else None


def _state(sums: Mapping[str, Any], deadline: datetime, now: datetime) -> str:
    if sums["spoke"]:
        return "answered"
    if sums["not_yet"] == sums["n"]:
        return "not_yet"
    if sums["named"] == sums["n"]:
        return "unreached"
    return "overdue" if now > deadline else "ringing"


def _iso(at: datetime | None) -> str | None:
    return to_iso(at) if at is not None else None


def _handovers(found: Callout) -> dict[Branch, dict[str, Any]]:
    rows = LevelHandover.objects.filter(callout=found).order_by("-handed_at", "-id")
    return {
        (Level(row.level), scope_prefix(row.place_code)): {
            "at": row.handed_at,
            "how": row.how,
            "reason": row.reason,
        }
        for row in rows
    }


def _who_answered_first(found: Callout, viewer: Viewer) -> dict[Branch, dict[str, str]]:
    """Branch → the name and post of whoever spoke first for it."""
    calls = calls_in_sight(found.id, viewer).filter(
        SPOKE, batch__level__in=UNIT_LEVELS, answered_at__isnull=False
    )
    first: dict[Branch, tuple[int, str]] = {}
    rows = calls.order_by("answered_at", "id").values_list(
        "id", "batch__level", "place_code", "post_title"
    )
    for pk, level, place, title in rows[: UNITS_SHOWN_MAX * 4]:
        first.setdefault((Level(level), scope_prefix(place)), (pk, title))
    parties = CallParty.objects.in_bulk([pk for pk, _ in first.values()])
    return {
        branch: {
            "answered_by": parties[pk].name if pk in parties else "",
            "answered_as": title,
        }
        for branch, (pk, title) in first.items()
    }


def _answers_for(found: Callout, viewer: Viewer) -> Any:
    seen = visible(viewer, Permission.SEE_CALLS, "call__place_code")
    return Answer.objects.filter(seen, call__callout=found, how="recorded_for")


def _rung_elsewhere(found: Callout, viewer: Viewer) -> Any:
    seen = visible(viewer, Permission.SEE_CALLS, "call__place_code")
    return RungElsewhere.objects.filter(seen, call__callout=found)


def _count_by_branch(rows: Any, level: str) -> dict[Branch, int]:
    counts: dict[Branch, int] = defaultdict(int)
    sums = rows.order_by().values_list(level, "call__place_code").annotate(n=Count("id"))
    for of_level, place, n in sums:
        counts[Level(of_level), scope_prefix(place)] += n
    return dict(counts)


def _recorded_for(found: Callout, viewer: Viewer) -> dict[str, Any]:
    """上级代录: who wrote it down, from whom it was heard, the newest first."""
    rows = _answers_for(found, viewer)
    items = list(rows.select_related("call").order_by("-answered_at", "-id")[:WORDS_SHOWN_MAX])
    described = _described([row.call for row in items], viewer)
    by = person_names([row.recorded_by_id for row in items], viewer=viewer)
    return {
        "count": rows.count(),
        "items": [
            {
                **described[row.call_id],
                "answer_kind": row.kind,
                "heard_from": row.heard_from,
                "note": row.note,
                "by": by.get(row.recorded_by_id, ""),
                "at": to_iso(row.answered_at),
            }
            for row in items
        ],
    }


def _elsewhere(found: Callout, viewer: Viewer) -> dict[str, Any]:
    """已由别的部门叫过, the newest first."""
    rows = _rung_elsewhere(found, viewer)
    items = list(rows.select_related("call").order_by("-recorded_at", "-id")[:WORDS_SHOWN_MAX])
    described = _described([row.call for row in items], viewer)
    by = person_names([row.recorded_by_id for row in items], viewer=viewer)
    return {
        "count": rows.count(),
        "items": [
            {
                **described[row.call_id],
                "office": row.office,
                "rung_at": to_iso(row.rung_at),
                "has_answered": row.has_answered,
                "note": row.note,
                "by": by.get(row.recorded_by_id, ""),
                "at": to_iso(row.recorded_at),
            }
            for row in items
        ],
    }


def _described(calls: Sequence[Call], viewer: Viewer) -> dict[int, dict[str, str]]:
    parties = CallParty.objects.in_bulk([call.id for call in calls])
    known = names([village_of(call.place_code) for call in calls], viewer=viewer)
    return {
        call.id: {
            "call_id": str(call.id),
            "person_name": parties[call.id].name if call.id in parties else "",
            "post_title": call.post_title,
            "place_name": known.get(village_of(call.place_code), ""),
        }
        for call in calls
    }
