"""Lines between nodes: contacts that come and go, and what happens to bytes on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fengsui.exchange.replication import events

if TYPE_CHECKING:
    from fengsui.exchange.simulator.stations import Station
    from fengsui.exchange.simulator.world import World

TICK_SECONDS = 12.0
TICK_THIN_SECONDS = 60.0
THIN_CONTACT_SECONDS = 900.0
THIN_CLASSES_MAX = 1
BUDGETS = (0, 300, 2_000, 20_000)  # bytes a minute
PROLONG_SECONDS = 10.0
PROLONGED_MAX = 30


@dataclass(slots=True)
class Line:
    """What joins a node to the one above it."""

    name: str
    child: int
    parent: int
    budget: int | None = None
    cut_until: float = 0.0
    is_up: bool = False
    session: int = 0
    since: float = 0.0
    heard_at: float = 0.0
    prolonged: int = 0


class Carriers:
    """Opens and closes contacts; loses, doubles, alters and overtakes messages."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.lines: dict[str, Line] = {}
        self.of_station: dict[int, list[Line]] = {}
        self.spent: dict[tuple[str, int], list[int]] = {}

    def add(self, child: int, parent: int, budget: int | None = None) -> Line:
        line = Line(f"{child}-{parent}", child, parent, budget)
        self.lines[line.name] = line
        self.of_station.setdefault(child, []).append(line)
        self.of_station.setdefault(parent, []).append(line)
        return line

    def remove(self, line: Line) -> None:
        self.down(line)
        del self.lines[line.name]
        self.of_station[line.child].remove(line)
        self.of_station[line.parent].remove(line)

    def visit(self, line: Line) -> None:
        """The next contact by the clock, for as long as the storm lasts."""
        if self.world.is_calm or line.name not in self.lines:
            return
        self.contact(line)
        pause = self.world.dice.expovariate(1 / self.world.plan.contact_every)
        self.world.after(pause, self.visit, line)

    def contact(self, line: Line) -> None:
        world = self.world
        ends = self._ends(line)
        if line.is_up or line.cut_until > world.seconds or line.name not in self.lines:
            return
        if any(end.node is None or end.is_lost for end in ends):
            return
        line.is_up, line.session, line.prolonged = True, line.session + 1, 0
        line.since = line.heard_at = world.seconds
        world.counts["contacts"] += 1
        budget = None if world.is_calm else line.budget
        for end, other in (ends, ends[::-1]):
            classes_max = THIN_CLASSES_MAX if budget is not None else 3
            up = events.LinkUp(
                line.name, other.name, other.scope, budget=budget, classes_max=classes_max
            )
            self.spent[line.name, end.index] = [0, 0]
            world.step(end, up)
        lasts = world.plan.contact_seconds if budget is None else THIN_CONTACT_SECONDS
        dies = not world.is_calm and world.dice.random() < world.plan.dies
        if dies:
            world.counts["contacts broken off"] += 1
            lasts *= world.dice.random() * 0.3
        world.after(lasts, self._end, line, line.session, dies)
        self._tick_later(line, line.session, budget)

    def _ends(self, line: Line) -> tuple[Station, Station]:
        return self.world.stations[line.child], self.world.stations[line.parent]

    def _tick_later(self, line: Line, session: int, budget: int | None) -> None:
        def tick() -> None:
            if line.is_up and line.session == session:
                for end in self._ends(line):
                    self.world.step(end, events.Tick())
                self._tick_later(line, session, budget)

        self.world.after(TICK_SECONDS if budget is None else TICK_THIN_SECONDS, tick)

    def _end(self, line: Line, session: int, dies: bool) -> None:
        if not line.is_up or line.session != session:
            return
        is_busy = self.world.seconds - line.heard_at < PROLONG_SECONDS
        if is_busy and not dies and line.prolonged < PROLONGED_MAX:
            line.prolonged += 1
            self.world.after(PROLONG_SECONDS, self._end, line, session, dies)
            return
        self.down(line)

    def down(self, line: Line) -> None:
        if not line.is_up:
            return
        line.is_up = False
        for end in self._ends(line):
            self._check_budget(line, end)
            self.world.step(end, events.LinkDown(line.name))

    def _check_budget(self, line: Line, end: Station) -> None:
        spent, largest = self.spent[line.name, end.index]
        if line.budget is not None and not self.world.is_calm:
            minutes = (self.world.seconds - line.since) / 60
            self.world.oracle.note_bytes(line.budget, minutes, spent, largest)

    def of(self, station: Station) -> list[Line]:
        return list(self.of_station.get(station.index, ()))

    # --- bytes

    def carry(self, sender: Station, name: str, data: bytes) -> None:
        line = self.lines.get(name)
        if line is None or not line.is_up:
            return
        world, dice, plan = self.world, self.world.dice, self.world.plan
        one, other = self._ends(line)
        receiver = other if sender is one else one
        used = self.spent[name, sender.index]
        used[0] += len(data)
        used[1] = max(used[1], len(data))
        world.counts["messages"] += 1
        world.counts["bytes"] += len(data)
        if world.is_calm:
            world.after(dice.uniform(0.01, 0.2), self._arrive, line, line.session, receiver, data)
            return
        copies = 1
        fate = dice.random()
        if fate < plan.lost:
            copies = 0
            world.counts["messages lost"] += 1
        elif fate < plan.lost + plan.doubled:
            copies = 2
            world.counts["messages doubled"] += 1
        for _ in range(copies):
            delay = dice.uniform(0.001, plan.delay_max)
            world.after(delay, self._arrive, line, line.session, receiver, self._altered(data))

    def _arrive(self, line: Line, session: int, receiver: Station, data: bytes) -> None:
        if line.is_up and line.session == session:
            line.heard_at = self.world.seconds
            self.world.step(receiver, events.MessageArrived(line.name, data))

    def _altered(self, data: bytes) -> bytes:
        dice = self.world.dice
        if dice.random() >= self.world.plan.altered:
            return data
        self.world.counts["messages altered"] += 1
        changed = bytearray(data)
        changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
        return bytes(changed)
