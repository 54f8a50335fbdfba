"""Background work of this app."""

from __future__ import annotations

from datetime import datetime

from fengsui.foundation.journal.jobs import Job
from fengsui.foundation.machine import services

TAKE_UP_SECONDS = 60.0


def take_up_certificate(now: datetime) -> bool:
    """A certificate that came down for this node is put where its pages look for it."""
    services.take_up_certificate()
    return False


JOBS = (Job("machine.take_up_certificate", TAKE_UP_SECONDS, take_up_certificate),)
