"""A village is moved to another township: who may hold which of its feeds, before and after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fengsui.exchange.replication.audiences import may_hold
from fengsui.foundation.journal.tests.stations import Station, carry, stations
from fengsui.foundation.nodes import queries, services
from fengsui.foundation.nodes.tests.conftest import (
    MOVED_VILLAGE,
    NODE,
    OTHER_TOWNSHIP,
    TOWNSHIP,
    VILLAGE,
    Tree,
)
from tests.beacon import services as beacons
from tests.beacon.models import Beacon


@pytest.fixture
def tree(db: None, clock: Any, tmp_path: Path) -> Iterator[Tree]:
    with stations("示意县", "示意乡", "示意村", "示例乡") as made:
        grown = Tree(tmp_path, made)
        grown.grow()
        yield grown


def give(source: Station, target: Station) -> dict[str, int]:
    """What a session would bring: only feeds of known authors that the target may hold."""
    with target:
        scope = queries.own().scope
    with source:
        known = queries.known_scopes()
    return carry(
        source,
        target,
        lambda key: key.public_key in known and may_hold(scope, key, known[key.public_key]),
    )


def light(at: Station, name: str, place: str) -> None:
    with at:
        beacons.light(viewer=NODE, place_code=place, name=name)


def names(at: Station) -> set[str]:
    with at:
        return set(Beacon.objects.values_list("name", flat=True))


def round_of(tree: Tree) -> None:
    for _ in range(3):
        for one in (tree.township, tree.other, tree.village):
            give(one, tree.county)
            give(tree.county, one)
        for one in (tree.township, tree.other):
            give(tree.village, one)
            give(one, tree.village)


def test_case_19_the_old_township_stops_receiving_and_the_new_one_has_all(
    tree: Tree, clock: Any
) -> None:
    light(tree.village, "迁前", VILLAGE)
    round_of(tree)
    assert names(tree.township) == {"迁前"}
    assert names(tree.other) == set(), "nothing leaks sideways before"
    clock.forward(minutes=1)
    with tree.county:
        chain = services.move(
            viewer=NODE, public_key=tree.village.key.public, scope=MOVED_VILLAGE, name="示例村"
        )["chain"]
    with tree.village:
        services.accept_certificate(viewer=NODE, chain=chain)
    light(tree.village, "迁后", MOVED_VILLAGE)
    clock.forward(minutes=1)
    round_of(tree)
    assert names(tree.other) == {"迁前", "迁后"}, "the new township has the whole village"
    assert names(tree.county) == {"迁前", "迁后"}
    assert names(tree.township) == {"迁前"}, "the old one keeps its past and gets no more"
    assert names(tree.village) == {"迁前", "迁后"}, "and nothing is orphaned"
    with tree.village:
        above = queries.parent()
        assert above is not None
        assert above.scope == OTHER_TOWNSHIP != TOWNSHIP
