"""The demonstration's own."""

from __future__ import annotations

from tests.architecture.needs import SIGNED_IN, Needs, P

NEEDS: Needs = {
    "GET /demonstration": SIGNED_IN,
    "POST /demonstration/start": {P.RUN_EXERCISE},
    "POST /demonstration/stop": {P.RUN_EXERCISE},
    "POST /demonstration/cut": {P.RUN_EXERCISE},
    "POST /demonstration/plug-in": {P.RUN_EXERCISE},
}
