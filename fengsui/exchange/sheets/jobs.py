"""From yellow on the door-knock sheets are numbered without anybody asking.

The node that owns the warning does it, a few villages a turn, so that one key prints them at once
and every node that has the facts can take their short codes.
"""

from __future__ import annotations

from datetime import datetime

from fengsui.exchange.sheets import services
from fengsui.exchange.sheets.queries import Group
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Viewer, node_viewer
from fengsui.foundation.journal.jobs import Job
from fengsui.response.alerts.models import Alert
from fengsui.response.alerts.queries import owner_place
from fengsui.response.alerts.states import AlertState

LEVELS = ("yellow", "orange", "red")
LOOK_EVERY_S = 5.0
SHEETS_PER_TURN = 10


class _Watch:
    """Which warnings have all their sheets, and what is left of the one under way."""

    def __init__(self) -> None:
        self.done: set[tuple[int, int]] = set()
        self.alert_id = 0
        self.left: list[Group] = []

    def look(self, now: datetime) -> bool:
        viewer = node_viewer("sheets")
        if not self.left:
            self._begin(viewer)
        if not self.left:
            return False
        turn, self.left = self.left[:SHEETS_PER_TURN], self.left[SHEETS_PER_TURN:]
        services.print_groups(
            viewer=viewer,
            alert_id=self.alert_id,
            groups=[(one.place_code, one.head_id, list(one.household_ids)) for one in turn],
        )
        return True

    def _begin(self, viewer: Viewer) -> None:
        """Plans the first warning in force that has not been looked at. One read, however many."""
        try:
            own = owner_place()
        except Problem:  # an empty node owns nothing
            return
        rows = Alert.objects.filter(state=AlertState.ACTIVE, level__in=LEVELS, place_code=own)
        for alert_id, evacuation_id in rows.order_by("id").values_list("id", "evacuation_id"):
            key = (alert_id, evacuation_id or 0)
            if key not in self.done:
                self.done.add(key)
                self.alert_id = alert_id
                self.left = services.missing(viewer=viewer, alert_id=alert_id)
                return


_watch = _Watch()


def look(now: datetime) -> bool:
    return _watch.look(now)


def restart() -> None:
    """Forgets what was seen, as a new process would."""
    global _watch
    _watch = _Watch()


JOBS = (Job("sheets.look", LOOK_EVERY_S, look),)
