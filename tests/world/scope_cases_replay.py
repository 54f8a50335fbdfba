"""Nights that run again, under the same proof: nobody is told a row from outside their scope."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from fengsui.engines.calls import queries as calls
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.response.evacuations import queries as evacuations
from fengsui.review.replay import queries as replay
from fengsui.review.replay import rules
from tests.world.scope_cases import Belongs, ScopeCase, World, by, one
from tests.world.scope_cases_tonight import Tonight

SEE_CALLS, SEE_HOUSEHOLDS = Permission.SEE_CALLS, Permission.SEE_HOUSEHOLDS


def _between(world: Tonight, draw: random.Random, viewer: Viewer) -> Any:
    now = clock.now()
    return calls.callouts_between(now - timedelta(days=1), now, viewer=viewer)


def _called(world: Tonight, draw: random.Random, viewer: Viewer) -> Any:
    under = draw.choice(["", one(world.codes, draw)])
    return calls.course_of(one(world.callouts, draw), viewer=viewer, under=under)


def _moved(world: Tonight, draw: random.Random, viewer: Viewer) -> Any:
    return evacuations.course_of(one(world.evacuations, draw), viewer=viewer)


def _people(world: Tonight, draw: random.Random, viewer: Viewer) -> Any:
    night = rules.night_of(clock.now())
    return replay.people(night, one(world.callouts, draw), viewer=viewer)["items"]


def _score(world: Tonight, draw: random.Random, viewer: Viewer) -> Any:
    return replay.score(rules.night_of(clock.now()), viewer=viewer)


def _of_course(world: World, course: Any) -> Belongs:
    for person in course.people.values():
        yield person.place_code, SEE_CALLS
    for code in course.units:
        yield code, SEE_CALLS


def _of_evacuation(world: World, course: Any) -> Belongs:
    for household in course.households.values():
        yield household.place_code, SEE_HOUSEHOLDS


def _of_score(world: World, score: Any) -> Belongs:
    codes = [place["code"] for place in score["places"]]
    for track in score["tracks"]:
        for step in (*track["calls"], *track["units"]):
            yield codes[step[1]], SEE_CALLS
        for step in track["evacuation"] or ():
            yield codes[step[1]], SEE_HOUSEHOLDS


CASES_REPLAY = [
    ScopeCase("calls.callouts_between", _between, by(SEE_CALLS), chain_above=True),
    ScopeCase("calls.course_of", _called, _of_course),
    ScopeCase("evacuations.course_of", _moved, _of_evacuation),
    # A person or unit of a grid stands under the name of its village, as on the board.
    ScopeCase("replay.people", _people, by(SEE_CALLS), chain_above=True),
    ScopeCase("replay.score", _score, _of_score, chain_above=True),
]
WITHOUT_CASE_REPLAY = {
    "replay.nights": "headlines of callouts_between and of alerts that `sees` lets through",
    "replay.households": "rows of evacuations.course_of",
}
