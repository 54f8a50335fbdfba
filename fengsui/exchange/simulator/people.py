"""What people do: notes, orders, calls for help, messages that must be sent once."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fengsui.exchange.replication import sync
from fengsui.exchange.simulator import kinds
from fengsui.foundation.journal.facts import Fact

if TYPE_CHECKING:
    from fengsui.exchange.simulator.stations import Station
    from fengsui.exchange.simulator.world import World

CALLS_SHARE = 0.08
POWER_GOES_TOO = 0.4  # who calls for help often has neither power nor a line
CHATTER_MAX = 60
PATIENCE_SECONDS = 2_400.0
ENDS = ("sent", "taken_over")
PERSON = "示意甲"


class People:
    """Draws what is written when, and plays the owner of effects."""

    def __init__(self, world: World) -> None:
        self.world = world

    def plan(self) -> None:
        world, plan = self.world, self.world.plan
        for station in list(world.stations):
            for _ in range(plan.writes_per_node):
                world.after(world.dice.uniform(0, plan.seconds), self.write, station)
        county = world.stations[0]
        for number in range(plan.orders):
            when = world.dice.uniform(0, plan.seconds)
            world.after(when, self._order, county, number)
        for number in range(plan.effects):
            world.after(world.dice.uniform(0, plan.seconds * 0.7), self._effect, number)

    def write(self, station: Station) -> None:
        if station.node is None or station.is_lost:
            return
        dice = self.world.dice
        draw = dice.random()
        village = self.world.some_village_of(station)
        if draw < CALLS_SHARE and station.is_village:
            self.call_for_help(station)
        elif draw < 0.15:
            moved = {"moved": dice.randrange(40), "at": self.world.now_ms}
            station.write(kinds.HEADCOUNT, village, moved)
            station.chatter = min(CHATTER_MAX, station.chatter + dice.randrange(CHATTER_MAX))
            if station.is_village:
                self.world.slots.wake(station)
        elif draw < 0.7:
            value = f"{station.index}/{dice.getrandbits(32)}"
            note = {"thing": dice.randrange(3), "field": dice.randrange(2), "value": value}
            station.write(kinds.NOTE, village, *[note] * dice.randint(1, 2))
        elif draw < 0.82 and station.kinds is kinds.CATALOGUE:
            station.write(kinds.NEWER, village, {"text": "新"})
        else:
            sizes = [dice.randint(4, 200) for _ in range(dice.randint(1, 9))]
            station.write(kinds.BULK, village, *[{"data": dice.randbytes(n)} for n in sizes])
        self.world.call_up(station)

    def call_for_help(self, station: Station) -> None:
        people = self.world.dice.randint(1, 30)
        key = station.feed_key(kinds.SOS, station.scope)
        feed = sync.feed_of(key)

        def saved() -> None:
            if self.world.is_tainted(station):
                return
            station.calls.append((feed, seq, people))
            self.world.slots.wake(station)
            if not self.world.is_calm and self.world.dice.random() < POWER_GOES_TOO:
                self.world.after(1.0, self.world.faults.cut_off, station)

        station.write(kinds.SOS, station.scope, {"people": people}, then=saved)
        seq = station.tips[feed].seq

    def _order(self, county: Station, number: int) -> None:
        if county.node is not None:
            county.write(kinds.ORDER, county.scope, {"text": f"第{number}号"})

    # --- effects: one owner, durable before the call, unknown is said and asked about

    def _effect(self, number: int) -> None:
        world = self.world
        county = world.stations[0]
        if county.node is None:
            return
        township = world.dice.choice(world.townships)
        name = f"effect {number}"
        county.write(kinds.EFFECT, township.scope, self._said(name, "planned"))
        world.after(world.dice.uniform(0, 5_400), self.dispatch, county, name, township.scope)
        world.after(PATIENCE_SECONDS, self._impatient, township, name)

    def _said(self, name: str, state: str, person: str = "") -> dict[str, str]:
        return {"effect": name, "state": state, "person": person}

    def states(self, station: Station, name: str) -> dict[str, Fact]:
        said = station.disk.picture.effects.get(name, {})
        return {fact.fields["state"]: fact for fact in said.values()}

    def dispatch(self, station: Station, name: str, scope: str) -> None:
        """Only the owner; “dispatching” is on the disk before the call."""
        if station.node is None:
            self.world.after(600, self.dispatch, station, name, scope)
            return
        states = self.states(station, name)
        if any(state in states for state in ENDS):
            return
        if not self._is_sure(station, states) or "dispatching" in states:
            return self.ask_what_happened(station, name, scope)
        row = self._said(name, "dispatching")
        station.write(kinds.EFFECT, scope, row, then=partial(self.call, station, name, scope))

    def _is_sure(self, station: Station, states: dict[str, Fact]) -> bool:
        """Whether this disk has seen everything since it was planned: none was put back."""
        planned = states.get("planned")
        if planned is None:
            return False
        return station.disk.feeds[planned.feed].key.incarnation == station.disk.incarnation

    def ask_what_happened(self, station: Station, name: str, scope: str) -> None:
        """A crash in between, or a disk put back: the carrier is asked before anything is sent."""
        if station.index in self.world.oracle.sent.get(name, ()):
            station.write(kinds.EFFECT, scope, self._said(name, "sent"))
        elif not self.states(station, name) and station.index == 0:
            self.world.counts["effects lost with a disk"] += 1
        else:
            self.call(station, name, scope)

    def call(self, station: Station, name: str, scope: str) -> None:
        """Rings the carrier; the power may go before the answer is written down."""
        if station.node is None or station.is_lost:
            return
        self.world.oracle.note_sent(name, station.index)
        self.world.counts["effects"] += 1
        if not self.world.is_calm and self.world.dice.random() < 0.3:
            self.world.faults.crash(station)
            self.world.after(1_200, self.dispatch, station, name, scope)
            return
        station.write(kinds.EFFECT, scope, self._said(name, "sent"))

    def _impatient(self, township: Station, name: str) -> None:
        """Cut off from the owner, a person of the township may take over, and says so."""
        if township.node is None or self.world.is_calm:
            return
        states = self.states(township, name)
        if "planned" in states and not any(state in states for state in ENDS):
            self.world.counts["takeovers"] += 1
            self.take_over(township, name)
        elif not states:
            self.world.after(PATIENCE_SECONDS, self._impatient, township, name)

    def take_over(self, township: Station, name: str) -> None:
        def sure() -> None:
            self.world.oracle.taken_over.setdefault(name, set()).add(township.index)
            if township.index not in self.world.oracle.sent.get(name, ()):
                self.call(township, name, township.scope)

        row = self._said(name, "taken_over", PERSON)
        township.write(kinds.EFFECT, township.scope, row, then=sure)
