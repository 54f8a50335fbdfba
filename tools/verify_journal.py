"""An independent check of a Fengsui journal: shares no code with the product.

Usage: verify_journal.py FILE [PUBLIC_KEY_HEX ...]

FILE is a node's database (SQLite) or an exported journal (CBOR sequence). With public keys
given, a feed under any other key is a finding. Needs `cbor2` and `pynacl`, and `gmalg` for feeds
under SM2. The format: docs/interfaces/journal.md. Exit code: 0 whole, 1 broken, 2 unreadable.
"""

import hashlib
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import cbor2
from nacl.signing import VerifyKey

try:
    import gmalg
except ImportError:  # only feeds under SM2 need it
    gmalg = None

Hash = Callable[[bytes], bytes]
LEAF_ERASED = 1
SIGNED_CLASSES = (0, 1)
MARK = "fengsui journal 1"
NAMES = ("suite", "key", "incarnation", "class", "audience", "head", "head_hash")

Feed = dict[str, Any]
Found = list[str]  # one sentence each
Erasures = dict[str, set[tuple[bytes, int]]]  # leaves gone, and leaves a fact says are gone


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def sm3(data: bytes) -> bytes:
    return bytes((running := gmalg.SM3()).update(data) or running.value())


def sm2(key: bytes, message: bytes, signature: bytes) -> bool:
    known = gmalg.SM2(uid=b"1234567812345678", pk=key)  # the standard's default user id
    return bool(known.verify(message, signature[:32], signature[32:]))


def ed25519(key: bytes, message: bytes, signature: bytes) -> bool:
    return bool(VerifyKey(key).verify(message, signature))


SUITES = {1: (sha, ed25519), 2: (sm3, sm2)} if gmalg else {1: (sha, ed25519)}


def merkle(hashes: list[bytes], digest: Hash) -> bytes:
    """RFC 6962, 2.1, written as the standard writes it: recursively."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return digest(b"\x01" + merkle(hashes[:split], digest) + merkle(hashes[split:], digest))


def leaf_hashes(body: bytes, digest: Hash) -> tuple[list[bytes], list[int]]:
    """Hashes of the leaves, and the positions of those that were erased."""
    elements = cbor2.loads(body)
    erased = [at for at, one in enumerate(elements) if isinstance(one, list)]
    hashes = [one[0] if isinstance(one, list) else digest(b"\x00" + one) for one in elements]
    if not all(len(one) == 32 for one in hashes):
        raise ValueError("an erased leaf has no hash of 32 bytes")
    return hashes, erased


def check_feed(feed: Feed, trusted: set[bytes], found: Found, erasures: Erasures) -> int:
    """Follows one chain from its first fact; returns how many facts it has."""
    identity = [feed[name] for name in NAMES[:5]]
    if feed["suite"] not in SUITES:
        found.append(f"signature suite {feed['suite']} is not known to this tool")
        return 0
    digest, is_signed = SUITES[feed["suite"]]
    name = digest(b"fengsui feed 1\x00" + cbor2.dumps(identity))[:16]
    label = name.hex()[:12]
    if feed.get("id", name) != name:
        found.append(f"feed {label}: its id does not follow from its key and audience")
    if trusted and feed["key"] not in trusted:
        found.append(f"feed {label}: signed by a key that was not given: {feed['key'].hex()}")
    previous, seq, clock, unsigned, count = bytes(32), -1, 0, -1, 0
    for header_bytes, body, signature in feed["facts"]:
        count += 1
        where = f"feed {label} fact {seq + 1}"
        try:
            _, suite, of_feed, number, before, hlc, kind, _, _, _, _, root = cbor2.loads(
                header_bytes
            )
        except Exception as error:
            found.append(f"{where}: unreadable header ({error})")
            seq, previous = seq + 1, digest(header_bytes)
            continue
        if number != seq + 1:
            found.append(f"{where}: facts {seq + 1} to {number - 1} are missing")
        elif before != previous:
            found.append(f"{where}: does not follow from the fact before")
        if of_feed != name or suite != feed["suite"]:
            found.append(f"{where}: belongs to another feed")
        if hlc <= clock:
            found.append(f"{where}: its time is before the fact before")
        previous = digest(header_bytes)
        check_body(where, previous[:16], kind, body, (root, digest), found, erasures)
        if signature is None:
            if feed["class"] in SIGNED_CLASSES:
                found.append(f"{where}: not signed")
            unsigned = number if unsigned < 0 else unsigned
        else:
            unsigned, fits = -1, False
            with suppress(Exception):  # each library has its own errors for what is no key
                fits = is_signed(feed["key"], b"fengsui fact 1\x00" + header_bytes, signature)
            if not fits:
                found.append(f"{where}: its signature does not fit")
        seq, clock = number, hlc
    if unsigned >= 0:
        found.append(f"feed {label}: from fact {unsigned} on no signature covers the facts")
    if (seq, previous) != (feed["head"], feed["head_hash"]):
        found.append(f"feed {label}: ends at {seq}, should end at {feed['head']} (or differs)")
    return count


def check_body(
    where: str, fact_id: bytes, kind: int, body: bytes, root: Any, found: Found, erasures: Erasures
) -> None:
    try:
        hashes, erased = leaf_hashes(body, root[1])
        if merkle(hashes, root[1]) != root[0]:
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
        facts = opened.execute(
            "SELECT header, body, signature FROM journal_fact WHERE feed_id = ? ORDER BY seq",
            (row[0],),
        )
        yield {**dict(zip(("id", *NAMES), row[1:], strict=True)), "facts": facts}


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
            feed = {**dict(zip(NAMES, record, strict=True)), "facts": []}
    if feed is not None:
        yield feed


def main(arguments: list[str]) -> int:
    if not arguments:
        print(__doc__)
        return 2
    path, trusted = Path(arguments[0]), {bytes.fromhex(key) for key in arguments[1:]}
    found, feeds, facts = list[str](), 0, 0
    erasures: Erasures = {"seen": set(), "stated": set()}
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
