"""What must hold at every moment, and what must hold once the storm is over.

The oracle sees every disk and knows the true time. It shares no rule with what it watches, but
for the hash of a header.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from fengsui.exchange.replication.messages import RawFact
from fengsui.exchange.simulator.disks import Transaction
from fengsui.foundation.journal import codec, hlc
from fengsui.foundation.journal.codec import HASH_BYTES, PUBLIC_AUDIENCE, FeedKey
from fengsui.foundation.journal.facts import ID_BYTES, Fact
from fengsui.standards.divisions import scope_prefix

if TYPE_CHECKING:
    from fengsui.exchange.simulator.stations import Station
    from fengsui.exchange.simulator.world import World

SLOTS_PER_CALL = 6  # a telegram is lost at most three times in a row, and so is its receipt
SLOTS_BESIDES = 6


class BrokenPromiseError(AssertionError):
    """Something that must never happen has happened."""


class Oracle:
    """The promises, and everything that was promised to somebody."""

    def __init__(self, world: World) -> None:
        self.world = world
        # To users (this is saved): the last number of each feed and the hash of its header.
        self.acknowledged: dict[bytes, tuple[int, bytes]] = {}
        self.keys: dict[bytes, FeedKey] = {}
        self.facts = 0
        # Between nodes (this is on your disk).
        self.delivered: dict[tuple[int, bytes], int] = {}
        self.outlaws: set[bytes] = set()  # never to be applied
        # By header hash, whose: never to count once everybody knows of the revocation.
        self.outlaws_in_the_end: dict[bytes, bytes] = {}
        self.calls: dict[tuple[bytes, int], int] = {}  # SOS that is not up yet -> slots it had
        self.raised: set[tuple[bytes, int]] = set()
        self.sent: dict[str, list[int]] = {}  # effect -> who sent it
        self.taken_over: dict[str, set[int]] = {}  # effect -> who said so, with a person's name
        self.nonces: dict[bytes, bytes] = {}

    # --- while it happens

    def acknowledge(self, transaction: Transaction) -> None:
        self.facts += len(transaction.facts)
        header_bytes = transaction.facts[-1][0]
        seq = codec.decode_header(header_bytes).seq
        self.keys[transaction.feed] = transaction.key
        self.acknowledged[transaction.feed] = (seq, hashlib.sha256(header_bytes).digest())

    def note_stored(self, station: Station, transaction: Transaction) -> None:
        feed = station.disk.feeds[transaction.feed]
        start = transaction.start
        tip = feed.hashes[start - 1] if start else bytes(HASH_BYTES)
        for position, (header_bytes, _, _) in enumerate(transaction.facts):
            header = codec.decode_header(header_bytes)
            if header.seq != start + position or header.previous != tip:
                raise BrokenPromiseError("a chain on a disk has a gap or does not hold together")
            tip = feed.hashes[start + position]
        if not transaction.is_own:
            self._check_signed(feed.key, transaction.facts[-1])
            self._check_audience(station, feed.key)

    def _check_signed(self, key: FeedKey, last: RawFact) -> None:
        suite = self.world.suites[key.suite]
        message = codec.signed_bytes(last[0])
        if last[2] is None or not suite.is_valid(key.public_key, message, last[2]):
            raise BrokenPromiseError("a feed on a disk ends without its author's signature")

    def _check_audience(self, station: Station, key: FeedKey) -> None:
        authors = self.world.places.get(key.public_key)
        if authors is None:
            raise BrokenPromiseError("facts of a stranger are on a disk")
        places = self.world.places[station.name]
        if not any(allowed(place, key, author) for place in places for author in authors):
            raise BrokenPromiseError("a node holds a feed that is not for it")

    def note_applied(self, station: Station, fact: Fact, hash_: bytes) -> None:
        if hash_ in self.outlaws and not station.is_lost:
            raise BrokenPromiseError("a fact against the rules was applied")

    def note_delivery(self, holder: Station, feed: bytes, seq: int) -> None:
        held = holder.disk.feeds.get(feed)
        if held is None or len(held.facts) <= seq:
            raise BrokenPromiseError("a fact counted as delivered is not on the peer's disk")
        name = (holder.index, feed)
        self.delivered[name] = max(self.delivered.get(name, -1), seq)

    def note_sent(self, effect: str, by: int) -> None:
        senders = self.sent.setdefault(effect, [])
        if senders and not self.taken_over.get(effect, set()) & {by, *senders}:
            raise BrokenPromiseError("something was sent twice and nobody had taken it over")
        if by in senders:
            raise BrokenPromiseError("one node sent the same thing twice")
        senders.append(by)

    def forget_calls_of(self, name: bytes) -> None:
        """Its terminal is no longer its own."""
        for call in list(self.calls):
            held = next((s for s in self.world.stations if call[0] in s.disk.feeds), None)
            if held is not None and held.disk.feeds[call[0]].key.public_key == name:
                del self.calls[call]

    def note_nonce(self, nonce: bytes, frame: bytes) -> None:
        if self.nonces.setdefault(nonce, frame) != frame:
            raise BrokenPromiseError("two telegrams were sealed with the same nonce")

    def note_slot(self, station: Station) -> None:
        """One more slot has passed in which this station might have been heard."""
        waiting = [call for call in self.calls if station.disk.feeds.get(call[0])
                   and station.disk.feeds[call[0]].key.public_key == station.name]  # fmt: skip
        for call in waiting:
            self.calls[call] += 1
            if self.calls[call] > SLOTS_PER_CALL * len(waiting) + SLOTS_BESIDES:
                raise BrokenPromiseError("a call for help took longer than its link allows")

    def note_bytes(self, budget: int, minutes: float, spent: int, largest: int) -> None:
        if spent > budget * (1 + minutes) + max(0, largest - budget):
            raise BrokenPromiseError("more bytes went over a thin link than its budget")

    # --- every now and then

    def check(self) -> None:
        latest = self.world.now + self.world.ahead_max
        bound = hlc.of_time(latest + hlc.DRIFT_BOUND)
        for station in self.world.stations:
            if station.index not in self.world.faulty_clocks and station.hlc > bound:
                raise BrokenPromiseError("a wrong clock has spread")
        for (index, feed), seq in self.delivered.items():
            held = self.world.stations[index].disk.feeds.get(feed)
            if held is None or len(held.facts) <= seq:
                raise BrokenPromiseError("a fact counted as delivered is no longer on that disk")
        for feed, promise in self.acknowledged.items():
            if not self._is_somewhere(feed, promise):
                raise BrokenPromiseError("a fact that was acknowledged as saved is lost")

    def _is_somewhere(self, feed: bytes, promise: tuple[int, bytes]) -> bool:
        if self.keys[feed].public_key in self.world.forked:
            return True
        return any(
            (held := station.disk.feeds.get(feed)) is not None
            and len(held.hashes) > promise[0]
            and held.hashes[promise[0]] == promise[1]
            for station in (*self.world.by_name[self.keys[feed].public_key], *self.world.stations)
        )

    def excuse(self, station: Station) -> None:
        """Its disk is gone: what nobody else had, and what others knew of that disk."""
        self.delivered = {
            name: seq for name, seq in self.delivered.items() if name[0] != station.index
        }
        for feed, promise in list(self.acknowledged.items()):
            if not self._is_somewhere(feed, promise):
                self._lower(feed)
        for call in list(self.calls):
            if not any(_holds(each, call) for each in self.world.stations):
                del self.calls[call]

    def _lower(self, feed: bytes) -> None:
        longest = max(
            (s.disk.feeds[feed].hashes for s in self.world.stations if feed in s.disk.feeds),
            key=len, default=[],
        )  # fmt: skip
        if longest:
            self.acknowledged[feed] = (len(longest) - 1, longest[-1])
        else:
            del self.acknowledged[feed]

    # --- after healing

    def check_healed(self) -> None:
        self.check()
        stations = [each for each in self.world.stations if not each.is_lost]
        self._check_feeds(stations)
        self._check_pictures(stations)
        self._check_calls(stations)
        self._check_forks()
        standings = self.world.stations[0].disk.picture.standings
        revoked = [
            hash_
            for hash_, name in self.outlaws_in_the_end.items()
            if standings[name].revoked_ms is not None  # or else the county's disk died with it
        ]
        for station in stations:
            for hash_ in (*revoked, *self.outlaws):
                if hash_[:ID_BYTES] in station.disk.picture.applied:
                    raise BrokenPromiseError("a revoked node's fact counts after healing")
            node = station.node
            if node is None or node.storing or station.calls:
                raise BrokenPromiseError("a queue is not empty after healing")
            if any(peer.waiting for peer in node.peers.values()):
                raise BrokenPromiseError("a queue is not empty after healing")

    def _check_feeds(self, stations: list[Station]) -> None:
        feeds = {name: feed.key for each in stations for name, feed in each.disk.feeds.items()}
        for name, key in feeds.items():
            if key.public_key in self.world.forked:
                continue
            author = self.world.stations[0].disk.picture.scopes[key.public_key]
            heads = {
                (len(held.hashes), held.hashes[-1]) if (held := each.disk.feeds.get(name)) else None
                for each in stations
                if allowed(each.scope, key, author)
            }
            if len(heads) > 1:
                raise BrokenPromiseError("after healing two nodes do not hold the same")

    def _check_pictures(self, stations: list[Station]) -> None:
        forked = {
            name
            for station in stations
            for name, feed in station.disk.feeds.items()
            if feed.key.public_key in self.world.forked
        }
        for station in stations:
            if station.parent is None or self.world.is_tainted(station):
                continue
            prefix = scope_prefix(station.scope)
            above = self.world.stations[station.parent]
            mine, theirs = station.disk.picture, above.disk.picture
            if mine.digest(prefix, forked) != theirs.digest(prefix, forked):
                raise BrokenPromiseError("after healing the same facts add up to something else")

    def _check_calls(self, stations: list[Station]) -> None:
        if self.calls:
            raise BrokenPromiseError("a call for help was never heard")
        for station in stations:
            counted = station.count_of_calls()
            known = {call for call in self.raised if call in station.disk.picture.calls_for_help()}
            if counted != len(known):
                raise BrokenPromiseError("a call for help was counted twice")

    def _check_forks(self) -> None:
        if self.world.fork_may_be_seen - self.world.fork_evidence:
            raise BrokenPromiseError("a cloned disk was not found out")


def _holds(station: Station, call: tuple[bytes, int]) -> bool:
    held = station.disk.feeds.get(call[0])
    return held is not None and len(held.facts) > call[1]


def allowed(holder: str, key: FeedKey, author: str) -> bool:
    """Who may hold what, said once more and differently: upwards everything, downwards public and
    urgent, never sideways."""
    digits = len(scope_prefix(holder))
    place = holder[:digits]
    if key.audience == PUBLIC_AUDIENCE:
        return True
    is_above = key.audience[:digits] == place or scope_prefix(author)[:digits] == place
    is_below = place[: len(key.audience)] == key.audience
    return is_above or (is_below and key.fact_class in (0, 1))
