"""A node's links: greeting, saying, and what a thin link lets through. Part of `sync.Node`."""

from __future__ import annotations

from datetime import datetime

from fengsui.exchange.replication import messages
from fengsui.exchange.replication.events import Action, LinkUp, Send
from fengsui.exchange.replication.messages import (
    Buckets,
    Facts,
    Head,
    Hello,
    Message,
    RawFact,
    State,
    Vector,
    Want,
)
from fengsui.exchange.replication.peers import Budget, Peer, Subject, lane_of

FACT_OVERHEAD_BYTES = 16
MESSAGE_OVERHEAD_BYTES = 64


class Links:
    """What `sync.Node` knows of its links, and how something is said over one."""

    heads: dict[bytes, Head]

    def __init__(self, name: bytes, scope: str, facts_per_want: int) -> None:
        self.name = name
        self.scope = scope
        self.facts_per_want = facts_per_want
        self.peers: dict[str, Peer] = {}

    def _new_peer(self, event: LinkUp, now: datetime) -> Peer:
        peer = Peer(
            event.link,
            classes_max=event.classes_max,
            facts_per_want=event.facts_per_want or self.facts_per_want,
        )
        if event.budget is not None:
            peer.budget = Budget(event.budget, float(event.budget), now)
        if event.peer_name is not None:
            peer.name, peer.scope = event.peer_name, event.peer_scope or ""
            peer.is_known = peer.is_vouched = True
        self.peers[event.link] = peer
        return peer

    def _sorted(self) -> list[Peer]:
        return [self.peers[link] for link in sorted(self.peers)]

    def _greet(self, peer: Peer, now: datetime) -> list[Action]:
        peer.greeted_at = now
        return self._send(peer, Hello(self.name, self.scope, peer.classes_max), now)

    def _send(
        self,
        peer: Peer,
        message: Message,
        now: datetime,
        *,
        feed: bytes = b"",
        lane: int | None = None,
    ) -> list[Action]:
        """At once on a fat link; on a thin one what the budget lets go now. `feed` tells apart
        vectors that do not replace each other."""
        data = messages.encode(message)
        if peer.budget is None:
            return [Send(peer.link, data)]
        subject, usual = self._place(message, feed)
        peer.enqueue(subject, usual if lane is None else lane, data)
        return self._flush(peer, now)

    def _place(self, message: Message, feed: bytes) -> tuple[Subject, int]:
        match message:
            case Hello():
                return ("hello", b""), 0
            case State():
                return ("state", b""), 1
            case Buckets():
                return ("buckets", b""), 1
            case Vector(heads):
                classes = [head.key.fact_class for head in heads]
                return ("vector", feed), lane_of(min(classes, default=1))
            case Want(wanted) | Facts(wanted):
                head = self.heads.get(wanted)
                kind = "want" if isinstance(message, Want) else "facts"
                return (kind, wanted), lane_of(head.key.fact_class if head else 0)

    def _flush(self, peer: Peer, now: datetime) -> list[Action]:
        if peer.budget is None:
            return []
        return [Send(peer.link, data) for data in peer.leaving(now)]

    def _piece_bytes(self, peer: Peer) -> int:
        whole = messages.MESSAGE_BYTES_MAX - MESSAGE_OVERHEAD_BYTES
        return whole if peer.budget is None else min(whole, peer.budget.bytes_a_minute)

    def _fitting(self, peer: Peer, facts: tuple[RawFact, ...]) -> tuple[RawFact, ...]:
        """The first facts that fit a message or a thin link's minute; one at the least."""
        left = self._piece_bytes(peer) - MESSAGE_OVERHEAD_BYTES
        for position, (header, body, signature) in enumerate(facts):
            left -= len(header) + len(body) + len(signature or b"") + FACT_OVERHEAD_BYTES
            if left < 0:
                return facts[: max(1, position)]
        return facts
