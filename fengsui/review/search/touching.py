"""Which rows a fact touches, so that they are read and indexed anew. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from fengsui.foundation.journal.facts import Fact
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
TOUCHES: Mapping[str, Callable[[Fact], Touched]] = {
    **{kinds.changed.name: _changed(kind) for kind, kinds in _GENERIC.items()},
    **{
        one.name: _keys(kind)
        for kind, kinds in _GENERIC.items()
        for one in (kinds.withdrawn, kinds.restored)
    },
    people.PERSONS_REGISTERED.name: _each(Kind.PERSON),
    people.PERSON_RENAMED.name: _one(Kind.PERSON, "person_id"),
    people.CONTACTS_REGISTERED.name: _owners,
    people.POSTS_REGISTERED.name: _each(Kind.POST),
    people.HOUSEHOLDS_REGISTERED.name: _each(Kind.HOUSEHOLD),
    people.HOUSEHOLD_CHANGED.name: _one(Kind.HOUSEHOLD, "household_id"),
    places.PLACES_IMPORTED.name: _codes,
    risks.DANGER_AREAS_REGISTERED.name: _each(Kind.DANGER_AREA),
    risks.DANGER_AREA_CHANGED.name: _one(Kind.DANGER_AREA, "danger_area_id"),
    venues.VENUES_REGISTERED.name: _each(Kind.VENUE),
}
# A contact point changed: the person who owns it is found in the rows.
OF_CONTACTS: Mapping[str, Callable[[Fact], list[int]]] = {
    people.CONTACT_REPLACED.name: lambda fact: [fact.fields["contact_point_id"]],
    people.CONTACTS.changed.name: lambda fact: [row[0] for row in fact.fields["rows"]],
    people.CONTACTS.withdrawn.name: lambda fact: list(fact.fields["keys"]),
    people.CONTACTS.restored.name: lambda fact: list(fact.fields["keys"]),
}
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
