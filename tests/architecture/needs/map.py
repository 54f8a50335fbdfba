"""Placing and drawing on the map."""

from __future__ import annotations

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.people import queries as people
from fengsui.registers.risks import queries as risks
from tests.architecture.needs import SIGNED_IN, Needs, P
from tests.world import county as world

NEEDS: Needs = {
    "GET /map/placing": {P.SEE_HOUSEHOLDS},
    "GET /map/venues": {P.SEE_PEOPLE},
    "GET /map/household-dots": {P.SEE_HOUSEHOLDS},
    "GET /map/households": {P.SEE_HOUSEHOLDS},
    "GET /map/danger-areas/{danger_area_id}": {P.SEE_HOUSEHOLDS},
    "GET /map/tiles": SIGNED_IN,
    "POST /map/places/{place}/point": {P.EDIT_REGISTERS},
    "POST /map/households/{household_id}/point": {P.EDIT_REGISTERS},
    "POST /map/danger-areas/draw": {P.EDIT_REGISTERS},
    "POST /map/danger-areas/{danger_area_id}/outline": {P.EDIT_REGISTERS},
    "POST /map/danger-areas/{danger_area_id}/households": {P.EDIT_REGISTERS},
}
KNOWN = {"village": world.SHITAN}
WORDS = {
    "point": [110.08, 28.44],
    "seen": [110.08, 28.44],
    "village_code": world.SHITAN,
    "geometry": {"type": "Polygon", "coordinates": [world.box(110.08, 28.44)]},
}


def known(county: world.County) -> dict[str, str]:
    (area,) = risks.danger_areas_in([world.SHITAN], viewer=node_viewer())
    (household, *_) = people.households_in([world.SHITAN], viewer=node_viewer())
    return {"danger_area_id": str(area["id"]), "household_id": str(household["id"])}
