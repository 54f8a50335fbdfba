"""The search box under the same proof: random questions made of what is really there."""

from __future__ import annotations

import random
from typing import Any

from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import clock
from fengsui.review.search import queries as search
from fengsui.review.search import services
from fengsui.review.search.queries.find import PERMISSIONS
from fengsui.review.search.states import Kind
from tests.world.scope_cases import Belongs, ScopeCase, World
from tests.world.scope_cases_situation import build_cut_off

_KINDS = {kind.ledger: kind for kind in Kind}


def build_world() -> World:
    """The world of the other cases, with an index that is level."""
    world = build_cut_off()
    while services.follow(clock.now()):
        pass
    return world


def _ask(world: World, draw: random.Random, viewer: Viewer) -> Any:
    code = draw.choice(world.codes)
    words = ("示意", f"地{code}", code, code[-8:], "sy", "示户", f"地{code[:9]} 示意")
    question = draw.choice(words)
    return search.find(question, viewer=viewer, under=draw.choice(["", "", code]))


def _belongs(world: World, answer: Any) -> Belongs:
    for row in answer["items"]:
        yield row["place_code"], PERMISSIONS[_KINDS[row["kind"]]]


CASES_SEARCH = [ScopeCase("search.find", _ask, _belongs)]
