"""What must hold at every moment, and what must hold once the storm is over."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from fengsui.exchange.replication import sync
from fengsui.exchange.replication.audiences import may_hold
from fengsui.exchange.replication.messages import RawFact
from fengsui.exchange.simulator.disks import Station, header_hash
from fengsui.foundation.journal import codec
from fengsui.foundation.journal.codec import HASH_BYTES, FeedKey

Promise = tuple[FeedKey, int]  # a fact: its feed and number


class BrokenPromiseError(AssertionError):
    """Something that must never happen has happened."""


def check_safety(
    stations: Sequence[Station],
    acknowledged: Mapping[Promise, bytes],
    delivered: Mapping[tuple[int, FeedKey], int],
) -> None:
    """Safety: true at every moment, in every weather."""
    for station in stations:
        for key, facts in station.disk.feeds.items():
            _check_chain(key, facts)
            author_scope = scope_of(stations, key)
            if not may_hold(station.scope, key, author_scope):
                raise BrokenPromiseError("a node holds a feed that is not for it")
    for (index, key), seq in delivered.items():
        if stations[index].disk.head(key).seq < seq:
            raise BrokenPromiseError("a fact counted as delivered is no longer on that disk")
    held = everything(stations)
    for promise, header in acknowledged.items():
        if header not in held.get(promise, ()):
            raise BrokenPromiseError("a fact that was acknowledged as saved is lost")


def _check_chain(key: FeedKey, facts: list[RawFact]) -> None:
    tip = bytes(HASH_BYTES)
    for seq, (header_bytes, _, _) in enumerate(facts):
        header = codec.decode_header(header_bytes)
        if header.seq != seq or header.previous != tip:
            raise BrokenPromiseError("a chain on a disk has a gap or does not hold together")
        tip = header_hash(header_bytes)
    if facts and facts[-1][2] is None:
        raise BrokenPromiseError("a feed on a disk ends without a signature")


def check_equal(stations: Sequence[Station]) -> None:
    """Liveness: after the storm whoever may hold a feed holds all of it."""
    keys = {key for station in stations for key in station.disk.feeds}
    for key in keys:
        author_scope = scope_of(stations, key)
        heads = {
            station.disk.head(key)
            for station in stations
            if may_hold(station.scope, key, author_scope)
        }
        if len(heads) != 1:
            raise BrokenPromiseError("after healing two nodes do not hold the same")


def everything(stations: Sequence[Station]) -> dict[tuple[FeedKey, int], list[bytes]]:
    held: dict[tuple[FeedKey, int], list[bytes]] = {}
    for station in stations:
        for key, facts in station.disk.feeds.items():
            for seq, fact in enumerate(facts):
                held.setdefault((key, seq), []).append(fact[0])
    return held


def scope_of(stations: Sequence[Station], key: FeedKey) -> str:
    return next(each.scope for each in stations if each.public_key == key.public_key)


def digest_of(stations: Sequence[Station]) -> str:
    """Of everything on every disk, in order: the same seed gives the same digest."""
    whole = hashlib.sha256()
    for station in stations:
        for head in sorted(station.disk.heads(), key=lambda head: sync.feed_of(head.key)):
            whole.update(sync.feed_of(head.key) + head.hash)
            whole.update(head.seq.to_bytes(8, "big", signed=True))
    return whole.hexdigest()[:32]
