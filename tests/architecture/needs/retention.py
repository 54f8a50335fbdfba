"""Terms, erasures, and who looked at full numbers."""

from __future__ import annotations

from tests.architecture.needs import SIGNED_IN, Needs, P
from tests.world import county as world

READS = {P.ERASE_PERSONAL, P.VERIFY_RECORD}

NEEDS: Needs = {
    "GET /retention": READS,
    "GET /retention/reveals": READS,
    "POST /retention/find": {P.ERASE_PERSONAL},
    "PATCH /retention/classes/{class_code}": {P.ERASE_PERSONAL},
    "POST /retention/classes/{class_code}/erase": {P.ERASE_PERSONAL},
    "POST /retention/events/{alert_id}/erase": {P.ERASE_PERSONAL},
    "POST /retention/events/{alert_id}/keep": {P.ERASE_PERSONAL},
    "GET /retention/subjects/{subject}/{subject_id}": {P.ERASE_PERSONAL},
    "POST /retention/subjects/{subject}/{subject_id}/erase": {P.ERASE_PERSONAL},
    "GET /field/erasures": SIGNED_IN,
}
KNOWN = {"class_code": "call_list", "subject": "household"}
WORDS = {"text": "示意户", "until": "2026-08-01T00:00:00Z", "days": 40}
# These are of an office: whoever holds the right anywhere may set the terms of that office.
ANSWERS_PER_ITEM = {"POST /retention/find"}


def known(county: world.County) -> dict[str, str]:
    return {"subject_id": str(county.ids["h1"])}
