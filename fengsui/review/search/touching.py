"""Which rows a fact touches, so that they are read and indexed anew. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from fengsui.foundation.journal.facts import LEAF_ERASED, Fact, FactKind
from fengsui.foundation.people import facts as people
from fengsui.foundation.places import facts as places
from fengsui.registers.risks import facts as risks
from fengsui.registers.venues import facts as venues
from fengsui.review.search.states import Kind

Touched = Iterable[tuple[Kind, int]]


def _each(kind: Kind) -> Callable[[Fact], Touched]:
    def rows(fact: Fact) -> Touched:
        return [(kind, fact.entity(index)) for index in range(fact.fields["count"])]

    return rows


def _one(kind: Kind, field: str) -> Callable[[Fact], Touched]:
    def rows(fact: Fact) -> Touched:
        return [(kind, fact.fields[field])]

    return rows


def _owners(fact: Fact) -> Touched:
    return [(Kind.PERSON, owner[0]) for owner in fact.fields["owners"] if owner[0] is not None]


def _codes(fact: Fact) -> Touched:
    return [(Kind.PLACE, int(item["code"])) for item in fact.items if item is not None]


def _changed(kind: Kind) -> Callable[[Fact], Touched]:
    return lambda fact: [(kind, int(row[0])) for row in fact.fields["rows"]]


def _keys(kind: Kind) -> Callable[[Fact], Touched]:
    return lambda fact: [(kind, int(key)) for key in fact.fields["keys"]]


_GENERIC = {
    Kind.PLACE: places.PLACES,
    Kind.PERSON: people.PERSONS,
    Kind.POST: people.POSTS,
    Kind.HOUSEHOLD: people.HOUSEHOLDS,
    Kind.VENUE: venues.VENUES,
    Kind.DANGER_AREA: risks.DANGER_AREAS,
}
_BY_KIND: tuple[tuple[FactKind, Callable[[Fact], Touched]], ...] = (
    *((kinds.changed, _changed(kind)) for kind, kinds in _GENERIC.items()),
    *((kinds.withdrawn, _keys(kind)) for kind, kinds in _GENERIC.items()),
    *((kinds.restored, _keys(kind)) for kind, kinds in _GENERIC.items()),
    (people.PERSONS_REGISTERED, _each(Kind.PERSON)),
    (people.PERSON_RENAMED, _one(Kind.PERSON, "person_id")),
    (people.CONTACTS_REGISTERED, _owners),
    (people.POSTS_REGISTERED, _each(Kind.POST)),
    (people.HOUSEHOLDS_REGISTERED, _each(Kind.HOUSEHOLD)),
    (people.HOUSEHOLD_CHANGED, _one(Kind.HOUSEHOLD, "household_id")),
    (places.PLACES_IMPORTED, _codes),
    (risks.DANGER_AREAS_REGISTERED, _each(Kind.DANGER_AREA)),
    (risks.DANGER_AREA_CHANGED, _one(Kind.DANGER_AREA, "danger_area_id")),
    (venues.VENUES_REGISTERED, _each(Kind.VENUE)),
)
# A contact point changed: the person who owns it is found in the rows.
_OF_CONTACTS: tuple[tuple[FactKind, Callable[[Fact], list[int]]], ...] = (
    (people.CONTACT_REPLACED, lambda fact: [fact.fields["contact_point_id"]]),
    (people.CONTACTS.changed, lambda fact: [row[0] for row in fact.fields["rows"]]),
    (people.CONTACTS.withdrawn, lambda fact: list(fact.fields["keys"])),
    (people.CONTACTS.restored, lambda fact: list(fact.fields["keys"])),
)
TOUCHES: Mapping[str, Callable[[Fact], Touched]] = {kind.name: rows for kind, rows in _BY_KIND}
OF_CONTACTS: Mapping[str, Callable[[Fact], list[int]]] = {
    kind.name: ids for kind, ids in _OF_CONTACTS
}
# The numbers of the kinds that the index follows; an erasure counts by what it erased.
NUMBERS: tuple[int, ...] = tuple(
    kind.number for kind, _ in (*_BY_KIND, *_OF_CONTACTS, (LEAF_ERASED, None))
)
_REGISTERING = frozenset(
    kind.name
    for kind in (
        people.PERSONS_REGISTERED,
        people.POSTS_REGISTERED,
        people.HOUSEHOLDS_REGISTERED,
        risks.DANGER_AREAS_REGISTERED,
        venues.VENUES_REGISTERED,
    )
)


def is_new(kind: str) -> bool:
    """Whether facts of this kind only bring rows that cannot be in the index yet."""
    return kind in _REGISTERING
