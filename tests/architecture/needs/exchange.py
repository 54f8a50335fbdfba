"""Bundles, telegrams, sheets."""

from __future__ import annotations

from fengsui.exchange.telegrams import services as telegrams
from fengsui.exchange.telegrams.models import Heard
from fengsui.foundation.access.viewer import node_viewer
from tests.architecture.needs import SIGNED_IN, Needs, P
from tests.world import county as world

NEEDS: Needs = {
    "GET /telegrams/heard": {P.SEE_HOUSEHOLDS},
    "POST /telegrams/instructions/{heard_id}/answer": {P.RECORD_HOUSEHOLD},
    "POST /telegrams/instructions/{heard_id}/move": {P.SELF_RESCUE_CALL},
    "POST /telegrams/texts": {P.ANSWER_FOR_OTHERS},
    "GET /exchange/upstream": SIGNED_IN,
    "GET /exchange/nodes": {P.SEE_PLACES},
    "GET /exchange/bundles": {P.CARRY_BUNDLES},
    "POST /exchange/bundles": {P.CARRY_BUNDLES},
    "POST /exchange/bundles/{digest}/go-on": {P.CARRY_BUNDLES},
    "GET /exchange/bundles/{node}": {P.CARRY_BUNDLES},
    "GET /exchange/bundles/{node}/lack": {P.CARRY_BUNDLES},
    "GET /exchange/sheets/{evacuation_id}/{place}.pdf": {P.SEE_HOUSEHOLDS},
    "GET /exchange/sheets/{evacuation_id}/{place}": {P.SEE_HOUSEHOLDS},
    "GET /exchange/sheets/alerts/{alert_id}/{place}.pdf": {P.SEE_HOUSEHOLDS},
    "GET /exchange/sheets/alerts/{alert_id}/{place}": {P.SEE_HOUSEHOLDS},
    "POST /exchange/sheets/typed": {P.RECORD_HOUSEHOLD},
    "GET /exchange/bundles/{node}/strip": {P.CARRY_BUNDLES},
    "POST /exchange/bundles/frames": {P.CARRY_BUNDLES},
}

KNOWN = {"place": world.SHITAN, "digest": "0" * 64, "node": world.QINGSHI}
WORDS = {"evacuation_id": "1"}
# No other node has joined on this night.
HOLLOW = {
    "GET /exchange/bundles/{node}",
    "GET /exchange/bundles/{node}/lack",
    "GET /exchange/bundles/{node}/strip",
}
ANSWERS_PER_ITEM = {"POST /exchange/sheets/typed"}


def known(county: world.County) -> dict[str, str]:
    """An evacuation instruction that somebody typed, as a village has it before the alert."""
    telegrams.receive_text(
        viewer=node_viewer(), number="0", text="ZL 101201 红 转移 #1", place_code=world.SHITAN
    )
    return {"heard_id": str(Heard.objects.get().pk)}
