"""What was ordered, and who looked at full numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max

from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import ledger as journal
from fengsui.foundation.journal.facts import FactKind
from fengsui.foundation.journal.models import StoredFact
from fengsui.foundation.journal.queries import kinds, sentences
from fengsui.foundation.journal.stored import decode
from fengsui.foundation.people.models import Person
from fengsui.review.retention.models import Erasure
from fengsui.review.retention.states import Subject
from fengsui.standards.divisions import scope_prefix

ERASURES_MAX = 200
REVEALS_PAGE = 100
LOOKED_BACK = 200_000  # facts of the record that one page of the list of reveals looks through
REVEALS = ("people.contact_revealed", "call.number_revealed", "ledgers.value_revealed")


def erasures(*, viewer: Viewer) -> list[dict[str, Any]]:
    """Orders in sight, newest first, with how far they are; nobody is named."""
    journal.show_open_rows()
    rows = Erasure.objects.filter(
        visible(viewer, Permission.ERASE_PERSONAL) | visible(viewer, Permission.VERIFY_RECORD)
    ).order_by("-ordered_at", "-id")[:ERASURES_MAX]
    names = _names([row.ordered_by for row in rows])
    return [
        {
            "id": row.pk,
            "subject": row.subject,
            "classes": row.classes,
            "place_code": row.place_code,
            "reason": row.reason,
            "ordered_by": names.get(row.ordered_by, ""),
            "ordered_at": row.ordered_at,
            "done_at": row.done_at,
            "facts": row.facts,
            "leaves": row.leaves,
        }
        for row in rows
    ]


def erasures_for_phone(*, viewer: Viewer, after: datetime | None) -> list[dict[str, Any]]:
    """What a phone must forget: {"id", "subject", "ids", "at"} of orders that touch its places."""
    scopes = viewer.scopes(Permission.SEE_HOUSEHOLDS)
    rows = Erasure.objects.exclude(subject=Subject.CLASS).order_by("ordered_at", "pk")
    if after is not None:
        rows = rows.filter(ordered_at__gt=after)
    found = []
    for row in rows[:ERASURES_MAX]:
        above = scope_prefix(row.place_code)
        if any(one.contains(row.place_code) or one.prefix.startswith(above) for one in scopes):
            found.append(
                {
                    "id": row.pk,
                    "subject": row.subject,
                    "ids": row.subject_ids,
                    "at": row.ordered_at,
                }
            )
    return found


def reveals(*, viewer: Viewer, before: int = 0) -> dict[str, Any]:
    """Who looked at full numbers and why, newest first: {"items": [...], "next"}.

    `next` is the arrival to go on below, 0 at the end.
    """
    journal.show_open_rows()
    numbers = [kind.number for kind in _reveal_kinds()]
    newest = StoredFact.objects.aggregate(newest=Max("arrival"))["newest"] or 0
    top = before or newest + 1
    rows = list(
        StoredFact.objects.filter(
            visible(viewer, Permission.VERIFY_RECORD, "scope")
            | visible(viewer, Permission.ERASE_PERSONAL, "scope"),
            kind__in=numbers,
            arrival__lt=top,
            arrival__gte=top - LOOKED_BACK,
        ).order_by("-arrival")[:REVEALS_PAGE]
    )
    facts = [(row.arrival, fact) for row in rows if (fact := decode(row)) is not None]
    names = _names([fact.actor for _, fact in facts])
    items = []
    for arrival, fact in facts:
        zh, en = sentences(fact)
        items.append(
            {
                "id": arrival,
                "at": fact.at,
                "by": names.get(fact.actor, ""),
                "place_code": fact.scope,
                "zh": zh,
                "en": en,
            }
        )
    if len(rows) == REVEALS_PAGE:
        following = rows[-1].arrival
    else:
        following = top - LOOKED_BACK if top > LOOKED_BACK else 0
    return {"items": items, "next": following}


def _reveal_kinds() -> list[FactKind]:
    return [kind for name, kind in kinds().items() if name in REVEALS]


def _names(person_ids: Sequence[int]) -> dict[int, str]:
    """Officials who ordered or looked are named: that is what the list is for."""
    return dict(Person.objects.filter(pk__in=set(person_ids)).values_list("pk", "name"))
