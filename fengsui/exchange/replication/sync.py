"""Two nodes bring each other's feeds up to date over any duplex link. Sans-IO: no clock, socket,
disk or thread; `step(event, now)` returns actions for a shell to carry out.

    hello → state (a digest) → buckets → vector → want a range → facts → on the disk → vector

What is announced is on the disk, never merely received, so a vector is a receipt. A session needs
no memory: after any break both say hello again and go on where the vectors stand. Messages may be
lost, doubled or overtaken; whoever waits in vain asks again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from fengsui.exchange.replication import messages
from fengsui.exchange.replication.events import (
    Action,
    Delivered,
    Event,
    KnownChanged,
    LinkDown,
    LinkUp,
    Load,
    Loaded,
    MessageArrived,
    NotStored,
    OnDisk,
    Report,
    Store,
    Tick,
)
from fengsui.exchange.replication.intake import Intake, take_in
from fengsui.exchange.replication.messages import (
    Buckets,
    Facts,
    Head,
    Hello,
    MalformedMessageError,
    RawFact,
    State,
    Vector,
    Want,
)
from fengsui.exchange.replication.peers import LANES, Asked, Peer, lane_of
from fengsui.exchange.replication.shares import Shares, feed_of
from fengsui.foundation.journal import signing
from fengsui.foundation.journal.codec import HASH_BYTES

__all__ = ["FACTS_PER_WANT", "Node", "feed_of"]

FACTS_PER_WANT = 64  # small, so that a life-safety feed waits for one piece at most
STORES_AHEAD_MAX = 2  # pieces of one feed that may be on their way to the disk
FAILURES_BEFORE_LAST = 3  # a feed that is promised and never comes stops holding up the others
FEEDS_HELD_MAX = 100_000
TAIL_BYTES_MAX = messages.MESSAGE_BYTES_MAX


class Node(Shares):
    """One node's side of all its links.

    `heads` is what its disk holds at the start; `known` the scope of every trusted author by
    public key. The shell must know who is at the other end of a link: a hello proves nothing.
    `wants_max` ranges of each lane may be under way on a link, of `facts_per_want` facts each;
    `stores_ahead`: the next range of a feed is asked for while the disk still has the last.
    """

    def __init__(
        self,
        *,
        name: bytes,
        scope: str,
        known: Mapping[bytes, str],
        heads: Iterable[Head] = (),
        suites: Mapping[int, signing.Suite] = signing.SUITES,
        facts_per_want: int = FACTS_PER_WANT,
        wants_max: int = 1,
        stores_ahead: bool = True,
    ) -> None:
        super().__init__(name, scope, facts_per_want, known, heads)
        self.suites = suites
        self.wants_max = wants_max
        self.stores_max = STORES_AHEAD_MAX if stores_ahead else 1
        self.storing: dict[bytes, list[Head]] = {}  # handed to the disk, not durable yet
        self.tails: dict[tuple[str, bytes], tuple[RawFact, ...]] = {}  # no signature yet
        self.disputed: set[tuple[str, bytes]] = set()  # waiting for evidence of a fork

    def step(self, event: Event, now: datetime) -> list[Action]:
        """Takes in one event; returns what is to be done, in order."""
        match event:
            case LinkUp():
                return self._link_up(event, now)
            case LinkDown(link):
                self._forget(link)
                return []
            case MessageArrived(link, data):
                return self._read(link, data, now)
            case OnDisk(head):
                return self._on_disk(head, now)
            case NotStored(head, reason):
                return self._not_stored(head, reason, now)
            case Loaded(link, feed, facts):
                return self._loaded(link, feed, facts, now)
            case KnownChanged(known):
                return self._known_changed(known, now)
            case Tick():
                return [action for peer in self._sorted() for action in self._tick(peer, now)]

    # --- links

    def _link_up(self, event: LinkUp, now: datetime) -> list[Action]:
        self._forget(event.link)
        peer = self._new_peer(event, now)
        actions = self._greet(peer, now)
        return actions + self._compare(peer, now) if peer.is_known else actions

    def _forget(self, link: str) -> None:
        self.peers.pop(link, None)
        self.tails = {name: tail for name, tail in self.tails.items() if name[0] != link}
        self.disputed = {name for name in self.disputed if name[0] != link}

    def _known_changed(self, known: Mapping[bytes, str], now: datetime) -> list[Action]:
        self.known = known
        self.shared.clear()
        return [
            action
            for peer in self._sorted()
            if peer.is_known
            for action in self._compare(peer, now)
        ]

    def _tick(self, peer: Peer, now: datetime) -> list[Action]:
        actions = self._flush(peer, now)
        if not peer.is_known:
            waits = peer.greeted_at is not None and now - peer.greeted_at < peer.patience
            return actions if waits else actions + self._greet(peer, now)
        for feed, asked in list(peer.wanted.items()):
            if now - asked.at >= peer.patience:
                self._failed(peer, feed)
                del peer.wanted[feed]
        if peer.compared_at is None or now - peer.compared_at >= peer.round:
            actions += self._compare(peer, now)
        return actions + self._ask(peer, now, is_tick=True)

    def _failed(self, peer: Peer, feed: bytes) -> int:
        self.tails.pop((peer.link, feed), None)
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
                return self._state(peer, digest, now)
            case Buckets(bits, digests):
                return self._buckets(peer, bits, digests, now)
            case Vector(heads):
                return self._vector(peer, heads, now)
            case Want(feed, after, facts_max):
                return self._want(peer, feed, after, facts_max)
            case Facts(feed, facts):
                return self._facts(peer, feed, facts, now)

    def _hello(self, peer: Peer, hello: Hello, now: datetime) -> list[Action]:
        answer: list[Action] = [] if peer.is_known else self._greet(peer, now)
        is_narrower = hello.classes_max < peer.classes_max
        peer.classes_max = min(peer.classes_max, hello.classes_max)
        if peer.is_vouched:
            return self._compare(peer, now) if is_narrower else []
        peer.name, peer.scope, peer.is_known = hello.name, hello.scope, True
        return answer + self._compare(peer, now)

    # --- who lacks what

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
                if ours is not None and theirs.seq < held and self._shares(peer, ours.key):
                    answer.append(ours)
            if ours is not None and theirs.seq == held and theirs.hash != ours.hash:
                if feed not in peer.refused:
                    actions.append(Report(peer.link, "fork", f"two facts numbered {held}", feed))
                    actions += self._dispute(peer, ours, now)
            elif min(theirs.seq, held) >= 0:
                actions.append(Delivered(peer.name, feed, min(theirs.seq, held)))
        if answer:
            feed = feed_of(answer[0].key) if len(answer) == 1 else b""
            actions += self._send(peer, Vector(tuple(answer)), now, feed=feed)
        return actions + self._ask(peer, now)

    # --- asking and giving

    def _ask(self, peer: Peer, now: datetime, *, is_tick: bool = False) -> list[Action]:
        """Life safety in a lane of its own, then commands; a feed that keeps failing goes last,
        and is asked for at ticks only, lest two nodes talk in circles."""
        if not peer.is_known or not peer.ahead:
            return []
        under_way = [asked.lane for asked in peer.wanted.values()]
        open_feeds = sorted(
            (peer.failures.get(feed, 0) >= FAILURES_BEFORE_LAST, head.key.fact_class, feed)
            for feed, head in peer.ahead.items()
            if feed not in peer.wanted and head.seq > self._reached(feed)
            and (is_tick or peer.failures.get(feed, 0) < FAILURES_BEFORE_LAST)
            and feed not in peer.refused
            and len(self.storing.get(feed, ())) < self.stores_max
        )  # fmt: skip
        actions: list[Action] = []
        for _, fact_class, feed in open_feeds:
            lane = lane_of(fact_class)
            if under_way.count(lane) >= self.wants_max:
                continue
            under_way.append(lane)
            peer.wanted[feed] = Asked(lane, now)
            tail = self.tails.get((peer.link, feed), ())
            after = self._reached(feed) + len(tail)
            actions += self._send(peer, Want(feed, after, peer.facts_per_want), now, lane=lane)
        return actions

    def _reached(self, feed: bytes) -> int:
        return self._tip(feed).seq if feed in self.heads or feed in self.storing else -1

    def _tip(self, feed: bytes) -> Head:
        """Where the feed stands once the disk has done what it was asked."""
        storing = self.storing.get(feed)
        return storing[-1] if storing else self.heads[feed]

    def _want(self, peer: Peer, feed: bytes, after: int, facts_max: int) -> list[Action]:
        head = self.heads.get(feed)
        if head is None or head.seq <= after or not self._shares(peer, head.key):
            return []
        return [Load(peer.link, feed, after, facts_max, self._piece_bytes(peer))]

    def _loaded(
        self, link: str, feed: bytes, facts: tuple[RawFact, ...], now: datetime
    ) -> list[Action]:
        peer = self.peers.get(link)
        if peer is None or not facts:
            return []
        return self._send(peer, Facts(feed, self._fitting(peer, facts)), now)

    def _facts(
        self, peer: Peer, feed: bytes, facts: tuple[RawFact, ...], now: datetime
    ) -> list[Action]:
        peer.wanted.pop(feed, None)
        if (peer.link, feed) in self.disputed:
            return self._settle(peer, feed, facts) + self._ask(peer, now)
        promised = peer.ahead.get(feed)
        if promised is None or feed in peer.refused:
            return self._ask(peer, now)
        is_new = feed not in self.heads and feed not in self.storing
        start = Head(promised.key, -1, bytes(HASH_BYTES)) if is_new else self._tip(feed)
        intake = self.judge(start, self.tails.pop((peer.link, feed), ()) + facts)
        actions: list[Action] = []
        if intake.facts:
            peer.failures.pop(feed, None)
            self.storing.setdefault(feed, []).append(intake.head)
            actions.append(Store(promised.key, intake.facts))
        elif intake.has_gap:
            self._failed(peer, feed)
        if intake.tail and sum(len(body) for _, body, _ in intake.tail) < TAIL_BYTES_MAX:
            self.tails[peer.link, feed] = intake.tail
        if intake.fault:
            # A bit may have flipped on the way; a chain that is broken at its source stays so.
            if self._failed(peer, feed) >= FAILURES_BEFORE_LAST:
                peer.refused.add(feed)
            actions.append(Report(peer.link, "broken", intake.fault, feed))
            if intake.forks and feed in self.heads and feed not in self.storing:
                actions += self._dispute(peer, self.heads[feed], now)
        return actions + self._ask(peer, now)

    def judge(self, head: Head, facts: tuple[RawFact, ...]) -> Intake:
        return take_in(head, facts, self.suites)

    # --- two histories of one feed

    def _dispute(self, peer: Peer, ours: Head, now: datetime) -> list[Action]:
        """Asks for the peer's fact with the number of our head: signed, it proves a fork."""
        feed = feed_of(ours.key)
        self.disputed.add((peer.link, feed))
        peer.refused.add(feed)
        want = Want(feed, ours.seq - 1, peer.facts_per_want)
        return self._send(peer, want, now, lane=LANES[-1])

    def _settle(self, peer: Peer, feed: bytes, facts: tuple[RawFact, ...]) -> list[Action]:
        self.disputed.discard((peer.link, feed))
        intake = self.judge(self.heads[feed], facts)
        if not intake.rivals:
            if self._failed(peer, feed) < FAILURES_BEFORE_LAST:
                peer.refused.discard(feed)  # it was damaged on the way: ask again
            return [Report(peer.link, "broken", intake.fault or "no second history", feed)]
        return [Report(peer.link, "fork", intake.fault, feed, intake.rivals)]

    # --- the disk

    def _on_disk(self, head: Head, now: datetime) -> list[Action]:
        feed = feed_of(head.key)
        before = self.heads.get(feed)
        if before is None or head.seq > before.seq:
            self._stands(feed, head)
        waiting = [each for each in self.storing.pop(feed, []) if each.seq > head.seq]
        if waiting:
            self.storing[feed] = waiting
        return self._announce(self.heads[feed], now)

    def _announce(self, head: Head, now: datetime) -> list[Action]:
        """News for those who lack it, and the receipt for whoever sent it."""
        actions: list[Action] = []
        for peer in self._sorted():
            if peer.is_known and self._shares(peer, head.key):
                actions += self._send(peer, Vector((head,)), now, feed=feed_of(head.key))
            actions += self._ask(peer, now)
        return actions

    def _not_stored(self, head: Head, reason: str, now: datetime) -> list[Action]:
        feed = feed_of(head.key)
        self.storing.pop(feed, None)
        if head.seq >= 0:
            self._stands(feed, head)
        actions: list[Action] = []
        for peer in self._sorted():
            if feed in peer.ahead:
                peer.refused.add(feed)
                actions.append(Report(peer.link, "not_stored", reason, feed))
            actions += self._ask(peer, now)
        return actions
