"""Phones and their loss."""

from __future__ import annotations

from fengsui.foundation.devices import services as devices
from tests.architecture.needs import Needs, P
from tests.world import county as world
from tests.world.phone import make_phone

NEEDS: Needs = {
    "GET /devices": {P.ANSWER_FOR_OTHERS, P.MANAGE_ACCOUNTS},
    "POST /devices/{device_id}/lost": {P.ANSWER_FOR_OTHERS, P.MANAGE_ACCOUNTS},
}
KNOWN = {"place_code": world.SHITAN}


def known(county: world.County) -> dict[str, str]:
    """The phone of a grid worker of the village."""
    phone = devices.enrol(
        viewer=county.viewer("shitan_grid"),
        public_key=make_phone().public_key,
        name="示意机",
        key_store="script",
    )
    return {"device_id": str(phone["device_id"])}
