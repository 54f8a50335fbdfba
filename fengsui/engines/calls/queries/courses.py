"""Callouts of a stretch of time, and the course of each from its facts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from fengsui.engines.calls import course
from fengsui.engines.calls.course import Course
from fengsui.engines.calls.facts import (
    ATTEMPTS_PLANNED,
    CALLOUT_OPENED,
    COMPANIONS_HEARD,
    COMPANIONS_PLANNED,
    KINDS,
    KNOCKS_NEEDED,
    NAMED_UNREACHED,
    OUTCOMES_RECORDED,
)
from fengsui.engines.calls.models import Attempt, Call, Callout
from fengsui.engines.calls.queries.gates import callout
from fengsui.engines.calls.told import Step
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.facts import Fact, FactClass
from fengsui.foundation.journal.queries import facts_of, facts_of_kinds
from fengsui.standards.divisions import scope_prefix

__all__ = ["ROUTINE", "Course", "Step", "callouts_between", "course_of", "facts_of_callouts"]
CALLOUTS_MAX = 400
PACKED = tuple(
    kind.name for kind in (ATTEMPTS_PLANNED, OUTCOMES_RECORDED, KNOCKS_NEEDED, NAMED_UNREACHED)
)
# What the engine writes at every turn: many, alike, and no story for people to read.
ROUTINE = tuple(
    kind.name
    for kind in KINDS
    if kind.fact_class == FactClass.ROUTINE and kind is not KNOCKS_NEEDED
)
LATE = timedelta(days=1)  # of a closed callout a carrier may still tell something


def callouts_between(
    since: datetime, until: datetime, *, viewer: Viewer, limit: int = CALLOUTS_MAX
) -> list[Callout]:
    """Callouts that were open at some moment from `since` until `until`, newest first; where the
    viewer may see the calls of the place or of a part of it."""
    in_sight = Call.objects.filter(visible(viewer, Permission.SEE_CALLS)).values("callout_id")
    rows = Callout.objects.filter(
        Q(closed_at=None) | Q(closed_at__gte=since),
        visible(viewer, Permission.SEE_CALLS) | Q(pk__in=in_sight),
        opened_at__lt=until,
    )
    return list(rows.order_by("-opened_at", "-id")[:limit])


def facts_of_callouts(callouts: Sequence[Callout], also: Collection[int]) -> list[Fact]:
    """Every fact about these callouts, and about the entities of `also`, each once.

    What the engine did is packed by township for all callouts of a moment. Facts of before it was
    written down about them are looked for by kind, among all that arrived since the opening.
    """
    listed = list(facts_of([*(one.pk for one in callouts), *also]))
    found = {fact.id: fact for _, fact in listed}
    told = _about(listed, PACKED)
    silent = [one for one in callouts if one.pk not in told]
    if silent and not Attempt.objects.filter(callout_id__in=[one.pk for one in silent]).exists():
        silent = []
    beside = _about(listed, (COMPANIONS_PLANNED.name,)) - _about(listed, (COMPANIONS_HEARD.name,))
    unheard = [one for one in callouts if one.pk in beside]
    since = min((at for at, fact in listed if fact.kind == CALLOUT_OPENED.name), default=0)
    for some, wanted in ((silent, PACKED), (unheard, (COMPANIONS_HEARD.name,))):
        found |= {fact.id: fact for fact in _of_kinds(wanted, some, since)}
    return list(found.values())


def _of_kinds(kinds: Collection[str], callouts: Sequence[Callout], since: int) -> list[Fact]:
    """Facts of these kinds that may be about these callouts, of those arrived after `since`."""
    if not callouts:
        return []
    found = facts_of_kinds(
        kinds,
        since=since,
        at_from=min(one.opened_at for one in callouts),
        at_until=max(one.closed_at or clock.now() for one in callouts) + LATE,
    )
    return [fact for _, fact in found]


def _about(listed: Iterable[tuple[int, Fact]], kinds: Collection[str]) -> set[int]:
    return {one for _, fact in listed if fact.kind in kinds for one in fact.about}


def course_of(
    callout_id: int, *, viewer: Viewer, under: str = "", facts: Iterable[Fact] | None = None
) -> course.Course:
    """Who stood where and when, told from the facts alone, within the viewer's scope.

    `under`: a place code, for a part of it. `facts`: those about it, where they have been read
    already. Raises access.not_found.
    """
    found = callout(callout_id, viewer=viewer)
    prefix = scope_prefix(under)

    def sees(code: str) -> bool:
        return code.startswith(prefix) and viewer.may(Permission.SEE_CALLS, code)

    if facts is None:
        facts = facts_of_callouts([found], [])
    return course.tell(found.pk, facts, sees=sees)
