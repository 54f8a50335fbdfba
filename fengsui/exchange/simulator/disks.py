"""Disks that lose what is not synced, and the stations they stand in."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from fengsui.exchange.replication import sync
from fengsui.exchange.replication.messages import Head, RawFact
from fengsui.foundation.journal import signing
from fengsui.foundation.journal.codec import HASH_BYTES, FeedKey


@dataclass(slots=True)
class Transaction:
    """All of it is on the disk after a power cut, or none."""

    key: FeedKey
    facts: tuple[RawFact, ...]


class Disk:
    """Feeds in order. What is not synced is lost in a power cut, from some transaction on."""

    def __init__(self) -> None:
        self.feeds: dict[FeedKey, list[RawFact]] = {}
        self.unsynced: list[Transaction] = []

    def append(self, key: FeedKey, facts: tuple[RawFact, ...]) -> None:
        self.unsynced.append(Transaction(key, facts))

    def sync(self) -> list[FeedKey]:
        done, self.unsynced = self.unsynced, []
        for transaction in done:
            self.feeds.setdefault(transaction.key, []).extend(transaction.facts)
        return list(dict.fromkeys(transaction.key for transaction in done))

    def power_cut(self, dice: random.Random) -> None:
        self.unsynced = self.unsynced[: dice.randint(0, len(self.unsynced))]
        self.sync()

    def head(self, key: FeedKey) -> Head:
        facts = self.feeds.get(key, [])
        last = header_hash(facts[-1][0]) if facts else bytes(HASH_BYTES)
        return Head(key, len(facts) - 1, last)

    def heads(self) -> list[Head]:
        return [self.head(key) for key in self.feeds]

    def read(self, feed: bytes, after: int, facts_max: int) -> tuple[RawFact, ...]:
        """Ends on a signed fact, so it may be a little longer than asked."""
        facts = next((all_ for key, all_ in self.feeds.items() if sync.feed_of(key) == feed), [])
        end = min(len(facts), after + 1 + facts_max)
        while end < len(facts) and facts[end - 1][2] is None:
            end += 1
        return tuple(facts[after + 1 : end])

    def copy(self) -> Disk:
        other = Disk()
        other.feeds = {key: list(facts) for key, facts in self.feeds.items()}
        return other


def header_hash(header: bytes) -> bytes:
    return signing.SUITES[signing.ED25519_SHA256].digest(header)


@dataclass(slots=True)
class Station:
    """A node with its disk, key and power switch."""

    index: int
    scope: str
    seed: bytes
    public_key: bytes
    disk: Disk = field(default_factory=Disk)
    backup: Disk = field(default_factory=Disk)
    node: sync.Node | None = None  # None while it is off
    incarnation: int = 0
    life: int = 0  # what was scheduled in an earlier life does not happen
    tips: dict[FeedKey, Head] = field(default_factory=dict)  # of own feeds, synced or not
