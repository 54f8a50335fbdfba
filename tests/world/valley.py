"""A county, a township and a village, each with a database of its own; sticks go in between."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from fengsui.exchange.bundles import layout
from fengsui.exchange.bundles import queries as bundle_queries
from fengsui.exchange.bundles import rules as bundle_rules
from fengsui.exchange.bundles import services as bundles
from fengsui.exchange.bundles.columns import Run
from fengsui.exchange.bundles.layout import Bundle, Range
from fengsui.exchange.neighbours import identity
from fengsui.exchange.neighbours.queries import not_received_upstream
from fengsui.exchange.replication.messages import Head
from fengsui.exchange.replication.sync import feed_of
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import hlc, keys
from fengsui.response.alerts.models import Alert
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.evacuations.services import record_household_status
from fengsui.standards.instants import to_ms
from tests.world import county as world
from tests.world.journals import Box, Boxes

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
        self.boxes.found_county(self.county)
        self.boxes.enrol(self.county, self.township, "township")
        self.boxes.enrol(self.township, self.village, "village")
        with self.county.here():
            self.people = world.build()

    def warn(self) -> None:
        with self.county.here():
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

    def shared(self, box: Box, other: Box) -> dict[bytes, tuple[int, bytes]]:
        """Where the feeds stand at `box` that `other` may hold too."""
        with box.here():
            common = bundle_rules.common_heads(
                bundle_queries.heads(), identity.known_scopes(), (box.scope, other.scope)
            )
            return {feed_of(head.key): (head.seq, head.hash) for head in common}

    def has_all(self, box: Box, source: Box) -> bool:
        """Whether `box` holds all that `source` has for it."""
        return self.shared(source, box).items() <= self.shared(box, source).items()

    def sealed(
        self, source: Box, target: Box, ranges: list[Range], pieces: list[list[Run]],
        heads: list[Head],
    ) -> bytes:  # fmt: skip
        """A bundle with any content, sealed by the source's own key."""
        key = keys.load_or_make(source.home)
        bundle = Bundle(
            1, key.public, source.name, target.public_key, to_ms(self.clock.now()), 1 << 31,
            hlc.of_time(self.clock.now()), tuple(heads),
            tuple(ranges),
        )  # fmt: skip
        data = b"".join(layout.write_parts(bundle, pieces))
        digest = hashlib.sha256(data).digest()
        return data + layout.write_seal(digest, key.sign(layout.sealed_bytes(digest)))

    def not_above(self, box: Box) -> int:
        with box.here():
            return not_received_upstream().facts
