"""Signed requests and answers of a session between two nodes, as bytes. Pure.

A body is CBOR [compression, part, signature]; compression 0 is none, 1 is zstd. The signature is
over a prefix and the part before compression, by the node key that the part names. Parts:

    [1, "open", suite, key, nonce, now in ms, wants a manifest]
    [1, "welcome", suite, key, digest of the request, session, now in ms, [[feed, number]] or None]
    [1, "talk", suite, key, session, lane, counter, now in ms, wait in ms, [messages]]
    [1, "answer", suite, key, digest of the request, now in ms, more, [messages]]

The method and the path stand in the prefix of a request, the digest of the request's body in the
answer: neither can be used in another's place. Freshness comes from the session, which the
answering node makes up, and from its counters; no clock is asked, for clocks may be dead.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import cbor2
import zstandard

from fengsui.foundation.journal import signing

VERSION = 1
PATH = "/exchange/session"
REQUEST_PREFIX = f"fengsui session 1\x00POST {PATH}\x00".encode()
ANSWER_PREFIX = b"fengsui session answer 1\x00"
MEDIA_TYPE = "application/vnd.fengsui.session"
NODE_HEADER = "Fengsui-Node"

BODY_BYTES_MAX = 8 * 1024 * 1024
PART_BYTES_MAX = 24 * 1024 * 1024  # once unpacked
PLAIN_BELOW_BYTES = 1024
MESSAGES_MAX = 4096
NONCE_BYTES = 16
SESSION_BYTES = 16
LANES = 2  # 0 says and asks at once, 1 waits for news
WAIT_MS_MAX = 25_000
ZSTD_LEVEL = 1  # three times smaller at hundreds of megabytes a second
_PLAIN, _ZSTD = 0, 1

Sign = Callable[[bytes], bytes]


class BadEnvelopeError(ValueError):
    """Bytes that are no signed part; the text says why, for the log only."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: suite number, public key, and the signing itself."""

    suite: int
    public_key: bytes
    sign: Sign


@dataclass(frozen=True, slots=True)
class Open:
    suite: int
    public_key: bytes
    nonce: bytes
    now_ms: int
    wants_manifest: bool


@dataclass(frozen=True, slots=True)
class Welcome:
    suite: int
    public_key: bytes
    request: bytes
    session: bytes
    now_ms: int
    manifest: tuple[tuple[bytes, int], ...] | None


@dataclass(frozen=True, slots=True)
class Talk:
    suite: int
    public_key: bytes
    session: bytes
    lane: int
    counter: int
    now_ms: int
    wait_ms: int
    messages: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    suite: int
    public_key: bytes
    request: bytes
    now_ms: int
    more: bool
    messages: tuple[bytes, ...]


def request_digest(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


# --- writing --------------------------------------------------------------------------------


def open_body(signer: Signer, *, nonce: bytes, now_ms: int, wants_manifest: bool) -> bytes:
    return _body(signer, REQUEST_PREFIX, ["open", nonce, now_ms, wants_manifest])


def welcome_body(
    signer: Signer,
    *,
    request: bytes,
    session: bytes,
    now_ms: int,
    manifest: Sequence[Sequence[Any]] | None,
) -> bytes:
    content = ["welcome", request_digest(request), session, now_ms, manifest]
    return _body(signer, ANSWER_PREFIX, content)


def talk_body(
    signer: Signer,
    *,
    session: bytes,
    lane: int,
    counter: int,
    now_ms: int,
    wait_ms: int,
    messages: Sequence[bytes],
) -> bytes:
    content = ["talk", session, lane, counter, now_ms, wait_ms, list(messages)]
    return _body(signer, REQUEST_PREFIX, content)


def answer_body(
    signer: Signer, *, request: bytes, now_ms: int, more: bool, messages: Sequence[bytes]
) -> bytes:
    content = ["answer", request_digest(request), now_ms, more, list(messages)]
    return _body(signer, ANSWER_PREFIX, content)


def _body(signer: Signer, prefix: bytes, content: list[Any]) -> bytes:
    word, *rest = content
    part = cbor2.dumps([VERSION, word, signer.suite, signer.public_key, *rest])
    signature = signer.sign(prefix + part)
    compression = _PLAIN
    if len(part) >= PLAIN_BELOW_BYTES:
        compression, part = _ZSTD, zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(part)
    return cbor2.dumps([compression, part, signature])


# --- reading --------------------------------------------------------------------------------


def read_request(body: bytes) -> Open | Talk:
    """A request whose signature fits the key that it names. Raises BadEnvelopeError."""
    match _read(body, REQUEST_PREFIX):
        case ["open", int(suite), bytes(key), bytes(nonce), int(now_ms), bool(wants)] if (
            len(nonce) == NONCE_BYTES
        ):
            return Open(suite, key, nonce, now_ms, wants)
        case ["talk", int(suite), bytes(key), bytes(session), int(lane), int(counter), int(now_ms),
              int(wait_ms), list(messages)]:  # fmt: skip
            is_sane = 0 <= lane < LANES and counter > 0 and wait_ms >= 0
            if is_sane and len(session) == SESSION_BYTES and _are_messages(messages):
                wait_ms = min(wait_ms, WAIT_MS_MAX)
                return Talk(suite, key, session, lane, counter, now_ms, wait_ms, tuple(messages))
    raise BadEnvelopeError("no request")


def read_welcome(body: bytes, request: bytes) -> Welcome:
    """The signed answer to exactly this `open`. Raises BadEnvelopeError."""
    match _read(body, ANSWER_PREFIX):
        case ["welcome", int(suite), bytes(key), bytes(digest), bytes(session), int(now_ms),
              manifest]:  # fmt: skip
            if digest == request_digest(request) and len(session) == SESSION_BYTES:
                return Welcome(suite, key, digest, session, now_ms, _manifest(manifest))
    raise BadEnvelopeError("no welcome to this request")


def read_answer(body: bytes, request: bytes) -> Answer:
    """The signed answer to exactly this `talk`. Raises BadEnvelopeError."""
    match _read(body, ANSWER_PREFIX):
        case ["answer", int(suite), bytes(key), bytes(digest), int(now_ms), bool(more),
              list(messages)]:  # fmt: skip
            if digest == request_digest(request) and _are_messages(messages):
                return Answer(suite, key, digest, now_ms, more, tuple(messages))
    raise BadEnvelopeError("no answer to this request")


def _manifest(lines: Any) -> tuple[tuple[bytes, int], ...] | None:
    if lines is None:
        return None
    found = []
    for line in lines if isinstance(lines, list) else [None]:
        match line:
            case [bytes(feed), int(seq)]:
                found.append((feed, seq))
            case _:
                raise BadEnvelopeError("a line of the manifest is no feed and number")
    return tuple(found)


def _are_messages(messages: list[Any]) -> bool:
    return len(messages) <= MESSAGES_MAX and all(isinstance(one, bytes) for one in messages)


def _read(body: bytes, prefix: bytes) -> list[Any]:
    """[word, suite, key, …] once the signature fits."""
    if len(body) > BODY_BYTES_MAX:
        raise BadEnvelopeError("too large")
    compression, part, signature = _outer(body)
    content = _unpacked(compression, part)
    try:
        values = cbor2.loads(content)
    except Exception as error:
        raise BadEnvelopeError("the part is not CBOR") from error
    match values:
        case [int(version), str(word), int(suite), bytes(key), *rest] if version == VERSION:
            algorithm = signing.SUITES.get(suite)
            if algorithm is None or not algorithm.is_valid(key, prefix + content, signature):
                raise BadEnvelopeError("the signature does not fit")
            return [word, suite, key, *rest]
    raise BadEnvelopeError("an unknown part")


def _outer(body: bytes) -> tuple[int, bytes, bytes]:
    try:
        values = cbor2.loads(body)
    except Exception as error:
        raise BadEnvelopeError("not CBOR") from error
    match values:
        case [int(compression), bytes(part), bytes(signature)]:
            return compression, part, signature
    raise BadEnvelopeError("not [compression, part, signature]")


def _unpacked(compression: int, part: bytes) -> bytes:
    if compression == _PLAIN:
        return part
    if compression != _ZSTD:
        raise BadEnvelopeError("an unknown compression")
    try:
        size = zstandard.frame_content_size(part)
        if not 0 <= size <= PART_BYTES_MAX:
            raise BadEnvelopeError("unpacks to too much")
        content: bytes = zstandard.ZstdDecompressor().decompress(part, max_output_size=size)
    except zstandard.ZstdError as error:
        raise BadEnvelopeError("cannot be unpacked") from error
    return content
