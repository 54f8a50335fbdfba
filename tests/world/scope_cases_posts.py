"""Who is on a post tonight, who is away, which numbers are proven: reads and where rows belong."""

from __future__ import annotations

import random
from typing import Any

from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.people import queries as people
from tests.world.scope_cases import Belongs, ScopeCase, World, by, of_holders, one, some

SEE_PEOPLE, SEE_HOUSEHOLDS = Permission.SEE_PEOPLE, Permission.SEE_HOUSEHOLDS


def _codes(world: World, draw: random.Random) -> list[str] | None:
    return draw.choice([None, [one(world.codes, draw)]])


def of_board(world: World, found: dict[str, Any]) -> Belongs:
    for row in found["items"]:
        yield row["place_code"], SEE_PEOPLE
    for row in found["townships"]:
        yield row["code"], SEE_PEOPLE


def of_numbers(world: World, found: dict[str, Any]) -> Belongs:
    for row in found["items"]:
        yield row["place_code"], SEE_PEOPLE


def of_twins(world: World, found: dict[str, Any]) -> Belongs:
    for pair in found["items"]:
        yield pair["first"]["place_code"], SEE_PEOPLE
        yield pair["second"]["place_code"], SEE_PEOPLE


def of_post(world: World, found: dict[str, Any]) -> Belongs:
    yield found["place_code"], SEE_PEOPLE
    for row in found["history"]:
        yield row["place_code"], SEE_PEOPLE


def of_away(world: World, found: dict[str, Any]) -> Belongs:
    for row in found["items"]:
        yield world.households[row["household_id"]], SEE_HOUSEHOLDS


def of_tonight(world: World, found: dict[int, Any]) -> Belongs:
    for household_id in found:
        yield world.households[household_id], SEE_HOUSEHOLDS


def _board(world: World, draw: random.Random, viewer: Viewer) -> dict[str, Any]:
    found = people.posts_tonight(viewer=viewer, codes=_codes(world, draw))
    # A township is named for its villages' posts: it lies on the chain above them.
    found["townships"] = []
    return found


CASES_POSTS: list[ScopeCase] = [
    ScopeCase("people.posts_tonight", _board, of_board),
    ScopeCase(
        "people.post_tonight",
        lambda w, d, v: people.post_tonight(one(list(w.posts), d), viewer=v),
        of_post,
    ),
    ScopeCase(
        "people.stand_in_history",
        lambda w, d, v: people.stand_in_history(one(list(w.posts), d), viewer=v),
        by(SEE_PEOPLE),
    ),
    ScopeCase(
        "people.absences",
        lambda w, d, v: people.absences(viewer=v, codes=_codes(w, d)),
        by(SEE_PEOPLE),
    ),
    ScopeCase(
        "people.numbers_to_verify",
        lambda w, d, v: people.numbers_to_verify(_codes(w, d), viewer=v),
        of_numbers,
    ),
    ScopeCase(
        "people.duplicates",
        lambda w, d, v: people.duplicates(_codes(w, d), viewer=v),
        of_twins,
    ),
    ScopeCase(
        "people.absent_holders",
        lambda w, d, v: people.absent_holders(some(list(w.posts), d), viewer=v),
        of_holders,
    ),
    ScopeCase(
        "people.households_away",
        lambda w, d, v: people.households_away(_codes(w, d), viewer=v),
        of_away,
    ),
    ScopeCase(
        "people.tonight_of",
        lambda w, d, v: people.tonight_of(some(list(w.households), d), viewer=v),
        of_tonight,
    ),
]
WITHOUT_CASE_POSTS = {
    "people.my_posts": "one's own, by the id of whoever asks",
    "people.my_absences": "one's own, by the id of whoever asks",
    "people.stood_in_for": "ids for the program's callouts; the filter of current_stand_ins",
}
