"""The reads on households."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.ledgers.models import RowChange
from fengsui.foundation.people import rules
from fengsui.foundation.people.models import ContactPoint, Household, RegisterRevision
from fengsui.foundation.people.queries.away import tonight_of
from fengsui.foundation.people.queries.rows import chunked, under
from fengsui.foundation.people.states import ContactKind

_HOUSEHOLD_COLUMNS = (
    "id",
    "place_code",
    "label",
    "people_count",
    "assist_level",
    "assist_people",
    "responsible_person_id",
    "group_head_id",
    "contact_person_id",
    "relative_name",
    "relative_phone",
    "lon_e7",
    "lat_e7",
    "tonight_people",
    "tonight_at",
    "is_invented",
    "is_withdrawn",
)


def gate_household(household_id: int, *, viewer: Viewer) -> Household:
    """The household's row; raises access.not_found out of sight."""
    found = Household.objects.filter(
        visible(viewer, Permission.SEE_HOUSEHOLDS), pk=household_id
    ).first()
    if found is None:
        raise NOT_FOUND()
    return found


def household(household_id: int, *, viewer: Viewer) -> dict[str, Any]:
    """One household, see `households`; raises access.not_found out of sight."""
    found = households([household_id], viewer=viewer)
    if not found:
        raise NOT_FOUND()
    return found[0]


def households(household_ids: Iterable[int], *, viewer: Viewer) -> list[dict[str, Any]]:
    """Rows of those in sight: the model's columns with "relative_phone_masked" and "away" (see
    `away.tonight_of`; "tonight_people" leaves those out)."""
    return [
        row
        for ids in chunked(household_ids)
        for row in _shown(
            Household.objects.filter(visible(viewer, Permission.SEE_HOUSEHOLDS), pk__listed=ids)
            .order_by("place_code", "id")
            .values(*_HOUSEHOLD_COLUMNS),
            viewer,
        )
    ]


def households_in(
    codes: Iterable[str], *, viewer: Viewer, after: int = 0, limit: int = 1000
) -> list[dict[str, Any]]:
    """Households at or below the codes by id, page by page (`after` = last id seen).

    Withdrawn ones are left out, here and wherever households are looked for; by their id they
    stay readable, since the history names them.
    """
    rows = Household.objects.filter(
        visible(viewer, Permission.SEE_HOUSEHOLDS), under(codes), pk__gt=after, is_withdrawn=False
    ).order_by("id")[:limit]
    return _shown(rows.values(*_HOUSEHOLD_COLUMNS), viewer)


def households_of(person_id: int, *, viewer: Viewer) -> list[dict[str, Any]]:
    """Households that a person heads (中心户长) or answers for (转移包保责任人)."""
    rows = Household.objects.filter(
        Q(group_head_id=person_id) | Q(responsible_person_id=person_id),
        visible(viewer, Permission.SEE_HOUSEHOLDS),
        is_withdrawn=False,
    ).order_by("place_code", "id")
    return _shown(rows.values(*_HOUSEHOLD_COLUMNS), viewer)


def contact_persons(household_ids: Iterable[int], *, viewer: Viewer) -> dict[int, int]:
    """Household id -> the person whom a call to it rings, where there is one."""
    return {
        one: contact
        for ids in chunked(household_ids)
        for one, contact in Household.objects.filter(
            visible(viewer, Permission.SEE_HOUSEHOLDS),
            pk__listed=ids,
            contact_person_id__isnull=False,
            is_withdrawn=False,
        ).values_list("pk", "contact_person_id")
    }


def contacts_rung(household_ids: Iterable[int], *, viewer: Viewer) -> dict[int, int]:
    """Person id -> for how many of the households a call rings that person."""
    rung: dict[int, int] = {}
    for ids in chunked(household_ids):
        rows = (
            Household.objects.filter(
                visible(viewer, Permission.SEE_HOUSEHOLDS),
                pk__listed=ids,
                contact_person_id__isnull=False,
                is_withdrawn=False,
            )
            .order_by()
            .values_list("contact_person_id")
            .annotate(Count("pk"))
        )
        for person_id, count in rows:
            rung[person_id] = rung.get(person_id, 0) + count
    return rung


def households_without_contact(household_ids: Iterable[int], *, viewer: Viewer) -> int:
    """How many of the households have nobody whom a call could ring."""
    return sum(
        Household.objects.filter(
            visible(viewer, Permission.SEE_HOUSEHOLDS),
            pk__listed=ids,
            contact_person_id__isnull=True,
            is_withdrawn=False,
        ).count()
        for ids in chunked(household_ids)
    )


def households_without_number(*, viewer: Viewer, but: Collection[int] = ()) -> int:
    """How many households in sight have no telephone number that a call could ring, but those."""
    number = ContactPoint.objects.filter(
        person_id=OuterRef("contact_person_id"), kind=ContactKind.PHONE, is_withdrawn=False
    ).exclude(value="")
    rows = Household.objects.filter(visible(viewer, Permission.SEE_HOUSEHOLDS), is_withdrawn=False)
    silent = rows.filter(~Exists(number)).values_list("pk", flat=True)
    return sum(pk not in but for pk in silent.iterator(chunk_size=5000)) if but else silent.count()


def field_history(entity_id: int, *, viewer: Viewer) -> list[dict[str, Any]]:
    """Every value said of a person, contact or household since it was registered, latest first.

    {"field", "value", "at", "actor_id", "is_current"}; numbers masked; losers are there too.
    """
    rows = RowChange.objects.filter(
        visible(viewer, Permission.SEE_HOUSEHOLDS) & visible(viewer, Permission.SEE_PEOPLE),
        row_key=str(entity_id),
    ).order_by("-clock", "id")
    seen: set[str] = set()
    history = []
    for row in rows:
        value = json.loads(row.value)
        if row.field in ("value", "relative_phone") and isinstance(value, str):
            value = rules.phone_masked(value)
        history.append(
            {
                "field": row.field,
                "value": value,
                "at": row.at,
                "actor_id": row.actor_id,
                "place_code": row.place_code,
                "is_current": row.field not in seen,
            }
        )
        seen.add(row.field)
    return history


def households_revision() -> tuple[int, int]:
    """Changes with every fact that touches households; holds nothing about anybody.

    The highest id tells one database from another where a process sees several.
    """
    row = RegisterRevision.objects.filter(name="households").first()
    highest = Household.objects.aggregate(highest=Max("id"))["highest"]
    return (row.number if row is not None else 0, highest or 0)


def _shown(rows: Iterable[Mapping[str, Any]], viewer: Viewer) -> list[dict[str, Any]]:
    """Numbers masked; "tonight_people" without those who are away, "away" says who said so."""
    shown = [dict(row) for row in rows]
    away = tonight_of([row["id"] for row in shown], viewer=viewer)
    for row in shown:
        row["relative_phone_masked"] = rules.phone_masked(row.pop("relative_phone"))
        row["away"] = away.get(row["id"])
        if row["away"] is not None:
            row["tonight_people"] = row["away"]["at_home"]
    return shown
