"""The standing county as three certified nodes with thin links between them, in one process.

The BeiDou lines are real pseudo-terminals opened by pyserial, the radio is real UDP on loopback;
the clock is wound by hand and nothing sleeps.
"""

from __future__ import annotations

import contextlib
import random
import select
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import serial

from fengsui.exchange.telegrams import running
from fengsui.exchange.telegrams import services as telegrams
from fengsui.exchange.telegrams.models import Outgoing, ThinLink
from fengsui.exchange.telegrams.running import Out, Running
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import clock as clocks
from fengsui.foundation.nodes import queries as nodes
from fengsui.foundation.nodes import services as tree
from fengsui.foundation.nodes.root import Root
from fengsui.standards.instants import to_ms
from tests.world import county as world
from tests.world.beidou_terminal import Satellites, SimulatedTerminal
from tests.world.journals import Box, Boxes

NODE = node_viewer()


def certify(root_folder: Path, county: Box, below: list[tuple[Box, Box, str]], clock: Any) -> None:
    """A root, the county's certificate, and (parent, node, level) for the others."""
    root = Root.make(root_folder, county.scope, 1)
    with county.here():
        request = tree.request_enrolment(name=county.name, level="county", scope=county.scope)
        tree.init_county(
            viewer=NODE, **tree.county_chain(root, request, name=county.name, now=clock.now())
        )
    for parent, node, level in below:
        with node.here():
            request = tree.request_enrolment(name=node.name, level=level, scope=node.scope)
            code = tree.read_request(request).code
        with parent.here():
            certified = tree.enrol(
                viewer=NODE,
                request=request,
                code=code,
                scope=node.scope,
                level=level,
                name=node.name,
            )
        with node.here():
            tree.accept_certificate(viewer=NODE, chain=certified["chain"])


KERNEL_SECONDS = 0.02


@dataclass
class Wire:
    """One end of a link at one node: the driver, and the file or socket of its line."""

    box: Box
    driver: Running
    line: serial.Serial | socket.socket
    loss: float = 0.0
    chance: random.Random = field(default_factory=random.Random)
    lost: int = 0
    sizes: list[int] = field(default_factory=list)

    def step(self) -> int:
        """Reads what came, writes what is due. Returns how many pieces moved."""
        now_ms, moved = to_ms(clocks.now()), 0
        with self.box.here():
            for data, sender in list(self._came()):
                self._write(self.driver.take(data, sender, now_ms))
                moved += 1
            out = self.driver.tick(now_ms)
            self._write(out)
            return moved + len(out)

    def _came(self) -> Iterator[tuple[bytes, str]]:
        if isinstance(self.line, socket.socket):
            with contextlib.suppress(BlockingIOError):
                while True:
                    data, (host, port) = self.line.recvfrom(2048)
                    yield data, f"{host}:{port}"
        elif self.line.in_waiting:
            yield self.line.read(self.line.in_waiting), ""

    def _write(self, out: list[Out]) -> None:
        for one in out:
            self.sizes.append(len(one.data))
            if not isinstance(self.line, socket.socket):
                self.line.write(one.data)
                self.line.flush()
            elif self.chance.random() < self.loss:
                self.lost += 1
            else:
                host, _, port = one.to.rpartition(":")
                self.line.sendto(one.data, (host, int(port)))

    def close(self) -> None:
        self.line.close()


@dataclass
class ThinCounty:
    """示例县, 青石镇 and 石滩村 as nodes; links are added by the test."""

    clock: Any
    boxes: Boxes
    folder: Path
    wires: list[Wire] = field(default_factory=list)
    satellites: Satellites | None = None
    people: world.County = field(init=False)

    def __post_init__(self) -> None:
        self.county = self.boxes.make("示例县", world.COUNTY)
        self.township = self.boxes.make("青石镇", world.QINGSHI)
        self.village = self.boxes.make("石滩村", world.SHITAN)
        certify(
            self.folder / "root",
            self.county,
            [
                (self.county, self.township, "township"),
                (self.township, self.village, "village"),
            ],
            self.clock,
        )
        with self.county.here():
            self.people = world.build()
        self.meet()

    @property
    def all(self) -> list[Box]:
        return [self.county, self.township, self.village]

    # --- fat links: everything goes byte for byte, through the same judge ---------------------

    def carry(self, source: Box, target: Box) -> int:
        from fengsui.exchange.replication.audiences import may_hold
        from fengsui.foundation.journal import queries, services
        from fengsui.foundation.journal.codec import FeedKey

        held = target.heads()
        with source.here():
            scopes = nodes.known_scopes()
            offered = []
            for feed in queries.feeds():
                key, after = FeedKey(*feed["key"]), held.get(feed["feed_id"], -1)
                author = scopes.get(key.public_key)
                if feed["head"] <= after or author is None:
                    continue
                if may_hold(target.scope, key, author):
                    facts = queries.facts_of_feed(feed["feed_id"], after=after, limit=2000)
                    offered.append((list(feed["key"]), facts))
        offered.sort(key=lambda one: one[0][4] != "public")
        with target.here():
            before = sum(target.heads().values())
            for key_, facts in offered:
                services.receive(feed=key_, facts=facts, carrier=source.name)
            return sum(target.heads().values()) - before

    def meet(self) -> None:
        """Until nobody has anything for a neighbour."""
        pairs = ((self.county, self.township), (self.township, self.village))
        while sum(self.carry(a, b) + self.carry(b, a) for a, b in pairs):
            pass

    # --- thin links ----------------------------------------------------------------------------

    def beidou(self, upper: Box, lower: Box, *, loss: float, seed: int, **options: Any) -> None:
        """A terminal at either end; cards 0179773 above and 0242286 below."""
        if self.satellites is None:
            self.satellites = Satellites(lambda: to_ms(clocks.now()), loss, seed)
        query = options.pop("query", "")
        ends = [(upper, lower, "0179773", "0242286"), (lower, upper, "0242286", "0179773")]
        for box, other, card, other_card in ends:
            terminal = self.satellites.terminal(card, **options)
            address = f"serial:{terminal.path}{query}"
            line = serial.Serial(terminal.path, timeout=0)
            self._wire(box, other, "beidou", address, other_card, line)

    def radio(self, upper: Box, lower: Box, *, loss: float, seed: int, query: str = "") -> None:
        """UDP on loopback; each end loses what it sends by chance."""
        sockets = []
        for _ in range(2):
            one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            one.bind(("127.0.0.1", 0))
            one.setblocking(False)
            sockets.append(one)
        names = ["{}:{}".format(*one.getsockname()) for one in sockets]
        for index, (box, other) in enumerate(((upper, lower), (lower, upper))):
            address = f"udp:{names[index]}{query}"
            wire = self._wire(box, other, "radio", address, names[1 - index], sockets[index])
            wire.loss, wire.chance = loss, random.Random(seed * 2 + index)

    def _wire(self, box: Box, other: Box, name: str, address: str, peer: str, line: Any) -> Wire:
        name = f"{name}-{len(self.wires)}"
        with box.here():
            telegrams.add_link(viewer=NODE, name=name, address=address)
            telegrams.add_peer(
                viewer=NODE, link_name=name, public_key=other.public_key, address=peer
            )
            row = ThinLink.objects.get(name=name)
            wire = Wire(box, running.run(row), line)
        self.wires.append(wire)
        return wire

    def look(self) -> None:
        """The job of every node that fills the queues."""
        for box in self.all:
            with box.here():
                telegrams.look()

    def step(self, seconds: float = 0.0) -> None:
        """Winds the clock, then lets the lines work until they are quiet."""
        self.clock.forward(seconds=seconds)
        self.look()
        for _ in range(40):
            if self.satellites is not None:
                self.satellites.look()
            moved = sum(wire.step() for wire in self.wires)
            if self.satellites is not None:
                self.satellites.look()
            if not moved and not self._is_something_under_way():
                return

    def _is_something_under_way(self) -> bool:
        """The kernel hands bytes from one end of a terminal to the other when it finds time."""
        lines = [wire.line for wire in self.wires]
        if self.satellites is not None:
            lines += [one.line for one in self.satellites.terminals.values()]  # type: ignore[misc]
        return bool(select.select(lines, [], [], KERNEL_SECONDS)[0])

    def waiting(self, box: Box) -> int:
        with box.here():
            return Outgoing.objects.filter(standing="queued").count()

    def until_delivered(self, *, step_s: float, steps_max: int) -> int:
        """Steps until no queue holds anything. Returns the seconds it took."""
        quiet = 0
        for number in range(steps_max):
            self.step(step_s)
            # What was heard at one node is queued for the next one in the step after.
            quiet = 0 if any(self.waiting(box) for box in self.all) else quiet + 1
            if quiet == 2:
                return round((number - 1) * step_s)
        raise AssertionError(f"not delivered after {steps_max * step_s:.0f} s: {self.left()}")

    def left(self) -> dict[str, Any]:
        """What still waits at every node, and what its links last complained of."""
        found: dict[str, Any] = {}
        for box in self.all:
            with box.here():
                waiting = Outgoing.objects.filter(standing="queued")
                found[box.name] = (
                    list(waiting.values_list("kind", "tries", "seq")),
                    list(ThinLink.objects.values_list("name", "last_error", "state")),
                )
        return found

    def terminal_of(self, box: Box) -> SimulatedTerminal:
        assert self.satellites is not None
        card = "0179773" if box is not self._lower() else "0242286"
        return self.satellites.terminals[card.lstrip("0")]

    def _lower(self) -> Box:
        beidou = [wire.box for wire in self.wires if isinstance(wire.driver, running.TerminalLink)]
        return beidou[1]

    def close(self) -> None:
        for wire in self.wires:
            wire.close()
        if self.satellites is not None:
            for terminal in self.satellites.terminals.values():
                terminal.close()
        self.boxes.close()
