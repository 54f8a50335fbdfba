"""What the writer does for thin links: fill their queues, forget what is done."""

from __future__ import annotations

from datetime import datetime

from fengsui.exchange.telegrams import services
from fengsui.exchange.telegrams.models import ThinLink
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal.jobs import Job


def look(now: datetime) -> bool:
    # A machine without thin links pays one small read for all this.
    return ThinLink.objects.exists() and bool(services.look()["more"])


def match(now: datetime) -> bool:
    services.match_answers(viewer=node_viewer("telegrams"))
    return False


def forget(now: datetime) -> bool:
    services.forget_old()
    return False


# An SOS goes out by telegram while the record itself is still being fetched.
JOBS = (
    Job("telegrams.look", 1.0, look, waits_for_record=False),
    Job("telegrams.match", 10.0, match),
    Job("telegrams.forget", 600.0, forget),
)
