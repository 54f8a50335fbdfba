"""The list of five minutes: noted by the node that opened the callout, by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from fengsui.engines.calls.models import Callout
from fengsui.engines.calls.queries.gates import calls_in_sight, not_by
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal.services import (
    command,
    on_commit_notify,
    own_public_key,
    record,
)
from fengsui.review.papers.facts import LIST_DRAWN
from fengsui.review.papers.models import DrawnList
from fengsui.standards.instants import to_ms

AFTER = timedelta(minutes=5)
# A node that was off meanwhile does not draw lists of long ago.
NOT_LATER_THAN = timedelta(hours=1)


@command
def draw_lists(*, viewer: Viewer, now: datetime) -> int:
    """Draws the list of each callout that has been going for five minutes; how many were drawn."""
    due = Callout.objects.filter(
        opened_at__lte=now - AFTER,
        opened_at__gt=now - AFTER - NOT_LATER_THAN,
        owner_key=own_public_key().hex(),
        follows=None,  # a message that something is over asks for no answer
    ).exclude(pk__in=DrawnList.objects.values("callout_id"))
    drawn = 0
    for callout in due.order_by("id"):
        at = callout.opened_at + AFTER
        calls = calls_in_sight(callout.pk, viewer).filter(batch__added_at__lte=at)
        unanswered = (
            calls.filter(not_by("answered_at", at))
            .filter(not_by("reached_at", at))
            .filter(not_by("notified_at", at))
        )
        record(
            LIST_DRAWN,
            fields={
                "callout_id": callout.pk,
                "at_ms": to_ms(at),
                "called": calls.count(),
                "unanswered": unanswered.count(),
            },
            scope=callout.place_code,
            viewer=viewer,
            about=[callout.pk],
        )
        on_commit_notify(f"callout:{callout.pk}", {"verb": "list_drawn"})
        drawn += 1
    return drawn
