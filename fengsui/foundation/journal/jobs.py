"""Background work of the writer. An app's jobs.py ends with JOBS = (Job(...), ...)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Job:
    """Work that the writer does between commands, in its own savepoint.

    `function(now)` holds the writer at most about 10 ms and returns True if more is waiting;
    then it is called again soon, after the commands that came meanwhile.
    """

    name: str
    every_seconds: float
    function: Callable[[datetime], bool | None]
