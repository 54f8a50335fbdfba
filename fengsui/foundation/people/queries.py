"""The reads on persons, posts, contacts and households.

Telephone numbers leave here masked. A full number goes only to the program itself (to call it)
and, by `services.reveal_contact`, to a person who gave a reason.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import in_scopes, visible
from fengsui.foundation.access.viewer import Permission, Scope, Viewer
from fengsui.foundation.people import rules
from fengsui.foundation.people.models import (
    ContactPoint,
    FieldChange,
    Household,
    Person,
    Post,
    PostHolding,
    RegisterRevision,
)
from fengsui.foundation.people.states import ContactKind, PostRole, Slot
from fengsui.foundation.places import queries as places
from fengsui.standards.divisions import county_of, full_code, level_of, township_of, village_of

IDS_PER_QUERY = 5_000  # SQLite takes 32,766 variables in a statement, PostgreSQL 65,535
HOUSEHOLD_TITLE = "住户"

phone_masked = rules.phone_masked

_SUPERIOR_ROLES = (
    PostRole.DUTY_ROOM,
    PostRole.TOWNSHIP_LEADER,
    PostRole.TOWNSHIP_DEPUTY,
    PostRole.DUTY_LEADER,
)
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
)


# --- gates ----------------------------------------------------------------------------------


def person(person_id: int, *, viewer: Viewer) -> dict[str, Any]:
    """One person with posts and masked contacts; raises access.not_found out of sight."""
    found = persons([person_id], viewer=viewer)
    if not found:
        raise NOT_FOUND()
    one = found[0]
    one["posts"] = _posts_held([person_id], viewer).get(person_id, [])
    one["contacts"] = contacts(person_ids=[person_id], viewer=viewer)
    return one


def gate_household(household_id: int, *, viewer: Viewer) -> Household:
    """The household's row; raises access.not_found out of sight."""
    found = Household.objects.filter(
        visible(viewer, Permission.SEE_HOUSEHOLDS), pk=household_id
    ).first()
    if found is None:
        raise NOT_FOUND()
    return found


def gate_contact(contact_point_id: int, *, viewer: Viewer) -> ContactPoint:
    """The contact point's row, full value; raises access.not_found out of sight."""
    found = ContactPoint.objects.filter(
        visible(viewer, Permission.SEE_PEOPLE), pk=contact_point_id
    ).first()
    if found is None:
        raise NOT_FOUND()
    return found


def first_phone(person_id: int, *, viewer: Viewer) -> ContactPoint:
    """A person's first telephone; raises access.not_found where there is none in sight."""
    found = (
        ContactPoint.objects.filter(
            visible(viewer, Permission.SEE_PEOPLE), person_id=person_id, kind=ContactKind.PHONE
        )
        .exclude(value="")
        .order_by("id")
        .first()
    )
    if found is None:
        raise NOT_FOUND()
    return found


# --- persons and posts ----------------------------------------------------------------------


def persons(person_ids: Iterable[int], *, viewer: Viewer) -> list[dict[str, Any]]:
    """{"id", "name", "place_code", "is_invented"} of those in sight."""
    return [
        dict(row)
        for ids in _chunked(person_ids)
        for row in Person.objects.filter(visible(viewer, Permission.SEE_PEOPLE), pk__in=ids)
        .order_by("id")
        .values("id", "name", "place_code", "is_invented")
    ]


def persons_in(codes: Iterable[str], *, viewer: Viewer) -> list[dict[str, Any]]:
    """Persons registered at or below the codes."""
    rows = (
        Person.objects.filter(visible(viewer, Permission.SEE_PEOPLE), _under(codes))
        .order_by("place_code", "id")
        .values("id", "name", "place_code", "is_invented")
    )
    return [dict(row) for row in rows]


def person_names(person_ids: Iterable[int], *, viewer: Viewer) -> dict[int, str]:
    """Person id -> name of those in sight."""
    return {
        one: name
        for ids in _chunked(person_ids)
        for one, name in Person.objects.filter(
            visible(viewer, Permission.SEE_PEOPLE), pk__in=ids
        ).values_list("pk", "name")
    }


def posts_in(
    codes: Iterable[str], roles: Iterable[str] | None = None, *, viewer: Viewer
) -> list[dict[str, Any]]:
    """Posts at or below the codes: {"id", "place_code", "role", "title"}."""
    rows = Post.objects.filter(visible(viewer, Permission.SEE_PEOPLE), _under(codes))
    return _post_rows(rows, roles)


def posts_at(
    codes: Iterable[str], roles: Iterable[str] | None = None, *, viewer: Viewer
) -> list[dict[str, Any]]:
    """Posts exactly at the codes, not below: {"id", "place_code", "role", "title"}."""
    rows = Post.objects.filter(visible(viewer, Permission.SEE_PEOPLE), place_code__in=set(codes))
    return _post_rows(rows, roles)


def holders(
    post_ids: Iterable[int], *, viewer: Viewer
) -> dict[int, dict[str, list[dict[str, Any]]]]:
    """Post id -> {"A": [...], "B": [...]} of {"person_id", "name", "place_code"}."""
    result: dict[int, dict[str, list[dict[str, Any]]]] = {}
    for row in _holdings(post_ids, viewer):
        slots = result.setdefault(row["post_id"], {Slot.A.value: [], Slot.B.value: []})
        slots.setdefault(row["slot"], []).append(
            {
                "person_id": row["person_id"],
                "name": row["person__name"],
                "place_code": row["person__place_code"],
            }
        )
    return result


def main_post_title(person_id: int, *, viewer: Viewer) -> str:
    """ "县应急局 值班员": the first A post a person holds; "" where none is in sight."""
    held = _posts_held([person_id], viewer).get(person_id, [])
    if not held:
        return ""
    first = held[0]
    name = places.names([first["place_code"]], viewer=viewer).get(first["place_code"], "")
    return f"{name} {first['title']}".strip() if name not in first["title"] else first["title"]


def contacts(
    *,
    person_ids: Iterable[int] = (),
    post_ids: Iterable[int] = (),
    viewer: Viewer,
) -> list[dict[str, Any]]:
    """Contact points with the value masked.

    {"contact_point_id", "person_id", "post_id", "place_code", "kind", "value_masked",
     "proven_at"}; a post's number (值班电话) is an office number but is masked all the same.
    """
    return [
        {
            "contact_point_id": row["id"],
            "person_id": row["person_id"],
            "post_id": row["post_id"],
            "place_code": row["place_code"],
            "kind": row["kind"],
            "value_masked": rules.phone_masked(row["value"]),
            "proven_at": row["proven_at"],
        }
        for row in _contact_rows(person_ids, post_ids, viewer)
    ]


def duty_phones(code: str, *, viewer: Viewer) -> list[dict[str, str]]:
    """值班电话 of a place and of the places above it, nearest first, for the public to ring.

    {"place_code", "title", "phone"}. For any viewer, signed in or not: these numbers are
    published, and they belong to posts, never to persons.
    """
    chain = [full_code(code), *places.codes_above(full_code(code))]
    rows = (
        ContactPoint.objects.filter(
            post__role=PostRole.DUTY_ROOM, place_code__in=chain, kind=ContactKind.PHONE
        )
        .exclude(value="")
        .order_by("id")
        .values("place_code", "post__title", "value")
    )
    return sorted(
        (
            {"place_code": row["place_code"], "title": row["post__title"], "phone": row["value"]}
            for row in rows
        ),
        key=lambda row: chain.index(row["place_code"]),
    )


def place_codes_of_persons(person_ids: Sequence[int]) -> dict[int, str]:
    """For the services of this app, which check the right themselves."""
    return dict(Person.objects.filter(pk__in=person_ids).values_list("pk", "place_code"))


def place_codes_of_posts(post_ids: Sequence[int]) -> dict[int, str]:
    """For the services of this app, which check the right themselves."""
    return dict(Post.objects.filter(pk__in=post_ids).values_list("pk", "place_code"))


# --- households -----------------------------------------------------------------------------


def household(household_id: int, *, viewer: Viewer) -> dict[str, Any]:
    """One household, see `households`; raises access.not_found out of sight."""
    found = households([household_id], viewer=viewer)
    if not found:
        raise NOT_FOUND()
    return found[0]


def households(household_ids: Iterable[int], *, viewer: Viewer) -> list[dict[str, Any]]:
    """Rows of those in sight: the model's columns with "relative_phone_masked"."""
    return [
        _shown(row)
        for ids in _chunked(household_ids)
        for row in Household.objects.filter(visible(viewer, Permission.SEE_HOUSEHOLDS), pk__in=ids)
        .order_by("place_code", "id")
        .values(*_HOUSEHOLD_COLUMNS)
    ]


def households_in(
    codes: Iterable[str], *, viewer: Viewer, after: int = 0, limit: int = 1000
) -> list[dict[str, Any]]:
    """Households at or below the codes by id, page by page (`after` = last id seen)."""
    rows = Household.objects.filter(
        visible(viewer, Permission.SEE_HOUSEHOLDS), _under(codes), pk__gt=after
    ).order_by("id")[:limit]
    return [_shown(row) for row in rows.values(*_HOUSEHOLD_COLUMNS)]


def households_of(person_id: int, *, viewer: Viewer) -> list[dict[str, Any]]:
    """Households that a person heads (中心户长) or answers for (转移包保责任人)."""
    rows = Household.objects.filter(
        Q(group_head_id=person_id) | Q(responsible_person_id=person_id),
        visible(viewer, Permission.SEE_HOUSEHOLDS),
    ).order_by("place_code", "id")
    return [_shown(row) for row in rows.values(*_HOUSEHOLD_COLUMNS)]


def field_history(entity_id: int, *, viewer: Viewer) -> list[dict[str, Any]]:
    """Every value said of a person, contact or household since it was registered, latest first.

    {"field", "value", "at", "actor_id", "is_current"}; numbers masked; losers are there too.
    """
    rows = FieldChange.objects.filter(
        visible(viewer, Permission.SEE_HOUSEHOLDS) & visible(viewer, Permission.SEE_PEOPLE),
        entity_id=entity_id,
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


def households_revision() -> int:
    """Grows with every fact that touches households; holds nothing about anybody."""
    row = RegisterRevision.objects.filter(name="households").first()
    return row.number if row is not None else 0


# --- parties of a call ----------------------------------------------------------------------


def parties_for_posts(post_ids: Iterable[int], *, viewer: Viewer) -> list[dict[str, Any]]:
    """One party per A holder (B where no A is): whom to call, who stands in, who is above.

    A person who holds several of the posts appears once, titles joined. Values of contacts are
    full for the program itself and masked for a person; a callout is opened by the program.
    {"person_id", "name", "place_code", "unit_code", "post_title", "household_id": None,
     "contacts": [{"kind", "value", "contact_point_id"}], "deputies": [...], "superiors": [...]}
    where deputies and superiors are {"person_id", "name", "contacts"}.
    """
    posts = {
        row["id"]: row
        for ids in _chunked(post_ids)
        for row in Post.objects.filter(visible(viewer, Permission.SEE_PEOPLE), pk__in=ids)
        .order_by("place_code", "id")
        .values("id", "place_code", "role", "title")
    }
    held = holders(posts, viewer=viewer)
    above = _superiors(posts.values(), viewer)
    people: dict[int, dict[str, Any]] = {}
    for slots in (*held.values(), *above.values()):
        for group in slots.values():
            people.update({one["person_id"]: one for one in group})
    reach = _reach(people, viewer)
    post_reach = _post_reach(posts, viewer)
    parties: dict[int, dict[str, Any]] = {}
    for post_id, post in posts.items():
        slots = held.get(post_id, {"A": [], "B": []})
        callees, deputies = slots["A"] or slots["B"], slots["B"] if slots["A"] else []
        superiors = [
            one
            for code in _units_above(post["place_code"])
            for one in above.get(code, {}).get("A", [])
        ]
        for one in callees:
            party = parties.setdefault(one["person_id"], _party(one, post, reach))
            if post["title"] not in party["post_title"].split("、"):
                party["post_title"] += f"、{post['title']}"
            _add(party["contacts"], post_reach.get(post_id, []), "contact_point_id")
            taken = {one["person_id"]}
            _add(party["deputies"], _named(deputies, reach, taken), "person_id")
            taken |= {deputy["person_id"] for deputy in party["deputies"]}
            _add(party["superiors"], _named(superiors, reach, taken), "person_id")
    return list(parties.values())


def posts_without_holder(post_ids: Iterable[int], *, viewer: Viewer) -> list[dict[str, Any]]:
    """Posts that nobody holds tonight: {"id", "place_code", "role", "title"}."""
    wanted = list(post_ids)
    held = holders(wanted, viewer=viewer)
    return [
        row
        for ids in _chunked(wanted)
        for row in _post_rows(
            Post.objects.filter(visible(viewer, Permission.SEE_PEOPLE), pk__in=ids), None
        )
        if row["id"] not in held
    ]


def parties_for_persons(
    wanted: Sequence[Mapping[str, Any]], *, viewer: Viewer
) -> list[dict[str, Any]]:
    """Parties of [{"person_id", "title"}] in their order, each once, as `parties_for_posts`."""
    titles: dict[int, list[str]] = {}
    for one in wanted:
        titles.setdefault(one["person_id"], []).append(one["title"])
    found = {one["id"]: one for one in persons(titles, viewer=viewer)}
    people = {
        key: {"person_id": key, "name": one["name"], "place_code": one["place_code"]}
        for key, one in found.items()
    }
    reach = _reach(people, viewer)
    return [
        _party(
            people[key],
            {"place_code": people[key]["place_code"], "title": "、".join(dict.fromkeys(names))},
            reach,
        )
        for key, names in titles.items()
        if key in people
    ]


def parties_for_households(household_ids: Iterable[int], *, viewer: Viewer) -> list[dict[str, Any]]:
    """Households as parties: their own number, then the group head, then who answers for them.

    As `parties_for_posts`, with "household_id", name = label, title 住户, no unit; deputies are
    the 中心户长, superiors the 转移包保责任人. Households without a contact person are left out
    (`households_without_contact` counts them).
    """
    rows = [
        row
        for ids in _chunked(household_ids)
        for row in Household.objects.filter(
            visible(viewer, Permission.SEE_HOUSEHOLDS), pk__in=ids, contact_person_id__isnull=False
        )
        .order_by("place_code", "id")
        .values(
            "id",
            "label",
            "place_code",
            "contact_person_id",
            "group_head_id",
            "responsible_person_id",
        )
    ]
    wanted = {
        row[name]
        for row in rows
        for name in ("contact_person_id", "group_head_id", "responsible_person_id")
        if row[name] is not None
    }
    people = {
        one["id"]: {"person_id": one["id"], "name": one["name"], "place_code": one["place_code"]}
        for one in persons(wanted, viewer=viewer)
    }
    reach = _reach(people, viewer)
    parties = []
    for row in rows:
        contact = row["contact_person_id"]
        taken = {contact}
        deputies = _named(_known(people, row["group_head_id"]), reach, taken)
        taken |= {one["person_id"] for one in deputies}
        parties.append(
            {
                "person_id": contact,
                "name": row["label"],
                "place_code": row["place_code"],
                "unit_code": "",
                "post_title": HOUSEHOLD_TITLE,
                "household_id": row["id"],
                "contacts": reach.get(contact, []),
                "deputies": deputies,
                "superiors": _named(_known(people, row["responsible_person_id"]), reach, taken),
            }
        )
    return parties


def households_without_contact(household_ids: Iterable[int], *, viewer: Viewer) -> int:
    """How many of the households have nobody whom a call could ring."""
    return sum(
        Household.objects.filter(
            visible(viewer, Permission.SEE_HOUSEHOLDS), pk__in=ids, contact_person_id__isnull=True
        ).count()
        for ids in _chunked(household_ids)
    )


def contact_persons(household_ids: Iterable[int], *, viewer: Viewer) -> dict[int, int]:
    """Household id -> the person whom a call to it rings, where there is one."""
    return {
        one: contact
        for ids in _chunked(household_ids)
        for one, contact in Household.objects.filter(
            visible(viewer, Permission.SEE_HOUSEHOLDS), pk__in=ids, contact_person_id__isnull=False
        ).values_list("pk", "contact_person_id")
    }


def with_number(person_ids: Iterable[int], *, viewer: Viewer) -> set[int]:
    """Those of the persons who have any contact point but the knock on the door."""
    return {
        one
        for ids in _chunked(person_ids)
        for one in ContactPoint.objects.filter(
            visible(viewer, Permission.SEE_PEOPLE), person_id__in=ids
        )
        .exclude(value="")
        .exclude(kind=ContactKind.IN_PERSON)
        .values_list("person_id", flat=True)
    }


# --- inside ---------------------------------------------------------------------------------


def _under(codes: Iterable[str]) -> Q:
    return in_scopes("place_code", tuple(Scope.of(code) for code in codes))


def _chunked(ids: Iterable[int]) -> Iterable[Sequence[int]]:
    return rules.chunks(list(dict.fromkeys(ids)), IDS_PER_QUERY)


def _post_rows(rows: QuerySet[Post], roles: Iterable[str] | None) -> list[dict[str, Any]]:
    if roles is not None:
        rows = rows.filter(role__in=[str(role) for role in roles])
    ordered = rows.order_by("place_code", "id").values("id", "place_code", "role", "title")
    return [dict(row) for row in ordered]


def _holdings(post_ids: Iterable[int], viewer: Viewer) -> list[dict[str, Any]]:
    return [
        dict(row)
        for ids in _chunked(post_ids)
        for row in PostHolding.objects.filter(
            visible(viewer, Permission.SEE_PEOPLE),
            visible(viewer, Permission.SEE_PEOPLE, "person__place_code"),
            post_id__in=ids,
            until_at__isnull=True,
            person__id__isnull=False,
        )
        .order_by("id")
        .values("post_id", "person_id", "slot", "person__name", "person__place_code")
    ]


def _posts_held(person_ids: Sequence[int], viewer: Viewer) -> dict[int, list[dict[str, Any]]]:
    rows = (
        PostHolding.objects.filter(
            visible(viewer, Permission.SEE_PEOPLE),
            person_id__in=person_ids,
            until_at__isnull=True,
            post__id__isnull=False,
        )
        .order_by("slot", "id")
        .values("person_id", "post_id", "slot", "post__role", "post__title", "post__place_code")
    )
    held: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        held.setdefault(row["person_id"], []).append(
            {
                "post_id": row["post_id"],
                "slot": row["slot"],
                "role": row["post__role"],
                "title": row["post__title"],
                "place_code": row["post__place_code"],
            }
        )
    return held


def _contact_rows(
    person_ids: Iterable[int], post_ids: Iterable[int], viewer: Viewer
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for field, wanted in (("person_id", person_ids), ("post_id", post_ids)):
        for ids in _chunked(wanted):
            found = ContactPoint.objects.filter(
                visible(viewer, Permission.SEE_PEOPLE), **{f"{field}__in": ids}
            ).exclude(value="")
            columns = ("id", "person_id", "post_id", "place_code", "kind", "value", "proven_at")
            rows += found.order_by("id").values(*columns)
    return rows


def _wording(viewer: Viewer) -> Callable[[str], str]:
    return str if viewer.is_node else rules.phone_masked


def _reach(people: Iterable[int], viewer: Viewer) -> dict[int, list[dict[str, Any]]]:
    return _by(_contact_rows(people, (), viewer), "person_id", viewer)


def _post_reach(posts: Iterable[int], viewer: Viewer) -> dict[int, list[dict[str, Any]]]:
    return _by(_contact_rows((), posts, viewer), "post_id", viewer)


def _by(rows: list[dict[str, Any]], owner: str, viewer: Viewer) -> dict[int, list[dict[str, Any]]]:
    worded = _wording(viewer)
    reach: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        reach.setdefault(row[owner], []).append(
            {"kind": row["kind"], "value": worded(row["value"]), "contact_point_id": row["id"]}
        )
    return reach


def _party(
    one: Mapping[str, Any], post: Mapping[str, Any], reach: Mapping[int, list[dict[str, Any]]]
) -> dict[str, Any]:
    return {
        "person_id": one["person_id"],
        "name": one["name"],
        "place_code": post["place_code"],
        "unit_code": _unit(post["place_code"]),
        "post_title": post["title"],
        "household_id": None,
        "contacts": list(reach.get(one["person_id"], [])),
        "deputies": [],
        "superiors": [],
    }


def _unit(code: str) -> str:
    """The village or township that is 应到 when this post-holder acknowledges."""
    return village_of(code) if level_of(code) not in ("county", "prefecture", "province") else ""


def _units_above(code: str) -> list[str]:
    """Village and below -> its township, then its county; township -> its county."""
    township, county = township_of(code), county_of(code)
    return [
        one for one in dict.fromkeys((township, county)) if one != code and one != village_of(code)
    ]


def _superiors(
    posts: Iterable[Mapping[str, Any]], viewer: Viewer
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Place code -> holders of its duty room and leading posts, the duty room first."""
    wanted = {code for post in posts for code in _units_above(post["place_code"])}
    rows = posts_at(wanted, _SUPERIOR_ROLES, viewer=viewer)
    rows.sort(key=lambda row: _SUPERIOR_ROLES.index(row["role"]))
    held = holders([row["id"] for row in rows], viewer=viewer)
    above: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for row in rows:
        slots = above.setdefault(row["place_code"], {"A": []})
        slots["A"] += held.get(row["id"], {}).get("A", [])
    return above


def _named(
    people: Sequence[Mapping[str, Any]],
    reach: Mapping[int, list[dict[str, Any]]],
    taken: set[int],
) -> list[dict[str, Any]]:
    return [
        {
            "person_id": one["person_id"],
            "name": one["name"],
            "contacts": list(reach.get(one["person_id"], [])),
        }
        for one in people
        if one["person_id"] not in taken
    ]


def _known(people: Mapping[int, Mapping[str, Any]], one: int | None) -> list[Mapping[str, Any]]:
    return [people[one]] if one is not None and one in people else []


def _add(target: list[dict[str, Any]], more: Iterable[dict[str, Any]], key: str) -> None:
    held = {one[key] for one in target}
    for one in more:
        if one[key] not in held:
            held.add(one[key])
            target.append(one)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    row["relative_phone_masked"] = rules.phone_masked(row.pop("relative_phone"))
    return row
