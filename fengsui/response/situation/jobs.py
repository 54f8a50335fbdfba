"""Watches who has fallen silent."""

from __future__ import annotations

from datetime import datetime

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal.jobs import Job
from fengsui.response.alerts.queries import alerts_in_force
from fengsui.response.situation.models import ContactLoss
from fengsui.response.situation.services import watch_contact

LOOK_EVERY_S = 15.0


def watch(now: datetime) -> bool:
    viewer = node_viewer("contact")
    if alerts_in_force(viewer=viewer) or ContactLoss.objects.filter(regained_at=None).exists():
        watch_contact(viewer=viewer)
    return False


JOBS = (Job("situation.contact", LOOK_EVERY_S, watch),)
