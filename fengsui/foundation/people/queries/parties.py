"""Who is called for a post, a person, a household: with deputies and superiors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.people import rules
from fengsui.foundation.people.models import Household, Post
from fengsui.foundation.people.queries.persons import contact_rows, persons, posts_at
from fengsui.foundation.people.queries.rows import chunked
from fengsui.foundation.people.queries.standing import absent_holders, holders, stood_in_for
from fengsui.foundation.people.states import PostRole
from fengsui.standards.divisions import county_of, level_of, township_of, village_of

HOUSEHOLD_TITLE = "住户"

_SUPERIOR_ROLES = (
    PostRole.DUTY_ROOM,
    PostRole.TOWNSHIP_LEADER,
    PostRole.TOWNSHIP_DEPUTY,
    PostRole.DUTY_LEADER,
)


def parties_for_posts(post_ids: Iterable[int], *, viewer: Viewer) -> list[dict[str, Any]]:
    """One party per A holder (B where no A is): whom to call, who stands in, who is above.

    Tonight's: a stand-in is called instead of the holder who is away, B where no A is there. A
    person who holds several of the posts appears once, titles joined, for all their units. Values
    of contacts are full for the program itself and masked for a person.
    {"person_id", "name", "place_code", "unit_code", "unit_codes", "post_title",
     "roles": [those of the posts], "household_id": None,
     "contacts": [{"kind", "value", "contact_point_id"}], "deputies": [...], "superiors": [...]}
    where deputies and superiors are {"person_id", "name", "contacts"}, deputies with the
    "unit_codes" for which they stand in.
    """
    posts = _posts(post_ids, viewer)
    held = holders(posts, viewer=viewer)
    # Nobody tonight is not silence: who would be there is rung, and the ladder climbs.
    held = {**absent_holders(posts.keys() - held.keys(), viewer=viewer), **held}
    above = _superiors(posts.values(), viewer)
    people: dict[int, dict[str, Any]] = {}
    for slots in (*held.values(), *above.values()):
        for group in slots.values():
            people.update({one["person_id"]: one for one in group})
    reach = _reach(people, viewer)
    post_reach = _post_reach(posts, viewer)
    parties: dict[int, dict[str, Any]] = {}
    above_place: dict[str, list[dict[str, Any]]] = {}
    for post_id, post in posts.items():
        slots = held.get(post_id, {"A": [], "B": []})
        callees, deputies = slots["A"] or slots["B"], slots["B"] if slots["A"] else []
        place = post["place_code"]
        if place not in above_place:
            leading = (above.get(code, {}).get("A", ()) for code in _units_above(place))
            above_place[place] = _named([one for of in leading for one in of], reach, set())
        superiors = above_place[place]
        for one in callees:
            party = parties.setdefault(one["person_id"], _party(one, post, reach))
            if post["role"] not in party["roles"]:
                party["roles"].append(post["role"])
            if post["title"] not in party["post_title"].split("、"):
                party["post_title"] += f"、{post['title']}"
            _add(party["contacts"], post_reach.get(post_id, []), "contact_point_id")
            unit = _unit(post["place_code"])
            _add_units(party["unit_codes"], unit)
            taken = {one["person_id"]}
            _add_deputies(party["deputies"], _named(deputies, reach, taken), unit)
            taken |= {deputy["person_id"] for deputy in party["deputies"]}
            others = [one for one in superiors if one["person_id"] not in taken]
            _add(party["superiors"], others, "person_id")
    return list(parties.values())


def _posts(post_ids: Iterable[int], viewer: Viewer) -> dict[int, dict[str, Any]]:
    seen = visible(viewer, Permission.SEE_PEOPLE)
    return {
        row["id"]: dict(row)
        for ids in chunked(post_ids)
        for row in Post.objects.filter(seen, pk__listed=ids, is_withdrawn=False)
        .order_by("place_code", "id")
        .values("id", "place_code", "role", "title")
    }


def parties_for_persons(
    wanted: Sequence[Mapping[str, Any]], *, viewer: Viewer
) -> list[dict[str, Any]]:
    """Parties of [{"person_id", "title", "role"}] in their order, each once, as
    `parties_for_posts`; "role" may be left out."""
    titles: dict[int, list[str]] = {}
    roles: dict[int, list[str]] = {}
    for one in wanted:
        titles.setdefault(one["person_id"], []).append(one["title"])
        if one.get("role"):
            roles.setdefault(one["person_id"], []).append(str(one["role"]))
    found = {one["id"]: one for one in persons(titles, viewer=viewer) if not one["is_withdrawn"]}
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
        | {"roles": list(dict.fromkeys(roles.get(key, ())))}
        for key, names in titles.items()
        if key in people
    ]


def parties_for_households(household_ids: Iterable[int], *, viewer: Viewer) -> list[dict[str, Any]]:
    """Households as parties: their own number, then the group head, then who answers for them.

    As `parties_for_posts`, with "household_id", name = label, title 住户, no unit; deputies are
    the 中心户长, superiors the 转移包保责任人. Households without a contact person are left out
    (`households_without_contact` counts them).
    """
    rows: list[dict[str, Any]] = [
        dict(row)
        for ids in chunked(household_ids)
        for row in Household.objects.filter(
            visible(viewer, Permission.SEE_HOUSEHOLDS),
            pk__listed=ids,
            contact_person_id__isnull=False,
            is_withdrawn=False,
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
    _put_stand_ins(rows, viewer)
    wanted = {
        row[name]
        for row in rows
        for name in ("contact_person_id", "group_head_id", "responsible_person_id")
        if row[name] is not None
    }
    people = {
        one["id"]: {"person_id": one["id"], "name": one["name"], "place_code": one["place_code"]}
        for one in persons(wanted, viewer=viewer)
        if not one["is_withdrawn"]
    }
    reach = _reach(people, viewer)
    return [_household_party(row, people, reach) for row in rows]


def _put_stand_ins(rows: Sequence[dict[str, Any]], viewer: Viewer) -> None:
    """Whoever stands in for a group head, or for who answers for a household, is called."""
    names = ("group_head_id", "responsible_person_id")
    standing = stood_in_for({row[name] for row in rows for name in names}, viewer=viewer)
    for row in rows:
        row.update({name: standing.get(row[name], row[name]) for name in names})


def _household_party(
    row: Mapping[str, Any],
    people: Mapping[int, Mapping[str, Any]],
    reach: Mapping[int, list[dict[str, Any]]],
) -> dict[str, Any]:
    contact = row["contact_person_id"]
    deputies = _named(_known(people, row["group_head_id"]), reach, {contact})
    taken = {contact, *(one["person_id"] for one in deputies)}
    return {
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


def _wording(viewer: Viewer) -> Callable[[str], str]:
    return str if viewer.is_node else rules.phone_masked


def _reach(people: Iterable[int], viewer: Viewer) -> dict[int, list[dict[str, Any]]]:
    return _by(contact_rows(people, (), viewer), "person_id", viewer)


def _post_reach(posts: Iterable[int], viewer: Viewer) -> dict[int, list[dict[str, Any]]]:
    return _by(contact_rows((), posts, viewer), "post_id", viewer)


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
        "unit_codes": [],
        "post_title": post["title"],
        "roles": [post["role"]] if "role" in post else [],
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


def _add_units(target: list[str], unit: str) -> None:
    if unit and unit not in target:
        target.append(unit)


def _add_deputies(target: list[dict[str, Any]], more: Iterable[dict[str, Any]], unit: str) -> None:
    """Each once, with the units in which they stand in."""
    by_id = {one["person_id"]: one for one in target}
    for one in more:
        known = by_id.get(one["person_id"])
        if known is None:
            known = by_id[one["person_id"]] = {**one, "unit_codes": []}
            target.append(known)
        _add_units(known["unit_codes"], unit)


def _add(target: list[dict[str, Any]], more: Iterable[dict[str, Any]], key: str) -> None:
    held = {one[key] for one in target}
    for one in more:
        if one[key] not in held:
            held.add(one[key])
            target.append(one)
