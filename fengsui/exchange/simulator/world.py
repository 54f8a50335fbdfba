"""One run: production nodes, and everything round them out of one seed."""

from __future__ import annotations

import hashlib
import heapq
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise

from fengsui.exchange.replication import events, sync
from fengsui.exchange.replication.messages import Head, RawFact
from fengsui.exchange.simulator.disks import Station
from fengsui.exchange.simulator.promises import (
    BrokenPromiseError,
    check_equal,
    check_safety,
    digest_of,
    everything,
)
from fengsui.exchange.simulator.weather import Weather, calm_after
from fengsui.foundation.journal import codec, hlc, signing
from fengsui.foundation.journal.codec import FeedKey, Header
from fengsui.foundation.journal.facts import FactClass

EPOCH = datetime(2026, 7, 16, 18, 10, tzinfo=UTC)
SCOPES = ("433126000000", "433126100000", "433126100201")  # county, township, village: a chain
SIMULATED_KIND = 999
NODES_MAX = len(SCOPES)
EVENTS_MAX = 2_000_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """`verdict` is "ok" or the promise that was broken."""

    seed: int
    facts: int
    digest: str
    verdict: str
    counts: tuple[tuple[str, int], ...]


NodeClass = Callable[..., sync.Node]


class World:
    """One run. `node_class` and the two switches exist for injected bugs."""

    def __init__(
        self,
        seed: int,
        *,
        nodes: int = 2,
        weather: Weather | None = None,
        node_class: NodeClass = sync.Node,
        acknowledges_early: bool = False,
        keeps_incarnation: bool = False,
    ) -> None:
        self.seed = seed
        self.dice = random.Random(seed)  # noqa: S311 - a replayable world needs replayable dice
        self.weather = weather or Weather()
        self.node_class = node_class
        self.acknowledges_early = acknowledges_early
        self.keeps_incarnation = keeps_incarnation
        self.seconds = 0.0
        self.queue: list[tuple[float, int, Callable[[], None]]] = []
        self.order = 0
        self.counts: Counter[str] = Counter()
        self.is_calm = False
        self.stations = [self._station(index) for index in range(nodes)]
        self.known = {station.public_key: station.scope for station in self.stations}
        self.links = {f"{a}-{b}": (a, b) for a, b in pairwise(range(nodes))}
        self.up: set[str] = set()
        self.sessions: Counter[str] = Counter()
        # What was promised: to users (this is saved) and between nodes (this is on your disk).
        self.acknowledged: dict[tuple[FeedKey, int], bytes] = {}
        self.delivered: dict[tuple[int, FeedKey], int] = {}

    def _station(self, index: int) -> Station:
        seed = hashlib.sha256(f"{self.seed}/{index}".encode()).digest()
        suite = signing.SUITES[signing.ED25519_SHA256]
        return Station(index, SCOPES[index], seed, suite.public_key(seed))

    @property
    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.seconds)

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        self.order += 1
        heapq.heappush(self.queue, (self.seconds + seconds, self.order, action))

    def run(self) -> Outcome:
        verdict = "ok"
        try:
            self._storm()
            self._calm()
        except BrokenPromiseError as broken:
            verdict = str(broken)
        return Outcome(
            self.seed,
            len(self.acknowledged),
            digest_of(self.stations),
            verdict,
            tuple(sorted(self.counts.items())),
        )

    # --- the two phases

    def _storm(self) -> None:
        for station in self.stations:
            self._switch_on(station)
            self._again(self.weather.write_every, partial(self._write, station))
            self._again(self.weather.crash_every, partial(self._crash, station))
            self._again(self.weather.restore_every, partial(self._restore, station))
        for link in self.links:
            self._again(self.weather.link_every, partial(self._toggle, link))
            self._link_up(link)
        self.after(5.0, self._tick)
        self._until(self.weather.fault_seconds)

    def _again(self, every: float, action: Callable[[], None]) -> None:
        def happen() -> None:
            if not self.is_calm:
                action()
                self._again(every, action)

        self.after(self.dice.expovariate(1.0 / every), happen)

    def _calm(self) -> None:
        """No fault may happen any more: a liveness claim needs a world that lets it live."""
        self.is_calm, self.weather = True, calm_after(self.weather)
        for station in self.stations:
            if station.node is None:
                self._switch_on(station)
        for link in self.links:
            self._link_down(link)
            self._link_up(link)
        self._until(self.seconds + self.weather.calm_seconds)
        check_safety(self.stations, self.acknowledged, self.delivered)
        check_equal(self.stations)

    def _until(self, seconds: float) -> None:
        handled = 0
        while self.queue and self.queue[0][0] <= seconds:
            self.seconds, _, action = heapq.heappop(self.queue)
            action()
            handled += 1
            if handled > EVENTS_MAX:
                raise BrokenPromiseError("the nodes never come to rest")
        self.seconds = seconds

    def _tick(self) -> None:
        for station in self.stations:
            self._step(station, events.Tick())
        self.after(5.0, self._tick)

    # --- what users do

    def _write(self, station: Station) -> None:
        if station.node is None:
            return
        key = self._own_feed(station)
        facts = self._make_facts(station, key, self.dice.randint(1, 5))
        self.counts["written"] += len(facts)
        station.disk.append(key, facts)
        if self.acknowledges_early:
            self._acknowledge(key, facts)
        self._sync_later(station)

    def _own_feed(self, station: Station) -> FeedKey:
        prefix = station.scope.rstrip("0") if station.index else station.scope[:6]
        audience = self.dice.choice((station.scope[:6], prefix, codec.PUBLIC_AUDIENCE))
        fact_class = self.dice.choice(tuple(FactClass))
        return FeedKey(
            signing.ED25519_SHA256,
            station.public_key,
            station.incarnation,
            int(fact_class),
            audience,
        )

    def _make_facts(self, station: Station, key: FeedKey, count: int) -> tuple[RawFact, ...]:
        suite = signing.SUITES[key.suite]
        sign = suite.signer(station.seed)
        tip = station.tips.get(key) or station.disk.head(key)
        made: list[RawFact] = []
        for position in range(count):
            leaf = self.dice.randbytes(self.dice.randint(4, 60))
            body = codec.encode_body([leaf])
            header = codec.encode_header(
                Header(
                    codec.HEADER_VERSION,
                    key.suite,
                    sync.feed_of(key),
                    tip.seq + 1,
                    tip.hash,
                    hlc.of_time(self.now),
                    SIMULATED_KIND,
                    1,
                    station.scope,
                    1,
                    None,
                    codec.body_root([leaf], suite.digest),
                )
            )
            is_last = position == count - 1
            signs = is_last or FactClass(key.fact_class).signs_each
            made.append((header, body, sign(codec.signed_bytes(header)) if signs else None))
            tip = Head(key, tip.seq + 1, suite.digest(header))
        station.tips[key] = tip
        return tuple(made)

    def _acknowledge(self, key: FeedKey, facts: tuple[RawFact, ...]) -> None:
        for header, _, _ in facts:
            self.acknowledged[key, codec.decode_header(header).seq] = header

    # --- power, disks

    def _sync_later(self, station: Station) -> None:
        life = station.life

        def finish() -> None:
            if station.life == life and station.node is not None:
                waiting = list(station.disk.unsynced)
                for key in station.disk.sync():
                    for transaction in waiting:
                        if key.public_key == station.public_key and transaction.key == key:
                            self._acknowledge(key, transaction.facts)
                    self._step(station, events.OnDisk(station.disk.head(key)))

        self.after(self.dice.uniform(0.001, self.weather.sync_max), finish)

    def _switch_on(self, station: Station) -> None:
        station.tips = {}
        station.node = self.node_class(
            name=station.public_key,
            scope=station.scope,
            known=self.known,
            heads=station.disk.heads(),
        )
        for link in sorted(self.up):
            if station.index in self.links[link]:
                self._step(station, events.LinkUp(link))

    def _crash(self, station: Station) -> None:
        if station.node is None:
            return
        self.counts["power cuts"] += 1
        self._switch_off(station)
        station.disk.power_cut(self.dice)
        check_safety(self.stations, self.acknowledged, self.delivered)

    def _switch_off(self, station: Station) -> None:
        station.node = None
        station.life += 1
        for link, ends in self.links.items():
            if station.index in ends:
                self._link_down(link)
        life = station.life

        def come_back() -> None:
            if station.node is None and station.life == life:
                self._switch_on(station)
                for link, ends in self.links.items():
                    if station.index in ends:
                        self._link_up(link)

        self.after(self.dice.uniform(0.5, self.weather.off_max), come_back)

    def _restore(self, station: Station) -> None:
        """The disk dies and an old copy takes its place, under a new incarnation."""
        if station.node is None or self.dice.random() < 0.5:
            station.backup = station.disk.copy()
            return
        self.counts["restores"] += 1
        self._switch_off(station)
        station.disk = station.backup.copy()
        if not self.keeps_incarnation:
            station.incarnation += 1
        # Excused: what nobody else had on disk, and what others knew of the disk that died.
        self.delivered = {
            (index, key): seq
            for (index, key), seq in self.delivered.items()
            if index != station.index
        }
        elsewhere = everything(self.stations)
        self.acknowledged = {
            promise: header
            for promise, header in self.acknowledged.items()
            if header in elsewhere.get(promise, ())
        }

    # --- the carrier

    def _toggle(self, link: str) -> None:
        if link in self.up:
            self.counts["links lost"] += 1
            self._link_down(link)
        else:
            self._link_up(link)

    def _link_up(self, link: str) -> None:
        ends = [self.stations[index] for index in self.links[link]]
        if link in self.up or any(station.node is None for station in ends):
            return
        self.up.add(link)
        self.sessions[link] += 1
        for station in ends:
            self._step(station, events.LinkUp(link))

    def _link_down(self, link: str) -> None:
        if link not in self.up:
            return
        self.up.discard(link)
        for index in self.links[link]:
            self._step(self.stations[index], events.LinkDown(link))

    def _carry(self, sender: Station, link: str, data: bytes) -> None:
        if link not in self.up:
            return
        one, other = self.links[link]
        receiver = self.stations[other if sender.index == one else one]
        session = self.sessions[link]
        self.counts["messages"] += 1
        copies = 1
        if self.dice.random() < self.weather.lost:
            copies = 0
            self.counts["messages lost"] += 1
        elif self.dice.random() < self.weather.doubled:
            copies = 2
            self.counts["messages doubled"] += 1
        for _ in range(copies):
            arriving = self._altered(data)

            def arrive(arriving: bytes = arriving) -> None:
                if link in self.up and self.sessions[link] == session:
                    self._step(receiver, events.MessageArrived(link, arriving))

            self.after(self.dice.uniform(0.001, self.weather.delay_max), arrive)

    def _altered(self, data: bytes) -> bytes:
        if self.dice.random() >= self.weather.altered:
            return data
        self.counts["messages altered"] += 1
        changed = bytearray(data)
        changed[self.dice.randrange(len(changed))] ^= 1 << self.dice.randrange(8)
        return bytes(changed)

    # --- carrying out what a node asks for

    def _step(self, station: Station, event: events.Event) -> None:
        if station.node is None:
            return
        for action in station.node.step(event, self.now):
            self._carry_out(station, action)

    def _carry_out(self, station: Station, action: events.Action) -> None:
        match action:
            case events.Send(link, data):
                self._carry(station, link, data)
            case events.Load(link, feed, after, facts_max):
                missed = self.dice.random() < self.weather.misread
                facts = station.disk.read(feed, after + missed, facts_max)
                self._step(station, events.Loaded(link, feed, facts))
            case events.Store(key, facts):
                self.counts["facts carried"] += len(facts)
                station.disk.append(key, facts)
                self._sync_later(station)
            case events.Delivered(peer, feed, seq):
                self._note_delivery(peer, feed, seq)
            case events.Report(_, what, _, _):
                self.counts[f"report {what}"] += 1

    def _note_delivery(self, peer: bytes, feed: bytes, seq: int) -> None:
        holder = next(each for each in self.stations if each.public_key == peer)
        key = next((key for key in holder.disk.feeds if sync.feed_of(key) == feed), None)
        if key is None or holder.disk.head(key).seq < seq:
            raise BrokenPromiseError("a fact counted as delivered is not on the peer's disk")
        known = self.delivered.get((holder.index, key), -1)
        self.delivered[holder.index, key] = max(known, seq)
