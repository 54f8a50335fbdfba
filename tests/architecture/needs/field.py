"""The phone."""

from __future__ import annotations

from tests.architecture.needs import PUBLIC, SIGNED_IN, Needs

NEEDS: Needs = {
    "GET /field/tonight": SIGNED_IN,
    "POST /field/entries": SIGNED_IN,  # each entry is refused by itself
    "POST /field/keys": SIGNED_IN,
    "GET /field/keys/{key_id}": SIGNED_IN,  # one's own phone; another's is not found
    "POST /field/items": PUBLIC,  # a signature stands for a session; each item by itself
    "POST /session/key": PUBLIC,
}

KNOWN = {"key_id": "0" * 32}
# Judges each line by itself and answers 200 with the refusals in the body.
ANSWERS_PER_ITEM = {"POST /field/entries"}
