"""The tree of nodes: who asks to join it, who lets in and who revokes."""

from __future__ import annotations

from tests.architecture.needs import PUBLIC, Needs, P
from tests.world import county as world

NEEDS: Needs = {
    "GET /nodes": {P.SEE_PLACES},
    "GET /nodes/requests": {P.MANAGE_ACCOUNTS},
    "POST /nodes/requests": PUBLIC,  # a person decides, by a code read from the asker's screen
    "GET /nodes/requests/{code}": PUBLIC,  # a chain is public; only its node can use it
    "POST /nodes/enrol": {P.MANAGE_ACCOUNTS},
    "POST /nodes/{short_id}/revoke": {P.MANAGE_ACCOUNTS},
}

KNOWN = {"short_id": "256", "code": "0000-0000-0000-0000"}
WORDS = {"scope": world.QINGSHI}
