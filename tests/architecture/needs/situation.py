"""What comes in on such a night."""

from __future__ import annotations

from fengsui.foundation.access.viewer import node_viewer
from fengsui.response.situation import services as situation
from tests.architecture.needs import Needs, P
from tests.world import county as world

NEEDS: Needs = {
    "GET /situation/sos": {P.SEE_HOUSEHOLDS},
    "POST /situation/sos": {P.RECORD_HOUSEHOLD},
    "POST /situation/sos/{sos_id}/close": {P.MARK_REACHED},
    "GET /situation/headcounts": {P.SEE_HOUSEHOLDS},
    "POST /situation/headcounts": {P.RECORD_HOUSEHOLD},
    "GET /situation/reports": {P.SEE_HOUSEHOLDS},
    "POST /situation/reports": {P.RECORD_HOUSEHOLD},
    "GET /situation/contact": {P.SEE_PLACES},
    "POST /situation/households/link": {P.MARK_REACHED},
    "POST /situation/households/unlink": {P.MARK_REACHED},
    "GET /situation/moved-first": {P.SEE_HOUSEHOLDS},
    "POST /situation/moved-first": {P.SELF_RESCUE_CALL},
}

WORDS = {"household_id": "1", "same_as": "1", "link_id": "1"}


def known(county: world.County) -> dict[str, str]:
    """Somebody in the village called for help."""
    made = situation.raise_sos(
        viewer=node_viewer(), content={"place_code": world.SHITAN}, sos_id="sos-1"
    )
    return {"sos_id": made["sos_id"]}
