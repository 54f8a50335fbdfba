"""One run: a county of production nodes, and everything round them out of one seed."""

from __future__ import annotations

import hashlib
import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from fengsui.exchange.replication import events, sync
from fengsui.exchange.simulator import kinds
from fengsui.exchange.simulator.carriers import BUDGETS, Carriers
from fengsui.exchange.simulator.disks import Transaction
from fengsui.exchange.simulator.faults import Faults
from fengsui.exchange.simulator.oracle import BrokenPromiseError, Oracle
from fengsui.exchange.simulator.people import People
from fengsui.exchange.simulator.plans import Plan
from fengsui.exchange.simulator.slots import Slots
from fengsui.exchange.simulator.stations import Station
from fengsui.exchange.simulator.suites import suites_of
from fengsui.foundation.journal import hlc
from fengsui.foundation.journal.codec import PUBLIC_AUDIENCE, FeedKey
from fengsui.foundation.journal.facts import Fact, FactClass
from fengsui.foundation.journal.standing import FOREVER_MS
from fengsui.foundation.nodes.facts import CERTIFIED, REVOKED

EPOCH = datetime(2026, 7, 16, 18, 10, tzinfo=UTC)
COUNTY = "433126000000"
CHECK_EVERY_EVENTS = 1_000
EVENTS_MAX = 20_000_000
CALM_ROUNDS = 8
SKEW_BEHIND, SKEW_AHEAD = timedelta(hours=-2), timedelta(minutes=30)
TEN_YEARS = timedelta(days=3_652)
# A village may say nothing that only the levels above may.
VILLAGE_KINDS = [
    number for number, kind in kinds.CATALOGUE.items()
    if kind not in (kinds.ORDER, CERTIFIED, REVOKED)
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """`verdict` is "ok" or the promise that was broken."""

    seed: int
    facts: int
    digest: str
    verdict: str
    events: int
    counts: tuple[tuple[str, int], ...]


class World:
    """One run. The classes are replaced by planted bugs."""

    def __init__(
        self,
        seed: int,
        plan: Plan | None = None,
        *,
        node_class: Callable[..., sync.Node] = sync.Node,
        station_class: type[Station] = Station,
        people_class: type[People] = People,
        slots_class: type[Slots] = Slots,
    ) -> None:
        self.seed = seed
        self.plan = plan or Plan()
        self.dice = random.Random(seed)  # noqa: S311 - a replayable world needs replayable dice
        self.node_class = node_class
        has_real = random.Random(f"crypto {seed}").random() < self.plan.real_signatures  # noqa: S311
        number, self.suites = suites_of(has_real_signatures=has_real)
        self.suite = self.suites[number]
        self.seconds = 0.0
        self.queue: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self.order = 0
        self.handled = 0
        self.counts: Counter[str] = Counter()
        self.is_calm = False
        self.ahead_max = SKEW_AHEAD
        self.faulty_clocks: set[int] = set()
        self.stolen: dict[int, int] = {}
        self.twins: dict[int, int] = {}
        self.forked: set[bytes] = set()  # public keys of which two machines have written
        self.fork_evidence: set[bytes] = set()
        self.fork_may_be_seen: set[bytes] = set()
        self.places: dict[bytes, list[str]] = {}
        self.stations: list[Station] = []
        self.by_name: dict[bytes, list[Station]] = {}
        self.oracle = Oracle(self)
        self.carriers = Carriers(self)
        self.slots = slots_class(self)
        self.people = people_class(self)
        self.faults = Faults(self)
        self._settle(station_class)

    # --- the county

    def _settle(self, station_class: type[Station]) -> None:
        plan, dice = self.plan, self.dice
        self.stations.append(station_class(self, 0, COUNTY, None))
        for number in range(plan.townships):
            scope = f"433126{100 + number}000"
            self.stations.append(station_class(self, number + 1, scope, 0))
        for number in range(plan.villages):
            above = self.stations[1 + number % plan.townships]
            scope = f"{above.scope[:9]}{201 + number // plan.townships}"
            index = 1 + plan.townships + number
            self.stations.append(station_class(self, index, scope, above.index))
        self.townships = self.stations[1 : 1 + plan.townships]
        self.villages = self.stations[1 + plan.townships :]
        for station in self.stations:
            self.places[station.name] = [station.scope]
            station.skew = timedelta(
                seconds=dice.uniform(SKEW_BEHIND.total_seconds(), SKEW_AHEAD.total_seconds())
                if dice.random() < 0.3
                else dice.uniform(-60, 60)
            )
            if dice.random() < plan.old:
                station.kinds = kinds.OLD_CATALOGUE
            self.by_name[station.name] = [station]
        self._certify()
        for station in self.stations[1:]:
            is_thin = station in self.villages and dice.random() < plan.thin
            budget = dice.choice(BUDGETS) if is_thin else None
            self.carriers.add(station.index, station.parent or 0, budget)
        if plan.has_faulty_clocks:
            wrong = dice.choice(self.villages)
            wrong.skew = TEN_YEARS
            self.faulty_clocks.add(wrong.index)
            self.after(plan.seconds * 0.6, self._mend_clock, wrong)

    def _certify(self) -> None:
        """Everybody was enrolled before the storm: all certificates are on every disk."""
        county = self.stations[0]
        key = FeedKey(self.suite.number, county.name, 0, int(FactClass.COMMAND), PUBLIC_AUDIENCE)
        feed = sync.feed_of(key)
        tip, facts = county.disk.head(key), []
        clock = hlc.of_time(EPOCH - timedelta(days=30))
        for number, station in enumerate(self.stations):
            raw, tip = kinds.make_fact(
                self.suite, key, feed, tip, CERTIFIED, hlc=clock + number,
                scope=station.scope, fields=self.certificate(station, station.scope),
                dice=self.dice, sign=county.sign,
            )  # fmt: skip
            facts.append(raw)
        transaction = Transaction(feed, key, tuple(facts), clock + len(facts))
        county.disk.picture.scopes[county.name] = COUNTY
        county.disk.picture.apply_certificate(self.certificate(county, COUNTY))
        county.disk.append(transaction)
        for done in county.disk.sync():
            county.take_over(done)
        county.disk.hlc = 0
        for station in self.stations[1:]:
            station.disk = county.disk.copy()
        self.oracle.acknowledge(transaction)

    def certificate(self, station: Station, scope: str) -> dict[str, Any]:
        return {
            "public_key": station.name, "suite": self.suite.number, "link_key": b"",
            "short_id": station.short_id, "name": f"示意{station.index}", "level": "village",
            "scope": scope, "kinds": VILLAGE_KINDS if station.is_village else None,
            "not_before_ms": self.now_ms, "not_after_ms": FOREVER_MS, "replaces_until_ms": None,
        }  # fmt: skip

    def some_village_of(self, station: Station) -> str:
        """A place below the station that it may write about."""
        if station.is_village:
            return station.scope
        below = [one.scope for one in self.villages if station.index in (0, one.parent)]
        return self.dice.choice(below) if below else station.scope

    def is_tainted(self, station: Station) -> bool:
        return (
            station.index in self.stolen
            or station.index in self.twins
            or station.index in self.twins.values()
        )

    def add_twin(self, one: Station, twin: Station) -> None:
        self.stations.append(twin)
        self.by_name[one.name].append(twin)
        self.twins[one.index] = twin.index
        self.forked.add(one.name)
        self.oracle.forget_calls_of(one.name)
        one.calls, twin.calls = [], []
        self.carriers.add(twin.index, twin.parent or 0)
        twin.switch_on()
        for _ in range(self.plan.writes_per_node):
            self.after(
                self.dice.uniform(0, self.plan.seconds - self.seconds), self.people.write, twin
            )
        self.carriers.visit(self.carriers.of(twin)[0])

    # --- time

    @property
    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.seconds)

    @property
    def now_ms(self) -> int:
        return hlc.of_time(self.now) >> hlc.COUNTER_BITS

    def after(self, seconds: float, action: Callable[..., None], *arguments: Any) -> None:
        self.order += 1
        heapq.heappush(self.queue, (self.seconds + seconds, self.order, action, arguments))

    def sync_delay(self) -> float:
        return self.dice.uniform(0.001, 0.05 if self.is_calm else self.plan.sync_max)

    def _until(self, seconds: float) -> None:
        queue = self.queue
        while queue and queue[0][0] <= seconds:
            self.seconds, _, action, arguments = heapq.heappop(queue)
            action(*arguments)
            self.handled += 1
            if self.handled % CHECK_EVERY_EVENTS == 0:
                self.oracle.check()
            if self.handled > EVENTS_MAX:
                raise BrokenPromiseError("the nodes never come to rest")
        self.seconds = seconds

    # --- the two phases

    def run(self) -> Outcome:
        verdict = "ok"
        try:
            self._storm()
            self._calm()
            self.oracle.check_healed()
        except BrokenPromiseError as broken:
            verdict = str(broken)
        counts = tuple(sorted(self.counts.items()))
        return Outcome(self.seed, self.oracle.facts, self.digest(), verdict, self.handled, counts)

    def _storm(self) -> None:
        for station in self.stations:
            station.switch_on()
        self.people.plan()
        self.faults.plan()
        for line in self.carriers.lines.values():
            self.after(self.dice.uniform(0, self.plan.contact_every), self.carriers.visit, line)
        self._until(self.plan.seconds)

    def _calm(self) -> None:
        """No fault may happen any more: a liveness claim needs a world that lets it live."""
        self.is_calm = True
        for index in self.stolen:
            self.stations[index].is_lost = True
        for station in self.stations:
            station.upgrade()
            if station.node is None and not station.is_lost:
                station.switch_on()
                self.came_back(station)
        for line in list(self.carriers.lines.values()):
            line.cut_until = 0.0
            self.carriers.down(line)
        self._find_forks()
        pause = self.plan.calm_hours * 3_600 / CALM_ROUNDS
        for _ in range(CALM_ROUNDS):
            for line in list(self.carriers.lines.values()):
                self.after(self.dice.uniform(0, pause * 0.5), self.carriers.contact, line)
            self._until(self.seconds + pause)

    def _find_forks(self) -> None:
        """Feeds that a copied disk has given two histories; from here on they are evidence."""
        for one, twin in self.twins.items():
            mine, theirs = self.stations[one], self.stations[twin]
            for name, feed in mine.disk.feeds.items():
                other = theirs.disk.feeds.get(name)
                if feed.key.public_key != mine.name:
                    continue
                if other is not None and any(
                    a != b for a, b in zip(feed.hashes, other.hashes, strict=False)
                ):
                    self.fork_may_be_seen.add(name)

    def _mend_clock(self, station: Station) -> None:
        station.skew = timedelta(0)
        self.faults.crash(station)

    # --- what happens at nodes

    def step(self, station: Station, event: events.Event) -> None:
        if station.node is None:
            return
        for action in station.node.step(event, station.now):
            self._carry_out(station, action)

    def _carry_out(self, station: Station, action: events.Action) -> None:
        match action:
            case events.Send(link, data):
                self.carriers.carry(station, link, data)
            case events.Load(link, feed, after, facts_max):
                missed = not self.is_calm and self.dice.random() < self.plan.misread
                facts = station.disk.read(feed, after + missed, facts_max)
                self.step(station, events.Loaded(link, feed, facts))
            case events.Store(key, facts):
                self.counts["facts carried"] += len(facts)
                station.receive(key, facts)
            case events.Delivered():
                self._delivered(station, action)
            case events.Report(link, what, _, feed, facts):
                self.counts[f"report {what}"] += 1
                if what == "fork" and facts:
                    self.fork_evidence.add(feed)

    def _called(self, station: Station, fact: Fact) -> None:
        call = (fact.feed, fact.seq)
        if not station.is_village:
            self.heard_call(*call)
        elif station.disk.feeds[fact.feed].key.public_key == station.name:
            self.oracle.raised.add(call)
            is_up = any(one.knows_call(*call) for one in self.stations if not one.is_village)
            if not self.is_tainted(station) and not is_up:
                self.oracle.calls.setdefault(call, 0)
                self.slots.wake(station)

    def _delivered(self, station: Station, action: events.Delivered) -> None:
        holders = self.by_name[action.peer]
        if len(holders) == 1:
            self.oracle.note_delivery(holders[0], action.feed, action.seq)
        station.calls = [
            call for call in station.calls if call[0] != action.feed or call[1] > action.seq
        ]

    def on_applied(self, station: Station, fact: Fact) -> None:
        if fact.kind == "sim.sos":
            self._called(station, fact)
        if fact.kind == "nodes.certified" and station.index == 0:
            places = self.places[fact.fields["public_key"]]
            if fact.fields["scope"] not in places:
                places.append(fact.fields["scope"])
        if fact.kind == "nodes.certified" and fact.fields["public_key"] == station.name:
            self._moved(station, fact.fields["scope"])

    def _moved(self, station: Station, scope: str) -> None:
        above = next((one for one in self.townships if one.scope[:9] == scope[:9]), None)
        if above is None or not station.is_village or station.scope == scope:
            return
        station.scope, station.parent = scope, above.index
        self.oracle.forget_calls_of(station.name)  # its terminal reports elsewhere now
        for line in self.carriers.of(station):
            self.carriers.remove(line)
        line = self.carriers.add(station.index, above.index)
        if station.node is not None:
            station.switch_off()
            station.disk.unsynced.clear()
            station.switch_on()
        self.after(self.dice.uniform(0, self.plan.contact_every), self.carriers.visit, line)

    def heard_call(self, feed: bytes, seq: int) -> None:
        self.oracle.calls.pop((feed, seq), None)

    def came_back(self, station: Station) -> None:
        if station.calls:
            self.slots.wake(station)
        self.call_up(station)

    def call_up(self, station: Station) -> None:
        """A node that has news does not wait for the clock."""
        for line in self.carriers.of(station):
            if line.child == station.index and self.dice.random() < 0.2:
                self.after(self.dice.uniform(1, 60), self.carriers.contact, line)

    def feed_of(self, key: FeedKey) -> bytes:
        return sync.feed_of(key)

    def digest(self) -> str:
        """Of everything on every disk, in order: the same seed gives the same digest."""
        whole = hashlib.sha256()
        for station in self.stations:
            for name, feed in sorted(station.disk.feeds.items()):
                whole.update(name + feed.head.hash + len(feed.facts).to_bytes(8, "big"))
            for fact_id in sorted(station.disk.picture.applied):
                whole.update(fact_id)
        return whole.hexdigest()[:32]
