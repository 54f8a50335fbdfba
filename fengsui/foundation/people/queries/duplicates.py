"""Persons who are likely one and the same: found over whole columns, never pair by pair."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Any

from django.db.models import Count

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.people.models import ContactPoint, Household, Person, ToldApart
from fengsui.foundation.people.queries.persons import titles_of
from fengsui.foundation.people.queries.rows import under
from fengsui.foundation.people.rules import phone_masked, phone_plain
from fengsui.foundation.people.states import ContactKind
from fengsui.foundation.places import queries as places
from fengsui.standards.divisions import village_of
from fengsui.standards.pinyin import readings_of

PAIRS_MAX = 2_000
PAIRS_PER_PAGE_MAX = 100
# A number that so many persons share is an office's or a shop's; a name, a label's.
GROUP_MAX = 6
NAME_CHARACTERS_LEAST = 2
Pair = tuple[int, int]


def duplicates(
    codes: Iterable[str] | None = None, *, viewer: Viewer, start: int = 0, limit: int = 50
) -> dict[str, Any]:
    """Pairs of persons in sight that are likely one, those with most reasons first.

    {"items": [{"first", "second", "reasons"}], "next", "total"}; reasons are "phone" (one number),
    "name" (one name in one village), "pinyin" (names that sound alike in one village). A person is
    {"person_id", "name", "place_code", "place_name", "titles", "phones" masked, "households"}.
    Three queries over the whole of what is in sight, then a fixed number for the page.
    """
    found = Person.objects.filter(visible(viewer, Permission.SEE_PEOPLE), is_withdrawn=False)
    if codes is not None:
        found = found.filter(under(codes))
    people = {
        pk: (name, village_of(place))
        for pk, name, place in found.exclude(name="").values_list("id", "name", "place_code")
    }
    reasons = alike(people, _numbers(viewer, people.keys()))
    apart = ToldApart.objects.values_list("first_id", "second_id")
    for pair in apart:
        reasons.pop(pair, None)
    ordered = sorted(reasons, key=lambda pair: (-len(reasons[pair]), pair))[:PAIRS_MAX]
    limit = max(1, min(limit, PAIRS_PER_PAGE_MAX))
    page = ordered[start : start + limit]
    shown = twins({one for pair in page for one in pair}, viewer=viewer)
    return {
        "items": [
            {
                "first": shown[first],
                "second": shown[second],
                "reasons": sorted(reasons[first, second]),
            }
            for first, second in page
        ],
        "next": start + limit if start + limit < len(ordered) else None,
        "total": len(ordered),
    }


def alike(
    people: Mapping[int, tuple[str, str]], numbers: Iterable[tuple[int, str]]
) -> dict[Pair, set[str]]:
    """(lower id, higher id) -> why. `people`: id -> (name, village); `numbers`: (id, number)."""
    reasons: dict[Pair, set[str]] = defaultdict(set)
    by_number: dict[Hashable, set[int]] = defaultdict(set)
    for pk, value in numbers:
        if pk in people:
            by_number[phone_plain(value) or value].add(pk)
    _note(reasons, by_number, "phone")
    by_name: dict[Hashable, set[int]] = defaultdict(set)
    by_sound: dict[Hashable, set[int]] = defaultdict(set)
    for pk, (name, village) in people.items():
        plain = "".join(name.split())
        by_name[plain, village].add(pk)
        if len(plain) >= NAME_CHARACTERS_LEAST:
            by_sound[_sound(plain), village].add(pk)
    _note(reasons, by_name, "name")
    _note(reasons, by_sound, "pinyin")
    for why in reasons.values():
        if "name" in why:
            why.discard("pinyin")  # what is written alike sounds alike
    return reasons


def _sound(name: str) -> str:
    return " ".join((readings_of(sign) or (sign,))[0] for sign in name)


def _note(reasons: dict[Pair, set[str]], groups: Mapping[Hashable, set[int]], why: str) -> None:
    for group in groups.values():
        if 1 < len(group) <= GROUP_MAX:
            for pair in combinations(sorted(group), 2):
                reasons[pair].add(why)


def _numbers(viewer: Viewer, wanted: Iterable[int]) -> list[tuple[int, str]]:
    known = set(wanted)
    rows = ContactPoint.objects.filter(
        visible(viewer, Permission.SEE_PEOPLE),
        kind=ContactKind.PHONE,
        person_id__isnull=False,
        is_withdrawn=False,
    ).exclude(value="")
    return [
        (pk, value)
        for pk, value in rows.values_list("person_id", "value")
        if pk is not None and pk in known
    ]


def twins(person_ids: Iterable[int], *, viewer: Viewer) -> dict[int, dict[str, Any]]:
    """What a person needs to see to say whether two are one."""
    ids = sorted(set(person_ids))
    people = list(
        Person.objects.filter(
            visible(viewer, Permission.SEE_PEOPLE), pk__in=ids, is_withdrawn=False
        ).values("id", "name", "place_code")
    )
    known = places.names({row["place_code"] for row in people}, viewer=viewer)
    titles = titles_of(ids, viewer=viewer)
    phones: dict[int, list[str]] = defaultdict(list)
    for pk, value in _numbers(viewer, ids):
        phones[pk].append(phone_masked(value))
    households = _households(viewer, ids)
    return {
        row["id"]: {
            "person_id": row["id"],
            "name": row["name"],
            "place_code": row["place_code"],
            "place_name": known.get(row["place_code"], ""),
            "titles": titles.get(row["id"], []),
            "phones": phones[row["id"]],
            "households": households.get(row["id"], 0),
        }
        for row in people
    }


def gate_twins(keep_id: int, drop_id: int, *, viewer: Viewer) -> dict[int, dict[str, Any]]:
    """Both, as `twins`; raises access.not_found where either is out of sight or not in force."""
    found = twins((keep_id, drop_id), viewer=viewer)
    if len(found) != len({keep_id, drop_id}):
        raise NOT_FOUND()
    return found


def _households(viewer: Viewer, ids: Sequence[int]) -> dict[int, int]:
    """In how many households each is the contact, the head or who answers for it."""
    counts: dict[int, int] = defaultdict(int)
    for name in ("contact_person_id", "group_head_id", "responsible_person_id"):
        rows = (
            Household.objects.filter(
                visible(viewer, Permission.SEE_HOUSEHOLDS), **{f"{name}__in": ids}
            )
            .filter(is_withdrawn=False)
            .values_list(name)
            .annotate(count=Count("id"))
        )
        for pk, count in rows:
            counts[pk] += count
    return counts
