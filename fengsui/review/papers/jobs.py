"""The list of five minutes is drawn without anybody asking."""

from __future__ import annotations

from datetime import datetime

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal.jobs import Job
from fengsui.review.papers import services

LOOK_EVERY_S = 5.0


def draw(now: datetime) -> bool:
    services.draw_lists(viewer=node_viewer("papers"), now=now)
    return False


JOBS = (Job("papers.draw", LOOK_EVERY_S, draw),)
