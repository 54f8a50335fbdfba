"""One number of a feed with two facts: two machines use one key. The proof convinces anybody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fengsui.foundation.journal import codec, signing
from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal.codec import FeedKey, MalformedFactError
from fengsui.foundation.journal.facts import FORK_FOUND
from fengsui.foundation.journal.models import Feed, Fork, StoredFact
from fengsui.foundation.journal.rules import Arrived

# A proof must fit into a fact; a commit that one signature covers is seldom longer.
MAXIMUM_PROOF_HEADERS = 256

Branch = tuple[list[bytes], bytes]  # headers in chain order, signature over the last


def branch_fault(key: FeedKey, seq: int, headers: Sequence[bytes], signature: bytes) -> str | None:
    """Why these headers do not show that the key's owner signed a fact with this number. Pure."""
    suite = signing.SUITES.get(key.suite)
    if suite is None or not 0 < len(headers) <= MAXIMUM_PROOF_HEADERS:
        return "the proof has no headers, or too many"
    feed, previous = codec.feed_id(key, suite.digest), None
    for index, data in enumerate(headers):
        try:
            header = codec.decode_header(data)
        except MalformedFactError as error:
            return str(error)
        if header.feed != feed or header.seq != seq + index:
            return "a header of the proof belongs elsewhere"
        if previous is not None and header.previous != previous:
            return "the headers of the proof are no chain"
        previous = suite.digest(data)
    if not suite.is_valid(key.public_key, codec.signed_bytes(headers[-1]), signature):
        return "the signature of the proof does not fit"
    return None


def proof_fault(fields: Any) -> str | None:
    """Why a `journal.fork_found` proves nothing, or None. Pure."""
    try:
        key = FeedKey(*fields["feed"])
        branches = [(list(fields[side]), fields[f"{side}_signature"]) for side in ("left", "right")]
        if branches[0][0][0] == branches[1][0][0]:
            return "the two headers are the same"
        for headers, signature in branches:
            fault = branch_fault(key, fields["seq"], headers, signature)
            if fault is not None:
                return fault
    except (TypeError, IndexError, KeyError, AttributeError):
        return "the proof has the wrong form"
    return None


def signed_part(key: FeedKey, links: Sequence[Arrived]) -> Branch | None:
    """The shortest beginning of these links that a sound signature covers."""
    for index, link in enumerate(links[:MAXIMUM_PROOF_HEADERS]):
        if link.signature is not None:
            headers = [one.header_bytes for one in links[: index + 1]]
            if branch_fault(key, links[0].header.seq, headers, link.signature) is None:
                return headers, link.signature
    return None


def note(feed: Feed, key: FeedKey, others: Sequence[Arrived]) -> bool:
    """States that the feed has forked where `others` proves it; True where it does."""
    theirs = signed_part(key, others)
    if theirs is None:
        return False
    seq = others[0].header.seq
    if Fork.objects.filter(feed_id=feed.feed_id, seq__lte=seq).exists():
        return True
    ours = _stored_branch(feed, key, seq)
    if ours is None:
        return False
    left, right = sorted((ours, theirs), key=lambda branch: branch[0])
    ledgers.current().record(
        FORK_FOUND,
        fields={
            "feed": list(key),
            "seq": seq,
            "left": left[0],
            "left_signature": left[1],
            "right": right[0],
            "right_signature": right[1],
        },
        personal=None,
        items=(),
        scope="",
        actor=0,
        cause=None,
        about=(),
    )
    return True


def _stored_branch(feed: Feed, key: FeedKey, seq: int) -> Branch | None:
    rows = StoredFact.objects.filter(feed=feed, seq__gte=seq).order_by("seq")
    links = []
    for row in rows[:MAXIMUM_PROOF_HEADERS]:
        signature = None if row.signature is None else bytes(row.signature)
        header = bytes(row.header)
        links.append(Arrived(codec.decode_header(header), header, b"", signature, b""))
        if signature is not None:
            break
    return signed_part(key, links) if links else None
