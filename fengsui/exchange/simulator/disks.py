"""Disks that lose what is not synced: facts, the clock and the counters, in one transaction."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from fengsui.exchange.replication.messages import Head, RawFact
from fengsui.exchange.replication.sync import feed_of
from fengsui.exchange.simulator.pictures import Picture
from fengsui.foundation.journal import signing
from fengsui.foundation.journal.codec import HASH_BYTES, FeedKey


@dataclass(slots=True)
class Feed:
    """A chain on a disk with the hash of each header."""

    key: FeedKey
    facts: list[RawFact] = field(default_factory=list)
    hashes: list[bytes] = field(default_factory=list)

    @property
    def head(self) -> Head:
        last = self.hashes[-1] if self.hashes else bytes(HASH_BYTES)
        return Head(self.key, len(self.facts) - 1, last)

    def copy(self) -> Feed:
        return Feed(self.key, list(self.facts), list(self.hashes))


@dataclass(slots=True)
class Transaction:
    """All of it is on the disk after a power cut, or none."""

    feed: bytes
    key: FeedKey
    facts: tuple[RawFact, ...]
    hlc: int
    is_own: bool = False
    then: Callable[[], None] | None = None
    start: int = -1  # how many facts the feed had before, once it is on the disk


class Disk:
    """What one node has durably. What is not synced is lost in a power cut, from some
    transaction on."""

    def __init__(self) -> None:
        self.feeds: dict[bytes, Feed] = {}
        self.unsynced: list[Transaction] = []
        self.picture = Picture()
        self.hlc = 0
        self.facts = 0
        self.incarnation = 0
        self.nonce = ""
        self.telegram_number = 0
        self.quarantine: dict[bytes, str] = {}

    def append(self, transaction: Transaction) -> None:
        self.unsynced.append(transaction)

    def sync(self) -> list[Transaction]:
        """Makes everything durable; returns what was."""
        done, self.unsynced = self.unsynced, []
        for transaction in done:
            self._write(transaction)
        return done

    def _write(self, transaction: Transaction) -> None:
        feed = self.feeds.get(transaction.feed)
        if feed is None:
            feed = self.feeds[transaction.feed] = Feed(transaction.key)
        transaction.start = len(feed.facts)
        for raw in transaction.facts:
            feed.facts.append(raw)
            feed.hashes.append(signing.sha256(raw[0]))
        self.facts += len(transaction.facts)
        self.hlc = transaction.hlc

    def power_cut(self, dice: random.Random) -> list[Transaction]:
        """Some of what was not synced reached the disk all the same; returns that."""
        self.unsynced = self.unsynced[: dice.randint(0, len(self.unsynced))]
        return self.sync()

    def head(self, key: FeedKey) -> Head:
        feed = self.feeds.get(feed_of(key))
        return feed.head if feed else Head(key, -1, bytes(HASH_BYTES))

    def heads(self) -> list[Head]:
        return [feed.head for feed in self.feeds.values()]

    def read(self, feed_id: bytes, after: int, facts_max: int) -> tuple[RawFact, ...]:
        """Ends on a signed fact, so it may be a little longer than asked."""
        feed = self.feeds.get(feed_id)
        if feed is None:
            return ()
        end = min(len(feed.facts), after + 1 + facts_max)
        while end < len(feed.facts) and feed.facts[end - 1][2] is None:
            end += 1
        return tuple(feed.facts[after + 1 : end])

    def copy(self) -> Disk:
        other = Disk()
        other.feeds = {name: feed.copy() for name, feed in self.feeds.items()}
        other.picture = self.picture.copy()
        other.hlc, other.facts = self.hlc, self.facts
        other.incarnation, other.nonce = self.incarnation, self.nonce
        other.telegram_number = self.telegram_number
        other.quarantine = dict(self.quarantine)
        return other
