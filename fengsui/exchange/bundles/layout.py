"""The bundle file: who to whom, what the sender holds, facts, and a seal over every byte. Pure.

    magic | header | piece … piece | seal

Every part after the magic is one byte of kind, four bytes of length and that many bytes. A copy
that was cut short has no seal; one that was altered has a seal that does not fit. Nothing of a
file is taken in before the whole of it has been checked against its seal.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import IO, Any

import cbor2
import zstandard

from fengsui.exchange.bundles.columns import PIECE_BYTES_MAX, Run, read_piece, write_piece
from fengsui.exchange.bundles.values import MalformedColumnError
from fengsui.exchange.replication.messages import VECTOR_FEEDS_MAX, Head
from fengsui.foundation.journal import signing
from fengsui.foundation.journal.codec import HASH_BYTES, FeedKey

MAGIC = b"fengsui bundle\x00\x01"
VERSION = 1
SEALED_PREFIX = b"fengsui bundle 1\x00"
LEVEL = 19
BUNDLE_BYTES_MAX = 2 * 1024 * 1024 * 1024
HEADER_BYTES_MAX = 8 * 1024 * 1024
PART_BYTES_MAX = 9 * 1024 * 1024
RANGES_MAX = VECTOR_FEEDS_MAX
KEY_BYTES_MAX = 256
SEQ_BOUND = 1 << 63
_PART = struct.Struct(">BI")
_READ_BYTES = 1 << 20


class PartKind(IntEnum):
    HEADER = 1
    PIECE = 2
    SEAL = 3


class Fault:
    """Why a file is no bundle that may be read. The names are those of the error catalogue."""

    NOT_A_BUNDLE = "not_a_bundle"
    NEWER_VERSION = "newer_version"
    CUT_SHORT = "cut_short"
    ALTERED = "altered"
    TOO_LARGE = "too_large"


class BundleFaultError(ValueError):
    """A file that must not be read; `fault` is one of `Fault`."""

    def __init__(self, fault: str, detail: str) -> None:
        self.fault = fault
        super().__init__(detail)


@dataclass(frozen=True, slots=True)
class Range:
    """Facts `after` + 1 to `last` of a feed are in the file."""

    key: FeedKey
    after: int
    last: int


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a bundle says of itself. `heads` is the acknowledgement: what the sender holds."""

    suite: int
    sender: bytes
    sender_name: str
    receiver: bytes
    created_ms: int
    incarnation: int  # of the sender when it wrote this
    clock: int  # its hybrid clock, which never goes back within an incarnation
    heads: tuple[Head, ...]
    ranges: tuple[Range, ...]

    @property
    def facts(self) -> int:
        return sum(one.last - one.after for one in self.ranges)


# --- writing --------------------------------------------------------------------------------


def write_parts(bundle: Bundle, pieces: Iterable[list[Run]]) -> Iterator[bytes]:
    """The bytes of the file but for its seal, part by part."""
    yield MAGIC
    yield _part(PartKind.HEADER, _squeeze(cbor2.dumps(_plain(bundle))))
    keys = [one.key for one in bundle.ranges]
    for runs in pieces:
        columns, signatures = write_piece(runs, keys)
        squeezed = _squeeze(columns)
        yield _part(PartKind.PIECE, struct.pack(">I", len(squeezed)) + squeezed + signatures)


def write_seal(digest: bytes, signature: bytes) -> bytes:
    """The last part: the SHA-256 of every byte before it, signed by the sender."""
    return _part(PartKind.SEAL, cbor2.dumps([digest, signature]))


def sealed_bytes(digest: bytes) -> bytes:
    """What the sender signs."""
    return SEALED_PREFIX + digest


def _part(kind: PartKind, data: bytes) -> bytes:
    return _PART.pack(kind, len(data)) + data


def _squeeze(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=LEVEL, write_content_size=True).compress(data)


def _plain(bundle: Bundle) -> list[Any]:
    """Nodes and feeds are written once: most heads differ from a range in numbers only."""
    nodes: dict[tuple[int, bytes, int], int] = {}
    heads = [_line(head.key, nodes, [head.seq, head.hash]) for head in bundle.heads]
    ranges = [_line(one.key, nodes, [one.after, one.last]) for one in bundle.ranges]
    return [
        VERSION, bundle.suite, bundle.sender, bundle.sender_name, bundle.receiver,
        bundle.created_ms, bundle.incarnation, bundle.clock, [list(node) for node in nodes], heads,
        ranges,
    ]  # fmt: skip


def _line(key: FeedKey, nodes: dict[tuple[int, bytes, int], int], rest: list[Any]) -> list[Any]:
    node = nodes.setdefault((key.suite, key.public_key, key.incarnation), len(nodes))
    return [node, key.fact_class, key.audience, *rest]


# --- reading --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sealed:
    """A file that is whole and was altered by nobody since its sender sealed it."""

    bundle: Bundle
    digest: bytes
    pieces: tuple[tuple[int, int], ...]  # where each piece lies: offset, length
    size: int


def open_sealed(file: IO[bytes], size_max: int) -> Sealed:
    """Checks a whole file against its seal, without unpacking a single fact.

    Raises BundleFaultError. Whether the sender is anybody known is for the caller to say.
    """
    digest = hashlib.sha256()
    magic = file.read(len(MAGIC))
    _check_magic(magic)
    digest.update(magic)
    at = len(MAGIC)
    bundle: Bundle | None = None
    pieces: list[tuple[int, int]] = []
    while True:
        head = _exactly(file, _PART.size)
        kind, length = _PART.unpack(head)
        if length > PART_BYTES_MAX or at + length > size_max:
            raise BundleFaultError(Fault.TOO_LARGE, f"a part of {length} bytes")
        if kind == PartKind.SEAL and bundle is not None:
            return _sealed(file, length, digest.digest(), (bundle, tuple(pieces), at))
        digest.update(head)
        at += _PART.size
        if kind == PartKind.HEADER and bundle is None:
            data = _exactly(file, length)
            digest.update(data)
            bundle = _bundle(data)
        elif kind == PartKind.PIECE and bundle is not None:
            pieces.append((at, length))
            _pass_over(file, length, digest)
        else:
            raise BundleFaultError(Fault.ALTERED, "a part that has no place here")
        at += length


def _sealed(
    file: IO[bytes],
    length: int,
    digest: bytes,
    read: tuple[Bundle, tuple[tuple[int, int], ...], int],
) -> Sealed:
    bundle, pieces, at = read
    try:
        promised, signature = cbor2.loads(_exactly(file, length))
    except BundleFaultError:
        raise
    except Exception as error:
        raise BundleFaultError(Fault.ALTERED, "its seal cannot be read") from error
    suite = signing.SUITES.get(bundle.suite)
    if suite is None or promised != digest or not isinstance(signature, bytes):
        raise BundleFaultError(Fault.ALTERED, "its content is not what was sealed")
    if not suite.is_valid(bundle.sender, sealed_bytes(digest), signature):
        raise BundleFaultError(Fault.ALTERED, "its seal is not the sender's")
    if file.read(1):
        raise BundleFaultError(Fault.ALTERED, "something follows its seal")
    return Sealed(bundle, digest, pieces, at + _PART.size + length)


def _check_magic(magic: bytes) -> None:
    if magic == MAGIC:
        return
    if MAGIC.startswith(magic):
        raise BundleFaultError(Fault.CUT_SHORT, "it ends within its first bytes")
    if magic[:-1] == MAGIC[:-1]:
        raise BundleFaultError(Fault.NEWER_VERSION, f"version {magic[-1]}")
    raise BundleFaultError(Fault.NOT_A_BUNDLE, "it does not begin like one")


def _exactly(file: IO[bytes], count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise BundleFaultError(Fault.CUT_SHORT, "it ends too early")
    return data


def _pass_over(file: IO[bytes], length: int, digest: Any) -> None:
    while length:
        data = _exactly(file, min(length, _READ_BYTES))
        digest.update(data)
        length -= len(data)


def _unsqueeze(data: bytes, most: int) -> bytes:
    """Never more than `most` bytes, whatever the frame promises or holds."""
    try:
        size = zstandard.frame_content_size(data)
        if not 0 <= size <= most:
            raise BundleFaultError(Fault.TOO_LARGE, "it unpacks to more than it may hold")
        window = max(1 << 20, most)
        plain = zstandard.ZstdDecompressor(max_window_size=window).decompress(
            data, max_output_size=size, allow_extra_data=False
        )
    except (zstandard.ZstdError, ValueError) as error:
        if isinstance(error, BundleFaultError):
            raise
        raise BundleFaultError(Fault.ALTERED, "it cannot be unpacked") from error
    return plain


def read_runs(sealed: Sealed, file: IO[bytes], piece: int) -> list[Run]:
    """The facts of one piece, verbatim. Raises BundleFaultError."""
    offset, length = sealed.pieces[piece]
    file.seek(offset)
    data = _exactly(file, length)
    columns_end = 4 + int.from_bytes(data[:4], "big")
    keys = [one.key for one in sealed.bundle.ranges]
    try:
        columns = _unsqueeze(data[4:columns_end], PIECE_BYTES_MAX)
        runs = read_piece(columns, data[columns_end:], keys)
    except MalformedColumnError as error:
        raise BundleFaultError(Fault.ALTERED, str(error)) from error
    return runs


def _bundle(data: bytes) -> Bundle:
    plain = _unsqueeze(data, HEADER_BYTES_MAX)
    try:
        content = cbor2.loads(plain)
        if content[0] != VERSION:
            raise BundleFaultError(Fault.NEWER_VERSION, f"version {content[0]}")
        (
            _, suite, sender, name, receiver, created_ms, incarnation, clock, nodes, heads, ranges,
        ) = content  # fmt: skip
        bundle = Bundle(
            suite=int(suite),
            sender=_key_bytes(sender),
            sender_name=str(name)[:80],
            receiver=_key_bytes(receiver),
            created_ms=int(created_ms),
            incarnation=_number(incarnation),
            clock=_number(clock),
            heads=tuple(
                Head(_feed(nodes, line), _number(line[3]), _hash(line[4])) for line in heads
            ),
            ranges=tuple(
                Range(_feed(nodes, line), _number(line[3]), _number(line[4])) for line in ranges
            ),
        )
    except BundleFaultError:
        raise
    except Exception as error:
        raise BundleFaultError(Fault.ALTERED, "its header cannot be read") from error
    if max(len(bundle.heads), len(bundle.ranges)) > RANGES_MAX:
        raise BundleFaultError(Fault.TOO_LARGE, "more feeds than a bundle may hold")
    if any(one.last <= one.after for one in bundle.ranges):
        raise BundleFaultError(Fault.ALTERED, "a range of no facts")
    return bundle


def _feed(nodes: list[Any], line: list[Any]) -> FeedKey:
    suite, public_key, incarnation = nodes[line[0]]
    return FeedKey(int(suite), _key_bytes(public_key), int(incarnation), int(line[1]), str(line[2]))


def _key_bytes(value: Any) -> bytes:
    if not isinstance(value, bytes) or len(value) > KEY_BYTES_MAX:
        raise BundleFaultError(Fault.ALTERED, "a key that is none")
    return value


def _number(value: Any) -> int:
    if type(value) is not int or not -1 <= value < SEQ_BOUND:
        raise BundleFaultError(Fault.ALTERED, "a number out of range")
    return value


def _hash(value: Any) -> bytes:
    if not isinstance(value, bytes) or len(value) != HASH_BYTES:
        raise BundleFaultError(Fault.ALTERED, "a hash that is none")
    return value
