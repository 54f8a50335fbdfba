"""An invented roster into the registers, through their services. Not a command: its pieces are."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.people import services as people
from fengsui.foundation.places import services as places
from fengsui.registers.risks import services as risks
from fengsui.registers.venues import services as venues

if TYPE_CHECKING:  # numpy and shapely are loaded only by the process that draws a county
    from fengsui.review.demonstration.roster import Roster

Progress = Callable[[str, int], None]
log = logging.getLogger("fengsui.demonstration")


def load_roster(
    *,
    viewer: Viewer,
    roster: Roster,
    attributions: Sequence[str],
    source: str,
    progress: Progress = lambda what, count: None,
) -> dict[str, int]:
    """Registers everything of a roster; returns ref -> id. `progress(what, how many so far)`."""
    places.register_places(
        viewer=viewer,
        county_code=roster.county_code,
        places=roster.places,
        map_features=roster.map_features,
        attributions=attributions,
        source=source,
        is_invented=True,
    )
    progress("places", len(roster.places))
    ids = people.register_people(
        viewer=viewer,
        persons=roster.persons,
        posts=roster.posts,
        holdings=roster.holdings,
        contact_points=roster.contact_points,
        is_invented=True,
    )
    progress("persons", len(roster.persons))
    ids = people.register_households(
        viewer=viewer,
        households=roster.households,
        refs=ids,
        is_invented=True,
        progress=lambda count: progress("households", count),
    )
    ids = risks.register_danger_areas(
        viewer=viewer, areas=roster.danger_areas, refs=ids, is_invented=True
    )
    progress("danger_areas", len(roster.danger_areas))
    ids = venues.register_venues(viewer=viewer, venues=roster.venues, refs=ids, is_invented=True)
    progress("venues", len(roster.venues))
    return ids
