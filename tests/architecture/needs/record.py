"""The record itself."""

from __future__ import annotations

from tests.architecture.needs import Needs, P

NEEDS: Needs = {
    "GET /record/differences": {P.SEE_PLACES},
    "POST /record/differences/{difference_id}/settle": {P.EDIT_REGISTERS, P.RECORD_HOUSEHOLD},
    "GET /record/refused": {P.VERIFY_RECORD},
}

KNOWN = {"difference_id": "1"}
WORDS = {"decision": "keep"}
