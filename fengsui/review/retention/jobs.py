"""Erasures are carried out in small steps, and what comes late is erased as it comes."""

from __future__ import annotations

from datetime import datetime

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal.jobs import Job
from fengsui.review.retention import services


def carry_on(now: datetime) -> bool:
    return services.carry_on(viewer=node_viewer("retention"))


def follow(now: datetime) -> bool:
    return services.carry_on(viewer=node_viewer("retention"), is_following=True)


def register(now: datetime) -> bool:
    return services.register_erasures()


JOBS = (
    Job("retention.carry_on", 2.0, carry_on, can_wait=True),
    Job("retention.follow", 60.0, follow, can_wait=True),
    Job("retention.register", 5.0, register, can_wait=True),
)
