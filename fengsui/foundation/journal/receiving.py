"""Facts from elsewhere, judged one after the other: chain, signature, body, policy, app."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import cbor2

from fengsui.foundation.journal import (
    batches,
    clock,
    codec,
    differences,
    forks,
    hlc,
    incarnation,
    judging,
    mending,
    merging,
    rules,
    signing,
)
from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal.codec import FeedKey, Header, MalformedFactError
from fengsui.foundation.journal.dispatch import catalogue
from fengsui.foundation.journal.facts import CLOCK_DOUBTED, ID_BYTES, OF_THE_NODE, FactClass
from fengsui.foundation.journal.models import (
    FactState,
    Feed,
    Flagged,
    KnownNode,
    Quarantined,
    StoredFact,
)
from fengsui.foundation.journal.rows import ARRIVAL, Row
from fengsui.foundation.journal.rules import Arrived, Verdict, is_clock_suspect
from fengsui.foundation.journal.standing import Finding, Grant, Standing, Stated, finding
from fengsui.standards.divisions import scope_prefix

log = logging.getLogger("fengsui.journal")

_REASON_LENGTH = 200
_UNAPPLIED = "this program failed to apply it"
_FORK = "another fact with this number is here already: the feed has forked"
_STRANGER = "its node is not known here"
# Facts that wait for certificates: enough for a village's night, too few to fill a disk.
HELD_FACTS_MAX = 20_000

_STATES = {
    Verdict.TAKEN: FactState.APPLIED,
    Verdict.KEPT: FactState.UNKNOWN_KIND,
    Verdict.REFUSED: FactState.NOT_APPLIED,
}
_EVERYTHING = Standing((Grant(""),))

RawFact = tuple[bytes, bytes, bytes | None]
Stored = tuple[judging.Judgement, Row]


def standing_of(suite: int, public_key: bytes) -> Standing | None:
    """What is known of a node: by its certificates, else by hand. None for a stranger."""
    certified = catalogue().standing
    standing = certified(suite, public_key) if certified is not None else None
    if standing is not None:
        return standing
    known = KnownNode.objects.filter(suite=suite, public_key=public_key).first()
    return None if known is None else Standing((Grant(scope_prefix(known.scope)),))


def digest_of(raw: RawFact) -> bytes:
    """What tells the same bytes from others."""
    parts = (raw[0], raw[1], raw[2] or b"")
    return signing.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts))


def quarantine(
    raw: RawFact,
    carrier: str,
    reason: str,
    *,
    feed: bytes | None = None,
    seq: int | None = None,
    held_for: FeedKey | None = None,
) -> None:
    """Keeps the bytes as they came. The same bytes are kept once."""
    Quarantined.objects.get_or_create(
        digest=digest_of(raw),
        defaults={
            "received_at": clock.now(),
            "carrier": carrier[:80],
            "reason": reason[:_REASON_LENGTH],
            "feed_id": feed,
            "seq": seq,
            "feed_key": None if held_for is None else cbor2.dumps(list(held_for)),
            "author": None if held_for is None else held_for.public_key,
            "header": raw[0],
            "body": raw[1],
            "signature": raw[2],
        },
    )


class Reception:
    """Takes in facts of one feed, inside a command."""

    def __init__(self, key: FeedKey, carrier: str, *, is_checked: bool = False) -> None:
        self.key = key
        self.is_checked = is_checked  # body and signatures, by another process of this node
        self.carrier = carrier
        self.ledger = ledgers.current()
        self.suite = signing.SUITES.get(key.suite)
        self.feed: Feed | None = None
        self.standing: Standing | None = None
        self.is_stranger = False
        self.others: list[Arrived] = []  # a second version of what is here
        self.fault = self._feed_fault()

    @property
    def head_seq(self) -> int:
        return -1 if self.feed is None else self.feed.head_seq

    def _feed_fault(self) -> str | None:
        if self.suite is None:
            return f"its signature algorithm {self.key.suite} is unknown here"
        try:
            FactClass(self.key.fact_class)
        except ValueError:
            return "its class is unknown here"
        own = self.ledger.key
        is_own = own.public == self.key.public_key and own.suite.number == self.key.suite
        self.ledger.insert_rows()
        self.standing = _EVERYTHING if is_own else self._standing()
        if self.standing is None:
            self.is_stranger = True
            return _STRANGER
        identity = codec.feed_id(self.key, self.suite.digest)
        self.ledger.store_heads()
        self.feed, _ = Feed.objects.get_or_create(
            feed_id=identity,
            defaults={
                "suite": self.key.suite,
                "public_key": self.key.public_key,
                "incarnation": self.key.incarnation,
                "fact_class": self.key.fact_class,
                "audience": self.key.audience,
                "is_own": is_own,
            },
        )
        return None

    def _standing(self) -> Standing | None:
        """Read once until certificates change: a night comes in hundreds of small pieces."""
        known = self.ledger.standings
        name = (self.key.suite, self.key.public_key)
        if name not in known:
            known[name] = standing_of(*name)
        return known[name]

    def take(self, facts: Sequence[RawFact]) -> list[Verdict]:
        """One verdict per fact, in their order."""
        if self.fault is not None or self.feed is None or self.suite is None:
            return [self._turn_away(raw) for raw in facts]
        verdicts: list[Verdict] = []
        pending: list[Arrived] = []
        tip = (self.feed.head_seq, bytes(self.feed.head_hash))
        for raw in facts:
            arrived = self._read(raw)
            verdict = (
                Verdict.BROKEN if arrived is None else self._link(arrived, raw, tip, bool(pending))
            )
            if verdict is Verdict.TAKEN and arrived is not None:
                pending.append(arrived)
                tip = (arrived.header.seq, arrived.hash)
            verdicts.append(verdict)
        decided = self._store(self._signed_prefix(pending))
        if self.others:
            self._note_fork(self.feed)
        remaining = iter(decided)
        return [
            next(remaining, Verdict.GAP) if verdict is Verdict.TAKEN else verdict
            for verdict in verdicts
        ]

    def _turn_away(self, raw: RawFact) -> Verdict:
        if self.is_stranger and self.hold(raw):
            return Verdict.HELD
        self._quarantine(raw, None, self.fault or "")
        return Verdict.BROKEN

    def hold(self, raw: RawFact) -> bool:
        """Keeps a fact until its author's certificate comes; False where too many wait already."""
        waiting = Quarantined.objects.filter(author__isnull=False).count()
        if waiting >= HELD_FACTS_MAX:
            return False
        try:
            header = codec.decode_header(raw[0])
        except MalformedFactError:
            return False
        place = {"feed": header.feed, "seq": header.seq}
        quarantine(raw, self.carrier, _STRANGER, held_for=self.key, **place)  # type: ignore[arg-type]
        return True

    def _note_fork(self, feed: Feed) -> None:
        self.ledger.insert_rows()
        if forks.note(feed, self.key, self.others) and feed.is_own:
            reason = "another machine uses this node's key"
            incarnation.begin(self.ledger, self.ledger.incarnation, reason)

    def _read(self, raw: RawFact) -> Arrived | None:
        assert self.suite is not None
        try:
            header = codec.decode_header(raw[0])
        except MalformedFactError as error:
            self._quarantine(raw, None, str(error))
            return None
        return Arrived(header, *raw, self.suite.digest(raw[0]))

    def _link(
        self, arrived: Arrived, raw: RawFact, tip: tuple[int, bytes], is_ahead: bool
    ) -> Verdict:
        assert self.feed is not None
        assert self.suite is not None
        seq = arrived.header.seq
        if seq <= self.feed.head_seq:
            return self._compare(arrived, raw)
        if seq != tip[0] + 1:
            return Verdict.KNOWN if is_ahead and seq <= tip[0] else Verdict.GAP
        if self.others and arrived.header.previous == self.others[-1].hash:
            self.others.append(arrived)
        feed = bytes(self.feed.feed_id)
        if self.is_checked:
            fault = rules.chain_fault(arrived, feed, tip[1], self.key)
        else:
            fault = judging.link_fault(arrived, feed, tip[1], self.key, self.suite)
        if fault is not None:
            self._quarantine(raw, arrived.header, fault)
            return Verdict.BROKEN
        return Verdict.TAKEN

    def _compare(self, arrived: Arrived, raw: RawFact) -> Verdict:
        assert self.feed is not None
        self.ledger.insert_rows()
        if mending.mend(self.feed, arrived, self.key):
            return Verdict.KNOWN
        known = StoredFact.objects.filter(feed=self.feed, seq=arrived.header.seq).values_list(
            "header", flat=True
        )
        if bytes(known[0]) == arrived.header_bytes:
            return Verdict.KNOWN
        self._quarantine(raw, arrived.header, _FORK)
        if not self.others or arrived.header.previous == self.others[-1].hash:
            self.others.append(arrived)
        log.error("feed %s has forked at %d", arrived.header.feed.hex(), arrived.header.seq)
        return Verdict.BROKEN

    def _signed_prefix(self, pending: list[Arrived]) -> list[Arrived]:
        """Only what a signature covers is taken: everything up to the last signed fact."""
        for length in range(len(pending), 0, -1):
            if pending[length - 1].signature is not None:
                return pending[:length]
        return []

    # --- storing ----------------------------------------------------------------------------

    def _store(self, accepted: list[Arrived]) -> list[Verdict]:
        if not accepted:
            return []
        assert self.feed is not None
        ledger = self.ledger
        name = (self.key.fact_class, self.key.audience)
        head = ledger.heads.get(name)
        if head is not None and head.feed == bytes(self.feed.feed_id):
            # A neighbour knows more of our own feed than we do: this database is an old copy.
            incarnation.begin(ledger, ledger.incarnation, "a neighbour holds later facts of ours")
        self._doubt_clocks(accepted)
        with merging.noting_losses() as losses:
            verdicts = self._apply([self._store_one(arrived) for arrived in accepted], accepted)
        if losses:
            differences.record(losses)
        last = accepted[-1]
        self.feed.head_seq, self.feed.head_hash = last.header.seq, last.hash
        self.feed.save(update_fields=["head_seq", "head_hash"])
        return verdicts

    def _apply(self, stored: list[Stored], accepted: list[Arrived]) -> list[Verdict]:
        """Applies those that may be, together; the verdict on each of all."""
        ready = [(one.fact, row[ARRIVAL], row) for one, row in stored if one.fact is not None]
        applied = iter(batches.apply(self.ledger, ready))
        verdicts = []
        for (judgement, _), arrived in zip(stored, accepted, strict=True):
            verdict = judgement.verdict
            if judgement.fact is not None and not next(applied):
                raw = (arrived.header_bytes, arrived.body, arrived.signature)
                self._quarantine(raw, arrived.header, _UNAPPLIED)
                verdict = Verdict.REFUSED
            verdicts.append(verdict)
        return verdicts

    def _store_one(self, arrived: Arrived) -> Stored:
        assert self.feed is not None
        header, now = arrived.header, clock.now()
        self.ledger.hlc, suspect = judging.clock_after(self.ledger.hlc, header.hlc, now)
        judgement = self._judge(arrived)
        row = self.ledger.add_row(
            self.feed.id,
            header,
            arrived.hash[:ID_BYTES],
            (arrived.header_bytes, arrived.body, arrived.signature),
            state=_STATES[judgement.verdict],
            clock_suspect=suspect,
        )
        if judgement.verdict is Verdict.REFUSED:
            self._quarantine(
                (arrived.header_bytes, arrived.body, arrived.signature), header, judgement.reason
            )
        return judgement, row

    def _doubt_clocks(self, accepted: list[Arrived]) -> None:
        """States which of these came with a clock far ahead, before they are applied."""
        now = clock.now()
        ahead = [one.header for one in accepted if is_clock_suspect(one.header.hlc, now)]
        # A clock that lags behind what it has itself seen proves nothing about others.
        if not ahead or not hlc.is_within_bound(self.ledger.hlc, now):
            return
        self.ledger.record(
            CLOCK_DOUBTED,
            fields={
                "feed_id": ahead[0].feed,
                "from_seq": ahead[0].seq,
                "to_seq": ahead[-1].seq,
                "witnessed_ms": hlc.of_time(now) >> hlc.COUNTER_BITS,
            },
            personal=None,
            items=(),
            scope="",
            actor=0,
            cause=None,
            about=(),
        )

    def _find(self, header: Header) -> Finding:
        assert self.standing is not None
        now_ms = hlc.of_time(clock.now()) >> hlc.COUNTER_BITS
        stated = Stated.of(header, self.key.fact_class)
        return finding(self.standing, stated, now_ms, of_the_node=header.kind in OF_THE_NODE)

    def _judge(self, arrived: Arrived) -> judging.Judgement:
        known = catalogue()
        found = self._find(arrived.header)
        if found.is_flagged:
            Flagged.objects.get_or_create(
                arrival=self.ledger.next_arrival, defaults={"public_key": self.key.public_key}
            )
        return judging.judge(
            arrived,
            self.key,
            kinds=known.by_number,
            node_scope="",
            refuses=lambda header: found.reason,
            app_judges=known.judge,
        )

    def _quarantine(self, raw: RawFact, header: Header | None, reason: str) -> None:
        place = (header.feed, header.seq) if header else (None, None)
        quarantine(raw, self.carrier, reason, feed=place[0], seq=place[1])
