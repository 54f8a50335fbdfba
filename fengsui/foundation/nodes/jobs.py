"""Background work of the tree of nodes."""

from __future__ import annotations

from datetime import datetime, timedelta

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal.jobs import Job
from fengsui.foundation.nodes import queries, services, witnessing
from fengsui.foundation.nodes.states import Level
from fengsui.standards.instants import BEIJING

WITNESS_SECONDS = 600.0
DAY_SECONDS = 900.0
# Facts of the evening may still be under way; the day is closed a little after midnight.
AFTER_MIDNIGHT = timedelta(minutes=30)


def witness(now: datetime) -> bool:
    """A parent signs what it holds of those below."""
    services.witness(viewer=node_viewer())
    return False


def close_day(now: datetime) -> bool:
    """The county's node closes yesterday, once."""
    own = queries.own()
    if not own.certificate_fact or own.level != Level.COUNTY:
        return False
    yesterday = ((now - AFTER_MIDNIGHT).astimezone(BEIJING) - timedelta(days=1)).date().isoformat()
    if not witnessing.is_day_closed(yesterday):
        services.close_day(viewer=node_viewer(), day=yesterday)
    return False


JOBS = (
    Job("nodes.witness", WITNESS_SECONDS, witness),
    Job("nodes.close_day", DAY_SECONDS, close_day),
)
