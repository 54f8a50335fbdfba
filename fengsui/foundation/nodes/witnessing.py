"""What a node has seen of others, as lines for a witness; and the root over a whole day. Reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import cbor2

from fengsui.foundation.journal import codec, hlc, signing
from fengsui.foundation.journal.models import FactState, Feed, Fork, StoredFact
from fengsui.foundation.journal.stored import decode
from fengsui.foundation.nodes import queries
from fengsui.foundation.nodes.facts import WITNESSED
from fengsui.foundation.nodes.models import DayClosed, Witness
from fengsui.standards.divisions import scope_prefix, township_of
from fengsui.standards.instants import BEIJING

Line = tuple[bytes, int, bytes]  # feed id, number, hash of its header
LINES_PER_FACT = 2000


def unwitnessed() -> dict[str, list[Line]]:
    """Feeds of nodes below this one that have moved since it last witnessed them, by the place
    whose nodes are to know: a township for all its villages, the county for the townships'."""
    own = queries.own()
    if not own.certificate_fact:
        return {}
    below = {
        key: scope
        for key, scope in queries.known_scopes().items()
        if key != own.public_key and scope.startswith(scope_prefix(own.scope))
    }
    root = queries.anchor()
    if root is not None:
        below.pop(bytes(root.public_key), None)
    told = {
        bytes(row.feed_id): row.seq for row in Witness.objects.filter(witness_key=own.public_key)
    }
    found: dict[str, list[Line]] = defaultdict(list)
    for feed in Feed.objects.filter(public_key__in=list(below), head_seq__gte=0).order_by(
        "feed_id"
    ):
        identity = bytes(feed.feed_id)
        if feed.head_seq > told.get(identity, -1):
            place = _whose_business(below[bytes(feed.public_key)], own.scope)
            found[place].append((identity, feed.head_seq, bytes(feed.head_hash)))
    return dict(found)


def _whose_business(scope: str, own_scope: str) -> str:
    township = township_of(scope)
    return township if township.startswith(scope_prefix(own_scope)) else own_scope


def contradicted() -> list[tuple[bytes, int]]:
    """Feeds of which somebody witnessed another hash than is here: (feed id, number)."""
    found = []
    for row in Witness.objects.all():
        header = (
            StoredFact.objects.filter(feed__feed_id=row.feed_id, seq=row.seq)
            .values_list("header", "feed__suite")
            .first()
        )
        if header is not None:
            digest = signing.SUITES[header[1]].digest
            if digest(bytes(header[0])) != bytes(row.hash):
                found.append((bytes(row.feed_id), row.seq))
    return found


def day_lines(day: date) -> list[Line]:
    """Where every feed held here stood at the end of a day (Beijing), by what is here now."""
    until = hlc.of_time(end_of(day))
    lines = []
    for feed in Feed.objects.order_by("feed_id"):
        last = (
            StoredFact.objects.filter(feed=feed, hlc__lt=until)
            .order_by("-seq")
            .values_list("seq", "header")
            .first()
        )
        if last is not None:
            digest = signing.SUITES[feed.suite].digest
            lines.append((bytes(feed.feed_id), last[0], digest(bytes(last[1]))))
    return lines


def root_over(lines: Sequence[Line]) -> bytes:
    """Merkle root (RFC 6962, 2.1, SHA-256) over CBOR [feed id, number, hash], by feed id. Pure."""
    leaves = [cbor2.dumps(list(line)) for line in sorted(lines)]
    return codec.body_root(leaves, signing.sha256) if leaves else signing.sha256(b"")


def end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=BEIJING)


def in_groups(root: bytes) -> str:
    """A root as people read it aloud and write it down: groups of four hexadecimal digits."""
    text = root.hex()
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def last_valid(public_key: bytes, lost_at: datetime | None) -> dict[bytes, int]:
    """Up to which number of each feed of a key somebody else vouches for it.

    Without a time: what is held here, short of a fork. With one: what had been witnessed by then.
    """
    forks = dict(Fork.objects.filter(public_key=public_key).values_list("feed_id", "seq"))
    forked = {bytes(feed): seq for feed, seq in forks.items()}
    held = {feed: seq for feed, (seq, _) in queries.feeds_of(public_key).items()}
    if lost_at is not None:
        held = _witnessed_by(public_key, set(held), lost_at)
    return {
        feed: min(seq, forked[feed] - 1) if feed in forked else seq for feed, seq in held.items()
    }


def _witnessed_by(public_key: bytes, feeds: set[bytes], at: datetime) -> dict[bytes, int]:
    """The numbers that others had witnessed at a time, newest witness first."""
    rows = StoredFact.objects.filter(
        kind=WITNESSED.number,
        hlc__lte=hlc.of_time(at),
        feed__fact_class=int(WITNESSED.fact_class),
        state=FactState.APPLIED,
    ).exclude(feed__public_key=public_key)
    found: dict[bytes, int] = {}
    for stored in rows.order_by("-hlc").iterator():
        fact = decode(stored)
        for item in fact.items if fact is not None else ():
            if item is not None and item["feed_id"] in feeds:
                found[item["feed_id"]] = max(found.get(item["feed_id"], -1), item["seq"])
        if found.keys() == feeds:
            break
    return found


def is_day_closed(day: str) -> bool:
    """Whether this node has closed that day (YYYY-MM-DD, Beijing)."""
    return DayClosed.objects.filter(date=day, issuer_key=queries.own_key().public).exists()


def daily_root(day: str | None = None) -> dict[str, Any] | None:
    """The county's root over a day (or the last): {"date", "feeds", "facts", "root"}."""
    rows = DayClosed.objects.order_by("-date", "-id")
    row = rows.filter(date=day).first() if day else rows.first()
    if row is None:
        return None
    return {"date": row.date, "feeds": row.feeds, "facts": row.facts, "root": bytes(row.root)}
