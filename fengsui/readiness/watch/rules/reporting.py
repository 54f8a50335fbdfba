"""信息报告: which report is due when, and which came late. The clock runs from 获悉.

Source of the numbers: fengsui.standards.report_profiles. Minutes are inclusive: a report due at
10:30 is in time at 10:30:00 and late after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fengsui.readiness.watch.states import DeadlineState, ReportKind
from fengsui.standards.instants import BEIJING
from fengsui.standards.report_profiles import Profile

SOON_SHARE = 0.8
# This project's default: a report in the hour before 08:00 or 17:00 is that hour's follow-up.
COUNTS_BEFORE = timedelta(hours=1)
_BASES = (ReportKind.WRITTEN, ReportKind.FOLLOW_UP)


@dataclass(frozen=True, slots=True)
class Made:
    """A report that was made."""

    id: int
    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Deadline:
    """One report: from when its time runs, until when; None where the profile sets no limit."""

    kind: ReportKind
    begins_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    state: DeadlineState


@dataclass(frozen=True, slots=True)
class Course:
    """What is known of one event: how grave, heard of when, handled until when."""

    profile: Profile
    grade: str
    known_at: datetime
    closed_at: datetime | None = None

    def due(self, kind: ReportKind, begins_at: datetime) -> datetime | None:
        minutes = self.profile.minutes(kind, self.grade)
        return None if minutes is None else begins_at + timedelta(minutes=minutes)


def deadlines(course: Course, reports: Iterable[Made], now: datetime) -> list[Deadline]:
    """What is due, was made or was missed, in the order of reading.

    While the event is handled: phone, written, the next follow-up. Once it is over the final
    report alone is due; what was missed before that stays named.
    """
    made = sorted(reports, key=lambda one: (one.at, one.id))
    found = [
        one
        for kind in (ReportKind.PHONE, ReportKind.WRITTEN)
        if (one := _first(course, kind, course.known_at, made, now)) is not None
    ]
    if course.closed_at is None:
        base = follow_up_base(course, made)
        due_at = follow_up_due(course, base)
        if due_at is not None:
            state = _state(base, due_at, None, now)
            found.append(Deadline(ReportKind.FOLLOW_UP, base, due_at, None, state))
        return found
    final = _first(course, ReportKind.FINAL, course.closed_at, made, now)
    return [*found, final] if final is not None else found


def next_due(course: Course, listed: Sequence[Deadline]) -> Deadline | None:
    """The one report that somebody should make now; None once the final report is made."""
    is_over = course.closed_at is not None
    open_ones = [
        one
        for one in listed
        if one.done_at is None and (one.kind is ReportKind.FINAL or not is_over)
    ]
    latest = course.known_at + timedelta(days=3650)
    return min(open_ones, key=lambda one: one.due_at or latest, default=None)


def late_reports(course: Course, reports: Iterable[Made]) -> set[int]:
    """The reports that came after their time. Of a kind that is owed once, the first counts."""
    made = sorted(reports, key=lambda one: (one.at, one.id))
    late = set()
    for kind, begins_at in (
        (ReportKind.PHONE, course.known_at),
        (ReportKind.WRITTEN, course.known_at),
        (ReportKind.FINAL, course.closed_at),
    ):
        first = next((one for one in made if one.kind == kind), None)
        due_at = None if begins_at is None else course.due(kind, begins_at)
        if first is not None and due_at is not None and first.at > due_at:
            late.add(first.id)
    for index, one in enumerate(made):
        if one.kind != ReportKind.FOLLOW_UP or (course.closed_at and one.at >= course.closed_at):
            continue
        due_at = follow_up_due(course, follow_up_base(course, made[:index]))
        if due_at is not None and one.at > due_at:
            late.add(one.id)
    return late


def follow_up_base(course: Course, made: Sequence[Made]) -> datetime:
    """From when the next follow-up's time runs: the last report in writing, else its own limit."""
    told = [one.at for one in made if one.kind in _BASES]
    if told:
        return max(told)
    return course.due(ReportKind.WRITTEN, course.known_at) or course.known_at


def follow_up_due(course: Course, base: datetime) -> datetime | None:
    """The earlier of the interval after `base` and the next hour of the day, Beijing time."""
    found = [_next_hour(base, hour) for hour in course.profile.hours_of_day(
        ReportKind.FOLLOW_UP, course.grade
    )]  # fmt: skip
    after = course.due(ReportKind.FOLLOW_UP, base)
    return min([*found, after] if after is not None else found, default=None)


def _next_hour(base: datetime, hour: int) -> datetime:
    counted = base + COUNTS_BEFORE
    local = counted.astimezone(BEIJING).replace(hour=hour, minute=0, second=0, microsecond=0)
    return local if local > counted else local + timedelta(days=1)


def _first(
    course: Course, kind: ReportKind, begins_at: datetime, made: Sequence[Made], now: datetime
) -> Deadline | None:
    due_at = course.due(kind, begins_at)
    done_at = next((one.at for one in made if one.kind == kind), None)
    if done_at is None and kind is not ReportKind.FINAL:
        was_missed = course.closed_at is None or (due_at is not None and due_at < course.closed_at)
        if due_at is None or not was_missed:
            return None
    return Deadline(kind, begins_at, due_at, done_at, _state(begins_at, due_at, done_at, now))


def _state(
    begins_at: datetime, due_at: datetime | None, done_at: datetime | None, now: datetime
) -> DeadlineState:
    if done_at is not None:
        is_late = due_at is not None and done_at > due_at
        return DeadlineState.DONE_LATE if is_late else DeadlineState.DONE
    if due_at is None:
        return DeadlineState.WAITING
    if now > due_at:
        return DeadlineState.LATE
    is_soon = now - begins_at >= (due_at - begins_at) * SOON_SHARE
    return DeadlineState.SOON if is_soon else DeadlineState.WAITING
