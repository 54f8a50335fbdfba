"""What the alert desk does by itself: let warnings end when their time is over."""

from __future__ import annotations

from datetime import datetime

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal.jobs import Job
from fengsui.response.alerts.models import Alert
from fengsui.response.alerts.services import expire_alerts
from fengsui.response.alerts.states import AlertState


def expire(now: datetime) -> bool:
    if Alert.objects.filter(state=AlertState.ACTIVE, expires_at__lte=now).exists():
        expire_alerts(viewer=node_viewer(), now=now)
    return False


JOBS = (Job("alerts.expire", 20, expire),)
