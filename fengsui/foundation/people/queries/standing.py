"""Who answers for a post tonight: the holders, less who is absent, with whoever stands in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.people import rules
from fengsui.foundation.people.models import Absence, Person, PostHolding, StandIn
from fengsui.foundation.people.queries.rows import chunked
from fengsui.foundation.people.states import PostRole

# Post id -> (its place, person ids in the order in which they are rung).
Rota = Callable[[Iterable[int]], Mapping[int, tuple[str, Sequence[int]]]]


def _no_rota(post_ids: Iterable[int]) -> Mapping[int, tuple[str, Sequence[int]]]:
    return {}


_rota: Rota = _no_rota


def set_rota(rota: Rota | None) -> None:
    """`config` calls this once: who is on tonight's rota of the posts that have one.

    The register says who belongs to a 值班室; the rota says who sits there now.
    """
    global _rota
    _rota = rota or _no_rota


_STAND_IN_COLUMNS = (
    "id",
    "post_id",
    "person_id",
    "absent_person_id",
    "place_code",
    "slot",
    "since_at",
    "until_at",
)


@dataclass(slots=True)
class Manning:
    """One post tonight. `on_post`: {"A": person ids, "B": person ids}."""

    held: list[tuple[int, str]] = field(default_factory=list)  # as the register has it
    stand_ins: list[dict[str, Any]] = field(default_factory=list)
    on_post: dict[str, list[int]] = field(default_factory=lambda: {"A": [], "B": []})

    @property
    def people(self) -> list[int]:
        """Whoever is called for the post, B only where no A is."""
        return self.on_post["A"] or self.on_post["B"]


def manning(post_ids: Iterable[int], *, viewer: Viewer) -> dict[int, Manning]:
    """Post id -> who is on it now, for every post asked for that is in sight.

    A duty room with a rota is manned by whoever the rota names now, less who is absent. Four
    queries for 5,000 posts. Ids only: names are looked up by `holders`.
    """
    wanted = list(dict.fromkeys(post_ids))
    now = clock.now()
    posts: dict[int, Manning] = defaultdict(Manning)
    for ids in chunked(wanted):
        holdings = PostHolding.objects.filter(
            visible(viewer, Permission.SEE_PEOPLE),
            post_id__listed=ids,
            until_at__isnull=True,
            person__is_withdrawn=False,
            post__is_withdrawn=False,
        ).order_by("id")
        for post_id, person_id, slot in holdings.values_list("post_id", "person_id", "slot"):
            posts[post_id].held.append((person_id, slot))
    for row in current_stand_ins(viewer, now, post_ids=wanted):
        posts[row["post_id"]].stand_ins.append(row)
    on_rota = {
        key: people
        for key, (place_code, people) in _rota(wanted).items()
        if viewer.may(Permission.SEE_PEOPLE, place_code)
    }
    absent = absent_now(
        {one for post in posts.values() for one, _ in post.held}
        | {row["person_id"] for post in posts.values() for row in post.stand_ins}
        | {one for people in on_rota.values() for one in people}
    )
    for post in posts.values():
        standing = [
            rules.Standing(row["person_id"], row["absent_person_id"], row["slot"])
            for row in post.stand_ins
        ]
        post.on_post = rules.on_post(post.held, absent.keys(), standing)
    for key, people in on_rota.items():
        here = [one for one in people if one not in absent]
        if here:
            posts[key].on_post = {"A": here[:1], "B": here[1:]}
    return dict(posts)


def holders(
    post_ids: Iterable[int], *, viewer: Viewer
) -> dict[int, dict[str, list[dict[str, Any]]]]:
    """Post id -> {"A": [...], "B": [...]} of {"person_id", "name", "place_code"}, tonight.

    A stand-in is there instead of the holder who is away. A post with nobody is left out.
    """
    posts = manning(post_ids, viewer=viewer)
    ids = {one for post in posts.values() for slot in post.on_post.values() for one in slot}
    return _named(posts, {key: post.on_post for key, post in posts.items()}, ids, viewer)


def absent_holders(
    post_ids: Iterable[int], *, viewer: Viewer
) -> dict[int, dict[str, list[dict[str, Any]]]]:
    """As `holders`, of the posts that are held but have nobody tonight: who would be there."""
    posts = manning(post_ids, viewer=viewer)
    slots: dict[int, dict[str, list[int]]] = {}
    for key, post in posts.items():
        if post.held and not post.people:
            own = slots.setdefault(key, {"A": [], "B": []})
            for person_id, slot in post.held:
                own.setdefault(slot, []).append(person_id)
    ids = {one for own in slots.values() for slot in own.values() for one in slot}
    return _named(posts, slots, ids, viewer)


def _named(
    posts: Mapping[int, Manning],
    slots: Mapping[int, Mapping[str, Sequence[int]]],
    ids: Iterable[int],
    viewer: Viewer,
) -> dict[int, dict[str, list[dict[str, Any]]]]:
    people = {
        row["id"]: {"person_id": row["id"], "name": row["name"], "place_code": row["place_code"]}
        for chunk in chunked(ids)
        for row in Person.objects.filter(
            visible(viewer, Permission.SEE_PEOPLE), pk__listed=chunk, is_withdrawn=False
        ).values("id", "name", "place_code")
    }
    found: dict[int, dict[str, list[dict[str, Any]]]] = {}
    for key in posts:
        named = {
            slot: [people[one] for one in listed if one in people]
            for slot, listed in slots.get(key, {}).items()
        }
        if any(named.values()):
            found[key] = {"A": [], "B": [], **named}
    return found


def current_stand_ins(
    viewer: Viewer,
    now: datetime,
    *,
    post_ids: Iterable[int] | None = None,
    absent_ids: Iterable[int] | None = None,
    person_ids: Iterable[int] | None = None,
) -> list[dict[str, Any]]:
    """Stand-ins in force now, oldest first, of the posts or persons given."""
    rows = StandIn.objects.filter(
        visible(viewer, Permission.SEE_PEOPLE),
        Q(ended_at__isnull=True) | Q(ended_at__gt=now),
        since_at__lte=now,
        until_at__gt=now,
        person__is_withdrawn=False,
        post__is_withdrawn=False,
    )
    found: list[dict[str, Any]] = [
        dict(row) for row in rows.order_by("id").values(*_STAND_IN_COLUMNS)
    ]
    for name, wanted in (
        ("post_id", post_ids),
        ("absent_person_id", absent_ids),
        ("person_id", person_ids),
    ):
        if wanted is not None:
            known = set(wanted)
            found = [row for row in found if row[name] in known]
    return found


def absent_now(person_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Person id -> {"absence_id", "from_at", "until_at"} of those away now. For this app."""
    now = clock.now()
    known = set(person_ids)
    rows = Absence.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=now), from_at__lte=now, until_at__gt=now
    )
    return {
        row["person_id"]: {
            "absence_id": row["id"],
            "from_at": row["from_at"],
            "until_at": row["until_at"],
        }
        for row in rows.order_by("until_at", "id").values("id", "person_id", "from_at", "until_at")
        if row["person_id"] in known
    }


def absent_from_now(person_ids: Iterable[int]) -> list[dict[str, Any]]:
    """{"person_id", "from_at", "until_at"} of absences that are not over: for whoever plans."""
    known = set(person_ids)
    rows = Absence.objects.filter(until_at__gt=clock.now(), ended_at__isnull=True)
    found = rows.order_by("from_at", "id").values("person_id", "from_at", "until_at")
    return [dict(row) for row in found if row["person_id"] in known]


def only_in_the_grid(person_ids: Iterable[int]) -> set[int]:
    """Those whose posts are all 网格员 or 中心户长: they are rung at night for a warning only."""
    in_grid = {PostRole.GRID_WORKER.value, PostRole.HOUSEHOLD_HEAD.value}
    roles: dict[int, set[str]] = defaultdict(set)
    for ids in chunked(one for one in person_ids if one):
        held = PostHolding.objects.filter(
            person_id__listed=ids, until_at__isnull=True, post__is_withdrawn=False
        )
        for person_id, role in held.values_list("person_id", "post__role"):
            roles[person_id].add(role)
    return {person_id for person_id, held_roles in roles.items() if held_roles <= in_grid}


def stood_in_for(person_ids: Iterable[int], *, viewer: Viewer) -> dict[int, int]:
    """Absent person -> who stands in for them now, on any of their posts."""
    rows = current_stand_ins(viewer, clock.now(), absent_ids=person_ids)
    return {row["absent_person_id"]: row["person_id"] for row in reversed(rows)}


def at_one_post_with(person_ids: Iterable[int]) -> set[int]:
    """Who stands in for any of these now, and for whom any of these stands in: ids only."""
    known = set(person_ids) - {0}
    node = node_viewer()
    together = set()
    for row in current_stand_ins(node, clock.now()):
        pair = {row["person_id"], row["absent_person_id"] or 0} - {0}
        if pair & known:
            together |= pair
    return together - known
