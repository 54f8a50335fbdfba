"""The demonstration's night by the wound clock, without its processes."""

from __future__ import annotations

from typing import Any

from fengsui.engines.calls import jobs as call_jobs
from fengsui.review.demonstration import jobs


def run_everything(clock: Any) -> None:
    """All jobs of the writer until none has more to do, at one moment of the night."""
    for job in (*call_jobs.JOBS, *jobs.JOBS):
        for _ in range(200):
            if not job.function(clock.now()):
                break
