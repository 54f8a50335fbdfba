"""Whom a warning area concerns, and who is called for it.

- A danger area is concerned where its outline meets the polygons, where its code lies under the
  codes, or, having no outline, where its village is touched. All its households are.
- A village is touched where it lies under a code, where its point or outline or the point of one
  of its households is inside, or where one of its danger areas is concerned. A village without a
  point cannot be ruled out: it is touched when its township is, and listed.
- Posts: those of the villages touched and of their townships; grid workers and group heads only
  where a household of theirs is concerned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.people import queries as people
from fengsui.foundation.people.states import PostRole
from fengsui.registers.risks.queries.areas import listings
from fengsui.registers.risks.queries.touching import (
    Touched,
    areas_touched,
    codes_of,
    is_pointless,
    touch,
    township_within,
    venues_touched,
)
from fengsui.standards.divisions import village_of

# Who is called for every village that is touched, and for its township.
VILLAGE_ROLES = (
    PostRole.VILLAGE_SECRETARY,
    PostRole.VILLAGE_CADRE,
    PostRole.FLASH_FLOOD_WARNER,
)

TOWNSHIP_ROLES = (PostRole.DUTY_ROOM, PostRole.TOWNSHIP_LEADER, PostRole.TOWNSHIP_DEPUTY)

# Who is called only where a household of theirs is concerned.
NEIGHBOUR_ROLES = (PostRole.GRID_WORKER, PostRole.HOUSEHOLD_HEAD)


def concerned(
    *, area: Mapping[str, Any], viewer: Viewer, include_other_households: bool = False
) -> dict[str, Any]:
    """Whom a warning area concerns, among what the viewer may see.

    `area`: {"codes": [place codes], "polygons": [[[lon, lat], ...], ...]}; the union of both.

    Returns {"danger_households", "danger_people", "assist_households", "assist_people",
     "by_township": [{"code", "name", "villages", "households", "people", "assist", "posts"}],
     "by_assist_level": {"0".."3": households}, "without_point": [{"code", "name"}],
     "other_households": {"count", "included"}, "danger_area_ids",
     "household_ids", "households": [{"household_id", "place_code", "people", "assist_level",
     "shelter", "area_id", "away": None or as people.tonight_of}],
     "other_household_ids" (empty unless included), "village_codes",
     "township_codes", "post_ids", "posts", "venues": as `_with_contacts`}.
    Raises risks.bad_area.
    """
    touched = touch(area, viewer)
    areas = areas_touched(touched, viewer)
    households = _danger_households(areas, viewer)
    # An area or its households may lie across the border of a neighbour village.
    touched.village_codes |= {
        village_of(row["place_code"])
        for row in (*areas, *households)
        if village_of(row["place_code"]) in touched.villages
    }
    danger_ids = [row["household_id"] for row in households]
    others = ~np.isin(touched.households_inside, np.array(danger_ids, dtype=np.int64))
    neighbours = {row["place_code"] for row in households}
    other_ids: list[int] = []
    if include_other_households:
        other_ids = touched.households_inside[others].tolist()
        neighbours |= codes_of(touched, others)
    posts = _posts(touched, neighbours, viewer)
    found_venues = _with_contacts(venues_touched(touched, viewer), viewer)
    return {
        **_sums(households),
        **_codes(touched),
        "by_township": _by_township(touched, households, posts),
        "other_households": {"count": int(others.sum()), "included": include_other_households},
        "danger_area_ids": [row["id"] for row in areas],
        "household_ids": danger_ids,
        "households": households,
        "other_household_ids": other_ids,
        "post_ids": [row["id"] for row in posts],
        "posts": len(posts),
        "venues": found_venues,
    }


def parties(
    *,
    area: Mapping[str, Any],
    viewer: Viewer,
    include_other_households: bool = False,
    found: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """The parties of a call to whom an area concerns: posts, venues, households; each once.

    `found` is the answer of `concerned` to the same question, where the caller has it already.

    Values of contacts are full only for the program itself, see `people.queries`.
    """
    if found is None:
        found = concerned(
            area=area, viewer=viewer, include_other_households=include_other_households
        )
    called = [
        *people.parties_for_posts(found["post_ids"], viewer=viewer),
        *people.parties_for_persons(
            [
                {
                    "person_id": one["warning_contact_id"],
                    "title": f"{one['name']} 预警接收人",
                    "role": PostRole.VENUE_WARNING_CONTACT.value,
                }
                for one in found["venues"]
                if one["warning_contact_id"] is not None
            ],
            viewer=viewer,
        ),
        *people.parties_for_households(
            [*found["household_ids"], *found["other_household_ids"]], viewer=viewer
        ),
    ]
    return _once_each(called)


def _once_each(called: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Several posts of one person, or a post and a household: rung once, answering for each.

    The first says who stands in: the head of a group does not answer for a village.
    """
    once: dict[int, dict[str, Any]] = {}
    for one in called:
        held = once.setdefault(one["person_id"], one)
        if held is one:
            continue
        titles = [*held["post_title"].split("、"), *one["post_title"].split("、")]
        held["post_title"] = "、".join(dict.fromkeys(title for title in titles if title))
        held["household_id"] = held["household_id"] or one["household_id"]
        for name in ("unit_codes", "roles"):
            both = [*held.get(name, ()), *one.get(name, ())]
            held[name] = list(dict.fromkeys(both))
        known = [contact["value"] for contact in held["contacts"]]
        held["contacts"] += [each for each in one["contacts"] if each["value"] not in known]
    return list(once.values())


def _danger_households(areas: Sequence[Mapping[str, Any]], viewer: Viewer) -> list[dict[str, Any]]:
    """Each household once, with the first danger area that lists it."""
    by_id = {row["id"]: row for row in areas}
    households: dict[int, dict[str, Any]] = {}
    for row in listings(list(by_id), viewer):
        households.setdefault(
            row["household_id"],
            {
                "household_id": row["household_id"],
                "place_code": row["household__place_code"],
                "people": row["household__tonight_people"],
                "assist_level": row["household__assist_level"],
                "assist_people": row["household__assist_people"],
                "shelter": by_id[row["danger_area_id"]]["shelter_name"],
                "area_id": row["danger_area_id"],
            },
        )
    away = people.tonight_of(households, viewer=viewer)
    for row in households.values():
        row["away"] = away.get(row["household_id"])
        if row["away"] is not None:
            row["people"] = row["away"]["at_home"]
    return list(households.values())


def _posts(touched: Touched, neighbours: Iterable[str], viewer: Viewer) -> list[dict[str, Any]]:
    villages = touched.village_codes
    townships = {township_within(touched, code) for code in villages}
    # A grid worker answers for every group of the grid, a group head for one group.
    around = {code[:digits] for code in neighbours for digits in (12, 15, 17)}
    found = [
        *people.posts_at(villages, VILLAGE_ROLES, viewer=viewer),
        *people.posts_at(townships, TOWNSHIP_ROLES, viewer=viewer),
        *people.posts_at(around, NEIGHBOUR_ROLES, viewer=viewer),
    ]
    return sorted(found, key=lambda row: (row["place_code"], row["id"]))


def called(found: Mapping[str, Any], *, viewer: Viewer) -> dict[str, int]:
    """Of what `concerned` found for this viewer: how many parties there will be, how many of them
    have a number, and how much of what is concerned nobody can ring.

    {"parties", "with_number", "without_number": of parties and of households without a contact}
    """
    held = people.holders(found["post_ids"], viewer=viewer)
    callees = {one["person_id"] for slots in held.values() for one in (slots["A"] or slots["B"])}
    callees |= {
        row["warning_contact_id"]
        for row in found["venues"]
        if row["warning_contact_id"] is not None
    }
    ids = [*found["household_ids"], *found["other_household_ids"]]
    rung = people.contacts_rung(ids, viewer=viewer)
    everybody = callees | rung.keys()
    reached = people.with_number(everybody, viewer=viewer)
    return {
        "parties": len(everybody),
        "with_number": len(reached),
        "without_number": len(ids) - sum(rung.values()) + len(everybody - reached),
    }


def _with_contacts(rows: Sequence[dict[str, Any]], viewer: Viewer) -> list[dict[str, Any]]:
    """Each venue with who receives the warning there, and whether that person can be rung.

    [{"venue_id", "name", "kind", "place_code", "place_name", "headcount_tonight",
    "boarding_people" (None: nobody has said), "open_when", "warning_contact_id",
    "contact_name" ("": none), "contact_has_number"}]
    """
    ids = {row["warning_contact_id"] for row in rows} - {None}
    names = people.person_names(ids, viewer=viewer)
    reached = people.with_number(ids, viewer=viewer)
    return [
        {
            **row,
            "contact_name": names.get(row["warning_contact_id"], ""),
            "contact_has_number": row["warning_contact_id"] in reached,
        }
        for row in rows
    ]


def _sums(households: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    levels = Counter(row["assist_level"] for row in households)
    return {
        "danger_households": len(households),
        "danger_people": sum(row["people"] for row in households),
        "assist_households": sum(row["assist_level"] > 0 for row in households),
        "assist_people": sum(row["assist_people"] for row in households),
        "by_assist_level": {str(level): levels.get(level, 0) for level in range(4)},
    }


def _codes(touched: Touched) -> dict[str, Any]:
    codes = sorted(touched.village_codes)
    return {
        "village_codes": codes,
        "township_codes": sorted({township_within(touched, code) for code in codes}),
        "without_point": [
            {"code": code, "name": touched.villages[code]["name"]}
            for code in codes
            if is_pointless(touched.villages[code])
        ],
    }


def _by_township(
    touched: Touched,
    households: Sequence[Mapping[str, Any]],
    posts: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}

    def row_of(code: str) -> dict[str, Any]:
        township = township_within(touched, code)
        name = touched.townships.get(township, {}).get("name", "")
        return rows.setdefault(
            township,
            {
                "code": township,
                "name": name,
                "villages": 0,
                "households": 0,
                "people": 0,
                "assist": 0,
                "posts": 0,
            },
        )

    for code in touched.village_codes:
        row_of(code)["villages"] += 1
    for household in households:
        row = row_of(household["place_code"])
        row["households"] += 1
        row["people"] += household["people"]
        row["assist"] += household["assist_people"]
    for post in posts:
        row_of(post["place_code"])["posts"] += 1
    return [rows[code] for code in sorted(rows)]
