"""The board of posts tonight, one's own posts, and what became of earlier stand-ins."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.people.models import Absence, Person, Post, PostHolding, StandIn
from fengsui.foundation.people.queries.persons import contact_rows
from fengsui.foundation.people.queries.rows import chunked, under
from fengsui.foundation.people.queries.standing import Manning, absent_now, manning
from fengsui.foundation.people.rules import is_in_force, phone_masked, role_of_post
from fengsui.foundation.people.states import (
    CONTACT_ORDER,
    ContactState,
    PostRole,
    PostState,
)
from fengsui.foundation.places import queries as places
from fengsui.standards.divisions import county_of, level_of, township_of

# Group heads are many, and each has a grid worker above; they are asked for by their role.
WATCHED_ROLES: tuple[PostRole, ...] = tuple(
    role for role in PostRole if role is not PostRole.HOUSEHOLD_HEAD
)
POSTS_PER_PAGE_MAX = 200
HISTORY_MAX = 100
_ORDER: Mapping[PostState, int] = {state: number for number, state in enumerate(PostState)}


def posts_tonight(
    *,
    viewer: Viewer,
    codes: Iterable[str] | None = None,
    roles: Sequence[str] = (),
    states: Sequence[str] = (),
    start: int = 0,
    limit: int = 100,
) -> dict[str, Any]:
    """Every post in sight at or below the codes, by township, those with nobody first.

    {"townships": [{"code", "name", "posts", "nobody", "by_b", "stood_in", "unproven"}],
     "items": [a page of posts, see `_row`], "total": of the chosen states, "next": where the next
     page starts or None}. A fixed number of queries per 5,000 posts.
    """
    wanted = [role for role in (roles or WATCHED_ROLES) if role in set(PostRole)]
    found = Post.objects.filter(
        visible(viewer, Permission.SEE_PEOPLE), role__in=wanted, is_withdrawn=False
    )
    if codes is not None:
        found = found.filter(under(codes))
    posts = [dict(row) for row in found.order_by("place_code", "id").values(*_POST_COLUMNS)]
    manned = manning([row["id"] for row in posts], viewer=viewer)
    reach = _best_contacts(posts, manned, viewer)
    for row in posts:
        row["state"] = state_of(manned.get(row["id"]))
        row["contact"] = reach.get(row["id"])
    townships = _townships(posts, viewer)
    chosen = [row for row in posts if not states or row["state"] in states]
    chosen.sort(key=lambda row: (_ORDER[row["state"]], _unproven(row) is False))
    limit = max(1, min(limit, POSTS_PER_PAGE_MAX))
    page = chosen[start : start + limit]
    return {
        "townships": townships,
        "items": _rows(page, manned, viewer),
        "total": len(chosen),
        "next": start + limit if start + limit < len(chosen) else None,
    }


def post_tonight(post_id: int, *, viewer: Viewer) -> dict[str, Any]:
    """One post: who is on it, and "history" of stand-ins, newest first."""
    row = (
        Post.objects.filter(visible(viewer, Permission.SEE_PEOPLE), pk=post_id, is_withdrawn=False)
        .values(*_POST_COLUMNS)
        .first()
    )
    if row is None:
        raise NOT_FOUND()
    return {
        **_described([dict(row)], viewer)[0],
        "history": stand_in_history(post_id, viewer=viewer),
    }


def my_posts(*, viewer: Viewer) -> list[dict[str, Any]]:
    """The posts that this very person holds or stands in on, as in `posts_tonight`."""
    if not viewer.person_id:
        return []
    held = PostHolding.objects.filter(
        person_id=viewer.person_id, until_at__isnull=True, post__is_withdrawn=False
    ).values_list("post_id", flat=True)
    now = clock.now()
    standing = [
        row.post_id
        for row in StandIn.objects.filter(person_id=viewer.person_id, until_at__gt=now)
        if is_in_force(row.since_at, row.until_at, row.ended_at, now)
    ]
    rows = Post.objects.filter(pk__in={*held, *standing}, is_withdrawn=False)
    posts = [dict(row) for row in rows.order_by("place_code", "id").values(*_POST_COLUMNS)]
    return _described(posts, viewer)


def standing_in(stand_in_id: int) -> dict[str, Any]:
    """One stand-in for those who checked the right: {"person_id", "name", "absent_person_id",
    "place_code", "place_name", "title", "role": what it lends, "since_at", "until_at"}."""
    row = StandIn.objects.select_related("person", "post").filter(pk=stand_in_id).first()
    if row is None:
        raise NOT_FOUND()
    named = places.names([row.place_code], viewer=node_viewer()).get(row.place_code, "")
    return {
        "person_id": row.person_id,
        "name": row.person.name,
        "absent_person_id": row.absent_person_id,
        "place_code": row.place_code,
        "place_name": "" if named and named in row.post.title else named,
        "title": row.post.title,
        "role": role_of_post(row.post.role, row.place_code),
        "since_at": row.since_at,
        "until_at": row.until_at,
    }


def stand_in_history(post_id: int, *, viewer: Viewer) -> list[dict[str, Any]]:
    """Who stood in on a post, newest first: what was said, by whom, and how it ended."""
    now = clock.now()
    rows = list(
        StandIn.objects.filter(visible(viewer, Permission.SEE_PEOPLE), post_id=post_id)
        .select_related("person", "absent_person")
        .order_by("-since_at", "-id")[:HISTORY_MAX]
    )
    namers = _names({row.named_by for row in rows})
    return [
        {
            "id": row.pk,
            "place_code": row.place_code,
            "person_id": row.person_id,
            "name": row.person.name,
            "absent_name": row.absent_person.name if row.absent_person else "",
            "since_at": row.since_at,
            "until_at": row.until_at,
            "ended_at": row.ended_at,
            "was_mistake": row.was_mistake,
            "is_in_force": is_in_force(row.since_at, row.until_at, row.ended_at, now),
            "reason": row.reason,
            "named_by": namers.get(row.named_by, ""),
            "named_at": row.named_at,
        }
        for row in rows
    ]


def absences(*, viewer: Viewer, codes: Iterable[str] | None = None) -> list[dict[str, Any]]:
    """Absences that are not over, those now first: who, from when until when, and their posts."""
    found = Absence.objects.filter(visible(viewer, Permission.SEE_PEOPLE))
    return _absences(found if codes is None else found.filter(under(codes)), viewer)


def my_absences(*, viewer: Viewer) -> list[dict[str, Any]]:
    """One's own absences that are not over."""
    if not viewer.person_id:
        return []
    return _absences(Absence.objects.filter(person_id=viewer.person_id), viewer)


def _absences(found: QuerySet[Absence], viewer: Viewer) -> list[dict[str, Any]]:
    now = clock.now()
    found = found.filter(until_at__gt=now, ended_at__isnull=True)
    rows = list(found.select_related("person").order_by("from_at", "id")[:HISTORY_MAX])
    titles: dict[int, list[str]] = defaultdict(list)
    held = PostHolding.objects.filter(
        visible(viewer, Permission.SEE_PEOPLE),
        person_id__in={row.person_id for row in rows},
        until_at__isnull=True,
    )
    for person_id, title in held.order_by("slot", "id").values_list("person_id", "post__title"):
        titles[person_id].append(title)
    known = places.names({row.place_code for row in rows}, viewer=viewer)
    return [
        {
            "id": row.pk,
            "person_id": row.person_id,
            "name": row.person.name,
            "place_code": row.place_code,
            "place_name": known.get(row.place_code, ""),
            "titles": titles[row.person_id],
            "from_at": row.from_at,
            "until_at": row.until_at,
            "is_in_force": is_in_force(row.from_at, row.until_at, row.ended_at, now),
            "reason": row.reason,
        }
        for row in rows
    ]


def state_of(post: Manning | None) -> PostState:
    """What tonight is like for a post; the worst is said."""
    if post is None or not (post.held or post.stand_ins):
        return PostState.VACANT
    if not post.people:
        return PostState.NOBODY
    if post.stand_ins:
        return PostState.STOOD_IN
    has_a = any(slot == "A" for _, slot in post.held)
    return PostState.BY_B if has_a and not post.on_post["A"] else PostState.MANNED


_POST_COLUMNS = ("id", "place_code", "role", "title")


def _described(posts: list[dict[str, Any]], viewer: Viewer) -> list[dict[str, Any]]:
    manned = manning([row["id"] for row in posts], viewer=viewer)
    reach = _best_contacts(posts, manned, viewer)
    for row in posts:
        row["state"] = state_of(manned.get(row["id"]))
        row["contact"] = reach.get(row["id"])
    return _rows(posts, manned, viewer)


def _rows(
    posts: Sequence[Mapping[str, Any]], manned: Mapping[int, Manning], viewer: Viewer
) -> list[dict[str, Any]]:
    known = places.names({row["place_code"] for row in posts}, viewer=viewer)
    mine = [manned[row["id"]] for row in posts if row["id"] in manned]
    ids = {one for post in mine for one, _ in post.held}
    ids |= {row["person_id"] for post in mine for row in post.stand_ins}
    ids |= {one for post in mine for one in post.people}  # of the rota
    names, away = _names(ids), absent_now(ids)
    return [_row(row, manned.get(row["id"]) or Manning(), known, names, away) for row in posts]


def _row(
    post: Mapping[str, Any],
    manned: Manning,
    known: Mapping[str, str],
    names: Mapping[int, str],
    away: Mapping[int, Mapping[str, Any]],
) -> dict[str, Any]:
    standing = {row["absent_person_id"]: row for row in manned.stand_ins}
    contact = post["contact"]
    return {
        "post_id": post["id"],
        "place_code": post["place_code"],
        "place_name": known.get(post["place_code"], ""),
        "role": post["role"],
        "title": post["title"],
        "state": post["state"].value,
        "nobody": post["state"] in (PostState.NOBODY, PostState.VACANT),
        "holders": [
            {
                "person_id": one,
                "name": names.get(one, ""),
                "slot": slot,
                "absence_id": away[one]["absence_id"] if one in away else None,
                "absent_until": away[one]["until_at"] if one in away else None,
                "is_stood_in": one in standing,
            }
            for one, slot in sorted(manned.held, key=lambda pair: pair[1])
        ],
        "stand_ins": [
            {
                "stand_in_id": row["id"],
                "person_id": row["person_id"],
                "name": names.get(row["person_id"], ""),
                "for_name": names.get(row["absent_person_id"] or 0, ""),
                "slot": row["slot"],
                "until_at": row["until_at"],
            }
            for row in manned.stand_ins
        ],
        "on_post": [names.get(one, "") for one in manned.people],
        "contact": None
        if contact is None
        else {
            "contact_point_id": contact["id"],
            "value_masked": phone_masked(contact["value"]),
            "state": contact["state"].value,
            "proven_at": contact["proven_at"],
        },
    }


def _names(person_ids: Iterable[int]) -> dict[int, str]:
    """Of those on a post that is in sight: their names come with the post."""
    return {
        one: name
        for ids in chunked(one for one in person_ids if one)
        for one, name in Person.objects.filter(pk__in=ids).values_list("pk", "name")
    }


def _best_contacts(
    posts: Sequence[Mapping[str, Any]], manned: Mapping[int, Manning], viewer: Viewer
) -> dict[int, dict[str, Any]]:
    """Post id -> the contact that is rung first for it tonight."""
    callees = {key: post.people for key, post in manned.items()}
    people = {one for group in callees.values() for one in group}
    of_person: dict[int, list[dict[str, Any]]] = defaultdict(list)
    of_post: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in contact_rows(people, [post["id"] for post in posts], viewer):
        owner = of_person[row["person_id"]] if row["person_id"] else of_post[row["post_id"]]
        owner.append(row)
    best: dict[int, dict[str, Any]] = {}
    for post in posts:
        rows = [row for one in callees.get(post["id"], ()) for row in of_person.get(one, ())]
        rows += of_post.get(post["id"], ())
        if rows:
            best[post["id"]] = min(rows, key=lambda row: CONTACT_ORDER[row["state"]])
    return best


def _unproven(row: Mapping[str, Any]) -> bool:
    return row["contact"] is None or row["contact"]["state"] is not ContactState.PROVEN


def _townships(posts: Sequence[Mapping[str, Any]], viewer: Viewer) -> list[dict[str, Any]]:
    """Counts by township; the county's own posts stand under the county."""
    rows: dict[str, dict[str, Any]] = {}
    for post in posts:
        code = post["place_code"]
        own = county_of(code) if level_of(code) == "county" else township_of(code)
        row = rows.setdefault(
            own,
            {"code": own, "posts": 0, "nobody": 0, "by_b": 0, "stood_in": 0, "unproven": 0},
        )
        row["posts"] += 1
        row["nobody"] += post["state"] in (PostState.NOBODY, PostState.VACANT)
        row["by_b"] += post["state"] is PostState.BY_B
        row["stood_in"] += post["state"] is PostState.STOOD_IN
        row["unproven"] += _unproven(post)
    known = places.names(rows, viewer=viewer)
    return [{**rows[code], "name": known.get(code, "")} for code in sorted(rows)]
