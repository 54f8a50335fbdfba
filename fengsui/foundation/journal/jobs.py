"""Background work of the writer. An app's jobs.py ends with JOBS = (Job(...), ...)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta


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
    Job("journal.check_chains", 2.0, check_chains, waits_for_record=False),
    Job("journal.forget_old_replies", 60.0, forget_old_replies, waits_for_record=False),
)
