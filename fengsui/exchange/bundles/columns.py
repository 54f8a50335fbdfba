"""Facts as columns and back, byte for byte. Pure.

What a chain repeats is left out and worked out again by the reader: the feed, the number, the
hash of the header before, the root of the body. What is left of header and body is laid in
columns, like beside like. A fact that would not come back exactly as it was is kept as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cbor2

from fengsui.exchange.bundles.values import (
    MalformedColumnError,
    Varints,
    read_column,
    write_column,
    write_varints,
)
from fengsui.foundation.journal import codec, hlc, signing
from fengsui.foundation.journal.codec import HASH_BYTES, FeedKey, Header, MalformedFactError

RawFact = tuple[bytes, bytes, bytes | None]
Leaf = bytes | list[bytes]
_VERBATIM = 0  # index of the shape of facts that are kept as they are
_ERASED, _WHOLE, _LIST = 0, 1, 2  # how a leaf is laid: its hash, its bytes, 2 + its length
_LEAF_ROLES = 2  # first leaf, second leaf, every further leaf: each has columns of its own
SIGNATURE_BYTES_MAX = 255
PIECE_FACTS_MAX = 4_096
PIECE_BYTES_MAX = 8 * 1024 * 1024  # of its facts as they were, and of its columns


@dataclass(frozen=True, slots=True)
class Run:
    """Facts of one feed that follow on from each other. `start`: the number of the first."""

    range_index: int
    start: int
    previous: bytes  # hash of the header before the first
    facts: tuple[RawFact, ...]


@dataclass(slots=True)
class _Columns:
    """Everything of one piece, before it is written."""

    shapes: dict[tuple[int, int], int] = field(default_factory=dict)  # (kind, schema) -> index
    shape: list[int] = field(default_factory=list)  # of each fact
    clock: list[int] = field(default_factory=list)
    counter: list[int] = field(default_factory=list)
    scope: list[str] = field(default_factory=list)
    actor: list[int] = field(default_factory=list)
    cause: list[bytes | None] = field(default_factory=list)
    verbatim: list[bytes] = field(default_factory=list)
    leaves: dict[int, list[int]] = field(default_factory=dict)  # shape -> leaves of each body
    laid: dict[tuple[int, int], list[int]] = field(default_factory=dict)  # (shape, role) -> how
    whole: list[bytes] = field(default_factory=list)
    erased: list[bytes] = field(default_factory=list)
    values: dict[tuple[int, int, int], list[Any]] = field(default_factory=dict)
    signed: list[int] = field(default_factory=list)  # length of each signature, 0 for none
    signatures: list[bytes] = field(default_factory=list)


# --- writing --------------------------------------------------------------------------------


def write_piece(runs: Sequence[Run], keys: Sequence[FeedKey]) -> tuple[bytes, bytes]:
    """The columns of these runs, and their signatures apart, since nothing makes those smaller."""
    columns = _Columns()
    for run in runs:
        key = keys[run.range_index]
        feed, digest = _identity(key)
        previous = run.previous
        for place, raw in enumerate(run.facts):
            _lay(columns, raw, _Place(key.suite, feed, run.start + place, previous))
            previous = digest(raw[0])
    ranges = [[run.range_index, run.start, len(run.facts), run.previous] for run in runs]
    plain = [
        ranges,
        [list(shape) for shape in columns.shapes],
        write_varints(columns.shape),
        *(
            write_column(values)
            for values in (columns.clock, columns.counter, columns.scope, columns.actor)
        ),
        write_column(columns.cause),
        columns.verbatim,
        [[shape, write_varints(counts)] for shape, counts in columns.leaves.items()],
        [[*name, write_varints(how)] for name, how in columns.laid.items()],
        columns.whole,
        columns.erased,
        [[*name, write_column(values)] for name, values in columns.values.items()],
        write_varints(columns.signed),
    ]
    return cbor2.dumps(plain), b"".join(columns.signatures)


@dataclass(frozen=True, slots=True)
class _Place:
    """What the chain itself says of a fact."""

    suite: int
    feed: bytes
    seq: int
    previous: bytes


def _identity(key: FeedKey) -> tuple[bytes, codec.Digest]:
    suite = signing.SUITES.get(key.suite)
    digest = suite.digest if suite else signing.sha256
    return codec.feed_id(key, digest), digest


def _lay(columns: _Columns, raw: RawFact, place: _Place) -> None:
    header_bytes, body, signature = raw
    found = _taken_apart(header_bytes, body, place)
    columns.signed.append(len(signature) if signature else 0)
    columns.signatures.append(signature or b"")
    if found is None or (signature is not None and not 0 < len(signature) <= SIGNATURE_BYTES_MAX):
        columns.shape.append(_VERBATIM)
        columns.verbatim += [header_bytes, body]
        return
    header, elements = found
    shape = columns.shapes.setdefault((header.kind, header.schema), len(columns.shapes)) + 1
    columns.shape.append(shape)
    columns.clock.append(header.hlc >> hlc.COUNTER_BITS)
    columns.counter.append(header.hlc & (1 << hlc.COUNTER_BITS) - 1)
    columns.scope.append(header.scope)
    columns.actor.append(header.actor)
    columns.cause.append(header.cause)
    columns.leaves.setdefault(shape, []).append(len(elements))
    for index, element in enumerate(elements):
        _lay_leaf(columns, shape, min(index, _LEAF_ROLES), element)


def _taken_apart(
    header_bytes: bytes, body: bytes, place: _Place
) -> tuple[Header, list[Leaf]] | None:
    """Header and leaves, where both can be put together again exactly; otherwise None."""
    try:
        header = codec.decode_header(header_bytes)
        elements = codec.decode_body(body)
        if codec.encode_body(elements) != body:
            return None
    except MalformedFactError:
        return None
    header_again = _header(
        place, header.kind, header.schema, header.hlc, header.scope, header.actor, header.cause,
        elements,
    )  # fmt: skip
    return (header, elements) if codec.encode_header(header_again) == header_bytes else None


def _header(
    place: _Place,
    kind: int,
    schema: int,
    clock: int,
    scope: str,
    actor: int,
    cause: bytes | None,
    elements: list[Leaf],
) -> Header:
    suite = signing.SUITES.get(place.suite)
    root = codec.body_root(elements, suite.digest if suite else signing.sha256)
    return Header(
        codec.HEADER_VERSION, place.suite, place.feed, place.seq, place.previous, clock, kind,
        schema, scope, actor, cause, root,
    )  # fmt: skip


def _lay_leaf(columns: _Columns, shape: int, role: int, element: Leaf) -> None:
    laid = columns.laid.setdefault((shape, role), [])
    if not isinstance(element, bytes):
        laid.append(_ERASED)
        columns.erased.append(element[0])
        return
    values = _values_of(element)
    if values is None:
        laid.append(_WHOLE)
        columns.whole.append(element)
        return
    laid.append(_LIST + len(values))
    for index, value in enumerate(values):
        columns.values.setdefault((shape, role, index), []).append(value)


def _values_of(leaf: bytes) -> list[Any] | None:
    try:
        values = cbor2.loads(leaf)
    except Exception:
        return None
    return values if type(values) is list and cbor2.dumps(values) == leaf else None


# --- reading --------------------------------------------------------------------------------


def read_piece(plain: bytes, signatures: bytes, keys: Sequence[FeedKey]) -> list[Run]:
    """The runs of a piece, verbatim. Raises MalformedColumnError, never anything else."""
    try:
        return _Reader(cbor2.loads(plain), signatures, keys).runs()
    except MalformedColumnError:
        raise
    except Exception as error:
        raise MalformedColumnError("the piece cannot be put together again") from error


class _Reader:
    """Goes through the columns of one piece, fact by fact."""

    def __init__(self, plain: Any, signatures: bytes, keys: Sequence[FeedKey]) -> None:
        (
            self.ranges, shapes, shape, clock, counter, scope, actor, cause, verbatim, leaves,
            laid, whole, erased, values, signed,
        ) = plain  # fmt: skip
        total = sum(count for _, _, count, _ in self.ranges)
        if not 0 < total <= PIECE_FACTS_MAX:
            raise MalformedColumnError("a piece of no facts, or of too many")
        self.keys = keys
        self.shapes = [tuple(one) for one in shapes]
        self.shape = Varints(shape).take(total)
        laid_facts = sum(one != _VERBATIM for one in self.shape)
        self.clock, self.counter, self.scope, self.actor, self.cause = (
            read_column(column, laid_facts) for column in (clock, counter, scope, actor, cause)
        )
        self.verbatim, self.whole, self.erased = iter(verbatim), iter(whole), iter(erased)
        self.leaves = {name: Varints(counts) for name, counts in leaves}
        self.laid = {(name, role): Varints(how) for name, role, how in laid}
        self.values = self._value_columns(leaves, laid, values)
        self.signed = iter(Varints(signed).take(total))
        self.signatures = signatures
        self.signatures_at = 0
        self.bytes_left = PIECE_BYTES_MAX

    def _value_columns(self, leaves: Any, laid: Any, values: Any) -> dict[tuple[int, ...], Any]:
        """Each column says nothing of its length: that follows from how the leaves were laid."""
        bodies = {name: sum(one == name for one in self.shape) for name, _ in leaves}
        counted: dict[tuple[int, int], int] = {}
        for name, counts in leaves:
            for count in Varints(counts).take(bodies[name]):
                for role in range(min(count, _LEAF_ROLES)):
                    counted[name, role] = counted.get((name, role), 0) + 1
                further = max(0, count - _LEAF_ROLES)
                counted[name, _LEAF_ROLES] = counted.get((name, _LEAF_ROLES), 0) + further
        lengths: dict[tuple[int, int, int], int] = {}
        for name, role, how in laid:
            for one in Varints(how).take(counted.get((name, role), 0)):
                for index in range(max(0, one - _LIST)):
                    lengths[name, role, index] = lengths.get((name, role, index), 0) + 1
        return {
            (name, role, index): read_column(column, lengths[name, role, index])
            for name, role, index, column in values
        }

    def runs(self) -> list[Run]:
        found = []
        shape = iter(self.shape)
        for range_index, start, count, previous in self.ranges:
            key = self.keys[range_index]
            feed, digest = _identity(key)
            facts, tip = [], previous
            if len(previous) != HASH_BYTES or start < 0:
                raise MalformedColumnError("a run begins nowhere")
            for seq in range(start, start + count):
                raw = self._fact(next(shape), _Place(key.suite, feed, seq, tip))
                self.bytes_left -= len(raw[0]) + len(raw[1]) + len(raw[2] or b"")
                if self.bytes_left < 0:
                    raise MalformedColumnError("the piece unpacks to more than a piece may hold")
                facts.append(raw)
                tip = digest(raw[0])
            found.append(Run(range_index, start, previous, tuple(facts)))
        return found

    def _fact(self, shape: int, place: _Place) -> RawFact:
        length = next(self.signed)
        signature = self.signatures[self.signatures_at : self.signatures_at + length]
        self.signatures_at += length
        if len(signature) != length:
            raise MalformedColumnError("a signature is missing")
        if shape == _VERBATIM:
            return next(self.verbatim), next(self.verbatim), signature or None
        kind, schema = self.shapes[shape - 1]
        elements = [
            self._leaf(shape, min(index, _LEAF_ROLES)) for index in range(self.leaves[shape].next())
        ]
        clock = next(self.clock) << hlc.COUNTER_BITS | next(self.counter)
        header = _header(
            place, kind, schema, clock, next(self.scope), next(self.actor), next(self.cause),
            elements,
        )  # fmt: skip
        return codec.encode_header(header), codec.encode_body(elements), signature or None

    def _leaf(self, shape: int, role: int) -> Leaf:
        how = self.laid[shape, role].next()
        if how == _ERASED:
            return [next(self.erased)]
        if how == _WHOLE:
            leaf: bytes = next(self.whole)
            return leaf
        return cbor2.dumps([next(self.values[shape, role, index]) for index in range(how - _LIST)])
