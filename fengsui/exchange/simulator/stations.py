"""One node of the invented county: power switch, wrong clock, disk, and the production core.

What is judged is judged by the journal's own rules; what is said on links by `sync.Node`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from fengsui.exchange.replication import events, sync
from fengsui.exchange.replication.intake import take_in
from fengsui.exchange.replication.messages import Head, RawFact
from fengsui.exchange.replication.sync import feed_of
from fengsui.exchange.simulator import kinds
from fengsui.exchange.simulator.disks import Disk, Transaction
from fengsui.exchange.simulator.pictures import NOBODY
from fengsui.foundation.journal import codec, generations, hlc, judging, rules
from fengsui.foundation.journal.codec import FeedKey, Header
from fengsui.foundation.journal.facts import ID_BYTES, FactKind
from fengsui.foundation.journal.rules import Arrived, Verdict
from fengsui.foundation.journal.standing import Stated, finding
from fengsui.gateways.telegrams.window import ReplayWindow

if TYPE_CHECKING:
    from fengsui.exchange.simulator.world import World

OF_THE_NODE = frozenset({kinds.DOUBTED.number})


class Station:
    """See the module. Planted bugs are subclasses that override one method."""

    def __init__(self, world: World, index: int, scope: str, parent: int | None) -> None:
        self.world = world
        self.index = index
        self.scope = scope
        self.parent = parent
        self.seed = world.dice.randbytes(32)
        self.name = world.suite.public_key(self.seed)
        self.sign = world.suite.signer(self.seed)
        self.short_id = index + 1
        self.skew = timedelta(0)
        self.disk = Disk()
        self.backup: Disk | None = None
        self.companion: tuple[tuple[str, ...], int, int] | None = None  # nonces, facts, incarnation
        self.node: sync.Node | None = None  # None while it is off
        self.is_lost = False  # stolen, or a clone that was found out
        self.life = 0  # what was scheduled in an earlier life does not happen
        self.hlc = 0
        self.kinds: Mapping[int, FactKind] = kinds.CATALOGUE
        self.tips: dict[bytes, Head] = {}  # of own feeds, synced or not
        self.reset()

    def reset(self) -> None:
        """What does not survive a power cut."""
        self.tips = {}
        self.calls: list[tuple[bytes, int, int]] = []  # SOS that no telegram has brought up yet
        self.chatter = 0  # unimportant telegrams that wait
        self.windows: dict[tuple[int, int], ReplayWindow] = {}  # of those who send us telegrams

    @property
    def now(self) -> datetime:
        """By its own clock."""
        return self.world.now + self.skew

    @property
    def now_ms(self) -> int:
        return hlc.of_time(self.now) >> hlc.COUNTER_BITS

    @property
    def is_village(self) -> bool:
        return self.parent not in (None, 0)

    # --- power

    def switch_on(self) -> None:
        self.reset()
        self.begin_incarnation()
        self.hlc = self.clock_at_boot()
        self.node = self.world.node_class(
            name=self.name,
            scope=self.scope,
            known=self.disk.picture.scopes,
            heads=self.disk.heads(),
            suites=self.world.suites,
        )
        self.apply_kept()
        self.calls = self.calls_not_heard()

    def begin_incarnation(self) -> None:
        """The rule of production; the companion file survives when a database is put back."""
        seen = self.companion and self.companion[:2]
        reason = self.reason_for_new(seen)
        previous = max(self.disk.incarnation, self.companion[2] if self.companion else 0)
        if reason is not None:
            bits = self.world.dice.getrandbits(generations.RANDOM_BITS)
            self.disk.incarnation = generations.next_incarnation(previous, bits)
            if not hlc.is_within_bound(self.disk.hlc, self.now):
                self.disk.hlc = hlc.of_time(self.now)
            self.disk.telegram_number = 0  # the epoch of the link is another too
        nonce = f"{self.world.dice.getrandbits(64):016x}"
        self.companion = ((self.disk.nonce, nonce), self.disk.facts, self.disk.incarnation)
        self.disk.nonce = nonce

    def reason_for_new(self, seen: tuple[tuple[str, ...], int] | None) -> str | None:
        if not self.disk.nonce:
            return "first start"
        return generations.reason_for_new(
            nonce=self.disk.nonce,
            facts=self.disk.facts,
            last_hlc=self.disk.hlc,
            seen=seen,
            now=self.now,
        )

    def clock_at_boot(self) -> int:
        return self.disk.hlc

    def calls_not_heard(self) -> list[tuple[bytes, int, int]]:
        """Own calls for help of which the level above has said nothing yet."""
        if self.world.is_tainted(self):
            return []
        relayed = self.disk.picture.of_kind("sim.relayed")
        heard = {(fact.fields["feed"], fact.fields["seq"]) for fact in relayed}
        return [
            (fact.feed, fact.seq, fact.fields["people"])
            for fact in self.disk.picture.of_kind("sim.sos")
            if self._is_own(fact.feed, codec.audience_of(kinds.SOS, self.scope))
            and (fact.feed, fact.seq) not in heard
        ]

    def _is_own(self, feed: bytes, audience: str) -> bool:
        key = self.disk.feeds[feed].key
        return key.public_key == self.name and key.audience == audience

    def switch_off(self) -> None:
        self.node = None
        self.life += 1

    def upgrade(self) -> None:
        """A newer program applies what the older one had kept."""
        self.kinds = kinds.CATALOGUE
        self.apply_kept()

    def apply_kept(self) -> None:
        if not self.disk.picture.kept:
            return
        for feed in self.disk.feeds.values():
            for raw, hash_ in zip(feed.facts, feed.hashes, strict=True):
                if hash_[:ID_BYTES] in self.disk.picture.kept:
                    self._judge_and_apply(feed.key, raw)

    # --- writing

    def feed_key(self, kind: FactKind, scope: str) -> FeedKey:
        return FeedKey(
            self.world.suite.number,
            self.name,
            self.disk.incarnation,
            int(kind.fact_class),
            codec.audience_of(kind, scope),
        )

    def write(
        self,
        kind: FactKind,
        scope: str,
        *rows: Mapping[str, Any],
        then: Callable[[], None] | None = None,
        key: FeedKey | None = None,
    ) -> None:
        """States facts in one transaction; `then` happens once they are durable."""
        key = key or self.feed_key(kind, scope)
        feed = feed_of(key)
        made: list[RawFact] = []
        for position, fields in enumerate(rows):
            tip = self.tips.get(feed) or self.disk.head(key)
            signs = kind.fact_class.signs_each or position == len(rows) - 1
            self.hlc = hlc.following(self.hlc, self.now)
            raw, self.tips[feed] = kinds.make_fact(
                self.world.suite, key, feed, tip, kind,
                hlc=self.hlc, scope=scope, fields=fields, dice=self.world.dice,
                sign=self.sign if signs else None,
            )  # fmt: skip
            made.append(raw)
        self.store(Transaction(feed, key, tuple(made), self.hlc, is_own=True, then=then))

    def store(self, transaction: Transaction) -> None:
        self.disk.append(transaction)
        if transaction.is_own and self.acknowledges_at_once():
            self.world.oracle.acknowledge(transaction)
        life = self.life

        def finish() -> None:
            if self.life == life and self.node is not None:
                self.finish_sync()

        self.world.after(self.world.sync_delay(), finish)

    def acknowledges_at_once(self) -> bool:
        return False

    def finish_sync(self) -> None:
        for transaction in self.disk.sync():
            self.made_durable(transaction)

    def made_durable(self, transaction: Transaction) -> None:
        """The transaction is on the disk: it counts, and those who wait are told."""
        self.take_over(transaction)
        if transaction.is_own and not self.acknowledges_at_once():
            self.world.oracle.acknowledge(transaction)
        self._note_progress()
        if self.node is not None:
            self.world.step(self, events.OnDisk(self.disk.feeds[transaction.feed].head))
            if transaction.then is not None:
                transaction.then()

    def take_over(self, transaction: Transaction) -> None:
        """The tables follow the facts; in production in the same transaction."""
        self.world.oracle.note_stored(self, transaction)
        known = self.disk.picture.certificates
        for raw in transaction.facts:
            self._judge_and_apply(transaction.key, raw)
        if self.node is not None and known != self.disk.picture.certificates:
            self.world.step(self, events.KnownChanged(self.disk.picture.scopes))

    def _note_progress(self) -> None:
        if self.companion is not None:
            self.companion = (self.companion[0], self.disk.facts, self.disk.incarnation)

    # --- judging

    def receive(self, key: FeedKey, facts: tuple[RawFact, ...]) -> None:
        """Facts that `sync.Node` or a bundle handed over; they follow from the disk."""
        feed = feed_of(key)
        if key.public_key == self.name and key.incarnation == self.disk.incarnation:
            if any(waiting.feed == feed for waiting in self.disk.unsynced):
                refusal = events.NotStored(self.disk.head(key), "we have others of this number")
                return self.world.step(self, refusal)
            self.reincarnate()  # a neighbour knows more of our own feed than we do
        for header_bytes, _, _ in facts:
            self.hlc = self.clock_after(codec.decode_header(header_bytes).hlc)
        self.store(Transaction(feed, key, facts, self.hlc))

    def reincarnate(self) -> None:
        """In production `Reception._store`: this database is an old copy."""
        bits = self.world.dice.getrandbits(generations.RANDOM_BITS)
        self.disk.incarnation = generations.next_incarnation(self.disk.incarnation, bits)
        self.tips = {}
        self._note_progress()

    def clock_after(self, theirs: int) -> int:
        return judging.clock_after(self.hlc, theirs, self.now)[0]

    def _judge_and_apply(self, key: FeedKey, raw: RawFact) -> None:
        header = codec.decode_header(raw[0])
        arrived = Arrived(header, *raw, self.world.suite.digest(raw[0]))
        judgement = self.judge(arrived, key)
        picture = self.disk.picture
        fact_id = arrived.hash[:ID_BYTES]
        picture.kept.pop(fact_id, None)
        if judgement.verdict is Verdict.KEPT:
            picture.kept[fact_id] = None
        if judgement.verdict is Verdict.REFUSED:
            self.disk.quarantine[arrived.hash] = judgement.reason
            self.world.counts["refused"] += 1
        if judgement.fact is None:
            return
        if key.public_key != self.name and rules.is_clock_suspect(header.hlc, self.now):
            picture.flagged[fact_id] = header.scope
            self.doubt(fact_id, header)
        changed = picture.apply(judgement.fact)
        self.world.oracle.note_applied(self, judgement.fact, arrived.hash)
        if changed is not None:
            self.judge_again(changed)
        self.world.on_applied(self, judgement.fact)

    def judge(self, arrived: Arrived, key: FeedKey) -> judging.Judgement:
        return judging.judge(
            arrived,
            key,
            kinds=self.kinds,
            node_scope="",
            refuses=lambda header: self.refuses(header, key),
        )

    def refuses(self, header: Header, key: FeedKey) -> str | None:
        standing = self.disk.picture.standings.get(key.public_key, NOBODY)
        stated = Stated.of(header, key.fact_class)
        of_the_node = header.kind in OF_THE_NODE
        return finding(standing, stated, self.now_ms, of_the_node=of_the_node).reason

    def judge_again(self, author: bytes) -> None:
        """Its standing changed: what it had said before is judged by what is known now."""
        picture = self.disk.picture
        for feed in list(self.disk.feeds.values()):
            if feed.key.public_key != author:
                continue
            for raw, hash_ in list(zip(feed.facts, feed.hashes, strict=True)):
                fact_id = hash_[:ID_BYTES]
                if fact_id not in picture.applied:
                    if self.disk.quarantine.pop(hash_, None) is not None:
                        self._judge_and_apply(feed.key, raw)
                    continue
                arrived = Arrived(codec.decode_header(raw[0]), *raw, hash_)
                judgement = self.judge(arrived, feed.key)
                if judgement.verdict is Verdict.REFUSED:
                    picture.drop(fact_id)
                    self.disk.quarantine[hash_] = judgement.reason

    def doubt(self, fact_id: bytes, header: Header) -> None:
        """Says so to everybody who holds the fact, so that all of them merge alike."""
        if self.node is not None and not self.disk.picture.doubted.get(fact_id):
            self.write(kinds.DOUBTED, header.scope, {"fact_id": fact_id})

    # --- telegrams

    def next_telegram(self) -> tuple[bytes, int, int] | str | None:
        """An SOS before everything else; the one that has waited longest first."""
        if self.calls:
            self.calls.append(self.calls.pop(0))
            return self.calls[-1]
        return self.next_chatter()

    def next_chatter(self) -> str | None:
        if not self.chatter:
            return None
        self.chatter -= 1
        return "headcount"

    def next_telegram_number(self) -> int:
        """On the disk before the telegram leaves."""
        self.disk.telegram_number += 1
        return self.disk.telegram_number

    def knows_call(self, feed: bytes, seq: int) -> bool:
        return bool(self.disk.picture.calls.get((feed, seq)))

    def count_of_calls(self) -> int:
        return len(self.disk.picture.calls_for_help())

    # --- files from a stick

    def import_run(self, key: FeedKey, facts: tuple[RawFact, ...]) -> None:
        if self.node is None or not self.node.may_give(self.scope, key):
            return
        feed = feed_of(key)
        if feed in self.node.storing or any(each.feed == feed for each in self.disk.unsynced):
            return
        intake = self.take_bundle(self.disk.head(key), facts)
        if intake:
            self.receive(key, intake)

    def take_bundle(self, head: Head, facts: tuple[RawFact, ...]) -> tuple[RawFact, ...]:
        return take_in(head, facts, self.world.suites).facts
