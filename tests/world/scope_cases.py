"""Every public read with a viewer, and how to tell where the rows that it returned belong.

A room adds its reads to SCOPE_CASES; `tests/architecture/test_scope.py` draws viewers and
arguments at random and finds no row outside the viewer's scope.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.people import queries as people
from fengsui.foundation.people import services as people_services
from fengsui.foundation.places import queries as places
from fengsui.foundation.places import services as place_services
from fengsui.registers.risks import queries as risks
from fengsui.registers.risks import services as risk_services
from fengsui.registers.venues import queries as venues
from fengsui.registers.venues import services as venue_services

NODE = node_viewer()
# Two counties whose codes differ in one digit, townships likewise: prefixes that nearly match.
COUNTIES = ("439901000000", "439911000000")
TOWNSHIPS = ("101", "110", "401")
VILLAGES = ("201", "210")
Belongs = Iterator[tuple[str, Permission]]


@dataclass
class World:
    """Something of every kind at every place; where each id belongs."""

    codes: list[str] = field(default_factory=list)
    persons: dict[int, str] = field(default_factory=dict)
    posts: dict[int, str] = field(default_factory=dict)
    contacts: dict[int, str] = field(default_factory=dict)
    households: dict[int, str] = field(default_factory=dict)
    areas: dict[int, str] = field(default_factory=dict)
    venues: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ScopeCase:
    """`ask` a question with random arguments; `belongs` gives (place code, permission) of rows.

    `chain_above`: the row may also lie on the chain above the scope (one's own township, county).
    """

    name: str
    ask: Callable[[World, random.Random, Viewer], Any]
    belongs: Callable[[World, Any], Belongs]
    chain_above: bool = False


def _point(number: int) -> dict[str, int]:
    return {"lon_e7": 1_100_000_000 + number * 20_000, "lat_e7": 280_000_000 + number * 10_000}


def build_world() -> World:
    """Loads both counties through the services."""
    world = World()
    for county in COUNTIES:
        codes = [county]
        for township in TOWNSHIPS:
            codes.append(f"{county[:6]}{township}000")
            for village in VILLAGES:
                base = f"{county[:6]}{township}{village}"
                codes += [base, f"{base}001", f"{base}00101"]
        world.codes += codes
        place_services.register_places(
            viewer=NODE,
            county_code=county,
            is_invented=True,
            attributions=[f"示意来源 {county}"],
            places=[
                {"code": code, "name": f"地{code}", **(_point(number) if number % 4 else {})}
                for number, code in enumerate(codes)
            ],
            map_features=[
                {"layer": "rivers", "name": county,
                 "geometry": {"type": "LineString", "coordinates": [[110, 28], [110.1, 28.1]]}}
            ],
        )  # fmt: skip
        _people_of(world, codes)
    return world


def _people_of(world: World, codes: list[str]) -> None:
    roles = ["duty_room", "village_secretary", "household_head", "township_leader"]
    refs = people_services.register_people(
        viewer=NODE,
        is_invented=True,
        persons=[{"ref": f"n{code}", "name": f"示意{code}", "place_code": code} for code in codes],
        posts=[
            {"ref": f"p{code}{role}", "place_code": code, "role": role, "title": role}
            for code in codes
            for role in roles
        ],
        holdings=[
            {"post": f"p{code}{role}", "person": f"n{other}", "slot": slot}
            for number, code in enumerate(codes)
            for role, slot, other in (
                (roles[number % 4], "A", code),
                (roles[number % 4], "B", codes[(number + 3) % len(codes)]),
                (roles[(number + 1) % 4], "A", codes[(number + 5) % len(codes)]),
            )
        ],
        contact_points=[
            {"ref": f"c{code}", "person": f"n{code}", "kind": "phone", "value": f"000{code[-8:]}"}
            for code in codes
        ],
    )
    low = [code for code in codes if code[9:12] != "000"]
    refs = people_services.register_households(
        viewer=NODE,
        is_invented=True,
        refs=refs,
        households=[
            {"ref": f"h{code}", "place_code": code, "label": f"户{code}", "people_count": 3,
             "contact_person": f"n{code}", "group_head": f"n{low[number - 1]}",
             "responsible_person": f"n{codes[number]}", **(_point(number) if number % 3 else {})}
            for number, code in enumerate(low)
        ],
    )  # fmt: skip
    villages = [code for code in low if len(code) == 12]
    refs = risk_services.register_danger_areas(
        viewer=NODE,
        is_invented=True,
        refs=refs,
        areas=[
            {"ref": f"a{code}", "place_code": code, "name": f"险{code}", "kind": "other",
             "geometry": _square(number) if number % 2 else None,
             # Also a household of another village: its row must not slip through.
             "households": [f"h{code}", f"h{code}00101", f"h{villages[number - 1]}"]}
            for number, code in enumerate(villages)
        ],
    )  # fmt: skip
    refs = venue_services.register_venues(
        viewer=NODE,
        is_invented=True,
        refs=refs,
        venues=[
            {"ref": f"v{code}", "place_code": code, "name": f"校{code}", "kind": "school",
             "warning_contact": f"n{code}", **(_point(number) if number % 2 else {})}
            for number, code in enumerate(villages)
        ],
    )  # fmt: skip
    kinds = {
        "n": world.persons,
        "p": world.posts,
        "c": world.contacts,
        "h": world.households,
        "a": world.areas,
        "v": world.venues,
    }
    for ref, identity in refs.items():
        kinds[ref[0]][identity] = "".join(one for one in ref[1:] if one.isdigit())


def _square(number: int) -> dict[str, Any]:
    lon, lat = (value / 1e7 for value in _point(number).values())
    ring = [[lon, lat], [lon + 0.01, lat], [lon + 0.01, lat + 0.01], [lon, lat + 0.01], [lon, lat]]
    return {"type": "Polygon", "coordinates": [ring]}


# --- arguments ------------------------------------------------------------------------------


def some(pool: Iterable[Any], draw: random.Random, most: int = 12) -> list[Any]:
    listed = list(pool)
    return draw.sample(listed, min(len(listed), draw.randint(1, most)))


def one(pool: Iterable[Any], draw: random.Random) -> Any:
    return draw.choice(list(pool))


def some_codes(world: World, draw: random.Random) -> list[str]:
    return some([*world.codes, "439901", "439901101", "439911"], draw, 4)


def some_area(world: World, draw: random.Random) -> dict[str, Any]:
    lon, lat = 109.99 + draw.random() * 0.08, 27.99 + draw.random() * 0.04
    size = draw.random() * 0.05
    polygon = [[lon, lat], [lon + size, lat], [lon + size, lat + size], [lon, lat + size]]
    choice = draw.randrange(3)
    return {
        "codes": some_codes(world, draw) if choice != 1 else [],
        "polygons": [polygon] if choice != 0 else [],
    }


# --- where rows belong ----------------------------------------------------------------------

SEE_PLACES, SEE_PEOPLE = Permission.SEE_PLACES, Permission.SEE_PEOPLE
SEE_HOUSEHOLDS = Permission.SEE_HOUSEHOLDS


def by(permission: Permission, key: str = "place_code") -> Callable[[World, Any], Belongs]:
    def belongs(world: World, rows: Any) -> Belongs:
        for row in rows if isinstance(rows, list) else [rows]:
            yield (row[key] if isinstance(row, dict) else getattr(row, key)), permission

    return belongs


def by_id(kind: str, permission: Permission) -> Callable[[World, Any], Belongs]:
    def belongs(world: World, rows: Any) -> Belongs:
        for identity in rows:
            yield getattr(world, kind)[identity], permission

    return belongs


def of_base_map(world: World, drawn: dict[str, Any]) -> Belongs:
    for name in ("county", "townships", "villages"):
        for feature in drawn["layers"][name]["features"]:
            yield feature["properties"]["code"], SEE_PLACES
    for feature in drawn["layers"]["rivers"]["features"]:
        yield feature["properties"]["name"], SEE_PLACES
    for row in drawn["without_point"]:
        yield row["code"], SEE_PLACES
    for text in drawn["attribution"]:
        yield text.split()[-1], SEE_PLACES


def of_person(world: World, row: dict[str, Any]) -> Belongs:
    yield row["place_code"], SEE_PEOPLE
    for inner in (*row["posts"], *row["contacts"]):
        yield inner["place_code"], SEE_PEOPLE


def of_holders(world: World, held: dict[int, Any]) -> Belongs:
    for post_id, slots in held.items():
        yield world.posts[post_id], SEE_PEOPLE
        for person in (*slots["A"], *slots["B"]):
            yield person["place_code"], SEE_PEOPLE


def of_contact_persons(world: World, found: dict[int, int]) -> Belongs:
    for household_id in found:
        yield world.households[household_id], SEE_HOUSEHOLDS


def of_parties(world: World, parties: list[dict[str, Any]]) -> Belongs:
    for party in parties:
        if party["household_id"] is None:
            yield world.persons[party["person_id"]], SEE_PEOPLE
        else:
            yield world.households[party["household_id"]], SEE_HOUSEHOLDS
        for contact in party["contacts"]:
            if contact["contact_point_id"] in world.contacts:
                yield world.contacts[contact["contact_point_id"]], SEE_PEOPLE
        for other in (*party["deputies"], *party["superiors"]):
            yield world.persons[other["person_id"]], SEE_PEOPLE


def of_danger_area(world: World, row: dict[str, Any]) -> Belongs:
    yield row["place_code"], SEE_HOUSEHOLDS
    for household_id in row["household_ids"]:
        yield world.households[household_id], SEE_HOUSEHOLDS


def of_danger_map(world: World, drawn: dict[str, Any]) -> Belongs:
    for feature in drawn["features"]:
        yield world.areas[int(feature["properties"]["id"])], SEE_HOUSEHOLDS


def of_concerned(world: World, found: dict[str, Any]) -> Belongs:
    for code in found["village_codes"]:
        yield code, SEE_PLACES
    for row in found["without_point"]:
        yield row["code"], SEE_PLACES
    for identity in (*found["household_ids"], *found["other_household_ids"]):
        yield world.households[identity], SEE_HOUSEHOLDS
    for identity in found["danger_area_ids"]:
        yield world.areas[identity], SEE_HOUSEHOLDS
    for identity in found["post_ids"]:
        yield world.posts[identity], SEE_PEOPLE
    for row in found["venues"]:
        yield row["place_code"], SEE_PEOPLE


def of_drawn_area(world: World, area: dict[str, Any]) -> Belongs:
    yield area["place_code"], SEE_HOUSEHOLDS
    for where in ("inside", "outside", "unplaced"):
        for row in area[where]:
            yield row["place_code"], SEE_HOUSEHOLDS


def of_dots(world: World, asked: tuple[Viewer, list[tuple[int, int, int]]]) -> Belongs:
    """A dot has no name. The two counties lie on top of each other: a dot is out of sight where
    none of the households that stand there may be seen."""
    viewer, rows = asked
    stands: dict[tuple[int, int], list[str]] = {}
    for row in people.households(world.households, viewer=NODE):
        if row["lon_e7"] is not None:
            stands.setdefault((row["lon_e7"], row["lat_e7"]), []).append(row["place_code"])
    for lon_e7, lat_e7, _ in rows:
        codes = stands[lon_e7, lat_e7]
        seen = next((one for one in codes if viewer.may(SEE_HOUSEHOLDS, one)), codes[0])
        yield seen, SEE_HOUSEHOLDS


SCOPE_CASES: list[ScopeCase] = [
    ScopeCase(
        "places.place", lambda w, d, v: places.place(one(w.codes, d), viewer=v),
        by(SEE_PLACES, "code"), chain_above=True,
    ),
    ScopeCase(
        "places.places_below", lambda w, d, v: places.places_below(one(w.codes, d), viewer=v),
        by(SEE_PLACES, "code"),
    ),
    ScopeCase(
        "places.children", lambda w, d, v: places.children(one(w.codes, d), viewer=v),
        by(SEE_PLACES, "code"),
    ),
    ScopeCase(
        "places.chain", lambda w, d, v: places.chain(one(w.codes, d), viewer=v),
        by(SEE_PLACES, "code"), chain_above=True,
    ),
    ScopeCase(
        "places.names", lambda w, d, v: list(places.names(some(w.codes, d), viewer=v)),
        lambda w, codes: ((code, SEE_PLACES) for code in codes), chain_above=True,
    ),
    ScopeCase(
        "places.full_names",
        lambda w, d, v: list(places.full_names(some(w.codes, d), viewer=v)),
        lambda w, codes: ((code, SEE_PLACES) for code in codes), chain_above=True,
    ),
    ScopeCase(
        "places.points",
        lambda w, d, v: places.points(d.choice([None, some_codes(w, d)]), viewer=v),
        by(SEE_PLACES, "code"),
    ),
    ScopeCase(
        "places.without_point", lambda w, d, v: places.without_point(viewer=v),
        by(SEE_PLACES, "code"),
    ),
    ScopeCase(
        "places.with_geometry",
        lambda w, d, v: places.with_geometry(["village", "township"], viewer=v),
        by(SEE_PLACES, "code"),
    ),
    ScopeCase(
        "places.codes_named_in",
        lambda w, d, v: places.codes_named_in(
            " ".join(f"地{code}" for code in some(w.codes, d)), within=one(COUNTIES, d), viewer=v
        ),
        lambda w, codes: ((code, SEE_PLACES) for code in codes),
    ),
    ScopeCase(
        "places.attributions", lambda w, d, v: places.attributions(viewer=v),
        lambda w, texts: ((text.split()[-1], SEE_PLACES) for text in texts), chain_above=True,
    ),
    ScopeCase(
        "places.base_map", lambda w, d, v: places.base_map(viewer=v), of_base_map,
        chain_above=True,
    ),
    ScopeCase(
        "people.person", lambda w, d, v: people.person(one(w.persons, d), viewer=v), of_person
    ),
    ScopeCase(
        "people.gate_contact", lambda w, d, v: people.gate_contact(one(w.contacts, d), viewer=v),
        by(SEE_PEOPLE),
    ),
    ScopeCase(
        "people.first_phone", lambda w, d, v: people.first_phone(one(w.persons, d), viewer=v),
        by(SEE_PEOPLE),
    ),
    ScopeCase(
        "people.persons", lambda w, d, v: people.persons(some(w.persons, d), viewer=v),
        by(SEE_PEOPLE),
    ),
    ScopeCase(
        "people.persons_in", lambda w, d, v: people.persons_in(some_codes(w, d), viewer=v),
        by(SEE_PEOPLE),
    ),
    ScopeCase(
        "people.person_names", lambda w, d, v: people.person_names(some(w.persons, d), viewer=v),
        by_id("persons", SEE_PEOPLE),
    ),
    ScopeCase(
        "people.posts_in", lambda w, d, v: people.posts_in(some_codes(w, d), viewer=v),
        by(SEE_PEOPLE),
    ),
    ScopeCase(
        "people.posts_at", lambda w, d, v: people.posts_at(some(w.codes, d), viewer=v),
        by(SEE_PEOPLE),
    ),
    ScopeCase(
        "people.holders", lambda w, d, v: people.holders(some(w.posts, d), viewer=v), of_holders
    ),
    ScopeCase(
        "people.posts_without_holder",
        lambda w, d, v: people.posts_without_holder(some(w.posts, d), viewer=v), by(SEE_PEOPLE),
    ),
    ScopeCase(
        "people.main_post_title",
        lambda w, d, v: people.main_post_title(one(w.persons, d), viewer=v).split()[:1],
        lambda w, words: ((word[1:], SEE_PEOPLE) for word in words if word.startswith("地")),
        chain_above=True,
    ),
    ScopeCase(
        "people.contacts",
        lambda w, d, v: people.contacts(person_ids=some(w.persons, d), viewer=v), by(SEE_PEOPLE),
    ),
    ScopeCase(
        "people.with_number", lambda w, d, v: people.with_number(some(w.persons, d), viewer=v),
        by_id("persons", SEE_PEOPLE),
    ),
    ScopeCase(
        "people.gate_household",
        lambda w, d, v: people.gate_household(one(w.households, d), viewer=v), by(SEE_HOUSEHOLDS),
    ),
    ScopeCase(
        "people.household", lambda w, d, v: people.household(one(w.households, d), viewer=v),
        by(SEE_HOUSEHOLDS),
    ),
    ScopeCase(
        "people.households",
        lambda w, d, v: people.households(some(w.households, d), viewer=v), by(SEE_HOUSEHOLDS),
    ),
    ScopeCase(
        "people.households_in",
        lambda w, d, v: people.households_in(some_codes(w, d), viewer=v), by(SEE_HOUSEHOLDS),
    ),
    ScopeCase(
        "people.households_of",
        lambda w, d, v: people.households_of(one(w.persons, d), viewer=v), by(SEE_HOUSEHOLDS),
    ),
    ScopeCase(
        "people.contact_persons",
        lambda w, d, v: people.contact_persons(some(w.households, d), viewer=v),
        of_contact_persons,
    ),
    ScopeCase(
        "people.contacts_rung",
        lambda w, d, v: {
            each: 1
            for each in some(w.households, d)
            if people.contacts_rung([each], viewer=v)
        },
        of_contact_persons,
    ),
    ScopeCase(
        "people.field_history",
        lambda w, d, v: people.field_history(one(w.households, d), viewer=v), by(SEE_HOUSEHOLDS),
    ),
    ScopeCase(
        "people.parties_for_posts",
        lambda w, d, v: people.parties_for_posts(some(w.posts, d), viewer=v), of_parties,
    ),
    ScopeCase(
        "people.parties_for_persons",
        lambda w, d, v: people.parties_for_persons(
            [{"person_id": key, "title": "x"} for key in some(w.persons, d)], viewer=v
        ),
        of_parties,
    ),
    ScopeCase(
        "people.parties_for_households",
        lambda w, d, v: people.parties_for_households(some(w.households, d), viewer=v),
        of_parties,
    ),
    ScopeCase(
        "risks.danger_area", lambda w, d, v: risks.danger_area(one(w.areas, d), viewer=v),
        of_danger_area,
    ),
    ScopeCase(
        "risks.danger_areas_in",
        lambda w, d, v: risks.danger_areas_in(d.choice([None, some_codes(w, d)]), viewer=v),
        by(SEE_HOUSEHOLDS),
    ),
    ScopeCase(
        "risks.danger_area_map", lambda w, d, v: risks.danger_area_map(viewer=v), of_danger_map
    ),
    ScopeCase(
        "risks.drawn_area", lambda w, d, v: risks.drawn_area(one(w.areas, d), viewer=v),
        of_drawn_area,
    ),
    ScopeCase(
        "people.household_dots",
        lambda w, d, v: (v, list(people.household_dots(viewer=v).rows)), of_dots,
    ),
    ScopeCase(
        "risks.danger_areas_of_household",
        lambda w, d, v: risks.danger_areas_of_household(one(w.households, d), viewer=v),
        by(SEE_HOUSEHOLDS),
    ),
    ScopeCase(
        "risks.concerned",
        lambda w, d, v: risks.concerned(
            area=some_area(w, d), viewer=v, include_other_households=d.random() < 0.5
        ),
        of_concerned,
    ),
    ScopeCase(
        "risks.parties", lambda w, d, v: risks.parties(area=some_area(w, d), viewer=v), of_parties
    ),
    ScopeCase(
        "venues.venue", lambda w, d, v: venues.venue(one(w.venues, d), viewer=v), by(SEE_PEOPLE)
    ),
    ScopeCase(
        "venues.venues_in",
        lambda w, d, v: venues.venues_in(d.choice([None, some_codes(w, d)]), viewer=v),
        by(SEE_PEOPLE),
    ),
]  # fmt: skip

# Reads that need no case, each with the reason.
WITHOUT_CASE = {
    "people.dots_mark": "tells two states of `household_dots` apart; holds no row",
    "people.households_placed": "two counts of the rows that `household_dots` gives",
    "people.duty_phones": "published office numbers, for anybody to ring",
    "people.titles_of": "titles of posts in sight only; main_post_title has the same filter",
    "people.households_without_contact": "gives a number only; the same filter as its neighbours",
}
