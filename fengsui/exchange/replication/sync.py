"""Two nodes bring each other's feeds up to date over any duplex link. Sans-IO: no clock, socket,
disk or thread; `step(event, now)` returns actions for a shell to carry out.

    hello → state (a digest) → vector → want a range → facts → on the disk → vector again

What is announced is on the disk, never merely received, so a vector is a receipt. A session needs
no memory: after any break both say hello again and go on where the vectors stand. Messages may be
lost, doubled or overtaken; whoever waits in vain asks again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fengsui.exchange.replication import messages
from fengsui.exchange.replication.audiences import may_hold
from fengsui.exchange.replication.events import (
    Action,
    Delivered,
    Event,
    LinkDown,
    LinkUp,
    Load,
    Loaded,
    MessageArrived,
    NotStored,
    OnDisk,
    Report,
    Send,
    Store,
    Tick,
)
from fengsui.exchange.replication.intake import take_in
from fengsui.exchange.replication.messages import (
    Facts,
    Head,
    Hello,
    MalformedMessageError,
    RawFact,
    State,
    Vector,
    Want,
)
from fengsui.foundation.journal import codec, signing
from fengsui.foundation.journal.codec import HASH_BYTES, FeedKey

FACTS_PER_WANT = 64  # small, so that a life-safety feed waits for one piece at most
PATIENCE = timedelta(seconds=10)  # without an answer, ask again
ROUND = timedelta(seconds=60)  # state is compared this often even when nothing happens
FAILURES_BEFORE_LAST = 3  # a feed that is promised and never comes stops holding up the others
FEEDS_HELD_MAX = 100_000


@dataclass(slots=True)
class Peer:
    """What is known of the node at the other end of a link that is up."""

    link: str
    name: bytes = b""
    scope: str = ""
    is_known: bool = False
    ahead: dict[bytes, Head] = field(default_factory=dict)  # feeds of which it has more
    failures: dict[bytes, int] = field(default_factory=dict)
    refused: set[bytes] = field(default_factory=set)  # feeds that are not asked for again
    wanted: bytes | None = None  # one range is under way at a time
    asked_at: datetime | None = None
    compared_at: datetime | None = None
    greeted_at: datetime | None = None


class Node:
    """One node's side of all its links.

    `heads` is what its disk holds at the start; `known` the scope of every trusted author by
    public key. The shell must know who is at the other end of a link: a hello proves nothing.
    """

    def __init__(
        self, *, name: bytes, scope: str, known: Mapping[bytes, str], heads: Iterable[Head] = ()
    ) -> None:
        self.name = name
        self.scope = scope
        self.known = known
        self.heads: dict[bytes, Head] = {feed_of(head.key): head for head in heads}
        self.storing: dict[bytes, Head] = {}  # handed to the disk, not durable yet
        self.peers: dict[str, Peer] = {}

    def step(self, event: Event, now: datetime) -> list[Action]:
        """Takes in one event; returns what is to be done, in order."""
        match event:
            case LinkUp(link):
                return self._greet(self._new_peer(link), now)
            case LinkDown(link):
                self.peers.pop(link, None)
                return []
            case MessageArrived(link, data):
                return self._read(link, data, now)
            case OnDisk(head):
                return self._on_disk(head, now)
            case NotStored(head, reason):
                return self._not_stored(head, reason, now)
            case Loaded(link, feed, facts):
                return self._loaded(link, feed, facts)
            case Tick():
                return [action for peer in self._sorted() for action in self._tick(peer, now)]

    # --- links

    def _new_peer(self, link: str) -> Peer:
        peer = Peer(link)
        self.peers[link] = peer
        return peer

    def _sorted(self) -> list[Peer]:
        return [self.peers[link] for link in sorted(self.peers)]

    def _greet(self, peer: Peer, now: datetime) -> list[Action]:
        peer.greeted_at = now
        return [self._send(peer, Hello(self.name, self.scope))]

    def _send(self, peer: Peer, message: messages.Message) -> Send:
        return Send(peer.link, messages.encode(message))

    def _tick(self, peer: Peer, now: datetime) -> list[Action]:
        if not peer.is_known:
            waits = peer.greeted_at is not None and now - peer.greeted_at < PATIENCE
            return [] if waits else self._greet(peer, now)
        actions: list[Action] = []
        waited = now - peer.asked_at if peer.asked_at is not None else PATIENCE
        if peer.wanted is not None and waited >= PATIENCE:
            self._failed(peer, peer.wanted)
            peer.wanted = None
        if peer.compared_at is None or now - peer.compared_at >= ROUND:
            actions += self._compare(peer, now)
        return actions + self._ask(peer, now)

    def _failed(self, peer: Peer, feed: bytes) -> int:
        peer.failures[feed] = peer.failures.get(feed, 0) + 1
        return peer.failures[feed]

    # --- messages

    def _read(self, link: str, data: bytes, now: datetime) -> list[Action]:
        peer = self.peers.get(link)
        if peer is None:
            return []  # it was under way when the link died
        try:
            message = messages.decode(data)
        except MalformedMessageError as error:
            return [Report(link, "malformed", str(error))]
        if isinstance(message, Hello):
            return self._hello(peer, message, now)
        if not peer.is_known:
            return self._greet(peer, now)  # its hello was lost; ours makes it say it again
        match message:
            case State(digest):
                return [] if digest == self._digest(peer) else self._tell(peer)
            case Vector(heads):
                return self._vector(peer, heads, now)
            case Want(feed, after, facts_max):
                return self._want(peer, feed, after, facts_max)
            case Facts(feed, facts):
                return self._facts(peer, feed, facts, now)

    def _hello(self, peer: Peer, hello: Hello, now: datetime) -> list[Action]:
        answer: list[Action] = [] if peer.is_known else self._greet(peer, now)
        peer.name, peer.scope, peer.is_known = hello.name, hello.scope, True
        return answer + self._compare(peer, now)

    def _compare(self, peer: Peer, now: datetime) -> list[Action]:
        peer.compared_at = now
        return [self._send(peer, State(self._digest(peer)))]

    def _common(self, peer: Peer) -> list[tuple[bytes, Head]]:
        """Feeds that both may hold. Sorted, so that a seed replays."""
        return [
            (feed, head)
            for feed, head in sorted(self.heads.items())
            if self.may_give(peer.scope, head.key) and self.may_give(self.scope, head.key)
        ]

    def may_give(self, scope: str, key: FeedKey) -> bool:
        """Only feeds of known authors travel, and only to where they belong."""
        author_scope = self.known.get(key.public_key)
        return author_scope is not None and may_hold(scope, key, author_scope)

    def _digest(self, peer: Peer) -> bytes:
        lines = b"".join(
            feed + head.seq.to_bytes(8, "big", signed=True) + head.hash
            for feed, head in self._common(peer)
        )
        return hashlib.sha256(lines).digest()

    def _tell(self, peer: Peer) -> list[Action]:
        heads = [head for _, head in self._common(peer)]
        size = messages.VECTOR_FEEDS_MAX
        return [
            self._send(peer, Vector(tuple(heads[start : start + size])))
            for start in range(0, max(1, len(heads)), size)
        ]

    def _vector(self, peer: Peer, heads: tuple[Head, ...], now: datetime) -> list[Action]:
        actions: list[Action] = []
        answer: list[Head] = []
        for theirs in heads:
            feed = feed_of(theirs.key)
            if not self.may_give(self.scope, theirs.key):
                actions.append(Report(peer.link, "not_for_us", theirs.key.audience, feed))
                continue
            ours = self.heads.get(feed)
            held = ours.seq if ours else -1
            if theirs.seq > held:
                if feed in self.heads or len(self.heads) < FEEDS_HELD_MAX:
                    peer.ahead[feed] = theirs
            else:
                peer.ahead.pop(feed, None)
                if ours is not None and theirs.seq < held:
                    answer.append(ours)
            if ours is not None and theirs.seq == held and theirs.hash != ours.hash:
                actions.append(Report(peer.link, "fork", f"two facts numbered {held}", feed))
                peer.refused.add(feed)
            elif min(theirs.seq, held) >= 0:
                actions.append(Delivered(peer.name, feed, min(theirs.seq, held)))
        if answer:
            actions.append(self._send(peer, Vector(tuple(answer))))
        return actions + self._ask(peer, now)

    # --- asking and giving

    def _ask(self, peer: Peer, now: datetime) -> list[Action]:
        """One range at a time, life safety first; a feed that keeps failing goes last."""
        if peer.wanted is not None or not peer.is_known:
            return []
        open_feeds = [
            (peer.failures.get(feed, 0) >= FAILURES_BEFORE_LAST, head.key.fact_class, feed)
            for feed, head in peer.ahead.items()
            if head.seq > self._reached(feed) and feed not in peer.refused
            and feed not in self.storing
        ]  # fmt: skip
        if not open_feeds:
            return []
        feed = min(open_feeds)[2]
        peer.wanted, peer.asked_at = feed, now
        return [self._send(peer, Want(feed, self._reached(feed), FACTS_PER_WANT))]

    def _reached(self, feed: bytes) -> int:
        head = self.storing.get(feed) or self.heads.get(feed)
        return head.seq if head else -1

    def _want(self, peer: Peer, feed: bytes, after: int, facts_max: int) -> list[Action]:
        head = self.heads.get(feed)
        if head is None or head.seq <= after or not self.may_give(peer.scope, head.key):
            return []
        return [Load(peer.link, feed, after, facts_max)]

    def _loaded(self, link: str, feed: bytes, facts: tuple[RawFact, ...]) -> list[Action]:
        peer = self.peers.get(link)
        if peer is None or not facts:
            return []
        return [self._send(peer, Facts(feed, facts))]

    def _facts(
        self, peer: Peer, feed: bytes, facts: tuple[RawFact, ...], now: datetime
    ) -> list[Action]:
        promised = peer.ahead.get(feed)
        if peer.wanted == feed:
            peer.wanted = None
        if promised is None or feed in peer.refused or feed in self.storing:
            return self._ask(peer, now)
        start = self.heads.get(feed) or Head(promised.key, -1, bytes(HASH_BYTES))
        intake = self.judge(start, facts)
        actions: list[Action] = []
        if intake.facts:
            peer.failures.pop(feed, None)
            self.storing[feed] = intake.head
            actions.append(Store(promised.key, intake.facts))
        elif intake.has_gap:
            self._failed(peer, feed)
        if intake.fault:
            # A bit may have flipped on the way; a chain that is broken at its source stays so.
            if self._failed(peer, feed) >= FAILURES_BEFORE_LAST:
                peer.refused.add(feed)
            actions.append(Report(peer.link, "broken", intake.fault, feed))
        return actions + self._ask(peer, now)

    judge = staticmethod(take_in)

    # --- the disk

    def _on_disk(self, head: Head, now: datetime) -> list[Action]:
        feed = feed_of(head.key)
        before = self.heads.get(feed)
        if before is None or head.seq > before.seq:
            self.heads[feed] = head
        storing = self.storing.get(feed)
        if storing is not None and storing.seq <= head.seq:
            del self.storing[feed]
        return self._announce(self.heads[feed], now)

    def _announce(self, head: Head, now: datetime) -> list[Action]:
        """News for those who lack it, and the receipt for whoever sent it."""
        actions: list[Action] = []
        for peer in self._sorted():
            if peer.is_known and self.may_give(peer.scope, head.key):
                actions.append(self._send(peer, Vector((head,))))
            actions += self._ask(peer, now)
        return actions

    def _not_stored(self, head: Head, reason: str, now: datetime) -> list[Action]:
        feed = feed_of(head.key)
        self.storing.pop(feed, None)
        if head.seq >= 0:
            self.heads[feed] = head
        actions: list[Action] = []
        for peer in self._sorted():
            if feed in peer.ahead:
                peer.refused.add(feed)
                actions.append(Report(peer.link, "not_stored", reason, feed))
            actions += self._ask(peer, now)
        return actions


def feed_of(key: FeedKey) -> bytes:
    """The feed's id. An unknown suite gets an id too, so that its facts can be refused by name."""
    suite = signing.SUITES.get(key.suite)
    return codec.feed_id(key, suite.digest if suite else signing.sha256)
