"""The map."""

from __future__ import annotations

from tests.architecture.needs import Needs, P

NEEDS: Needs = {
    "GET /map/base": {P.SEE_PLACES},
    "GET /map/danger-areas": {P.SEE_PLACES, P.SEE_HOUSEHOLDS},
}
