"""Reads about tonight's evacuation: the balance, the list, who is still missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Max, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Greatest, Substr

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.queries import facts_of
from fengsui.foundation.people.queries import households, main_post_title, person_names
from fengsui.response.evacuations import course
from fengsui.response.evacuations.course import Household as Household
from fengsui.response.evacuations.models import (
    Evacuation,
    EvacuationEntry,
    EvacuationHousehold,
    HouseholdLink,
)
from fengsui.response.evacuations.rules import share_of
from fengsui.response.evacuations.states import MOVED, HouseholdStatus
from fengsui.standards.divisions import scope_prefix
from fengsui.standards.instants import to_iso

_IS_MOVED = Q(status__in=[one.value for one in MOVED])
_MOVED = Case(
    When(_IS_MOVED, then=F("people_moved")), default=Value(0), output_field=IntegerField()
)
_SHOULD = Greatest(F("people"), _MOVED, output_field=IntegerField())
_ALL_MOVED = _IS_MOVED & Q(people_moved__gte=F("people"))
_LEFT = Q(people__gt=0) & ~Q(status=HouseholdStatus.AWAY.value) & ~_ALL_MOVED
_AWAY = Case(
    When(status=HouseholdStatus.AWAY.value, then=_SHOULD),
    default=Value(0),
    output_field=IntegerField(),
)


def _households(evacuation_id: int, viewer: Viewer) -> QuerySet[EvacuationHousehold]:
    return EvacuationHousehold.objects.filter(
        visible(viewer, Permission.SEE_HOUSEHOLDS), evacuation_id=evacuation_id, counts=True
    )


def balance(evacuation_id: int, *, viewer: Viewer) -> dict[str, int]:
    """People: should = moved + away + not_yet, within the viewer's scope. One query."""
    sums = _households(evacuation_id, viewer).aggregate(
        should=Sum(_SHOULD),
        moved=Sum(_MOVED),
        away=Sum(_AWAY),
        households=Count("id"),
        households_left=Count("id", filter=_LEFT),
        needs_help_left=Count("id", filter=_LEFT & Q(assist_level__gt=0)),
    )
    known = {key: int(value or 0) for key, value in sums.items()}
    known["not_yet"] = known["should"] - known["moved"] - known["away"]
    return known


def balance_together(evacuation_ids: Iterable[int], *, viewer: Viewer) -> dict[str, int]:
    """Several lists of one alert number added up: a household on two of them counts once, with
    the newest observation. The same keys as `balance`."""
    newest: dict[int, EvacuationHousehold] = {}
    rows = EvacuationHousehold.objects.filter(
        visible(viewer, Permission.SEE_HOUSEHOLDS),
        evacuation_id__in=list(evacuation_ids),
        counts=True,
    )
    for row in rows.order_by("evacuation_id").iterator(chunk_size=5000):
        known = newest.get(row.household_id)
        if known is None or row.winner > known.winner:
            newest[row.household_id] = row
    total = dict.fromkeys(("should", "moved", "away", "not_yet"), 0)
    total |= {"households": len(newest), "households_left": 0, "needs_help_left": 0}
    for row in newest.values():
        share = share_of(people=row.people, status=row.status, people_moved=row.people_moved)
        for name in ("should", "moved", "away", "not_yet"):
            total[name] += getattr(share, name)
        total["households_left"] += share.not_yet > 0
        total["needs_help_left"] += share.not_yet > 0 and row.assist_level > 0
    return total


def open_evacuations(*, viewer: Viewer) -> list[Evacuation]:
    """Evacuations still open that touch the viewer's scope, newest first."""
    touched = EvacuationHousehold.objects.filter(visible(viewer, Permission.SEE_HOUSEHOLDS))
    rows = Evacuation.objects.filter(closed_at=None, id__in=touched.values("evacuation_id"))
    return list(rows.order_by("-opened_at"))


def households_of(evacuation_id: int, *, viewer: Viewer) -> list[EvacuationHousehold]:
    """The list within the viewer's scope, by place."""
    return list(_households(evacuation_id, viewer).order_by("place_code", "household_id"))


def shelters_of(evacuation_id: int, *, viewer: Viewer) -> dict[str, int]:
    """People who should go to each shelter, within the viewer's scope."""
    rows = (
        _households(evacuation_id, viewer)
        .exclude(shelter="")
        .values_list("shelter")
        .annotate(people=Sum("people"))
    )
    return dict(rows)


def balance_by_place(evacuation_id: int, *, viewer: Viewer) -> dict[str, dict[str, int]]:
    """The balance of each village: {village code: {should, moved, away, not_yet}}. One query."""
    rows = (
        _households(evacuation_id, viewer)
        .annotate(village=Substr("place_code", 1, 12))
        .values("village")
        .annotate(should=Sum(_SHOULD), moved=Sum(_MOVED), away=Sum(_AWAY))
    )
    return {
        row["village"]: {
            "should": row["should"],
            "moved": row["moved"],
            "away": row["away"],
            "not_yet": row["should"] - row["moved"] - row["away"],
        }
        for row in rows
    }


def balance_at(evacuation_id: int, at: datetime, *, viewer: Viewer) -> dict[str, int]:
    """The balance as it was known at a moment, from the entries recorded until then."""
    rows = {row.household_id: row for row in _households(evacuation_id, viewer)}
    seen: dict[int, EvacuationEntry] = {}
    entries = EvacuationEntry.objects.filter(evacuation_id=evacuation_id, recorded_at__lte=at)
    for entry in entries.order_by("observed_at", "recorded_at", "id"):
        seen[entry.household_id] = entry
    total = {"should": 0, "moved": 0, "away": 0, "not_yet": 0, "households": len(rows)}
    total |= {"households_left": 0, "needs_help_left": 0}
    for household_id, row in rows.items():
        latest = seen.get(household_id)
        share = share_of(
            people=row.people,
            status=latest.status if latest else HouseholdStatus.NOT_YET,
            people_moved=latest.people_moved if latest else 0,
        )
        for name in ("should", "moved", "away", "not_yet"):
            total[name] += getattr(share, name)
        total["households_left"] += share.not_yet > 0
        total["needs_help_left"] += share.not_yet > 0 and row.assist_level > 0
    return total


def still_missing(evacuation_id: int, *, viewer: Viewer, limit: int = 200) -> list[dict[str, Any]]:
    """Households not moved and not confirmed away: named, with who is responsible."""
    rows = list(
        _households(evacuation_id, viewer)
        .filter(_LEFT)
        .order_by("place_code", "household_id")[:limit]
    )
    listed = households([row.household_id for row in rows], viewer=viewer)
    known = {one["id"]: one for one in listed}
    answering = [one["responsible_person_id"] for one in known.values()]
    names = person_names([one for one in answering if one], viewer=viewer)
    named = []
    for row in rows:
        household = known.get(row.household_id, {})
        named.append(
            {
                "household_id": str(row.household_id),
                "label": household.get("label", ""),
                "place_code": row.place_code,
                "people": row.people - min(row.people_moved, row.people),
                "assist_level": row.assist_level,
                "status": row.status,
                "responsible_name": names.get(household.get("responsible_person_id") or 0, ""),
            }
        )
    return named


def met(client_ids: Iterable[str], *, viewer: Viewer) -> dict[str, dict[str, Any]]:
    """Which of these observations met another person's different one about the same household.

    {client_id: {status, people_moved, observed_at, person_name, title, holds}}; `holds` is "mine"
    or "other": the one seen last. Within the viewer's scope; four queries and one per person named.
    """
    wanted = set(client_ids)
    mine = list(EvacuationEntry.objects.filter(client_id__in=wanted))
    rows = EvacuationHousehold.objects.filter(
        visible(viewer, Permission.SEE_HOUSEHOLDS),
        evacuation_id__in={one.evacuation_id for one in mine},
        household_id__in={one.household_id for one in mine},
    )
    holding = {(row.evacuation_id, row.household_id): row.recorded_by for row in rows}
    entries: dict[tuple[int, int], list[EvacuationEntry]] = defaultdict(list)
    for entry in EvacuationEntry.objects.filter(
        evacuation_id__in={key[0] for key in holding}, household_id__in={key[1] for key in holding}
    ).order_by("observed_at", "recorded_at", "client_id"):
        entries[entry.evacuation_id, entry.household_id].append(entry)
    differing: dict[str, EvacuationEntry] = {}
    for one in mine:
        others = [
            other
            for other in entries.get((one.evacuation_id, one.household_id), [])
            if other.recorded_by != one.recorded_by and _differ(one, other)
        ]
        if others:
            differing[one.client_id] = others[-1]
    people = {other.recorded_by for other in differing.values()}
    named = person_names(people, viewer=viewer)
    # A post is no secret; the name beside it is given only to those who may see it.
    titles = {person: main_post_title(person, viewer=node_viewer()) for person in people}
    by_id = {one.client_id: one for one in mine}
    return {
        client_id: {
            "status": other.status,
            "people_moved": other.people_moved,
            "observed_at": to_iso(other.observed_at),
            "person_name": named.get(other.recorded_by, ""),
            "title": titles[other.recorded_by],
            "holds": "mine"
            if holding[other.evacuation_id, other.household_id] == by_id[client_id].recorded_by
            else "other",
        }
        for client_id, other in differing.items()
    }


def _differ(one: EvacuationEntry, other: EvacuationEntry) -> bool:
    counted = one.status in {status.value for status in MOVED}
    return one.status != other.status or (counted and one.people_moved != other.people_moved)


def left_by_village(evacuation_ids: Iterable[int], *, viewer: Viewer) -> dict[str, dict[str, Any]]:
    """Village → {"households": not moved and not confirmed away, "seen_at": newest observation}."""
    rows = (
        EvacuationHousehold.objects.filter(
            visible(viewer, Permission.SEE_HOUSEHOLDS),
            evacuation_id__in=list(evacuation_ids),
            counts=True,
        )
        .annotate(village=Substr("place_code", 1, 12))
        .values("village")
        .annotate(left=Count("id", filter=_LEFT), seen=Max("observed_at"))
    )
    return {row["village"]: {"households": row["left"], "seen_at": row["seen"]} for row in rows}


def links(evacuation_id: int, *, viewer: Viewer) -> list[HouseholdLink]:
    """Which rows of a list were said to be one household, newest first; undone ones as well."""
    rows = HouseholdLink.objects.filter(
        visible(viewer, Permission.SEE_HOUSEHOLDS), evacuation_id=evacuation_id
    )
    return list(rows.order_by("-linked_at", "-id"))


def course_of(
    evacuation_id: int, *, viewer: Viewer, under: str = "", facts: Iterable[Fact] | None = None
) -> course.Course:
    """What became of each household and when, told from the facts alone, within the viewer's
    scope; `under`: a place code, for a part of it; `facts`: those about it and its alert, where
    they have been read already. Raises access.not_found."""
    found = Evacuation.objects.filter(pk=evacuation_id).first()
    if found is None or not viewer.scopes(Permission.SEE_HOUSEHOLDS):
        raise NOT_FOUND()
    prefix = scope_prefix(under)

    def sees(code: str) -> bool:
        return code.startswith(prefix) and viewer.may(Permission.SEE_HOUSEHOLDS, code)

    if facts is None:
        facts = (fact for _, fact in facts_of([found.pk, found.alert_id]))
    return course.tell(found.pk, facts, sees=sees)
