"""Who stands in at this moment, for the program that rings people while a callout runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.people.models import Person
from fengsui.foundation.people.queries.persons import contact_rows
from fengsui.foundation.people.queries.standing import current_stand_ins


def standing_in_now() -> list[dict[str, Any]]:
    """Every stand-in in force, oldest first: {"id", "post_id", "person_id", "absent_person_id"
    (None: the post was empty), "place_code", "slot", "since_at", "until_at"}."""
    return current_stand_ins(node_viewer(), clock.now())


def replaced(person_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Absent person → {"person_id", "name", "contacts": [{"kind", "value"}]} of who stands in for
    them now, on any of their posts. Numbers in full: only for the program, which rings them."""
    node = node_viewer()
    rows = current_stand_ins(node, clock.now(), absent_ids=person_ids)
    instead = {row["absent_person_id"]: row["person_id"] for row in reversed(rows)}
    if not instead:
        return {}
    names = dict(Person.objects.filter(pk__in=instead.values()).values_list("id", "name"))
    reach: dict[int, list[dict[str, Any]]] = {}
    for row in contact_rows(set(instead.values()), (), node):
        known = reach.setdefault(row["person_id"], [])
        known.append({"kind": row["kind"], "value": row["value"]})
    return {
        absent: {"person_id": pk, "name": names.get(pk, ""), "contacts": reach.get(pk, [])}
        for absent, pk in instead.items()
    }
