"""Whoever is on duty at X, asked when the rung of a call is reached: people as they are then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.people.models import Person
from fengsui.foundation.people.queries.persons import contact_rows, posts_at
from fengsui.foundation.people.queries.standing import holders
from fengsui.foundation.people.states import PostRole
from fengsui.standards.divisions import county_of, township_of

TITLES_JOINED_BY = "、"
_ROOMS = (PostRole.DUTY_ROOM, PostRole.DUTY_LEADER, PostRole.TOWNSHIP_LEADER)


@dataclass(frozen=True, slots=True)
class DutyAsked:
    """One call that has reached a rung on which somebody else answers for it."""

    key: int
    place_code: str
    post_title: str
    is_superior: bool  # the duty room above, else the same post's other holders
    number: int  # which of those found: 0 the first
    person_ids: tuple[int, ...]  # named when the callout opened; () whoever is on duty
    is_own_room: bool = False  # 值班电话 of the place itself, whoever picks it up


def on_duty(asked: Sequence[DutyAsked]) -> dict[int, dict[str, Any]]:
    """Key -> {"person_id", "name", "contacts": [{"kind", "value"}]} for those where there is one.

    For the program, which rings them. A duty room with a number and nobody named in it is person
    0. A fixed number of queries, however many are asked.
    """
    node = node_viewer()
    places = {code for one in asked for code in _places(one)}
    posts = posts_at(places, viewer=node)
    held = holders([post["id"] for post in posts], viewer=node)
    named = {pk for one in asked for pk in one.person_ids}
    people = {
        one["person_id"] for slots in held.values() for group in slots.values() for one in group
    }
    reach: dict[tuple[str, int], list[dict[str, Any]]] = {}
    for row in contact_rows(people | named, [post["id"] for post in posts], node):
        owner = ("person", row["person_id"]) if row["person_id"] else ("post", row["post_id"])
        reach.setdefault(owner, []).append({"kind": row["kind"], "value": row["value"]})
    names = dict(Person.objects.filter(pk__in=named, is_withdrawn=False).values_list("pk", "name"))
    found: dict[int, dict[str, Any]] = {}
    for one in asked:
        candidates = [
            {"person_id": pk, "name": names[pk], "contacts": reach.get(("person", pk), [])}
            for pk in one.person_ids
            if pk in names
        ] or _candidates(one, posts, held, reach)
        if len(candidates) > one.number:
            found[one.key] = candidates[one.number]
    return found


def _places(one: DutyAsked) -> list[str]:
    if not one.is_superior:
        return [one.place_code]
    above = (township_of(one.place_code), county_of(one.place_code))
    return [code for code in dict.fromkeys(above) if code != one.place_code]


def _candidates(
    one: DutyAsked,
    posts: Sequence[Mapping[str, Any]],
    held: Mapping[int, Mapping[str, Sequence[Mapping[str, Any]]]],
    reach: Mapping[tuple[str, int], list[dict[str, Any]]],
) -> list[dict[str, Any]]:
    """In the order in which they are rung: the nearest duty room first; B of the same post."""
    titles = one.post_title.split(TITLES_JOINED_BY)
    candidates: list[dict[str, Any]] = []
    if one.is_own_room:
        return _duty_phones(one.place_code, titles, posts, reach)
    for place in _places(one):
        here = [post for post in posts if post["place_code"] == place]
        if one.is_superior:
            here = sorted(
                (post for post in here if post["role"] in _ROOMS),
                key=lambda post: _ROOMS.index(post["role"]),
            )
        else:
            here = [post for post in here if post["title"] in titles]
        for post in here:
            slots = held.get(post["id"], {"A": [], "B": []})
            people = slots["A"] if one.is_superior else slots["B"]
            room = reach.get(("post", post["id"]), []) if one.is_superior else []
            candidates += [
                {
                    "person_id": person["person_id"],
                    "name": person["name"],
                    "contacts": [*reach.get(("person", person["person_id"]), []), *room],
                }
                for person in people
            ]
            if room and not people:
                candidates.append({"person_id": 0, "name": post["title"], "contacts": room})
    return candidates


def _duty_phones(
    place_code: str,
    titles: Sequence[str],
    posts: Sequence[Mapping[str, Any]],
    reach: Mapping[tuple[str, int], list[dict[str, Any]]],
) -> list[dict[str, Any]]:
    """The numbers of the duty room of this place, then of the post itself: nobody's own phone."""
    here = [post for post in posts if post["place_code"] == place_code]
    rooms = [post for post in here if post["role"] == PostRole.DUTY_ROOM]
    own = [post for post in here if post["title"] in titles and post not in rooms]
    return [
        {"person_id": 0, "name": post["title"], "contacts": reach[("post", post["id"])]}
        for post in (*rooms, *own)
        if reach.get(("post", post["id"]))
    ]
