"""Requests, chains, short codes and blocks of short ids. Pure.

A request is CBOR `[body, signature]`, body `["fengsui request 1", suite, public key, link key,
name, level, scope, made at in ms]`. A chain is zlib-compressed CBOR `["fengsui chain 1", [root's
suite, root's key], [feed key, header, body, signature], ...]`, from the root down; every link is
a signed fact, so a chain proves itself. As text both are Base32 (RFC 4648) behind a word, which
a QR symbol holds in its denser alphanumeric mode.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import cbor2

from fengsui.foundation.journal import signing
from fengsui.foundation.nodes.states import RANKS, Level
from fengsui.standards.divisions import DivisionLevel, full_code, is_division_code, level_of

if TYPE_CHECKING:
    from fengsui.foundation.journal.keys import NodeKey

REQUEST_MARK = "fengsui request 1"
CHAIN_MARK = "fengsui chain 1"
REQUEST_WORD = "FSREQ:"
CHAIN_WORD = "FSCERT:"
MAXIMUM_CHAIN_LINKS = 8
MAXIMUM_BYTES = 16 * 1024
MAXIMUM_NAME = 80
_CODE_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
_CODE_DIGITS = 15
_CODE_GROUP = 4
_SIGNED_REQUEST = b"fengsui request 1\x00"

COUNTY_SHORT_ID = 1
SHORT_ID_BITS = 8
SHORT_IDS_PER_BLOCK = 1 << SHORT_ID_BITS


class MalformedPaperError(ValueError):
    """Bytes or text that are no request, chain or code; the message says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a new node asks for, signed by its own key."""

    suite: int
    public_key: bytes
    link_key: bytes
    name: str
    level: str
    scope: str
    made_ms: int
    data: bytes

    @property
    def code(self) -> str:
        return short_code(self.data)


def make_request(key: NodeKey, *, name: str, level: str, scope: str, made_ms: int) -> bytes:
    body = cbor2.dumps(
        [REQUEST_MARK, key.suite.number, key.public, key.link_public, name, level, scope, made_ms]
    )
    return cbor2.dumps([body, key.sign(_SIGNED_REQUEST + body)])


def read_request(data: bytes) -> Request:
    """Reads a request and checks that its key signed it. Raises MalformedPaperError."""
    try:
        if len(data) > MAXIMUM_BYTES:
            raise MalformedPaperError("the request is too large")
        body, signature = cbor2.loads(data)
        mark, suite, public_key, link_key, name, level, scope, made_ms = cbor2.loads(body)
    except MalformedPaperError:
        raise
    except Exception as error:
        raise MalformedPaperError("it is no request") from error
    typed = ((public_key, bytes), (link_key, bytes), (name, str), (level, str), (scope, str))
    if mark != REQUEST_MARK or not all(isinstance(value, kind) for value, kind in typed):
        raise MalformedPaperError("it is no request of this version")
    if type(made_ms) is not int or len(link_key) != 32 or len(name) > MAXIMUM_NAME:
        raise MalformedPaperError("a value of the request is out of range")
    known = signing.SUITES.get(suite) if type(suite) is int else None
    if known is None:
        raise MalformedPaperError(f"its signature algorithm {suite} is unknown here")
    if not known.is_valid(public_key, _SIGNED_REQUEST + body, signature):
        raise MalformedPaperError("its signature does not fit")
    return Request(suite, public_key, link_key, name, level, scope, made_ms, data)


def request_of(text: str | bytes) -> Request:
    """A request from its text or bytes, its signature checked. Raises MalformedPaperError."""
    return read_request(text if isinstance(text, bytes) else from_text(REQUEST_WORD, text))


def short_code(data: bytes) -> str:
    """Sixteen characters that two people compare: 75 bits of SHA-256 and a check character."""
    number = int.from_bytes(hashlib.sha256(data).digest(), "big") >> (256 - 5 * _CODE_DIGITS)
    digits = [number >> 5 * place & 31 for place in range(_CODE_DIGITS - 1, -1, -1)]
    digits.append(_check_digit(digits))
    text = "".join(_CODE_ALPHABET[digit] for digit in digits)
    return "-".join(text[at : at + _CODE_GROUP] for at in range(0, len(text), _CODE_GROUP))


def read_code(text: str) -> str:
    """A code as it was typed, in its usual form. Raises MalformedPaperError on a slip."""
    typed = text.upper().translate(str.maketrans("ILOU", "110V", " -–—.\t"))
    digits = [_CODE_ALPHABET.find(each) for each in typed]
    if len(digits) != _CODE_DIGITS + 1 or -1 in digits:
        raise MalformedPaperError("a code has sixteen letters and digits")
    if digits[-1] != _check_digit(digits[:-1]):
        raise MalformedPaperError("a character of the code is mistyped")
    return "-".join(typed[at : at + _CODE_GROUP] for at in range(0, len(typed), _CODE_GROUP))


def _check_digit(digits: Sequence[int]) -> int:
    """Luhn's sum to the base 32: finds every single slip and nearly every swap of neighbours."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        doubled = digit * 2 if index % 2 == 0 else digit
        total += doubled // 32 + doubled % 32
    return -total % 32


# --- chains ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Link:
    """One signed fact of a chain with the key of its feed."""

    feed: tuple[int, bytes, int, int, str]
    header: bytes
    body: bytes
    signature: bytes

    def to_plain(self) -> list[Any]:
        return [list(self.feed), self.header, self.body, self.signature]

    @classmethod
    def from_plain(cls, plain: Any) -> Link:
        try:
            (suite, public_key, incarnation, fact_class, audience), header, body, signature = plain
        except (TypeError, ValueError) as error:
            raise MalformedPaperError("a link of the chain has the wrong form") from error
        typed = (
            *((suite, int), (public_key, bytes), (incarnation, int), (fact_class, int)),
            *((audience, str), (header, bytes), (body, bytes), (signature, bytes)),
        )
        if not all(type(value) is kind for value, kind in typed):
            raise MalformedPaperError("a link of the chain has the wrong form")
        return cls((suite, public_key, incarnation, fact_class, audience), header, body, signature)


def make_chain(root: tuple[int, bytes], links: Sequence[Link]) -> bytes:
    plain = [CHAIN_MARK, list(root), *[link.to_plain() for link in links]]
    return zlib.compress(cbor2.dumps(plain), 9)


def read_chain(data: bytes) -> tuple[tuple[int, bytes], list[Link]]:
    """The root's suite and key, and the links. Raises MalformedPaperError. Proves nothing yet."""
    try:
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(data, MAXIMUM_BYTES)
        mark, (suite, public_key), *links = cbor2.loads(raw)
    except Exception as error:
        raise MalformedPaperError("it is no certificate chain") from error
    if mark != CHAIN_MARK or type(suite) is not int or not isinstance(public_key, bytes):
        raise MalformedPaperError("it is no certificate chain of this version")
    if not 0 < len(links) <= MAXIMUM_CHAIN_LINKS:
        raise MalformedPaperError("the chain has no links, or too many")
    return (suite, public_key), [Link.from_plain(link) for link in links]


def to_text(word: str, data: bytes) -> str:
    return word + base64.b32encode(data).decode().rstrip("=")


def from_text(word: str, text: str) -> bytes:
    """The bytes behind a word; blanks and line breaks do not matter. Raises MalformedPaperError."""
    compact = "".join(text.split()).upper()
    if not compact.startswith(word):
        raise MalformedPaperError(f"it does not begin with {word}")
    body = compact.removeprefix(word)
    try:
        return base64.b32decode(body + "=" * (-len(body) % 8))
    except ValueError as error:
        raise MalformedPaperError("a character does not belong there") from error


# --- levels and numbers ---------------------------------------------------------------------

_DIVISIONS = {
    Level.COUNTY: DivisionLevel.COUNTY,
    Level.TOWNSHIP: DivisionLevel.TOWNSHIP,
    Level.ZONE: DivisionLevel.TOWNSHIP,
    Level.VILLAGE: DivisionLevel.VILLAGE,
}


def scope_of(level: str, code: str) -> str:
    """The 12-digit code, checked against the level. Raises MalformedPaperError."""
    if level not in RANKS:
        raise MalformedPaperError(f"{level} is no level of a node")
    full = full_code(code)
    if not is_division_code(full) or level_of(full) is not _DIVISIONS[Level(level)]:
        raise MalformedPaperError(f"{code} is no code of a {level}")
    return full


def rank(level: str) -> int:
    """0 for the root, larger further down; unknown levels stand below everything."""
    return RANKS.get(Level(level), 9) if level in RANKS else 9


def block_of(issuer_level: str, issuer_short_id: int, level: str) -> range:
    """The short ids a node may give out: a county the heads of blocks, others in their own.

    The county is 1 and also has the rest of block 0 for villages directly below it.
    """
    if issuer_level == Level.COUNTY:
        if RANKS[Level(level)] == RANKS[Level.TOWNSHIP]:
            return range(SHORT_IDS_PER_BLOCK, 1 << 16, SHORT_IDS_PER_BLOCK)
        return range(COUNTY_SHORT_ID + 1, SHORT_IDS_PER_BLOCK)
    head = issuer_short_id >> SHORT_ID_BITS << SHORT_ID_BITS
    return range(head + 1, head + SHORT_IDS_PER_BLOCK)


def next_short_id(block: range, given: Collection[int]) -> int | None:
    """The next number never given before; None where the block is used up."""
    last = max((number for number in given if number in block), default=None)
    start = block.start if last is None else last + block.step
    return start if start in block else None
