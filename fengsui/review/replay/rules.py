"""Which night a moment belongs to, and a course as the steps that a page plays. Pure.

A night is a duty night: from noon to noon, Beijing time, named after the day it begins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from fengsui.standards.instants import BEIJING

_DAY = timedelta(days=1)
_NOON = time(12, tzinfo=BEIJING)

# Step of many: [milliseconds, place, stand before, stand after, people].
MoveStep = tuple[int, int, int, int, int]
# What changes by addition: [milliseconds, place, differences …].
SumStep = tuple[int, ...]

# Batched facts of the engine are many and alike: they move the counts and are no events.
NO_EVENTS = frozenset(
    {
        "calls.attempts_planned",
        "calls.outcomes_recorded",
        "calls.companions_planned",
        "calls.companions_heard",
        "calls.night_marked",
        "callout.parties_added",
        "call.answered",
        "call.number_revealed",
        "evacuation.household_recorded",
        "evacuation.households_added",
    }
)
_DECISIONS = (
    "alert.",
    "callout.opened",
    "callout.finished",
    "callout.stopped",
    "callout.taken_over",
    "callout.handed_back",
    "calls.named_unreached",
    "calls.promise_at_risk",
    "evacuation.opened",
    "evacuation.closed",
    "situation.",
)


def night_of(moment: datetime) -> date:
    """The day on whose noon the night of a moment began."""
    return (moment.astimezone(BEIJING) - timedelta(hours=12)).date()


def window(night: date) -> tuple[datetime, datetime]:
    """From noon to the noon after it."""
    begins = datetime.combine(night, _NOON)
    return begins, begins + _DAY


def nights_of(since: datetime, until: datetime, *, limit: int) -> list[date]:
    """Every night that a stretch of time touches, newest first, at most `limit`."""
    first, last = night_of(since), night_of(max(since, until))
    count = min((last - first).days + 1, limit)
    return [last - _DAY * back for back in range(count)]


def is_decision(kind: str) -> bool:
    """What people look for in a record, beside what merely happened."""
    return kind.startswith(_DECISIONS)


def milliseconds(moment: datetime, epoch: datetime) -> int:
    """Since `epoch`, rounded down: a step is never shown before it happened by a whole one."""
    return (moment - epoch) // timedelta(milliseconds=1)


def moves(
    paths: Iterable[tuple[int, Sequence[tuple[int, int]]]],
) -> list[MoveStep]:
    """Steps of many from the paths of each: (place, [(milliseconds, stand), …]) oldest first.

    Every step can be taken back, so a page runs them in both directions. What happened in one
    millisecond at one place is one step.
    """
    counted: Counter[tuple[int, int, int, int]] = Counter()
    for place, path in paths:
        before = 0
        for at, stand in path:
            if stand != before:
                counted[at, place, before, stand] += 1
            before = stand
    return sorted((*step, people) for step, people in counted.items())


def sums(paths: Iterable[tuple[int, Sequence[tuple[int, ...]]]], width: int) -> list[SumStep]:
    """Differences from paths of totals: (place, [(milliseconds, total, …), …]), oldest first."""
    added: dict[tuple[int, int], list[int]] = {}
    for place, path in paths:
        before: tuple[int, ...] = (0,) * width
        for at, *totals in path:
            change = added.setdefault((at, place), [0] * width)
            for index, (old, new) in enumerate(zip(before, totals, strict=True)):
                change[index] += new - old
            before = tuple(totals)
    return sorted((*key, *change) for key, change in added.items() if any(change))


def counts_at(steps: Iterable[MoveStep], at: int) -> Mapping[int, int]:
    """Stand → people after all steps until `at`, places together. What the page does, for tests."""
    counts: Counter[int] = Counter()
    for when, _place, before, after, people in steps:
        if when <= at:
            counts[before] -= people
            counts[after] += people
    del counts[0]
    return counts
