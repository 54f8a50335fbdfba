"""Facts from elsewhere, judged one after the other: chain, signature, body, policy, app."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from fengsui.foundation.journal import clock, codec, incarnation, judging, signing
from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal.codec import FeedKey, Header, MalformedFactError
from fengsui.foundation.journal.dispatch import catalogue
from fengsui.foundation.journal.facts import ID_BYTES, FactClass
from fengsui.foundation.journal.models import FactState, Feed, KnownNode, Quarantined, StoredFact
from fengsui.foundation.journal.rules import Arrived, Verdict

log = logging.getLogger("fengsui.journal")

_REASON_LENGTH = 200
_UNAPPLIED = "this program failed to apply it"
_FORK = "another fact with this number is here already: the feed has forked"

_STATES = {
    Verdict.TAKEN: FactState.APPLIED,
    Verdict.KEPT: FactState.UNKNOWN_KIND,
    Verdict.REFUSED: FactState.NOT_APPLIED,
}

RawFact = tuple[bytes, bytes, bytes | None]


class Reception:
    """Takes in facts of one feed, inside a command."""

    def __init__(self, key: FeedKey, carrier: str) -> None:
        self.key = key
        self.carrier = carrier
        self.ledger = ledgers.current()
        self.suite = signing.SUITES.get(key.suite)
        self.feed: Feed | None = None
        self.node_scope = ""
        self.fault = self._feed_fault()

    @property
    def head_seq(self) -> int:
        return -1 if self.feed is None else self.feed.head_seq

    def _feed_fault(self) -> str | None:
        if self.suite is None:
            return f"its signature algorithm {self.key.suite} is unknown here"
        own = self.ledger.key
        is_own = own.public == self.key.public_key and own.suite.number == self.key.suite
        known = KnownNode.objects.filter(
            suite=self.key.suite, public_key=self.key.public_key
        ).first()
        if known is None and not is_own:
            return "its node is not known here"
        try:
            FactClass(self.key.fact_class)
        except ValueError:
            return "its class is unknown here"
        self.node_scope = known.scope if known is not None else ""
        identity = codec.feed_id(self.key, self.suite.digest)
        self.ledger.insert_rows()
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

    def take(self, facts: Sequence[RawFact]) -> list[Verdict]:
        """One verdict per fact, in their order."""
        if self.fault is not None or self.feed is None or self.suite is None:
            for raw in facts:
                self._quarantine(raw, None, self.fault or "")
            return [Verdict.BROKEN] * len(facts)
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
        remaining = iter(decided)
        return [
            next(remaining, Verdict.GAP) if verdict is Verdict.TAKEN else verdict
            for verdict in verdicts
        ]

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
        fault = judging.link_fault(arrived, bytes(self.feed.feed_id), tip[1], self.key, self.suite)
        if fault is not None:
            self._quarantine(raw, arrived.header, fault)
            return Verdict.BROKEN
        return Verdict.TAKEN

    def _compare(self, arrived: Arrived, raw: RawFact) -> Verdict:
        known = StoredFact.objects.filter(feed=self.feed, seq=arrived.header.seq).values_list(
            "header", flat=True
        )
        if bytes(known[0]) == arrived.header_bytes:
            return Verdict.KNOWN
        self._quarantine(raw, arrived.header, _FORK)
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
        verdicts = [self._store_one(arrived) for arrived in accepted]
        last = accepted[-1]
        self.feed.head_seq, self.feed.head_hash = last.header.seq, last.hash
        self.feed.save(update_fields=["head_seq", "head_hash"])
        return verdicts

    def _store_one(self, arrived: Arrived) -> Verdict:
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
        if judgement.fact is None:
            return judgement.verdict
        if not self.ledger.apply_late(judgement.fact, row[0], row):
            raw = (arrived.header_bytes, arrived.body, arrived.signature)
            self._quarantine(raw, header, _UNAPPLIED)
            return Verdict.REFUSED
        return Verdict.TAKEN

    def _judge(self, arrived: Arrived) -> judging.Judgement:
        known = catalogue()
        return judging.judge(
            arrived,
            self.key,
            kinds=known.by_number,
            node_scope=self.node_scope,
            app_judges=known.judge,
        )

    def _quarantine(self, raw: RawFact, header: Header | None, reason: str) -> None:
        """Keeps the bytes as they came. The same bytes are kept once."""
        header_bytes, body, signature = raw
        digest = signing.sha256(
            b"".join(
                len(part).to_bytes(4, "big") + part
                for part in (header_bytes, body, signature or b"")
            )
        )
        Quarantined.objects.get_or_create(
            digest=digest,
            defaults={
                "received_at": clock.now(),
                "carrier": self.carrier[:80],
                "reason": reason[:_REASON_LENGTH],
                "feed_id": header.feed if header else None,
                "seq": header.seq if header else None,
                "header": header_bytes,
                "body": body,
                "signature": signature,
            },
        )
