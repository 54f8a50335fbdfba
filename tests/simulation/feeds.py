"""Feeds with real signatures for tests of the exchange."""

from __future__ import annotations

import random

from fengsui.exchange.replication.messages import Head, RawFact
from fengsui.exchange.replication.sync import feed_of
from fengsui.exchange.simulator import kinds
from fengsui.foundation.journal import codec, hlc, signing
from fengsui.foundation.journal.codec import FeedKey
from fengsui.foundation.journal.facts import FactClass, FactKind

SUITE = signing.SUITES[signing.ED25519_SHA256]
VILLAGE = "433126100201"
CLOCK = 1_784_000_000_000 << hlc.COUNTER_BITS


class Author:
    """A node that only writes."""

    def __init__(self, number: int = 1) -> None:
        self.seed = bytes([number]) * 32
        self.public = SUITE.public_key(self.seed)
        self.sign = SUITE.signer(self.seed)
        self.dice = random.Random(number)

    def key(self, kind: FactKind = kinds.NOTE, scope: str = VILLAGE) -> FeedKey:
        return FeedKey(
            SUITE.number, self.public, 0, int(kind.fact_class), codec.audience_of(kind, scope)
        )

    def facts(
        self,
        count: int,
        *,
        kind: FactKind = kinds.NOTE,
        key: FeedKey | None = None,
        tip: Head | None = None,
        scope: str = VILLAGE,
        text: str = "x",
    ) -> tuple[Head, tuple[RawFact, ...]]:
        """The next `count` facts after `tip`; routine ones have one signature, at the end."""
        key = key or self.key(kind, scope)
        tip = tip or Head(key, -1, bytes(codec.HASH_BYTES))
        made: list[RawFact] = []
        for number in range(count):
            signs = FactClass(key.fact_class).signs_each or number == count - 1
            fields = dict.fromkeys(kind.fields, f"{text}{number}")
            raw, tip = kinds.make_fact(
                SUITE, key, feed_of(key), tip, kind, hlc=CLOCK + tip.seq + 1, scope=scope,
                fields=fields, dice=self.dice, sign=self.sign if signs else None,
            )  # fmt: skip
            made.append(raw)
        return tip, tuple(made)
