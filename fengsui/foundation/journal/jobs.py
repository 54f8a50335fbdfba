"""Background work of the writer. An app's jobs.py ends with JOBS = (Job(...), ...)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

IDLE_SECONDS = 0.25
RESTS = 9.0  # times as long as it worked: what can wait takes a tenth of a busy writer


class Pace:
    """How much a step takes on, so that it holds the writer about as long as it may.

    A machine and a night differ from others: what steps took says how large the next may be.
    """

    SMALLEST, LARGEST = 0.2, 4.0

    def __init__(self) -> None:
        self.factor = 1.0

    def of(self, size: int) -> int:
        return max(1, int(size * self.factor))

    def took(self, share: float) -> None:
        """A full step took this share of what it may."""
        if share > 1.0:
            self.factor = max(self.SMALLEST, self.factor * max(0.5, 1.0 / share))
        elif share < 0.8:
            self.factor = min(self.LARGEST, self.factor * 1.1)


@dataclass(frozen=True, slots=True)
class Job:
    """Work that the writer does between commands, in its own savepoint.

    `function(now)` holds the writer at most about 10 ms and returns True if more is waiting;
    then it is called again soon, after the commands that came meanwhile.
    """

    name: str
    every_seconds: float
    function: Callable[[datetime], bool | None]
    # Counts, calls and purges mean nothing while a new node has half of its record.
    waits_for_record: bool = True
    pace: Pace | None = None
    # Looks after what is written already: while answers and calls are waiting, it takes a tenth.
    can_wait: bool = False


@dataclass
class Turns:
    """When each job is due, by the monotonic clock."""

    jobs: list[Job]
    due: dict[str, float] = field(default_factory=dict)

    def next_due(self, now: float) -> Job | None:
        """The job that has been due for longest."""
        late = [job for job in self.jobs if self.due.get(job.name, 0.0) <= now]
        return min(late, key=lambda job: self.due.get(job.name, 0.0), default=None)

    def worked(self, job: Job, ended: float, took: float, *, more: bool, is_busy: bool) -> None:
        """After a step of `took` seconds that ended at `ended`: when the job is due again.

        With more to do it goes behind every job that is due, not before them. `is_busy`: commands
        came meanwhile.
        """
        wait = 0.0 if more else job.every_seconds
        if more and job.can_wait and (is_busy or self._is_urgent_due(ended)):
            wait = RESTS * took
        self.due[job.name] = ended + wait

    def _is_urgent_due(self, now: float) -> bool:
        return any(not job.can_wait and self.due.get(job.name, 0.0) <= now for job in self.jobs)

    def seconds_to_next(self, now: float) -> float:
        nearest = min((self.due.get(job.name, 0.0) for job in self.jobs), default=now + 60)
        return max(0.0, min(nearest - now, IDLE_SECONDS))


_holds: list[Callable[[], bool]] = []


def hold_while(condition: Callable[[], bool]) -> None:
    """Jobs stand still while `condition()` is true, but for those that do not wait."""
    if condition not in _holds:
        _holds.append(condition)


def are_held() -> bool:
    return any(condition() for condition in _holds)


def held(job: Job) -> Job:
    """The job, doing nothing while jobs are held."""

    def step(now: datetime) -> bool | None:
        return None if are_held() else job.function(now)

    return replace(job, function=step) if job.waits_for_record else job


KEEP_REPLIES = timedelta(hours=1)


def check_chains(now: datetime) -> bool:
    """Follows the node's own chains and tells the screen how they stand."""
    from fengsui.foundation.journal import watch

    return watch.step(now)


def forget_old_replies(now: datetime) -> bool:
    """Drops the replies of commands that nobody repeats any more."""
    from fengsui.foundation.journal import services

    return services.forget_old_replies(now - KEEP_REPLIES)


def settle(now: datetime) -> bool:
    """Judges anew what was left open: see settling.py."""
    from fengsui.foundation.journal import settling

    return settling.settle()


JOBS = (
    Job("journal.settle", 5.0, settle, waits_for_record=False),
    Job("journal.check_chains", 2.0, check_chains, waits_for_record=False, can_wait=True),
    Job(
        "journal.forget_old_replies",
        60.0,
        forget_old_replies,
        waits_for_record=False,
        can_wait=True,
    ),
)
