"""The writer's memory: feed heads, clock and the rows of the open transaction.

One instance per process, used by one thread. Everything here that a transaction changes is
put back when that transaction, or one savepoint of it, is rolled back.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction

from fengsui.foundation.journal import clock, clockwords, codec, hlc, news, waiting
from fengsui.foundation.journal.codec import FeedKey, Header
from fengsui.foundation.journal.dispatch import catalogue
from fengsui.foundation.journal.facts import ID_BYTES, Fact, FactClass, FactKind
from fengsui.foundation.journal.keys import NodeKey
from fengsui.foundation.journal.models import FactState, Feed, NodeState, StoredFact, Waiting
from fengsui.foundation.journal.rows import ARRIVAL, FEED, HEADER, SEQ, Head, Mark, OpenRows, Row
from fengsui.foundation.journal.standing import LAST_KIND_OF_NODES, Standing
from fengsui.foundation.journal.stored import decode

_UPDATE_HEAD = "UPDATE journal_feed SET head_seq = %s, head_hash = %s WHERE id = %s"
SIGNED_EVERY_BYTES = 512 * 1024  # a range that ends on a signature must fit into one message

log = logging.getLogger("fengsui.journal")

FeedName = tuple[int, str]


@dataclass
class Ledger:
    """See the module. `record` appends and applies; `group` is one durable transaction."""

    key: NodeKey
    incarnation: int
    hlc: int
    next_arrival: int
    waiting: int
    heads: dict[FeedName, Head] = field(default_factory=dict)
    rows: OpenRows = field(default_factory=OpenRows)
    notices: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    undo: list[tuple[FeedName, Head | None]] = field(default_factory=list)
    unsigned: dict[FeedName, int] = field(default_factory=dict)  # bytes since a signature, about
    standings: dict[tuple[int, bytes], Standing | None] = field(default_factory=dict)
    depth: int = 0
    nonces: tuple[str, ...] = ()
    has_news: bool = False
    wants_wal_emptied: bool = False
    is_rebuilding: bool = False
    is_unsettled: bool = True  # a start may find what was left open by the last

    @classmethod
    def open(cls, key: NodeKey, incarnation: int) -> Ledger:
        """Reads where the node's own feeds stand. Writes the node's row on first use."""
        state, _ = NodeState.objects.get_or_create(id=1, defaults={"incarnation": incarnation})
        last = StoredFact.objects.order_by("-arrival").values_list("arrival", flat=True).first()
        ledger = cls(
            key=key,
            incarnation=incarnation,
            hlc=state.hlc,
            next_arrival=(last or 0) + 1,
            waiting=Waiting.objects.count(),
        )
        own = Feed.objects.filter(
            suite=key.suite.number, public_key=key.public, incarnation=incarnation
        )
        for feed in own:
            ledger.heads[feed.fact_class, feed.audience] = Head(
                feed.id, bytes(feed.feed_id), feed.head_seq, bytes(feed.head_hash)
            )
        return ledger

    # --- transactions -----------------------------------------------------------------------

    def mark(self) -> Mark:
        return Mark(
            self.rows.mark(),
            len(self.notices),
            len(self.undo),
            self.hlc,
            self.next_arrival,
            self.waiting,
        )

    def restore(self, mark: Mark) -> None:
        """Back to `mark`, as the database has gone back to the savepoint taken with it."""
        self.rows.restore(mark.rows)
        self.standings.clear()
        del self.notices[mark.notices :]
        while len(self.undo) > mark.undo:
            name, head = self.undo.pop()
            if head is None:
                self.heads.pop(name, None)
            else:
                self.heads[name] = head
        self.hlc = mark.hlc
        self.next_arrival = mark.next_arrival
        self.waiting = mark.waiting

    @contextmanager
    def group(self) -> Iterator[None]:
        """One durable transaction. On leaving it normally everything in it is on the disk."""
        start = self.mark()
        self.depth += 1
        try:
            with transaction.atomic():
                yield
                self._close_group()
        except BaseException:
            self.restore(start)
            raise
        finally:
            self.depth -= 1
        self.rows.clear()
        self.undo.clear()
        self.unsigned.clear()
        if self.wants_wal_emptied and not connection.in_atomic_block:
            self._empty_wal()

    def _empty_wal(self) -> None:
        """What was erased may still stand in SQLite's write-ahead log: write the log out."""
        self.wants_wal_emptied = False
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def reincarnate(self, incarnation: int) -> None:
        """From here on this node's facts go to the feeds of a new incarnation."""
        self._sign_heads({name for name, _ in self.undo})
        self._store_heads({name for name, _ in self.undo})
        self.undo.clear()
        self.heads.clear()
        self.incarnation = incarnation

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """One command inside a group: all of it or nothing of it."""
        mark = self.mark()
        try:
            with transaction.atomic():
                yield
        except BaseException:
            self.restore(mark)
            raise

    def take_notices(self) -> list[tuple[str, dict[str, Any]]]:
        notices, self.notices = self.notices, []
        return notices

    def _close_group(self) -> None:
        self.has_news = self.has_news or bool(self.rows.facts)
        if not self.undo:
            self.rows.insert()
            if self.rows.facts:
                self._store_heads(set())
            return
        changed = {name for name, _ in self.undo}
        self._sign_heads(changed)
        self.insert_rows()
        self._store_heads(changed)
        self.notices.append(news.own(self, changed))

    def store_heads(self) -> None:
        """Writes the heads moved so far, so that reads in this transaction see them."""
        self._store_heads({name for name, _ in self.undo})

    def _store_heads(self, changed: set[FeedName]) -> None:
        heads = [self.heads[name] for name in changed]
        with connection.cursor() as cursor:
            cursor.executemany(_UPDATE_HEAD, [(head.seq, head.hash, head.row) for head in heads])
            cursor.execute("UPDATE journal_node_state SET hlc = %s WHERE id = 1", [self.hlc])

    def _sign_heads(self, changed: set[FeedName]) -> None:
        wanted = {
            self.heads[name].row: self.heads[name].seq
            for name in changed
            if not FactClass(name[0]).signs_each
        }
        for index in range(len(self.rows.facts) - 1, -1, -1):
            if not wanted:
                return
            row = self.rows.facts[index]
            if wanted.get(row[FEED]) == row[SEQ]:
                del wanted[row[FEED]]
                self.rows.sign(index, self.key.sign(codec.signed_bytes(row[HEADER])))

    def insert_rows(self) -> None:
        """Writes the rows gathered so far, so that reads in this transaction see them."""
        self.rows.insert()

    # --- appending --------------------------------------------------------------------------

    def record(self, kind: FactKind, **stated: Any) -> Fact:
        """Appends one fact to its feed and applies it, in the open transaction. See `append`."""
        fact, arrival, row = self.append(kind, **stated)
        self.apply(fact, arrival, row)
        return fact

    def append(
        self,
        kind: FactKind,
        *,
        fields: Mapping[str, Any],
        personal: Mapping[str, Any] | None,
        items: Sequence[Mapping[str, Any]],
        scope: str,
        actor: int,
        cause: bytes | None,
        about: Sequence[int],
        request_id: str = "",
    ) -> tuple[Fact, int, Row]:
        """Appends one fact to its feed; the caller applies it (`batches.record`)."""
        if not self.depth:
            raise RuntimeError("a fact can be recorded inside a @command only")
        leaves = codec.make_leaves(
            kind,
            fields=fields,
            personal=personal,
            items=items,
            about=about,
            salt=secrets.token_bytes,
        )
        body = codec.encode_body(leaves)
        name = (int(kind.fact_class), codec.audience_of(kind, scope))
        head = self.heads.get(name) or self._open_feed(name)
        root = codec.body_root(leaves, self.key.suite.digest)
        header = self._next_header(head, kind, scope, actor, cause, root)
        header_bytes = codec.encode_header(header)
        header_hash = self.key.suite.digest(header_bytes)
        signature = self._signature(kind, name, header_bytes, len(body))
        self.undo.append((name, head))
        self.heads[name] = Head(head.row, head.feed, head.seq + 1, header_hash)
        fact_id = header_hash[:ID_BYTES]
        stored = (header_bytes, body, signature)
        row = self.add_row(head.row, header, fact_id, stored, request_id=request_id)
        # Decoded from its bytes, so that what is applied now is what a rebuild will apply.
        return codec.decode_fact(kind, fact_id, header, leaves), row[ARRIVAL], row

    def _signature(self, kind: FactKind, name: FeedName, header: bytes, size: int) -> bytes | None:
        self.unsigned[name] = self.unsigned.get(name, 0) + len(header) + size
        if not kind.fact_class.signs_each and self.unsigned[name] < SIGNED_EVERY_BYTES:
            return None
        del self.unsigned[name]
        return self.key.sign(codec.signed_bytes(header))

    def _next_header(
        self, head: Head, kind: FactKind, scope: str, actor: int, cause: bytes | None, root: bytes
    ) -> Header:
        self.hlc = hlc.following(self.hlc, clock.now())
        made = (codec.HEADER_VERSION, self.key.suite.number, head.feed, head.seq + 1, head.hash)
        return Header(*made, self.hlc, kind.number, kind.version, scope, actor, cause, root)

    def add_row(
        self,
        feed_row: int,
        header: Header,
        fact_id: bytes,
        stored: tuple[bytes, bytes, bytes | None],
        *,
        state: int = FactState.APPLIED,
        clock_suspect: bool = False,
        request_id: str = "",
    ) -> Row:
        """Puts a fact among the rows of the open transaction, under the next arrival number."""
        if header.kind <= LAST_KIND_OF_NODES:
            self.standings.clear()
        row = self.rows.add(
            self.next_arrival,
            feed_row,
            header,
            fact_id,
            stored,
            state=state,
            clock_suspect=clock_suspect,
            request_id=request_id,
        )
        self.next_arrival += 1
        return row

    def _open_feed(self, name: FeedName) -> Head:
        suite = self.key.suite
        key = FeedKey(suite.number, self.key.public, self.incarnation, *name)
        identity = codec.feed_id(key, suite.digest)
        feed = Feed.objects.create(
            feed_id=identity,
            suite=suite.number,
            public_key=self.key.public,
            incarnation=self.incarnation,
            fact_class=name[0],
            audience=name[1],
            is_own=True,
        )
        head = Head(feed.id, identity, -1, bytes(codec.HASH_BYTES))
        self.undo.append((name, None))
        self.heads[name] = head
        return head

    # --- applying ---------------------------------------------------------------------------

    def apply(self, fact: Fact, arrival: int, row: Row | None) -> None:
        """Applies a fact and then whatever waited for what it brought into being."""
        fact = clockwords.timed(fact)
        applier = catalogue().apply.get(fact.kind)
        awaited = applier(fact) if applier is not None else None
        self.rows.abouts += [(entity, arrival) for entity in fact.about]
        if awaited is not None:
            waiting.begin(self, [(arrival, awaited, row)])
        else:
            waiting.end(self, [fact])

    def apply_late(self, fact: Fact, arrival: int, row: Row | None) -> bool:
        """Applies a fact that nobody here is answerable for; False if an app failed at it.

        It is kept, marked as not applied, and takes nothing else down with it.
        """
        try:
            with self.savepoint():
                self.apply(fact, arrival, row)
        except Exception:
            log.exception("the fact %s %s could not be applied", fact.kind, fact.id.hex())
            self.rows.set_state(arrival, FactState.NOT_APPLIED, row)
            return False
        return True

    def reapply(self, stored: StoredFact) -> None:
        """Applies a stored fact again, after leaves of it were erased."""
        fact = decode(stored)
        if fact is not None and stored.state == FactState.APPLIED:
            applier = catalogue().apply.get(fact.kind)
            if applier is not None:
                applier(clockwords.timed(fact))

    def unsettle(self, public_key: bytes) -> None:
        """What this node key stated is to be judged anew; b"": the tables are to be rebuilt."""
        if not self.is_rebuilding:
            self.rows.unsettle(public_key)
            self.is_unsettled = True


_current: Ledger | None = None
_lock = threading.RLock()


def current() -> Ledger:
    """The ledger of this process; opened on first use. Only a process that may write has one."""
    global _current
    if _current is None:
        from fengsui.foundation.journal.incarnation import open_ledger

        _current = open_ledger()
    return _current


def opened() -> Ledger | None:
    """The ledger of this process where it has opened one."""
    return _current


def use(ledger: Ledger | None) -> None:
    """Makes `ledger` the one of this process; None closes it."""
    global _current
    _current = ledger
    clockwords.forget()


def show_open_rows() -> None:
    """Inside a command of this process: what it has recorded so far can be read."""
    if _current is not None and _current.depth:
        _current.insert_rows()


def writing() -> AbstractContextManager[object]:
    """Held while this process writes."""
    return _lock
