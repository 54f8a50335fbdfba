"""The production shell round `sync.Node`: threads, the journal, the clock, outboxes.

One per process. Reads come from the journal's tables; facts go to the disk through the writer,
in pieces small enough that nobody else waits; what neighbours acknowledge is taken down.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import close_old_connections

from fengsui.exchange.links.outbox import Outbox
from fengsui.exchange.neighbours import identity, services
from fengsui.exchange.replication import events, sync
from fengsui.exchange.replication.audiences import may_hold
from fengsui.exchange.replication.messages import Head, RawFact
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.journal import client, codec, news, queries, signing
from fengsui.foundation.journal import services as journal
from fengsui.foundation.journal.codec import FeedKey
from fengsui.foundation.journal.facts import FactClass
from fengsui.foundation.journal.models import Feed

FACTS_PER_WANT = 512  # a fat link: a life-safety feed still waits for one piece at most
WANTS_MAX = 4
# The writer yields within 10 ms; a piece of this size is about that.
FACTS_PER_STORE = 128
STORERS = 2
TICK_SECONDS = 1.0
KNOWN_SECONDS = 3.0
NOTE_SECONDS = 0.25
SETTLED_SECONDS = 1.0
CARRIER = "session"
_START = datetime(2000, 1, 1, tzinfo=UTC)

log = logging.getLogger("fengsui.links")


def steady_now() -> datetime:
    """Time that never jumps; the node only measures how long it has waited."""
    return _START + timedelta(seconds=time.monotonic())


@dataclass(frozen=True, slots=True)
class Evidence:
    """Facts that contradict what is on the disk, on their way to the journal's judge."""

    key: FeedKey
    facts: tuple[RawFact, ...]


Work = events.Store | Evidence


class Shell:
    """Carries out what the node asks for. `on_trouble(reason)` is told when the disk refuses."""

    def __init__(self, on_trouble: Callable[[str], None]) -> None:
        self.on_trouble = on_trouble
        self.lock = threading.RLock()
        self.outboxes: dict[str, Outbox] = {}
        self.stopping = threading.Event()
        self.urgent = threading.Event()  # a life-safety fact was written: whoever waits hurries
        self.counts = {"facts_in": 0, "facts_out": 0, "messages_in": 0, "refused": 0}
        self.node = self._node()
        self._stores: list[queue.Queue[Work]] = [queue.Queue() for _ in range(STORERS)]
        self._notes: dict[bytes, dict[bytes, list[Any]]] = {}
        self._noted: dict[bytes, dict[bytes, int]] = {}
        self._level: set[bytes] = set()
        self._stirred_at = time.monotonic()
        self._said_at: dict[str, float] = {}
        self._unsubscribe: Callable[[], None] = lambda: None

    def _node(self) -> sync.Node:
        return sync.Node(
            name=identity.own_key().public,
            scope=identity.own_scope(),
            known=identity.known_scopes(),
            heads=_heads(),
            wants_max=WANTS_MAX,
            stores_ahead=True,
        )

    def start(self) -> None:
        self._unsubscribe = client.subscribe(self._hear)
        works = [self._tick, self._note, *(self._storer(one) for one in self._stores)]
        for work in works:
            threading.Thread(target=work, name="exchange", daemon=True).start()

    def stop(self) -> None:
        self.stopping.set()
        self._unsubscribe()

    # --- links

    def link_up(self, link: str, peer: identity.Identity) -> Outbox:
        """A link to a peer whose key and certificate have been checked."""
        outbox = Outbox()
        with self.lock:
            self.outboxes[link] = outbox
            self._stirred_at = time.monotonic()
            self._noted.pop(peer.public_key, None)
            up = events.LinkUp(
                link,
                peer_name=peer.public_key,
                peer_scope=peer.scope,
                facts_per_want=FACTS_PER_WANT,
            )
            self.step(events.LinkDown(link))
            self.step(up)
        return outbox

    def link_down(self, link: str) -> None:
        with self.lock:
            self.outboxes.pop(link, None)
            self._said_at.pop(link, None)
            self.step(events.LinkDown(link))

    def arrived(self, link: str, message: bytes) -> None:
        self.counts["messages_in"] += 1
        self.step(events.MessageArrived(link, message))

    # --- the node

    def step(self, event: events.Event) -> None:
        with self.lock:
            for action in self.node.step(event, steady_now()):
                self._carry_out(action)

    def _carry_out(self, action: events.Action) -> None:
        match action:
            case events.Send(link, data):
                outbox = self.outboxes.get(link)
                if outbox is not None and not outbox.put(data):
                    log.warning("%s takes nothing in; a message was dropped", link)
            case events.Load():
                self._load(action)
            case events.Store():
                feed = sync.feed_of(action.key)
                self._stores[feed[-1] % STORERS].put(action)
            case events.Delivered(peer, feed, seq):
                self._delivered(peer, feed, seq)
            case events.Level(link, peer):
                self._is_level(link, peer)
            case events.Report():
                self._report(action)

    def _load(self, load: events.Load) -> None:
        rows = queries.facts_of_feed(load.feed, after=load.after, limit=load.facts_max)
        facts = _within([(row[0], row[1], row[2]) for row in rows], load.bytes_max)
        self.counts["facts_out"] += len(facts)
        self.step(events.Loaded(load.link, load.feed, facts))

    def _report(self, report: events.Report) -> None:
        log.warning("%s: %s %s (%s)", report.link, report.what, report.detail, report.feed.hex())
        head = self.node.heads.get(report.feed)
        if report.facts and head is not None:
            # Two facts with one number: the writer keeps the second as evidence, and judges it.
            self._stores[report.feed[-1] % STORERS].put(Evidence(head.key, report.facts))

    # --- news of our own disk

    def _hear(self, topic: str, data: dict[str, Any]) -> None:
        """Runs in the thread that listens to the writer."""
        if topic == client.SUBSCRIBED:
            close_old_connections()
            self.catch_up()
        elif topic == news.HEADS:
            for *key, seq, hash_ in data["heads"]:
                self._on_disk(Head(FeedKey(*key), int(seq), bytes(hash_)))
                if key[3] == FactClass.LIFE_SAFETY:
                    self.urgent.set()

    def catch_up(self) -> None:
        """Where every feed stands, read from the tables: once nothing more is missed."""
        for head in _heads():
            self._on_disk(head)

    def _on_disk(self, head: Head) -> None:
        feed = sync.feed_of(head.key)
        with self.lock:
            known = self.node.heads.get(feed)
            if known is None or known.seq < head.seq or feed in self.node.storing:
                self._stirred_at = time.monotonic()
                self.step(events.OnDisk(head))

    # --- facts to the disk

    def _storer(self, stores: queue.Queue[Work]) -> Callable[[], None]:
        def work() -> None:
            while not self.stopping.is_set():
                store = stores.get()
                try:
                    if isinstance(store, Evidence):
                        self._receive(store.key, store.facts, is_checked=False)
                    else:
                        self._store(store)
                except Problem as problem:
                    self._trouble(stores, str(problem))
                except Exception:
                    log.exception("facts could not be stored")
                    self._trouble(stores, "facts could not be stored")

        return work

    def _trouble(self, stores: queue.Queue[Work], reason: str) -> None:
        """The disk takes nothing now: forget what was under way, and begin again from it."""
        while not stores.empty():
            stores.get_nowait()
        with self.lock:
            self.node.storing.clear()
        self.on_trouble(reason)

    def _store(self, store: events.Store) -> None:
        for piece in _pieces(store.facts):
            # Checked by the node's intake, in this process: once is enough.
            result = self._receive(store.key, piece, is_checked=True)
            head = _head_after(store.key, piece, int(result["head"]))
            refused = [one for one in result["verdicts"] if one in ("refused", "broken", "gap")]
            self.counts["facts_in"] += len(piece) - len(refused)
            self.counts["refused"] += len(refused)
            if head is None:
                before = self.node.heads.get(sync.feed_of(store.key))
                standing = before or Head(store.key, -1, bytes(codec.HASH_BYTES))
                self.step(events.NotStored(standing, ", ".join(sorted(set(refused)))))
                return
            self._on_disk(head)

    def _receive(
        self, key: FeedKey, facts: tuple[RawFact, ...], *, is_checked: bool
    ) -> dict[str, Any]:
        return journal.receive(
            feed=list(key),
            facts=[list(fact) for fact in facts],
            carrier=CARRIER,
            is_checked=is_checked,
        )

    # --- what neighbours acknowledge

    def _delivered(self, peer: bytes, feed: bytes, seq: int) -> None:
        noted = self._noted.setdefault(peer, {})
        if seq > noted.get(feed, -2):
            noted[feed] = seq
            head = self.node.heads[feed]
            hash_ = head.hash if head.seq == seq else bytes(codec.HASH_BYTES)
            self._notes.setdefault(peer, {})[feed] = [list(head.key), seq, hash_]

    def _is_level(self, link: str, peer: bytes) -> None:
        known = self.node.peers.get(link)
        if known is None:
            return
        for feed, head in self.node.heads.items():
            author = self.node.known.get(head.key.public_key)
            if author is not None and may_hold(known.scope, head.key, author):
                self._delivered(peer, feed, head.seq)
        self._level.add(peer)

    def _note(self) -> None:
        while not self.stopping.wait(NOTE_SECONDS):
            with self.lock:
                notes, self._notes = self._notes, {}
                level, self._level = self._level, set()
            for peer in sorted(notes.keys() | level):
                try:
                    services.note_vector(
                        public_key=peer,
                        heads=list(notes.get(peer, {}).values()),
                        carrier=CARRIER,
                        is_level=peer in level,
                    )
                except Problem as problem:
                    # Said again by the peer's next vector: the next link begins from nothing.
                    log.warning("an acknowledgement was not taken down: %s", problem)
                    self._noted.pop(peer, None)

    # --- time

    def _tick(self) -> None:
        looked_at = 0.0
        while not self.stopping.wait(TICK_SECONDS):
            try:
                if time.monotonic() - looked_at > KNOWN_SECONDS:
                    looked_at = time.monotonic()
                    self._look_at_known()
                self._say_when_settled()
                self.step(events.Tick())
            except Exception:
                log.exception("a turn of the exchange failed; the next one comes")
                close_old_connections()

    def _say_when_settled(self) -> None:
        """Once nothing moves any more every peer is told the state: only equal states tell it
        that feeds which never differed are on our disk too."""
        now = time.monotonic()
        if now - self._stirred_at < SETTLED_SECONDS:
            return
        with self.lock:
            for link, peer in self.node.peers.items():
                if self._said_at.get(link, 0.0) < self._stirred_at and not peer.wanted:
                    self._said_at[link] = now
                    peer.compared_at = None

    def _look_at_known(self) -> None:
        known: Mapping[bytes, str] = identity.known_scopes()
        scope = identity.own_scope()
        with self.lock:
            if scope != self.node.scope:
                self.node.scope = scope
            if dict(known) != dict(self.node.known):
                self.step(events.KnownChanged(known))

    def manifest(self, scope: str) -> list[list[Any]]:
        """[feed id, last number] of all that a node of `scope` may be given, as of now."""
        with self.lock:
            return [
                [feed, head.seq]
                for feed, head in sorted(self.node.heads.items())
                if head.seq >= 0 and self.node.may_give(scope, head.key)
            ]


def _heads() -> list[Head]:
    columns = ("suite", "public_key", "incarnation", "fact_class", "audience")
    rows = Feed.objects.order_by("id").values_list("feed_id", *columns, "head_seq", "head_hash")
    sound = queries.sound_heads()
    heads = []
    for feed_id, suite, public_key, incarnation, fact_class, audience, seq, hash_ in rows:
        key = FeedKey(suite, bytes(public_key), incarnation, fact_class, audience)
        # A feed with a damaged fact ends before it, so that a neighbour sends a sound copy.
        last, head = sound.get(bytes(feed_id), (seq, bytes(hash_)))
        heads.append(Head(key, last, head))
    return heads


def _within(facts: list[RawFact], bytes_max: int) -> tuple[RawFact, ...]:
    """The beginning that fits, ending on a signed fact; at least up to the first signed one."""
    size, end = 0, 0
    for index, (header, body, signature) in enumerate(facts):
        size += len(header) + len(body) + len(signature or b"") + 16
        if size > bytes_max and end:
            break
        if signature is not None:
            end = index + 1
    return tuple(facts[:end])


def _pieces(facts: tuple[RawFact, ...]) -> list[tuple[RawFact, ...]]:
    """Cut behind signed facts, about FACTS_PER_STORE each."""
    pieces, start = [], 0
    for index, fact in enumerate(facts):
        if fact[2] is not None and index + 1 - start >= FACTS_PER_STORE:
            pieces.append(facts[start : index + 1])
            start = index + 1
    return pieces + ([facts[start:]] if start < len(facts) else [])


def _head_after(key: FeedKey, piece: tuple[RawFact, ...], seq: int) -> Head | None:
    """The head as the writer says it stands, or None where nothing of the piece went in."""
    first = codec.decode_header(piece[0][0]).seq
    if not first <= seq < first + len(piece):
        return None
    suite = signing.SUITES[key.suite]
    return Head(key, seq, suite.digest(piece[seq - first][0]))
