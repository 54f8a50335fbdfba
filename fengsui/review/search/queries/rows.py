"""The rows of the registers as the index sees them. For the indexer, which serves nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from fengsui.foundation.people.models import ContactPoint, Household, Person, Post
from fengsui.foundation.people.states import ContactKind
from fengsui.foundation.places.models import Place
from fengsui.registers.risks.models import DangerArea
from fengsui.registers.venues.models import Venue
from fengsui.review.search.states import Kind

_NAMED = {
    Kind.PERSON: (Person, "name"),
    Kind.POST: (Post, "title"),
    Kind.HOUSEHOLD: (Household, "label"),
    Kind.VENUE: (Venue, "name"),
    Kind.DANGER_AREA: (DangerArea, "name"),
}


@dataclass(slots=True)
class Entry:
    """What there is to find of one row."""

    place_code: str
    text: str
    numbers: list[str] = field(default_factory=list)
    code: str = ""


def entries(kind: Kind, ids: Sequence[int]) -> dict[int, Entry]:
    """Id -> entry of the rows that are there, with a name, and not withdrawn."""
    if kind is Kind.PLACE:
        rows = Place.objects.filter(code__in=[str(one) for one in ids], is_withdrawn=False)
        return {
            int(code): Entry(code, name, code=code)
            for code, name in rows.exclude(name="").values_list("code", "name")
        }
    model, name_field = _NAMED[kind]
    named = model._default_manager.filter(pk__in=ids, is_withdrawn=False).exclude(
        **{name_field: ""}
    )
    found = {
        one: Entry(place_code, text)
        for one, place_code, text in named.values_list("pk", "place_code", name_field)
    }
    if kind is Kind.PERSON:
        _add_numbers(found)
    if kind is Kind.HOUSEHOLD:
        relatives = Household.objects.filter(pk__in=found).exclude(relative_phone="")
        for one, number in relatives.values_list("pk", "relative_phone"):
            found[one].numbers.append(number)
    return found


def _add_numbers(found: dict[int, Entry]) -> None:
    numbers = ContactPoint.objects.filter(
        person_id__in=list(found), kind=ContactKind.PHONE, is_withdrawn=False
    ).exclude(value="")
    for person_id, number in numbers.values_list("person_id", "value"):
        if person_id is not None:
            found[person_id].numbers.append(number)


def ids_after(kind: Kind, after: int, limit: int) -> list[int]:
    """The next ids of a register in order, for a sweep over all of it."""
    if kind is Kind.PLACE:
        codes = Place.objects.filter(code__gt=str(after) if after else "").order_by("code")
        return [int(one) for one in codes.values_list("code", flat=True)[:limit]]
    model, _ = _NAMED[kind]
    rows = model._default_manager.filter(pk__gt=after).order_by("pk")
    return list(rows.values_list("pk", flat=True)[:limit])


def persons_of_contacts(contact_point_ids: Sequence[int]) -> list[int]:
    rows = ContactPoint.objects.filter(pk__in=contact_point_ids, person_id__isnull=False)
    return [one for one in rows.values_list("person_id", flat=True) if one is not None]
