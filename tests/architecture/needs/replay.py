"""Nights that run again. Each track, person and household has a gate of its own."""

from __future__ import annotations

from fengsui.foundation.journal import clock
from fengsui.review.replay import rules
from tests.architecture.needs import Needs, P
from tests.world import county as world

NEEDS: Needs = {
    "GET /replay/nights": {P.SEE_ALERTS, P.SEE_CALLS},
    "GET /replay/nights/{night}": {P.SEE_ALERTS, P.SEE_CALLS},
    "GET /replay/nights/{night}/callouts/{callout_id}/people": {P.SEE_CALLS},
    "GET /replay/nights/{night}/evacuations/{evacuation_id}/households": {P.SEE_HOUSEHOLDS},
}


def known(county: world.County) -> dict[str, str]:
    """The night of this moment."""
    return {"night": rules.night_of(clock.now()).isoformat()}
