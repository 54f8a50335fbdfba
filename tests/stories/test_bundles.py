"""A village, its township and the county, with nothing between them but a USB stick."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from fengsui.exchange.bundles import services as bundles
from fengsui.exchange.neighbours.queries import not_received_upstream
from fengsui.foundation.access.viewer import node_viewer
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.evacuations.services import record_household_status
from tests.world import county as world
from tests.world.journals import Box, Boxes

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "local"])
NODE = node_viewer()


@dataclass
class Valley:
    """Three nodes, and the county's evacuation that all of them work on."""

    clock: Any
    boxes: Boxes
    county: Box = field(init=False)
    township: Box = field(init=False)
    village: Box = field(init=False)
    people: world.County = field(init=False)
    evacuation_id: int = 0

    def __post_init__(self) -> None:
        self.county = self.boxes.make("示例县", world.COUNTY)
        self.township = self.boxes.make("青石镇", world.QINGSHI)
        self.village = self.boxes.make("石滩村", world.SHITAN)
        self.boxes.acquaint()
        with self.county.here():
            self.people = world.build()

    def warn(self) -> None:
        with self.county.here():
            from fengsui.response.alerts.models import Alert

            alert_id = self.people.issue(world.rain_warning())
            self.evacuation_id = Alert.objects.get(id=alert_id).evacuation_id or 0

    def stick(self, source: Box, target: Box, *, everything: bool = False) -> bytes:
        """A bundle written at one node for another."""
        out = BytesIO()
        with source.here():
            bundles.export_bundle(NODE, target.name, out, everything=everything)
        return out.getvalue()

    def read(self, target: Box, data: bytes, carried_by: str = "示意子") -> bundles.Report:
        with target.here():
            return bundles.import_bundle(NODE, BytesIO(data), carried_by)

    def carry(self, source: Box, target: Box) -> bundles.Report:
        self.clock.forward(seconds=60)
        return self.read(target, self.stick(source, target))

    def tick(self, box: Box, household: str, status: str, client_id: str) -> None:
        with box.here():
            record_household_status(
                viewer=NODE,
                household_id=self.people.ids[household],
                status=status,
                client_id=client_id,
                evacuation_id=self.evacuation_id,
            )

    def balance(self, box: Box) -> dict[str, int]:
        with box.here():
            return evacuations.balance(self.evacuation_id, viewer=NODE)

    def not_above(self, box: Box) -> int:
        with box.here():
            return not_received_upstream().facts


@pytest.fixture
def valley(transactional_db: None, clock: Any, tmp_path: Path) -> Iterator[Valley]:
    boxes = Boxes(tmp_path)
    told = Valley(clock, boxes)
    yield told
    boxes.close()


def test_what_the_village_ticks_reaches_the_county_by_stick_and_the_numbers_agree(
    valley: Valley,
) -> None:
    valley.warn()
    valley.carry(valley.county, valley.township)
    valley.carry(valley.township, valley.village)
    valley.tick(valley.village, "h1", "moved_central", "stick-1")
    valley.tick(valley.village, "h2", "refuses", "stick-2")

    up = valley.carry(valley.village, valley.township)
    assert (up.taken, up.refused, up.state) == (2, 0, "done")
    valley.carry(valley.township, valley.county)

    counted = [valley.balance(box) for box in (valley.village, valley.township, valley.county)]
    assert counted[0]["moved"] == 4
    assert counted[0] == counted[1] == counted[2]
