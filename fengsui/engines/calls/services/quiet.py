"""Nobody of the grid is woken by anything but a warning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from fengsui.engines.calls import rules
from fengsui.engines.calls.errors import GRID_WORKER_AT_NIGHT
from fengsui.foundation.journal import clock
from fengsui.foundation.people import queries as people

# What is rung for at any hour: warnings and what follows from one.
WARNINGS = frozenset({"alert", "cancellation", "evacuation"})
LOOK_EVERY_S = 15 * 60  # a night is far longer


def reaches_into_night(policy: rules.Policy, now: datetime) -> bool:
    """Whether any try of a ladder that starts now could ring in the policy's night."""
    seconds = sum(rung.tries * rung.spacing_s for rung in policy.rungs)
    steps = range(0, seconds, LOOK_EVERY_S)
    return any(rules.is_night(policy, now + timedelta(seconds=one)) for one in (*steps, seconds))


def check_quiet(
    subject_kind: str, policy: rules.Policy, parties: Sequence[Mapping[str, Any]]
) -> None:
    """Refuses people whose only posts are 网格员 or 中心户长, where there is no warning and the
    ladder reaches into the night. Raises calls.grid_worker_at_night."""
    if subject_kind in WARNINGS or not reaches_into_night(policy, clock.now()):
        return
    held_back = people.only_in_the_grid(party["person_id"] for party in parties)
    if held_back:
        raise GRID_WORKER_AT_NIGHT(count=len(held_back))
