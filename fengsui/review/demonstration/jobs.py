"""The night is told from inside the writer, a few steps at a time."""

from __future__ import annotations

from datetime import datetime

from fengsui.foundation.journal.jobs import Job
from fengsui.review.demonstration import services


def tell_the_night(now: datetime) -> bool:
    return services.tell(now)


JOBS = (Job("demonstration.tell", 0.7, tell_the_night),)
