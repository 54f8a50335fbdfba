"""An independent check of a Fengsui journal: shares no code with the product.

Usage: verify_journal.py FILE [PUBLIC_KEY_HEX ...]

FILE is a node's database (SQLite) or an exported journal (CBOR sequence). With public keys
given, a feed under any other key is a finding. Needs `cbor2` and `pynacl`. The format is
described in docs/interfaces/journal.md. Exit code: 0 whole, 1 broken, 2 unreadable.
"""

import hashlib
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cbor2
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

ED25519_SHA256 = 1
LEAF_ERASED = 1
SIGNED_CLASSES = (0, 1)
MARK = "fengsui journal 1"
HEADER_ELEMENTS = 12

Feed = dict[str, Any]
Found = list[str]  # one sentence each
Erasures = dict[str, set[tuple[bytes, int]]]  # leaves gone, and leaves a fact says are gone


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def merkle(hashes: list[bytes]) -> bytes:
    """RFC 6962, 2.1, written as the standard writes it: recursively."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return sha(b"\x01" + merkle(hashes[:split]) + merkle(hashes[split:]))


def leaf_hashes(body: bytes) -> tuple[list[bytes], list[int]]:
    """Hashes of the leaves, and the positions of those that were erased."""
    elements = cbor2.loads(body)
    hashes, erased = [], []
    for position, element in enumerate(elements):
        if isinstance(element, bytes):
            hashes.append(sha(b"\x00" + element))
        else:
            (left,) = element
            if len(left) != 32:
                raise ValueError("an erased leaf has no hash of 32 bytes")
            hashes.append(left)
            erased.append(position)
    return hashes, erased


def check_feed(feed: Feed, trusted: set[bytes], found: Found, erasures: Erasures) -> int:
    """Follows one chain from its first fact; returns how many facts it has."""
    identity = [feed[name] for name in ("suite", "key", "incarnation", "class", "audience")]
    name = sha(b"fengsui feed 1\x00" + cbor2.dumps(identity))[:16]
    label = name.hex()[:12]
    if feed["suite"] != ED25519_SHA256:
        found.append(f"feed {label}: signature suite {feed['suite']} is not known to this tool")
        return 0
    if feed.get("id", name) != name:
        found.append(f"feed {label}: its id does not follow from its key and audience")
    if trusted and feed["key"] not in trusted:
        found.append(f"feed {label}: signed by a key that was not given: {feed['key'].hex()}")
    key = VerifyKey(feed["key"])
    previous, seq, clock, unsigned, count = bytes(32), -1, 0, -1, 0
    for header_bytes, body, signature in feed["facts"]:
        count += 1
        where = f"feed {label} fact {seq + 1}"
        try:
            header = cbor2.loads(header_bytes)
            if len(header) != HEADER_ELEMENTS:
                raise ValueError("not twelve elements")
        except Exception as error:
            found.append(f"{where}: unreadable header ({error})")
            seq, previous = seq + 1, sha(header_bytes)
            continue
        _, suite, of_feed, number, before, hlc, kind, _, _, _, _, root = header
        if number != seq + 1:
            found.append(f"{where}: facts {seq + 1} to {number - 1} are missing")
        elif before != previous:
            found.append(f"{where}: does not follow from the fact before")
        if of_feed != name or suite != feed["suite"]:
            found.append(f"{where}: belongs to another feed")
        if hlc <= clock:
            found.append(f"{where}: its time is before the fact before")
        fact_id = sha(header_bytes)[:16]
        check_body(where, fact_id, kind, body, root, found, erasures)
        if signature is None:
            if feed["class"] in SIGNED_CLASSES:
                found.append(f"{where}: not signed")
            unsigned = number if unsigned < 0 else unsigned
        else:
            unsigned = -1
            try:
                key.verify(b"fengsui fact 1\x00" + header_bytes, signature)
            except (BadSignatureError, ValueError):
                found.append(f"{where}: its signature does not fit")
        seq, previous, clock = number, sha(header_bytes), hlc
    if unsigned >= 0:
        found.append(f"feed {label}: from fact {unsigned} on no signature covers the facts")
    if (seq, previous) != (feed["head"], feed["head_hash"]):
        found.append(f"feed {label}: ends at {seq}, should end at {feed['head']} (or differs)")
    return count


def check_body(
    where: str,
    fact_id: bytes,
    kind: int,
    body: bytes,
    root: bytes,
    found: Found,
    erasures: Erasures,
) -> None:
    try:
        hashes, erased = leaf_hashes(body)
        if merkle(hashes) != root:
            found.append(f"{where}: its content was altered")
        if cbor2.dumps(cbor2.loads(body)) != body:
            found.append(f"{where}: the encoding of its content was altered")
        erasures["seen"] |= {(fact_id, position) for position in erased}
        if kind == LEAF_ERASED:
            _, of_fact, leaves, *_ = cbor2.loads(cbor2.loads(body)[0])
            erasures["stated"] |= {(of_fact, position) for position in leaves}
    except Exception as error:
        found.append(f"{where}: unreadable content ({error})")


def from_database(path: Path) -> Iterator[Feed]:
    opened = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    for row in opened.execute(
        "SELECT id, feed_id, suite, public_key, incarnation, fact_class, audience, head_seq,"
        " head_hash FROM journal_feed ORDER BY id"
    ):
        names = ("id", "suite", "key", "incarnation", "class", "audience", "head", "head_hash")
        facts = opened.execute(
            "SELECT header, body, signature FROM journal_fact WHERE feed_id = ? ORDER BY seq",
            (row[0],),
        )
        yield {**dict(zip(names, row[1:], strict=True)), "facts": facts}


def from_export(path: Path) -> Iterator[Feed]:
    feed: Feed | None = None
    with path.open("rb") as source:
        if cbor2.load(source) != MARK:
            raise ValueError("neither a database nor an exported journal")
        while source.peek(1):
            record = cbor2.load(source)
            if len(record) == 3 and feed is not None:
                feed["facts"].append(record)
                continue
            if feed is not None:
                yield feed
            names = ("suite", "key", "incarnation", "class", "audience", "head", "head_hash")
            feed = {**dict(zip(names, record, strict=True)), "facts": []}
    if feed is not None:
        yield feed


def main(arguments: list[str]) -> int:
    if not arguments:
        print(__doc__)
        return 2
    path = Path(arguments[0])
    trusted = {bytes.fromhex(key) for key in arguments[1:]}
    found: Found = []
    erasures: Erasures = {"seen": set(), "stated": set()}
    feeds = facts = 0
    try:
        is_database = path.open("rb").read(15) == b"SQLite format 3"
        for feed in from_database(path) if is_database else from_export(path):
            feeds += 1
            facts += check_feed(feed, trusted, found, erasures)
    except Exception as error:
        print(f"unreadable: {error}")
        return 2
    for fact_id, position in sorted(erasures["seen"] - erasures["stated"]):
        found.append(f"fact {fact_id.hex()}: leaf {position} is gone and no fact says so")
    for line in found:
        print(line)
    print(f"{'BROKEN' if found else 'whole'}: {feeds} feeds, {facts} facts, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
