"""Stored facts whose bytes were damaged on the disk: noticed, not passed on, fetched again.

A flipped bit shows itself, since every fact is named by its hash. Until a sound copy has come the
feed is said to end before the damage, so that a neighbour sends from there on by itself; what it
sends takes the place of the damaged bytes where it fits the chain on both sides.
"""

from __future__ import annotations

import logging
from typing import Any

from fengsui.foundation.journal import clock, codec, rules, signing
from fengsui.foundation.journal.codec import FeedKey, MalformedFactError
from fengsui.foundation.journal.dispatch import catalogue
from fengsui.foundation.journal.facts import ID_BYTES, LEAF_ERASED
from fengsui.foundation.journal.judging import is_signed
from fengsui.foundation.journal.models import Damaged, Feed, StoredFact
from fengsui.foundation.journal.rules import Arrived
from fengsui.foundation.journal.stored import decode

log = logging.getLogger("fengsui.journal")


def fault_of(
    header_bytes: bytes, body: bytes, fact_id: bytes, seq: int, digest: codec.Digest
) -> str | None:
    """Why these stored bytes are not what was stored once, or None. Pure; no signature is checked:
    whoever receives the fact does that, and the hash already tells of every flipped bit."""
    if digest(header_bytes)[:ID_BYTES] != fact_id:
        return "its header was altered on the disk"
    try:
        header = codec.decode_header(header_bytes)
        if header.seq != seq:
            return "it stands under another number"
        if codec.body_root(codec.decode_body(body), digest) != header.root:
            return "its content was altered on the disk"
    except MalformedFactError as error:
        return str(error)
    return None


def stored_fault(stored: StoredFact, suite: signing.Suite) -> str | None:
    return fault_of(
        bytes(stored.header), bytes(stored.body), bytes(stored.fact_id), stored.seq, suite.digest
    )


def note(stored: StoredFact, reason: str) -> None:
    """Remembers a damaged fact. In the writer's transaction."""
    _, is_new = Damaged.objects.get_or_create(
        feed_id=stored.feed_id,
        seq=stored.seq,
        defaults={"found_at": clock.now(), "reason": reason[:200]},
    )
    if is_new:
        log.error("fact %d of feed %d is damaged: %s", stored.seq, stored.feed_id, reason)


def sound_heads() -> dict[bytes, tuple[int, bytes]]:
    """Where damaged feeds end, before the damage: feed id → (number, header hash)."""
    found: dict[bytes, tuple[int, bytes]] = {}
    for damaged in Damaged.objects.select_related("feed").order_by("feed_id", "-seq"):
        feed, last = damaged.feed, damaged.seq - 1
        before = StoredFact.objects.filter(feed=feed, seq=last).values_list("header", flat=True)
        suite = signing.SUITES[feed.suite]
        head = suite.digest(bytes(before[0])) if last >= 0 else bytes(codec.HASH_BYTES)
        found[bytes(feed.feed_id)] = (last, head)
    return found


def mend(feed: Feed, arrived: Arrived, key: FeedKey) -> bool:
    """Puts a sound copy in the place of a damaged fact; False where ours is sound or it misfits.

    `arrived` has a number that is here already.
    """
    suite = signing.SUITES[feed.suite]
    seq = arrived.header.seq
    stored = StoredFact.objects.filter(feed=feed, seq=seq).first()
    if stored is None:
        return False
    damaged = Damaged.objects.filter(feed=feed, seq=seq)
    if stored_fault(stored, suite) is None and not damaged.exists():
        return False
    if arrived.hash != _expected_hash(feed, seq) or rules.body_fault(arrived, suite.digest):
        return False
    if arrived.signature is not None and not is_signed(arrived, key, suite):
        return False
    _replace(stored, arrived)
    damaged.delete()
    log.warning("fact %d of feed %d was damaged and is whole again", seq, feed.pk)
    return True


def _expected_hash(feed: Feed, seq: int) -> bytes | None:
    """What the header hash of this number must be, by the fact after it or the feed's head."""
    if seq == feed.head_seq:
        return bytes(feed.head_hash)
    after = StoredFact.objects.filter(feed=feed, seq=seq + 1).values_list("header", flat=True)
    try:
        return codec.decode_header(bytes(after[0])).previous
    except (MalformedFactError, IndexError):
        return None


def _replace(stored: StoredFact, arrived: Arrived) -> None:
    header = arrived.header
    values: dict[str, Any] = {
        "header": arrived.header_bytes,
        "body": arrived.body,
        "fact_id": arrived.hash[:ID_BYTES],
        "kind": header.kind,
        "hlc": header.hlc,
        "scope": header.scope,
        "cause": header.cause,
    }
    if arrived.signature is not None:
        values["signature"] = arrived.signature
    StoredFact.objects.filter(pk=stored.pk).update(**values)
    # A neighbour that has not heard of an erasure yet must not bring the data back.
    erase = catalogue().apply.get(LEAF_ERASED.name)
    erasures = StoredFact.objects.filter(kind=LEAF_ERASED.number, cause=arrived.hash[:ID_BYTES])
    for erasure in erasures.order_by("arrival"):
        fact = decode(erasure)
        if fact is not None and erase is not None:
            erase(fact)
