"""The reads on persons, posts and contacts. Numbers leave here masked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.people import rules
from fengsui.foundation.people.models import ContactPoint, LocalRule, Person, Post, PostHolding
from fengsui.foundation.people.queries.rows import chunked, under
from fengsui.foundation.people.queries.standing import current_stand_ins, holders
from fengsui.foundation.people.states import CONTACT_ORDER, ContactKind, PostRole
from fengsui.foundation.places import queries as places
from fengsui.standards.divisions import full_code

PROVEN_DAYS = "proven_days"
STANDING_IN = "（顶岗）"
_CONTACT_COLUMNS = (
    "id",
    "person_id",
    "post_id",
    "place_code",
    "kind",
    "value",
    "proven_at",
    "failed_at",
)


def person(person_id: int, *, viewer: Viewer) -> dict[str, Any]:
    """One person with posts and masked contacts; raises access.not_found out of sight."""
    found = persons([person_id], viewer=viewer)
    if not found:
        raise NOT_FOUND()
    one = found[0]
    one["posts"] = _posts_held([person_id], viewer).get(person_id, [])
    one["contacts"] = contacts(person_ids=[person_id], viewer=viewer)
    return one


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
            visible(viewer, Permission.SEE_PEOPLE),
            person_id=person_id,
            kind=ContactKind.PHONE,
            is_withdrawn=False,
        )
        .exclude(value="")
        .order_by("id")
        .first()
    )
    if found is None:
        raise NOT_FOUND()
    return found


def persons(person_ids: Iterable[int], *, viewer: Viewer) -> list[dict[str, Any]]:
    """{"id", "name", "place_code", "is_invented", "is_withdrawn"} of those in sight."""
    return [
        dict(row)
        for ids in chunked(person_ids)
        for row in Person.objects.filter(visible(viewer, Permission.SEE_PEOPLE), pk__listed=ids)
        .order_by("id")
        .values("id", "name", "place_code", "is_invented", "is_withdrawn")
    ]


def persons_in(codes: Iterable[str], *, viewer: Viewer) -> list[dict[str, Any]]:
    """Persons registered at or below the codes."""
    rows = (
        Person.objects.filter(
            visible(viewer, Permission.SEE_PEOPLE), under(codes), is_withdrawn=False
        )
        .order_by("place_code", "id")
        .values("id", "name", "place_code", "is_invented")
    )
    return [dict(row) for row in rows]


def person_names(person_ids: Iterable[int], *, viewer: Viewer) -> dict[int, str]:
    """Person id -> name of those in sight."""
    return {
        one: name
        for ids in chunked(person_ids)
        for one, name in Person.objects.filter(
            visible(viewer, Permission.SEE_PEOPLE), pk__listed=ids
        ).values_list("pk", "name")
    }


def posts_in(
    codes: Iterable[str], roles: Iterable[str] | None = None, *, viewer: Viewer
) -> list[dict[str, Any]]:
    """Posts at or below the codes: {"id", "place_code", "role", "title"}."""
    rows = Post.objects.filter(
        visible(viewer, Permission.SEE_PEOPLE), under(codes), is_withdrawn=False
    )
    return _post_rows(rows, roles)


def posts_at(
    codes: Iterable[str], roles: Iterable[str] | None = None, *, viewer: Viewer
) -> list[dict[str, Any]]:
    """Posts exactly at the codes, not below: {"id", "place_code", "role", "title"}."""
    rows = Post.objects.filter(
        visible(viewer, Permission.SEE_PEOPLE), place_code__listed=set(codes), is_withdrawn=False
    )
    return _post_rows(rows, roles)


def posts_without_holder(post_ids: Iterable[int], *, viewer: Viewer) -> list[dict[str, Any]]:
    """Posts that nobody holds tonight: {"id", "place_code", "role", "title"}."""
    wanted = list(post_ids)
    held = holders(wanted, viewer=viewer)
    return [
        row
        for ids in chunked(wanted)
        for row in _post_rows(
            Post.objects.filter(
                visible(viewer, Permission.SEE_PEOPLE), pk__listed=ids, is_withdrawn=False
            ),
            None,
        )
        if row["id"] not in held
    ]


def main_post_title(person_id: int, *, viewer: Viewer) -> str:
    """ "县应急局 值班员": the first A post a person holds; "" where none is in sight."""
    held = _posts_held([person_id], viewer).get(person_id, [])
    if not held:
        return ""
    first = held[0]
    name = places.names([first["place_code"]], viewer=viewer).get(first["place_code"], "")
    return f"{name} {first['title']}".strip() if name not in first["title"] else first["title"]


def titles_of(person_ids: Sequence[int], *, viewer: Viewer) -> dict[int, list[str]]:
    """Person id -> titles of the posts that the person holds, A posts first."""
    return {
        one: [held["title"] for held in posts]
        for ids in chunked(person_ids)
        for one, posts in _posts_held(ids, viewer).items()
    }


def contacts(
    *,
    person_ids: Iterable[int] = (),
    post_ids: Iterable[int] = (),
    viewer: Viewer,
) -> list[dict[str, Any]]:
    """Contact points with the value masked.

    {"contact_point_id", "person_id", "post_id", "place_code", "kind", "value_masked",
     "proven_at", "state"}, each owner's best first; a post's number (值班电话) is an office number
    but is masked all the same.
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
            "state": row["state"].value,
        }
        for row in contact_rows(person_ids, post_ids, viewer)
    ]


def contact_rows(
    person_ids: Iterable[int], post_ids: Iterable[int], viewer: Viewer
) -> list[dict[str, Any]]:
    """Contact points with their full values; each owner's proven ones first, dead ones last."""
    rows: list[dict[str, Any]] = []
    now, days = clock.now(), proven_days()
    for field, wanted in (("person_id", person_ids), ("post_id", post_ids)):
        for ids in chunked(wanted):
            found = ContactPoint.objects.filter(
                visible(viewer, Permission.SEE_PEOPLE),
                **{f"{field}__listed": ids},
                is_withdrawn=False,
            ).exclude(value="")
            listed = list(found.values(*_CONTACT_COLUMNS))
            for row in listed:
                row["state"] = rules.contact_state(
                    row["proven_at"], row["failed_at"], now, days=days
                )
            rows += sorted(listed, key=lambda row: (CONTACT_ORDER[row["state"]], row["id"]))
    return rows


def proven_days() -> int:
    """For how many days an answer proves a number here; the county's own, or the default."""
    said = LocalRule.objects.filter(pk=PROVEN_DAYS).values_list("number", flat=True).first()
    return rules.PROVEN_DAYS_DEFAULT if said is None else int(said)


def with_number(person_ids: Iterable[int], *, viewer: Viewer) -> set[int]:
    """Those of the persons who have any contact point but the knock on the door."""
    return {
        one
        for ids in chunked(person_ids)
        for one in ContactPoint.objects.filter(
            visible(viewer, Permission.SEE_PEOPLE), person_id__listed=ids, is_withdrawn=False
        )
        .exclude(value="")
        .exclude(kind=ContactKind.IN_PERSON)
        .values_list("person_id", flat=True)
    }


def duty_phones(code: str, *, viewer: Viewer) -> list[dict[str, str]]:
    """值班电话 of a place and of the places above it, nearest first, for the public to ring.

    {"place_code", "title", "phone"}. For any viewer, signed in or not: these numbers are
    published, and they belong to posts, never to persons.
    """
    chain = [full_code(code), *places.codes_above(full_code(code))]
    rows = (
        ContactPoint.objects.filter(
            post__role=PostRole.DUTY_ROOM,
            post__is_withdrawn=False,
            place_code__in=chain,
            kind=ContactKind.PHONE,
            is_withdrawn=False,
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
    return {
        one: code
        for ids in chunked(person_ids)
        for one, code in Person.objects.filter(pk__listed=ids).values_list("pk", "place_code")
    }


def place_codes_of_posts(post_ids: Sequence[int]) -> dict[int, str]:
    """For the services of this app, which check the right themselves."""
    return {
        one: code
        for ids in chunked(post_ids)
        for one, code in Post.objects.filter(pk__listed=ids).values_list("pk", "place_code")
    }


def _post_rows(rows: QuerySet[Post], roles: Iterable[str] | None) -> list[dict[str, Any]]:
    if roles is not None:
        rows = rows.filter(role__in=[str(role) for role in roles])
    ordered = rows.order_by("place_code", "id").values("id", "place_code", "role", "title")
    return [dict(row) for row in ordered]


def _posts_held(person_ids: Sequence[int], viewer: Viewer) -> dict[int, list[dict[str, Any]]]:
    rows = (
        PostHolding.objects.filter(
            visible(viewer, Permission.SEE_PEOPLE),
            person_id__in=person_ids,
            until_at__isnull=True,
            post__is_withdrawn=False,
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
    for one in _posts_stood_in(person_ids, viewer):
        held.setdefault(one.pop("person_id"), []).append(one)
    return held


def _posts_stood_in(person_ids: Sequence[int], viewer: Viewer) -> list[dict[str, Any]]:
    """The posts on which these persons stand in tonight, as rows of `_posts_held`."""
    standing = current_stand_ins(viewer, clock.now(), person_ids=person_ids)
    posts = Post.objects.in_bulk({row["post_id"] for row in standing})
    return [
        {
            "person_id": row["person_id"],
            "post_id": row["post_id"],
            "slot": row["slot"],
            "role": posts[row["post_id"]].role,
            "title": posts[row["post_id"]].title + STANDING_IN,
            "place_code": row["place_code"],
        }
        for row in standing
        if row["post_id"] in posts
    ]
