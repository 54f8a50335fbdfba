"""What an answer shows of a row. Each register is read again under the viewer's own rights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.people import queries as people
from fengsui.foundation.people.models import Household, Person, Post
from fengsui.foundation.places import queries as places
from fengsui.foundation.places.models import Place
from fengsui.registers.risks.models import DangerArea
from fengsui.registers.venues.models import Venue
from fengsui.review.search.states import Kind
from fengsui.standards.divisions import county_of, township_of, village_of
from fengsui.standards.venue_kinds import venue_kind_words

Row = dict[str, Any]


def rows(kind: Kind, ids: Sequence[int], *, viewer: Viewer) -> list[Row]:
    """{"kind", "id", "title", "path", "detail", "place_code", "is_invented"} of those in sight."""
    if not ids:
        return []
    found = _READERS[kind](ids, viewer)
    names = _names([row["place_code"] for row in found], viewer)
    for row in found:
        row["kind"] = kind.ledger
        own = row["place_code"] if kind is Kind.PLACE else ""
        row["path"] = [
            {"code": code, "name": names[code]}
            for code in _levels(row["place_code"])
            if code in names and code != own
        ]
    return found


def _levels(code: str) -> list[str]:
    return list(dict.fromkeys((county_of(code), township_of(code), village_of(code), code)))


def _names(codes: Sequence[str], viewer: Viewer) -> dict[str, str]:
    return places.names({one for code in codes for one in _levels(code)}, viewer=viewer)


def _places(ids: Sequence[int], viewer: Viewer) -> list[Row]:
    found = Place.objects.filter(
        visible(viewer, Permission.SEE_PLACES, "code"),
        code__in=[str(one) for one in ids],
        is_withdrawn=False,
    )
    return [
        _row(code, name, code, invented, {"level": level})
        for code, name, level, invented in found.values_list("code", "name", "level", "is_invented")
    ]


def _persons(ids: Sequence[int], viewer: Viewer) -> list[Row]:
    found = Person.objects.filter(
        visible(viewer, Permission.SEE_PEOPLE), pk__in=ids, is_withdrawn=False
    ).exclude(name="")
    named = list(found.values_list("pk", "name", "place_code", "is_invented"))
    inside = [one for one, *_ in named]
    titles = people.titles_of(inside, viewer=viewer)
    phones: dict[int, str] = {}
    for contact in people.contacts(person_ids=inside, viewer=viewer):
        if contact["kind"] == "phone":
            phones.setdefault(contact["person_id"], contact["value_masked"])
    return [
        _row(
            one,
            name,
            place,
            invented,
            {"titles": titles.get(one, []), "phone_masked": phones.get(one, "")},
        )
        for one, name, place, invented in named
    ]


def _posts(ids: Sequence[int], viewer: Viewer) -> list[Row]:
    found = Post.objects.filter(
        visible(viewer, Permission.SEE_PEOPLE), pk__in=ids, is_withdrawn=False
    )
    named = list(found.values_list("pk", "title", "place_code", "is_invented"))
    held = people.holders([one for one, *_ in named], viewer=viewer)
    return [
        _row(
            one,
            title,
            place,
            invented,
            {"holders": [who["name"] for slot in held.get(one, {}).values() for who in slot]},
        )
        for one, title, place, invented in named
    ]


def _households(ids: Sequence[int], viewer: Viewer) -> list[Row]:
    found = Household.objects.filter(
        visible(viewer, Permission.SEE_HOUSEHOLDS), pk__in=ids, is_withdrawn=False
    ).exclude(label="")
    columns = ("pk", "label", "place_code", "is_invented", "people_count", "assist_level")
    return [
        _row(one, label, place, invented, {"people": count, "assist_level": level})
        for one, label, place, invented, count, level in found.values_list(*columns)
    ]


def _venues(ids: Sequence[int], viewer: Viewer) -> list[Row]:
    found = Venue.objects.filter(
        visible(viewer, Permission.SEE_PEOPLE), pk__in=ids, is_withdrawn=False
    )
    return [
        _row(one, name, place, invented, _kind_of_venue(kind))
        for one, name, place, invented, kind in found.values_list(
            "pk", "name", "place_code", "is_invented", "kind"
        )
    ]


def _kind_of_venue(kind: str) -> Row:
    zh, en = venue_kind_words(kind)
    return {"venue_kind": kind, "venue_kind_zh": zh, "venue_kind_en": en}


def _danger_areas(ids: Sequence[int], viewer: Viewer) -> list[Row]:
    found = DangerArea.objects.filter(
        visible(viewer, Permission.SEE_HOUSEHOLDS), pk__in=ids, is_withdrawn=False
    )
    return [
        _row(one, name, place, invented, {"danger_kind": kind})
        for one, name, place, invented, kind in found.values_list(
            "pk", "name", "place_code", "is_invented", "kind"
        )
    ]


def _row(one: int | str, title: str, place: str, invented: bool, detail: Row) -> Row:
    return {
        "id": str(one),
        "title": title,
        "place_code": place,
        "is_invented": invented,
        "detail": detail,
    }


_READERS = {
    Kind.PLACE: _places,
    Kind.PERSON: _persons,
    Kind.POST: _posts,
    Kind.HOUSEHOLD: _households,
    Kind.VENUE: _venues,
    Kind.DANGER_AREA: _danger_areas,
}
