"""A county, a township and a village with certificates, each with a real journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import clock as the_clock
from fengsui.foundation.journal.keys import NodeKey
from fengsui.foundation.journal.tests.stations import Station, carry, digests, stations
from fengsui.foundation.nodes import rules, services
from fengsui.foundation.nodes.root import Root

COUNTY, TOWNSHIP, VILLAGE = "433126000000", "433126101000", "433126101201"
OTHER_TOWNSHIP, MOVED_VILLAGE = "433126102000", "433126102301"
NODE = node_viewer()


class Tree:
    """The root on its stick and the nodes that hang from it."""

    def __init__(self, folder: Path, made: list[Station]) -> None:
        self.root = Root.make(folder / "stick", COUNTY, 1)
        self.county, self.township, self.village, self.other = made
        self.all = made

    def grow(self) -> None:
        with self.county:
            request = services.request_enrolment(name="示意县", level="county", scope=COUNTY)
            signed = services.county_chain(self.root, request, name="示意县", now=the_clock.now())
            services.init_county(
                viewer=NODE, chain=signed["chain"], root_facts=signed["root_facts"]
            )
        self.enrol(self.county, self.township, "township", TOWNSHIP)
        self.enrol(self.county, self.other, "township", OTHER_TOWNSHIP)
        self.enrol(self.township, self.village, "village", VILLAGE)

    def enrol(self, parent: Station, child: Station, level: str, scope: str, **more: Any) -> str:
        """At the desk: request, code, certificate, acceptance. Returns the chain."""
        with child:
            request = services.request_enrolment(name=child.name, level=level, scope=scope)
        with parent:
            chain = services.enrol(
                viewer=NODE,
                request=request,
                code=rules.short_code(request),
                scope=scope,
                level=level,
                name=child.name,
                **more,
            )["chain"]
        with child:
            services.accept_certificate(viewer=NODE, chain=chain)
        return str(chain)

    def meet(self, *nodes: Station, rounds: int = 6) -> None:
        """These bring everything to each other until nothing moves."""
        for _ in range(rounds):
            moved = 0
            for source in nodes or self.all:
                for target in nodes or self.all:
                    if source is not target:
                        moved += carry(source, target).get("taken", 0)
            if not moved:
                return
        raise AssertionError("they never come to rest")

    def agree(self, *nodes: Station) -> None:
        found = [digests(one) for one in nodes or self.all]
        different = {table for one in found for table in one if one[table] != found[0][table]}
        assert not different


@pytest.fixture
def tree(db: None, clock: Any, tmp_path: Path) -> Iterator[Tree]:
    with stations("示意县", "示意乡", "示意村", "示例乡") as made:
        grown = Tree(tmp_path, made)
        grown.grow()
        yield grown


@pytest.fixture
def thief() -> NodeKey:
    return NodeKey.fresh()
