"""What two nodes say to each other, as bytes: CBOR arrays that begin with their number. Pure.

HELLO who am I; STATE a digest of all that both may hold; BUCKETS digests of parts of it; VECTOR
what is on my disk; WANT facts after a number; FACTS a piece of a feed, verbatim. A vector is at
once the offer and the receipt: there is no other acknowledgement, and it speaks of what is on the
disk. Every message begins with a checksum: one flipped bit in a vector would be a receipt for
facts that nobody has.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import cbor2

from fengsui.foundation.journal.codec import HASH_BYTES, FeedKey
from fengsui.foundation.journal.facts import ID_BYTES

PROTOCOL = 2
MESSAGE_BYTES_MAX = 4 * 1024 * 1024
VECTOR_FEEDS_MAX = 10_000
FACTS_PER_MESSAGE_MAX = 4_096
NAME_BYTES_MAX = 64
CHECKSUM_BYTES = 8
STATE_BYTES = 16
BUCKET_BYTES = 4
BUCKET_BITS_MAX = 10
CLASS_MAX = 3
SEQ_BOUND = 1 << 63

RawFact = tuple[bytes, bytes, bytes | None]  # header, body, signature


class MalformedMessageError(ValueError):
    """Bytes that are no message; the text says why."""


class Number(IntEnum):
    HELLO = 1
    STATE = 2
    VECTOR = 3
    WANT = 4
    FACTS = 5
    BUCKETS = 6


@dataclass(frozen=True, slots=True)
class Hello:
    """`name` is the same for the whole life of a node's disk; up to which class this link is."""

    name: bytes
    scope: str
    classes_max: int = CLASS_MAX


@dataclass(frozen=True, slots=True)
class State:
    digest: bytes


@dataclass(frozen=True, slots=True)
class Buckets:
    """The feeds dealt into 2^bits buckets by the beginning of their ids; a digest of each."""

    bits: int
    digests: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The last fact of a feed that is on a disk; seq -1 and a zero hash for none."""

    key: FeedKey
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Vector:
    heads: tuple[Head, ...]


@dataclass(frozen=True, slots=True)
class Want:
    feed: bytes
    after: int
    facts_max: int


@dataclass(frozen=True, slots=True)
class Facts:
    feed: bytes
    facts: tuple[RawFact, ...]


Message = Hello | State | Buckets | Vector | Want | Facts


def encode(message: Message) -> bytes:
    match message:
        case Hello(name, scope, classes_max):
            content: list[Any] = [Number.HELLO, PROTOCOL, name, scope, classes_max]
        case State(digest):
            content = [Number.STATE, digest]
        case Buckets(bits, digests):
            content = [Number.BUCKETS, bits, digests]
        case Vector(heads):
            content = [Number.VECTOR, [[*head.key, head.seq, head.hash] for head in heads]]
        case Want(feed, after, facts_max):
            content = [Number.WANT, feed, after, facts_max]
        case Facts(feed, facts):
            content = [Number.FACTS, feed, [list(fact) for fact in facts]]
    content[0] = int(content[0])
    body = cbor2.dumps(content)
    return _checksum(body) + body


def _checksum(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()[:CHECKSUM_BYTES]


def decode(data: bytes) -> Message:
    """Raises MalformedMessageError, never anything else."""
    if len(data) > MESSAGE_BYTES_MAX:
        raise MalformedMessageError("longer than a message may be")
    body = data[CHECKSUM_BYTES:]
    if _checksum(body) != data[:CHECKSUM_BYTES]:
        raise MalformedMessageError("damaged on the way")
    try:
        content = cbor2.loads(body)
    except Exception as error:
        raise MalformedMessageError("not CBOR") from error
    if not isinstance(content, list) or not content:
        raise MalformedMessageError("not an array")
    number, rest = content[0], content[1:]
    match number, rest:
        case Number.HELLO, [int(protocol), bytes(name), str(scope), int(classes_max)]:
            if protocol != PROTOCOL:
                raise MalformedMessageError(f"speaks protocol {protocol}, not {PROTOCOL}")
            if not 0 < len(name) <= NAME_BYTES_MAX or not _is_scope(scope):
                raise MalformedMessageError("does not say who it is")
            return Hello(name, scope, max(0, min(classes_max, CLASS_MAX)))
        case Number.STATE, [bytes(digest)] if len(digest) == STATE_BYTES:
            return State(digest)
        case Number.BUCKETS, [int(bits), bytes(digests)]:
            if not 0 <= bits <= BUCKET_BITS_MAX or len(digests) != BUCKET_BYTES << bits:
                raise MalformedMessageError("buckets without their digests")
            return Buckets(bits, digests)
        case Number.VECTOR, [list(rows)] if len(rows) <= VECTOR_FEEDS_MAX:
            return Vector(tuple(_head(row) for row in rows))
        case Number.WANT, [bytes(feed), int(after), int(facts_max)]:
            if len(feed) != ID_BYTES or not (-1 <= after < SEQ_BOUND and facts_max > 0):
                raise MalformedMessageError("asks for no range")
            return Want(feed, after, min(facts_max, FACTS_PER_MESSAGE_MAX))
        case Number.FACTS, [bytes(feed), list(rows)] if len(rows) <= 2 * FACTS_PER_MESSAGE_MAX:
            if len(feed) != ID_BYTES:
                raise MalformedMessageError("facts of no feed")
            return Facts(feed, tuple(_fact(row) for row in rows))
    raise MalformedMessageError("an unknown message")


def _head(row: object) -> Head:
    match row:
        case [int(suite), bytes(public), int(incarnation), int(kind), str(audience),
              int(seq), bytes(hash_)]:  # fmt: skip
            is_sane = len(hash_) == HASH_BYTES and -1 <= seq < SEQ_BOUND and len(public) <= 256
            if is_sane and (audience == "public" or _is_scope(audience)):
                return Head(FeedKey(suite, public, incarnation, kind, audience), seq, hash_)
    raise MalformedMessageError("a line of the vector is no head of a feed")


def _fact(row: object) -> RawFact:
    match row:
        case [bytes(header), bytes(body), None]:
            return header, body, None
        case [bytes(header), bytes(body), bytes(signature)]:
            return header, body, signature
    raise MalformedMessageError("a fact is not header, body and signature")


def _is_scope(text: str) -> bool:
    return len(text) <= 17 and (text == "" or (text.isascii() and text.isdigit()))
