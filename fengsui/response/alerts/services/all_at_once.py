"""一呼到底, decided while a callout goes down level by level."""

from __future__ import annotations

from typing import Any

from fengsui.engines.calls import services as calls
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal.services import command
from fengsui.response.alerts import queries


@command
def call_all_levels(*, viewer: Viewer, callout_id: int, reason: str) -> dict[str, Any]:
    """Everybody who waits for a turn is rung now: in red, or where the alert moves people.

    Returns {"callout_id", "outcome"}. Raises calls.all_at_once_not_allowed.
    """
    alert = queries.alert_of_callout(callout_id, viewer=viewer)
    return calls.call_all_levels(
        viewer=viewer,
        callout_id=callout_id,
        reason=reason,
        is_moving=alert is not None and queries.is_moving(alert),
    )
