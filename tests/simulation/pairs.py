"""Two cores joined by a wire: what one asks for is carried out at once, unless a test says else."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from fengsui.exchange.replication import events, messages, sync
from fengsui.exchange.replication.messages import Head, RawFact
from fengsui.foundation.journal import signing
from tests.simulation.feeds import VILLAGE

COUNTY, TOWNSHIP = "433126000000", "433126100000"
NOW = datetime(2026, 7, 16, 20, tzinfo=UTC)

Queue = list[tuple[int, events.Event]]


class Pair:
    """Nodes 0 and 1, their disks (durable at once), and everything they said."""

    def __init__(
        self,
        *,
        one: str = COUNTY,
        other: str = VILLAGE,
        known: Mapping[bytes, str] | None = None,
        **up: Any,
    ) -> None:
        self.now = NOW
        self.disks: list[dict[bytes, list[RawFact]]] = [{}, {}]
        self.sent: list[list[tuple[datetime, messages.Message, int]]] = [[], []]
        self.actions: list[list[events.Action]] = [[], []]
        self.nodes = [
            sync.Node(name=name, scope=scope, known=known or {})
            for name, scope in ((b"one", one), (b"other", other))
        ]
        self.up = up
        self.mangle: Callable[[Queue, int, events.MessageArrived], None] | None = None
        self.messages_left: int | None = None  # then the link dies

    def give(self, index: int, head: Head, facts: tuple[RawFact, ...]) -> None:
        self.disks[index].setdefault(sync.feed_of(head.key), []).extend(facts)
        self.run([(index, events.OnDisk(head))])

    def meet(self) -> None:
        self.run([(index, self._up(index)) for index in (0, 1)])

    def part(self) -> None:
        self.run([(index, events.LinkDown("wire")) for index in (0, 1)])

    def _up(self, index: int) -> events.LinkUp:
        peer = self.nodes[1 - index]
        return events.LinkUp("wire", peer.name, peer.scope, **self.up)

    def tick(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.run([(index, events.Tick()) for index in (0, 1)])

    def run(self, queue: Queue) -> None:
        while queue:
            index, event = queue.pop(0)
            for action in self.nodes[index].step(event, self.now):
                self.actions[index].append(action)
                self._carry_out(queue, index, action)

    def _carry_out(self, queue: Queue, index: int, action: events.Action) -> None:
        match action:
            case events.Send(link, data):
                self._carry(queue, index, events.MessageArrived(link, data))
            case events.Load(link, feed, after, facts_max):
                facts = tuple(self.disks[index].get(feed, ())[after + 1 :][:facts_max])
                queue.append((index, events.Loaded(link, feed, facts)))
            case events.Store(key, facts):
                held = self.disks[index].setdefault(sync.feed_of(key), [])
                held.extend(facts)
                tip = Head(key, len(held) - 1, signing.sha256(facts[-1][0]))
                queue.append((index, events.OnDisk(tip)))

    def _carry(self, queue: Queue, index: int, arriving: events.MessageArrived) -> None:
        if self.messages_left is not None:
            if self.messages_left == 0:
                return
            self.messages_left -= 1
        message = messages.decode(arriving.data)
        self.sent[index].append((self.now, message, len(arriving.data)))
        if self.mangle is None:
            queue.append((1 - index, arriving))
        else:
            self.mangle(queue, 1 - index, arriving)

    def said(self, index: int, kind: type) -> list[Any]:
        return [message for _, message, _ in self.sent[index] if isinstance(message, kind)]

    def spent(self, index: int) -> int:
        """Bytes."""
        return sum(size for _, _, size in self.sent[index])


def mangling(dice: random.Random) -> Callable[[Queue, int, events.MessageArrived], None]:
    """Loses, doubles, cuts short, alters and overtakes."""

    def mangle(queue: Queue, receiver: int, arriving: events.MessageArrived) -> None:
        fate = dice.randrange(8)
        data = bytearray(arriving.data)
        if fate == 0:
            return
        if fate == 1:
            del data[dice.randrange(len(data)) :]
        if fate == 2:
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
        for _ in range(2 if fate == 3 else 1):
            place = dice.randint(0, len(queue))
            queue.insert(place, (receiver, events.MessageArrived(arriving.link, bytes(data))))

    return mangle
