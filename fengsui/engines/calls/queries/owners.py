"""Which node drives whose calls, shown to people: on the board, for both sides to see."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fengsui.engines.calls.facts import CALLOUT_TAKEN_OVER
from fengsui.engines.calls.models import Takeover
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.journal.models import KnownNode
from fengsui.foundation.people.queries import person_names
from fengsui.foundation.places.queries import names
from fengsui.standards.instants import to_iso

CONTACT_WORDS = CALLOUT_TAKEN_OVER.words["contact"]


def takeovers(
    callout_id: int, *, viewer: Viewer, at: datetime | None = None
) -> list[dict[str, Any]]:
    """Every takeover of a callout until `at`, newest first: who, where, why, until when."""
    rows = Takeover.objects.filter(visible(viewer, Permission.SEE_CALLS), callout_id=callout_id)
    if at is not None:
        rows = rows.filter(taken_at__lte=at)
    found = list(rows.order_by("-taken_at", "-id"))
    people = {row.person_id for row in found} | {row.handed_back_by for row in found}
    known = person_names([one for one in people if one], viewer=node_viewer())
    places = names({row.place_code for row in found}, viewer=node_viewer())
    nodes = node_names({row.node_key for row in found})
    return [_shown(row, known, places, nodes, at) for row in found]


def _shown(
    row: Takeover,
    known: dict[int, str],
    places: dict[str, str],
    nodes: dict[str, str],
    at: datetime | None,
) -> dict[str, Any]:
    back = row.handed_back_at
    if back is not None and at is not None and back > at:
        back = None
    zh, en = CONTACT_WORDS.get(row.contact, ("", ""))
    return {
        "id": str(row.id),
        "place_code": row.place_code,
        "place_name": places.get(row.place_code, ""),
        "node_name": nodes.get(row.node_key, ""),
        "person_name": known.get(row.person_id, ""),
        "reason": row.reason,
        "contact": row.contact,
        "contact_word_zh": zh,
        "contact_word_en": en,
        "taken_at": to_iso(row.taken_at),
        "handed_back_at": to_iso(back) if back else None,
        "handed_back_by_name": known.get(row.handed_back_by or 0, "") if back else "",
        "handed_back_reason": row.handed_back_reason if back else "",
    }


def node_names(keys: set[str]) -> dict[str, str]:
    """Key (hex) → the name under which that node is known here; the own node is not in it."""
    return {
        bytes(key).hex(): name
        for key, name in KnownNode.objects.values_list("public_key", "name")
        if bytes(key).hex() in keys
    }
