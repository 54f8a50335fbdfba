"""Watches over people in the field: a check-in that is due and missed is named within 30 s."""

from __future__ import annotations

from datetime import datetime

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal.jobs import Job
from fengsui.readiness.watch.models import CheckIn
from fengsui.readiness.watch.services import watch_check_ins
from fengsui.readiness.watch.services.checking import MISSED_AT_ONCE

LOOK_EVERY_S = 10.0


def watch(now: datetime) -> bool:
    waiting = CheckIn.objects.filter(due_at__lte=now, ended_at=None, missed_at=None)
    if not waiting.exists():
        return False
    return watch_check_ins(viewer=node_viewer("watch"))["missed"] >= MISSED_AT_ONCE


JOBS = (Job("watch.check_ins", LOOK_EVERY_S, watch),)
