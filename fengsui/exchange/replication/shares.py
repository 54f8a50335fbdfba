"""What both ends of a link may hold, and where the two disks differ. Part of `sync.Node`."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Mapping
from datetime import datetime

from fengsui.exchange.replication import comparing, messages
from fengsui.exchange.replication.audiences import may_hold
from fengsui.exchange.replication.events import Action, Level
from fengsui.exchange.replication.links import Links
from fengsui.exchange.replication.messages import Buckets, Head, State, Vector
from fengsui.exchange.replication.peers import Peer
from fengsui.foundation.journal import codec, signing
from fengsui.foundation.journal.codec import FeedKey

SCOPES_REMEMBERED = 64


class Shares(Links):
    """The heads on the disk, who may be given which, and how two nodes find out what differs."""

    def __init__(
        self,
        name: bytes,
        scope: str,
        facts_per_want: int,
        known: Mapping[bytes, str],
        heads: Iterable[Head],
    ) -> None:
        super().__init__(name, scope, facts_per_want)
        self.known = known
        self.heads = {feed_of(head.key): head for head in heads}
        self.lines = {feed: comparing.line_of(feed, head) for feed, head in self.heads.items()}
        self.shared: dict[tuple[str, int], list[bytes]] = {}  # what both may hold, sorted

    def _stands(self, feed: bytes, head: Head) -> None:
        if feed not in self.heads:
            for (scope, classes_max), feeds in self.shared.items():
                if self._may_share(scope, classes_max, head.key):
                    insort(feeds, feed)
        self.heads[feed] = head
        self.lines[feed] = comparing.line_of(feed, head)

    def may_give(self, scope: str, key: FeedKey) -> bool:
        """Only feeds of known authors travel, and only to where they belong."""
        author_scope = self.known.get(key.public_key)
        return author_scope is not None and may_hold(scope, key, author_scope)

    def _may_share(self, scope: str, classes_max: int, key: FeedKey) -> bool:
        return (
            key.fact_class <= classes_max
            and self.may_give(scope, key)
            and self.may_give(self.scope, key)
        )

    def _shares(self, peer: Peer, key: FeedKey) -> bool:
        return self._may_share(peer.scope, peer.classes_max, key)

    def _common(self, peer: Peer) -> list[bytes]:
        """Feeds that both may hold. Sorted, so that a seed replays."""
        name = (peer.scope, peer.classes_max)
        found = self.shared.get(name)
        if found is None:
            if len(self.shared) > len(self.peers) + 64:
                self.shared.clear()
            found = self.shared[name] = sorted(
                feed for feed, head in self.heads.items() if self._shares(peer, head.key)
            )
        return found

    def _compare(self, peer: Peer, now: datetime) -> list[Action]:
        peer.compared_at = now
        digest = comparing.state_digest(self._common(peer), self.lines)
        return self._send(peer, State(digest), now)

    def _state(self, peer: Peer, digest: bytes, now: datetime) -> list[Action]:
        feeds = self._common(peer)
        if digest == comparing.state_digest(feeds, self.lines):
            peer.ahead.clear()
            return [Level(peer.link, peer.name)]
        bits = comparing.bucket_bits(len(feeds))
        digests = comparing.bucket_digests(feeds, self.lines, bits)
        return self._send(peer, Buckets(bits, digests), now)

    def _buckets(self, peer: Peer, bits: int, theirs: bytes, now: datetime) -> list[Action]:
        feeds = self._common(peer)
        ours = comparing.bucket_digests(feeds, self.lines, bits)
        buckets = comparing.differing(ours, theirs)
        if buckets:
            feeds = [feed for feed in feeds if comparing.bucket_of(feed, bits) in buckets]
        return self._tell(peer, feeds, now) if feeds else []

    def _tell(self, peer: Peer, feeds: list[bytes], now: datetime) -> list[Action]:
        size = messages.VECTOR_FEEDS_MAX
        return [
            action
            for start in range(0, max(1, len(feeds)), size)
            for action in self._send(
                peer,
                Vector(tuple(self.heads[feed] for feed in feeds[start : start + size])),
                now,
                feed=start.to_bytes(4, "big"),
            )
        ]


def feed_of(key: FeedKey) -> bytes:
    """The feed's id. An unknown suite gets an id too, so that its facts can be refused by name."""
    suite = signing.SUITES.get(key.suite)
    return codec.feed_id(key, suite.digest if suite else signing.sha256)
