"""The bytes of a fact: header array, body of leaves, Merkle root. Pure.

Header: CBOR array (RFC 8949, definite lengths, shortest integers) of
[version, suite, feed, seq, previous header hash, hlc, kind, schema version, scope, actor,
 cause, body root]. The chain runs over headers, so a body may be withheld or erased.

Body: CBOR array; an element is a byte string (a leaf) or an array of one byte string (the hash
that stays where a leaf was erased). Leaf 0 is [about, *fields]; leaf 1, where the kind has
personal fields, is [salt, *personal]; every further leaf is one item, salted where personal.
The root is the Merkle tree hash of RFC 6962 section 2.1 over the leaves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import cbor2

from fengsui.foundation.journal import hlc as hlc_rules
from fengsui.foundation.journal.facts import (
    AUDIENCE_DIGITS,
    ID_BYTES,
    MAXIMUM_BODY_BYTES,
    MAXIMUM_ITEMS,
    SALT_BYTES,
    Audience,
    Fact,
    FactKind,
)
from fengsui.standards.divisions import scope_prefix

HEADER_VERSION = 1
HASH_BYTES = 32
MAXIMUM_HEADER_BYTES = 512
SIGNED_PREFIX = b"fengsui fact 1\x00"
PUBLIC_AUDIENCE = "public"
_FEED_PREFIX = b"fengsui feed 1\x00"
_LEAF = b"\x00"
_INTERIOR = b"\x01"
_PLAIN_TYPES = frozenset({int, str, bool, type(None), bytes})
_INTEGER_BOUND = 1 << 63

Digest = Callable[[bytes], bytes]


class Header(NamedTuple):
    """The twelve elements of a header, in order."""

    version: int
    suite: int
    feed: bytes
    seq: int
    previous: bytes
    hlc: int
    kind: int
    schema: int
    scope: str
    actor: int
    cause: bytes | None
    root: bytes


class FeedKey(NamedTuple):
    """What a feed's id commits to."""

    suite: int
    public_key: bytes
    incarnation: int
    fact_class: int
    audience: str


class MalformedFactError(ValueError):
    """Bytes that are no fact; the message says why."""


def feed_id(key: FeedKey, digest: Digest) -> bytes:
    """Sixteen bytes that commit to the feed's key, incarnation, class and audience."""
    return digest(_FEED_PREFIX + cbor2.dumps(list(key)))[:ID_BYTES]


def audience_of(kind: FactKind, scope: str) -> str:
    """The audience of a fact's feed: a code prefix of at most 6, 9 or 12 digits, or "public"."""
    if kind.audience is Audience.PUBLIC:
        return PUBLIC_AUDIENCE
    return scope_prefix(scope)[: AUDIENCE_DIGITS[kind.audience]]


def encode_header(header: Header) -> bytes:
    return cbor2.dumps(list(header))


def decode_header(data: bytes) -> Header:
    """Reads a header and checks its form. Raises MalformedFactError."""
    if len(data) > MAXIMUM_HEADER_BYTES:
        raise MalformedFactError("the header is too large")
    try:
        values = cbor2.loads(data)
    except Exception as error:
        raise MalformedFactError("the header is not CBOR") from error
    if not isinstance(values, list) or len(values) != len(Header._fields):
        raise MalformedFactError("the header is not an array of twelve elements")
    header = Header(*values)
    integers = (header.version, header.suite, header.seq, header.hlc, header.kind, header.schema)
    if not all(type(value) is int and 0 <= value < _INTEGER_BOUND for value in integers):
        raise MalformedFactError("a number in the header is out of range")
    if type(header.actor) is not int or not 0 <= header.actor < _INTEGER_BOUND:
        raise MalformedFactError("the actor is not an id")
    if header.version != HEADER_VERSION:
        raise MalformedFactError(f"header version {header.version} is unknown")
    if not _is_bytes(header.feed, ID_BYTES) or not _is_bytes(header.previous, HASH_BYTES):
        raise MalformedFactError("the feed or the previous hash has the wrong length")
    if not _is_bytes(header.root, HASH_BYTES):
        raise MalformedFactError("the body root has the wrong length")
    if header.cause is not None and not _is_bytes(header.cause, ID_BYTES):
        raise MalformedFactError("the cause is not a fact id")
    if not isinstance(header.scope, str) or (header.scope and not header.scope.isdigit()):
        raise MalformedFactError("the scope is not a place code")
    return header


def _is_bytes(value: object, length: int) -> bool:
    return isinstance(value, bytes) and len(value) == length


def signed_bytes(header_bytes: bytes) -> bytes:
    return SIGNED_PREFIX + header_bytes


# --- bodies ---------------------------------------------------------------------------------


def make_leaves(
    kind: FactKind,
    *,
    fields: Mapping[str, Any],
    personal: Mapping[str, Any] | None,
    items: Sequence[Mapping[str, Any]],
    about: Sequence[int],
    salt: Callable[[int], bytes],
) -> list[bytes]:
    """The leaves of a new body. `salt(n)` gives n random bytes. Raises MalformedFactError."""
    if len(items) > MAXIMUM_ITEMS:
        raise MalformedFactError(f"{kind.name}: {len(items)} items, at most {MAXIMUM_ITEMS}")
    dumps = cbor2.dumps
    leaves = [dumps([list(about), *_positional(kind, kind.fields, fields)])]
    if kind.personal:
        leaves.append(dumps([salt(SALT_BYTES), *_positional(kind, kind.personal, personal or {})]))
    elif personal:
        raise MalformedFactError(f"{kind.name} has no personal fields")
    if kind.item_is_personal:
        salts = salt(SALT_BYTES * len(items)) if items else b""
        leaves += [
            dumps(
                [
                    salts[index * SALT_BYTES : (index + 1) * SALT_BYTES],
                    *_positional(kind, kind.item, item),
                ]
            )
            for index, item in enumerate(items)
        ]
    else:
        leaves += [dumps(_positional(kind, kind.item, item)) for item in items]
    return leaves


def _positional(kind: FactKind, names: tuple[str, ...], values: Mapping[str, Any]) -> list[Any]:
    if not values.keys() <= _known(names):
        unknown = ", ".join(sorted(values.keys() - set(names)))
        raise MalformedFactError(f"{kind.name} has no field {unknown}")
    row = [values.get(name) for name in names]
    for position, value in enumerate(row):
        if type(value) not in _PLAIN_TYPES:
            row[position] = _plain(value, kind)
    return row


@cache  # the tuples of the catalogue, which is closed
def _known(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(names)


def _plain(value: Any, kind: FactKind) -> Any:
    """Strings of enums as strings, tuples as lists, keys sorted; floats and the rest refused."""
    if type(value) in _PLAIN_TYPES:
        return value
    if type(value) is list and all(type(element) in _PLAIN_TYPES for element in value):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(element, kind) for element in value]
    if type(value) is dict and _is_plain_and_sorted(value):
        return value
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise MalformedFactError(f"{kind.name}: keys must be strings")
        return {str(key): _plain(value[key], kind) for key in sorted(value)}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    raise MalformedFactError(f"{kind.name}: {type(value).__name__} may not be in a fact")


def _is_plain_and_sorted(value: dict[Any, Any]) -> bool:
    before = ""
    for key, inner in value.items():
        if type(key) is not str or key < before or type(inner) not in _PLAIN_TYPES:
            return False
        before = key
    return True


def encode_body(leaves: Sequence[bytes | list[bytes]]) -> bytes:
    body = cbor2.dumps(leaves)
    if len(body) > MAXIMUM_BODY_BYTES:
        raise MalformedFactError(f"a body of {len(body)} bytes, at most {MAXIMUM_BODY_BYTES}")
    return body


def decode_body(body: bytes) -> list[bytes | list[bytes]]:
    """The elements of a body: leaves, and [hash] where a leaf was erased."""
    if len(body) > MAXIMUM_BODY_BYTES:
        raise MalformedFactError("the body is too large")
    try:
        elements = cbor2.loads(body)
    except Exception as error:
        raise MalformedFactError("the body is not CBOR") from error
    if not isinstance(elements, list) or not elements:
        raise MalformedFactError("the body is not an array of leaves")
    for element in elements:
        erased = isinstance(element, list) and len(element) == 1
        if not isinstance(element, bytes) and not (erased and _is_bytes(element[0], HASH_BYTES)):
            raise MalformedFactError("an element of the body is neither leaf nor hash")
    return elements


def leaf_hash(leaf: bytes, digest: Digest) -> bytes:
    return digest(_LEAF + leaf)


def body_root(elements: Sequence[bytes | list[bytes]], digest: Digest) -> bytes:
    """Merkle tree hash (RFC 6962, 2.1) over leaves; an erased leaf counts by its hash."""
    level = [
        digest(_LEAF + element) if isinstance(element, bytes) else element[0]
        for element in elements
    ]
    while len(level) > 1:
        paired = [
            digest(_INTERIOR + level[index] + level[index + 1])
            for index in range(0, len(level) - 1, 2)
        ]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def decode_fact(
    kind: FactKind, fact_id: bytes, header: Header, elements: Sequence[bytes | list[bytes]]
) -> Fact:
    """The fact as apps see it. Raises MalformedFactError where the body does not fit the kind."""
    try:
        leaves = [
            cbor2.loads(element) if isinstance(element, bytes) else None for element in elements
        ]
    except Exception as error:
        raise MalformedFactError("a leaf is not CBOR") from error
    head = leaves[0]
    if not isinstance(head, list) or not head or not isinstance(head[0], list):
        raise MalformedFactError("the first leaf is not an array that begins with a list")
    first_item = 2 if kind.personal else 1
    if len(leaves) < first_item:
        raise MalformedFactError("the personal leaf is missing")
    fields = _named(kind.fields, head[1:])
    for version in range(header.schema, kind.version):
        if version in kind.upcasters:
            fields = dict(kind.upcasters[version](fields))
    skip = 1 if kind.item_is_personal else 0
    items: list[Mapping[str, Any] | None] = [
        None if leaf is None else _named(kind.item, _array(leaf)[skip:])
        for leaf in leaves[first_item:]
    ]
    personal: Mapping[str, Any] | None = {}
    if kind.personal:
        personal = None if leaves[1] is None else _named(kind.personal, _array(leaves[1])[1:])
    return Fact(
        id=fact_id,
        kind=kind.name,
        version=header.schema,
        scope=header.scope,
        actor=header.actor,
        at=hlc_rules.to_time(header.hlc),
        hlc=header.hlc,
        cause=header.cause,
        feed=header.feed,
        seq=header.seq,
        fields=fields,
        personal=personal,
        items=items,
        about=tuple(head[0]),
    )


def _array(leaf: Any) -> list[Any]:
    if not isinstance(leaf, list):
        raise MalformedFactError("a leaf is not an array")
    return leaf


def _named(names: tuple[str, ...], values: Sequence[Any]) -> dict[str, Any]:
    named: dict[str, Any] = dict.fromkeys(names)
    named.update(zip(names, values, strict=False))
    return named
