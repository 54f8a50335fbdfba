"""Which node drives whose calls, shown to people: on the board, for both sides to see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, IntegerField, Max, Value, When

from fengsui.engines.calls.facts import CALLOUT_TAKEN_OVER
from fengsui.engines.calls.models import Call, Takeover
from fengsui.engines.calls.queries.gates import calls_in_sight
from fengsui.engines.calls.states import END_RANK
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.journal.models import KnownNode
from fengsui.foundation.nodes import queries as nodes
from fengsui.foundation.people.queries import person_names
from fengsui.foundation.places.queries import names
from fengsui.standards.divisions import scope_prefix
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
    if not found:
        return []
    people = {row.person_id for row in found} | {row.handed_back_by for row in found}
    known = person_names([one for one in people if one], viewer=node_viewer())
    places = names({row.place_code for row in found}, viewer=node_viewer())
    named = node_names({row.node_key for row in found})
    return [_shown(row, known, places, named, at) for row in found]


def _shown(
    row: Takeover,
    known: dict[int, str],
    places: dict[str, str],
    named: dict[str, str],
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
        "node_name": named.get(row.node_key, ""),
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


def has_calls(callout_id: int, place_code: str, *, viewer: Viewer) -> bool:
    """Whether people of this place are on a callout's list, as far as this node knows."""
    return (
        calls_in_sight(callout_id, viewer)
        .filter(place_code__startswith=scope_prefix(place_code))
        .exists()
    )


def together(callout_ids: Collection[int], *, viewer: Viewer) -> dict[str, int]:
    """Several callouts of one alert number added up, each person once with the best end.

    {"called", "answered", "reached_in_person", "notified", "unreached_named", "unanswered",
    "twice": people whom more than one callout calls}.
    """
    rank = Case(
        *(When(ended_as=end, then=Value(rank)) for end, rank in END_RANK.items() if end),
        default=Value(0),
        output_field=IntegerField(),
    )
    rows = (
        Call.objects.filter(visible(viewer, Permission.SEE_CALLS), callout_id__in=list(callout_ids))
        .order_by()
        .values("person_id", *_ROOM)
        .annotate(best=Max(rank), lists=Count("callout_id", distinct=True))
    )
    people: dict[tuple[Any, ...], list[int]] = {}
    for row in rows.iterator(chunk_size=5000):
        room = () if row["person_id"] else tuple(row[name] for name in _ROOM)
        known = people.setdefault((row["person_id"], *room), [0, 0])
        known[0] = max(known[0], row["best"])
        known[1] += row["lists"]
    ends = Counter(best for best, _ in people.values())
    found = {end: ends[rank] for end, rank in END_RANK.items() if end}
    settled = found["answered"] + found["reached_in_person"] + found["notified"]
    return {
        "called": len(people),
        **found,
        "unanswered": len(people) - settled,
        "twice": sum(lists > 1 for _, lists in people.values()),
    }


# A duty room is nobody in particular: it is known by where it is and what it is called.
_ROOM = ("place_code", "post_title")


def node_names(keys: set[str]) -> dict[str, str]:
    """Key (hex) → the name of that node: by its certificate, else as it is known here."""
    listed = {
        bytes(key).hex(): name for key, name in KnownNode.objects.values_list("public_key", "name")
    }
    certified = {key: nodes.by_key(bytes.fromhex(key)) for key in keys}
    return {
        key: info.name if info is not None else listed.get(key, "")
        for key, info in certified.items()
    }
