"""The county's own calling rules, words, lines and human ways."""

from __future__ import annotations

from typing import Any

from fengsui.foundation.access.viewer import node_viewer
from fengsui.readiness.policies import services
from tests.architecture.needs import SIGNED_IN, Needs, P
from tests.world import county as world

NEEDS: Needs = {
    "GET /policies": {P.SEE_CALLS},
    "POST /policies/{policy_name}/adopt": {P.APPROVE_ALERT},
    "POST /policies/dry-run": {P.DRAFT_ALERT},
    "GET /call-lines": {P.SEE_CALLS},
    "POST /call-lines": {P.APPROVE_ALERT},
    "GET /call-words": {P.SEE_CALLS},
    "POST /call-words/check": SIGNED_IN,
    "POST /call-words/{message_name}/adopt": {P.APPROVE_ALERT},
    "GET /human-ways": {P.SEE_HOUSEHOLDS},
    "POST /households/{household_id}/way": {P.EDIT_REGISTERS},
    "POST /households/{household_id}/way/trial": {P.RECORD_HOUSEHOLD},
}


def known(county: Any) -> dict[str, str]:
    """A household of 石滩村 that no telephone reaches."""
    services.state_route(
        viewer=node_viewer(),
        household_id=county.ids["h1"],
        need="no_phone",
        way="door",
        person_id=county.ids["shitan_grid"],
    )
    return {}


KNOWN = {"policy_name": "red", "message_name": "lifted"}
# What a county calls by is no secret from its townships and villages.
COUNTY_WIDE = {"GET /policies", "GET /call-lines", "GET /call-words"}
WORDS = {
    "codes": [world.SHITAN],
    "need_code": "no_phone",
    "way_code": "door",
}
