"""What a certificate, a revocation or a doubt changes about facts that came before it.

Whatever the order in which things arrive, every node ends up with the same facts applied.
"""

from __future__ import annotations

import logging
from typing import Any

import cbor2

from fengsui.foundation.journal import clock, codec, hlc, judging, receiving, replay, signing
from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal.codec import FeedKey
from fengsui.foundation.journal.dispatch import catalogue
from fengsui.foundation.journal.facts import OF_THE_NODE
from fengsui.foundation.journal.models import (
    FactState,
    Feed,
    Flagged,
    Quarantined,
    StoredFact,
    Unsettled,
)
from fengsui.foundation.journal.rules import Arrived, Verdict
from fengsui.foundation.journal.standing import Standing, Stated, finding

ROUNDS = 8
AFTERWARDS = "judged anew"

log = logging.getLogger("fengsui.journal")


def settle() -> bool:
    """Judges anew what is to be; True where anything was. Inside a command or a job."""
    ledger = ledgers.current()
    if not ledger.is_unsettled:
        return False
    ledger.insert_rows()
    ledger.store_heads()
    keys = _take_keys()
    was_unsettled = bool(keys)
    for _ in range(ROUNDS):
        if not keys:
            break
        wants_rebuild = b"" in keys
        for public_key in sorted(keys - {b""}):
            wants_rebuild |= _rejudge(public_key)
            _take_held(public_key)
        keys = _take_keys()
        if wants_rebuild:
            log.warning("what was applied before is added up anew")
            replay.rebuild_here()
            # What came of a certificate that no longer counts no longer counts either.
            own = ledger.key.public
            keys |= {bytes(key) for key in Feed.objects.values_list("public_key", flat=True)}
            keys.discard(own)
    ledger.is_unsettled = Unsettled.objects.exists()
    return was_unsettled


def _take_keys() -> set[bytes]:
    keys = {bytes(key) for key in Unsettled.objects.values_list("public_key", flat=True)}
    Unsettled.objects.all().delete()
    return keys


def _rejudge(public_key: bytes) -> bool:
    """Judges every stored fact of a key by its standing now; True where applied ones fell."""
    ledger = ledgers.current()
    if public_key == ledger.key.public:
        return False
    fell = False
    for feed in Feed.objects.filter(public_key=public_key):
        # A key whose certificate has fallen keeps nothing.
        standing = receiving.standing_of(feed.suite, public_key) or Standing(())
        fell |= _rejudge_feed(feed, standing)
    return fell


def _rejudge_feed(feed: Feed, standing: Standing) -> bool:
    fell, now_ms = False, hlc.of_time(clock.now()) >> hlc.COUNTER_BITS
    identity = bytes(feed.feed_id)
    rows = StoredFact.objects.filter(feed=feed).order_by("seq")
    flagged = set(
        Flagged.objects.filter(public_key=feed.public_key).values_list("arrival", flat=True)
    )
    columns = rows.values_list("arrival", "seq", "hlc", "kind", "scope", "state")
    for arrival, seq, at, kind, scope, state in list(columns):
        stated = Stated(identity, seq, at, kind, scope, feed.fact_class)
        found = finding(standing, stated, now_ms, of_the_node=kind in OF_THE_NODE)
        if found.reason is not None and state != FactState.NOT_APPLIED:
            _refuse(feed, arrival, found.reason)
            fell |= state == FactState.APPLIED
        elif found.reason is None and state == FactState.NOT_APPLIED:
            _reconsider(feed, arrival)
        if found.is_flagged and found.reason is None and arrival not in flagged:
            Flagged.objects.create(arrival=arrival, public_key=feed.public_key)
        elif not found.is_flagged and arrival in flagged:
            Flagged.objects.filter(arrival=arrival).delete()
    return fell


def _refuse(feed: Feed, arrival: int, reason: str) -> None:
    stored = StoredFact.objects.get(arrival=arrival)
    ledgers.current().rows.set_state(arrival, FactState.NOT_APPLIED, None)
    receiving.quarantine(_raw(stored), AFTERWARDS, reason, feed=bytes(feed.feed_id), seq=stored.seq)


def _raw(stored: StoredFact) -> receiving.RawFact:
    signature = None if stored.signature is None else bytes(stored.signature)
    return bytes(stored.header), bytes(stored.body), signature


def _reconsider(feed: Feed, arrival: int) -> None:
    """A fact that was refused and whose author has since been shown to be entitled to it."""
    stored = StoredFact.objects.get(arrival=arrival)
    judgement = judge_stored(feed, stored)
    if judgement.verdict is Verdict.REFUSED:
        return
    ledger = ledgers.current()
    Quarantined.objects.filter(digest=receiving.digest_of(_raw(stored))).delete()
    if judgement.fact is None:
        ledger.rows.set_state(arrival, FactState.UNKNOWN_KIND, None)
        return
    ledger.rows.set_state(arrival, FactState.APPLIED, None)
    ledger.apply_late(judgement.fact, arrival, None)


def judge_stored(feed: Feed, stored: StoredFact) -> judging.Judgement:
    """The judgement on a stored fact as if it arrived now, its author's standing left aside."""
    suite = signing.SUITES[feed.suite]
    header_bytes, body, signature = _raw(stored)
    header = codec.decode_header(header_bytes)
    arrived = Arrived(header, header_bytes, body, signature, suite.digest(header_bytes))
    known = catalogue()
    return judging.judge(
        arrived, _key_of(feed), kinds=known.by_number, node_scope="", app_judges=known.judge
    )


def take_up(stored: StoredFact) -> int:
    """Judges and applies a kept fact whose kind this program has come to know; how many: 0 or 1."""
    judgement = judge_stored(stored.feed, stored)
    ledger = ledgers.current()
    if judgement.verdict is Verdict.REFUSED:
        _refuse(stored.feed, stored.arrival, judgement.reason)
        return 0
    if judgement.fact is None:
        return 0
    ledger.rows.set_state(stored.arrival, FactState.APPLIED, None)
    return int(ledger.apply_late(judgement.fact, stored.arrival, None))


def _key_of(feed: Feed) -> FeedKey:
    return FeedKey(
        feed.suite, bytes(feed.public_key), feed.incarnation, feed.fact_class, feed.audience
    )


def _take_held(public_key: bytes) -> None:
    """Facts that came before their author's certificate are taken in as if they came now."""
    held: dict[bytes, list[Any]] = {}
    rows = Quarantined.objects.filter(author=public_key, feed_key__isnull=False)
    for row in rows.order_by("seq", "id"):
        held.setdefault(bytes(row.feed_key or b""), []).append(row)
    for plain, waiting in held.items():
        reception = receiving.Reception(FeedKey(*cbor2.loads(plain)), waiting[0].carrier)
        if reception.is_stranger:
            continue
        Quarantined.objects.filter(pk__in=[row.pk for row in waiting]).delete()
        facts = [
            (
                bytes(row.header),
                bytes(row.body),
                None if row.signature is None else bytes(row.signature),
            )
            for row in waiting
        ]
        verdicts = reception.take(facts)
        for fact, verdict in zip(facts, verdicts, strict=True):
            if verdict is Verdict.GAP:
                reception.hold(fact)
