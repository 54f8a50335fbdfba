"""Frames: five clear bytes, then the telegram under AES-CCM with an 8-byte tag. Pure.

| Bytes | What |
|---|---|
| 1 | version 2 bits (1), class 2 bits, long 1 bit, signed 1 bit, low bits of the epoch 2 bits |
| 2 | sender, the short id of its node in the county |
| 2 | low bits of the frame's number |
| 4 | only in a long frame: the whole epoch, the high bits of the number |
| n | the telegram and, in a signed frame, the 64 bytes of the node's signature over it |
| 8 | tag |

The nonce of 13 bytes is never sent: "T", county 3, sender 2, epoch 2, class 1, number 4. So a
number must be on the disk before its frame leaves, and a restored node must use another epoch.
Source: NIST SP 800-38C (CCM); IETF RFC 3610 (tag and nonce lengths).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESCCM

from fengsui.gateways.telegrams.messages import TelegramError

VERSION = 1
KEY_BYTES = 32
TAG_BYTES = 8
HEADER_BYTES = 5
LONG_HEADER_BYTES = 9
SIGNATURE_BYTES = 64
OVERHEAD_BYTES = HEADER_BYTES + TAG_BYTES
NUMBER_BITS = 32
_LOW = 0xFFFF
_LONG = 0x08
_SIGNED = 0x04
_EPOCH_LOW = 0x03
_SIGNED_PREFIX = b"fengsui telegram 1\x00"

NOT_A_FRAME = "telegrams.not_a_frame"
UNKNOWN_VERSION = "telegrams.unknown_version"
NOT_AUTHENTIC = "telegrams.not_authentic"
TOO_LONG = "telegrams.too_long"

Sign = Callable[[bytes], bytes]
IsValid = Callable[[bytes, bytes], bool]


@dataclass(frozen=True, slots=True)
class Header:
    """The clear bytes. `epoch` and `number` are whole in a long frame, else only low bits."""

    fact_class: int
    sender: int
    epoch: int
    number: int
    is_long: bool = False
    is_signed: bool = False

    @property
    def length(self) -> int:
        return LONG_HEADER_BYTES if self.is_long else HEADER_BYTES

    def to_bytes(self) -> bytes:
        first = VERSION << 6 | self.fact_class << 4 | self.epoch & _EPOCH_LOW
        first |= (_LONG if self.is_long else 0) | (_SIGNED if self.is_signed else 0)
        clear = bytes([first]) + self.sender.to_bytes(2, "big")
        clear += (self.number & _LOW).to_bytes(2, "big")
        if self.is_long:
            clear += self.epoch.to_bytes(2, "big") + (self.number >> 16).to_bytes(2, "big")
        return clear

    def fits_epoch(self, epoch: int) -> bool:
        """Whether a whole epoch has the low bits (or, long, the bits) of this header."""
        return epoch == self.epoch if self.is_long else epoch & _EPOCH_LOW == self.epoch


def read_header(frame: bytes) -> Header:
    """Raises TelegramError: not_a_frame, unknown_version."""
    if len(frame) < OVERHEAD_BYTES:
        raise TelegramError(NOT_A_FRAME, f"{len(frame)} bytes")
    first = frame[0]
    if first >> 6 != VERSION:
        raise TelegramError(UNKNOWN_VERSION, str(first >> 6))
    is_long = bool(first & _LONG)
    if is_long and len(frame) < LONG_HEADER_BYTES + TAG_BYTES:
        raise TelegramError(NOT_A_FRAME, f"{len(frame)} bytes")
    number = int.from_bytes(frame[3:5], "big")
    epoch = first & _EPOCH_LOW
    if is_long:
        epoch = int.from_bytes(frame[5:7], "big")
        number |= int.from_bytes(frame[7:9], "big") << 16
    return Header(
        fact_class=first >> 4 & 3,
        sender=int.from_bytes(frame[1:3], "big"),
        epoch=epoch,
        number=number,
        is_long=is_long,
        is_signed=bool(first & _SIGNED),
    )


def nonce(county: str, header: Header) -> bytes:
    """Thirteen bytes; `header` holds the whole epoch and number."""
    return b"".join(
        (
            b"T",
            int(county).to_bytes(3, "big"),
            header.sender.to_bytes(2, "big"),
            header.epoch.to_bytes(2, "big"),
            header.fact_class.to_bytes(1, "big"),
            header.number.to_bytes(4, "big"),
        )
    )


def seal(
    telegram: bytes, header: Header, *, key: bytes, county: str, sign: Sign | None = None
) -> bytes:
    """A frame. With `sign` the node's own signature travels inside, for links of 233 bytes."""
    clear = header.to_bytes()
    inner = telegram
    if header.is_signed:
        if sign is None:
            raise TelegramError(NOT_A_FRAME, "a signed frame without a signer")
        inner += sign(to_sign(telegram, header, county))
    sealed = AESCCM(key, tag_length=TAG_BYTES).encrypt(nonce(county, header), inner, clear)
    return clear + sealed


def to_sign(telegram: bytes, header: Header, county: str) -> bytes:
    """What the signature of a signed frame covers: the nonce names frame and sender."""
    return _SIGNED_PREFIX + nonce(county, header) + telegram


def open_frame(
    frame: bytes, header: Header, *, key: bytes, county: str, is_valid: IsValid | None = None
) -> bytes:
    """The telegram in a frame. `header`: as read, with the whole epoch and number filled in.

    `is_valid(message, signature)` judges a signed frame; without it the signature is skipped.
    Raises TelegramError(NOT_AUTHENTIC).
    """
    clear, sealed = frame[: header.length], frame[header.length :]
    try:
        inner = AESCCM(key, tag_length=TAG_BYTES).decrypt(nonce(county, header), sealed, clear)
    except (InvalidTag, ValueError) as error:
        raise TelegramError(NOT_AUTHENTIC) from error
    if not header.is_signed:
        return inner
    if len(inner) < SIGNATURE_BYTES:
        raise TelegramError(NOT_A_FRAME, "no room for a signature")
    telegram, signature = inner[:-SIGNATURE_BYTES], inner[-SIGNATURE_BYTES:]
    if is_valid is not None and not is_valid(to_sign(telegram, header, county), signature):
        raise TelegramError(NOT_AUTHENTIC, "the signature does not fit")
    return telegram
