"""Signature suites: a number in every header says which signature and hash made it. Pure.

Suite 1 is Ed25519 (RFC 8032) with SHA-256 (FIPS 180-4). A suite is one object in `SUITES`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Protocol

from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair
from nacl.exceptions import BadSignatureError

ED25519_SHA256 = 1
_SIGNATURE_BYTES = 64


class Suite(Protocol):
    """A signature algorithm with its hash. Seeds are 32 bytes, hashes are 32 bytes."""

    @property
    def number(self) -> int: ...

    @property
    def name(self) -> str: ...

    def digest(self, data: bytes) -> bytes: ...

    def public_key(self, seed: bytes) -> bytes: ...

    def signer(self, seed: bytes) -> Callable[[bytes], bytes]: ...

    def is_valid(self, public_key: bytes, message: bytes, signature: bytes) -> bool: ...


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


class Ed25519:
    """Ed25519 over SHA-256 hashes, through libsodium."""

    number = ED25519_SHA256
    name = "Ed25519+SHA-256"

    def digest(self, data: bytes) -> bytes:
        return hashlib.sha256(data).digest()

    def public_key(self, seed: bytes) -> bytes:
        return crypto_sign_seed_keypair(seed)[0]

    def signer(self, seed: bytes) -> Callable[[bytes], bytes]:
        secret = crypto_sign_seed_keypair(seed)[1]
        return lambda message: crypto_sign(message, secret)[:_SIGNATURE_BYTES]

    def is_valid(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        if len(signature) != _SIGNATURE_BYTES:
            return False
        try:
            crypto_sign_open(signature + message, public_key)
        except (BadSignatureError, ValueError):
            return False
        return True


SUITES: dict[int, Suite] = {ED25519_SHA256: Ed25519()}


def register(suite: Suite) -> None:
    """Adds a suite. A number is never given to another algorithm."""
    known = SUITES.get(suite.number)
    if known is not None and known.name != suite.name:
        raise ValueError(f"suite {suite.number} is already {known.name}")
    SUITES[suite.number] = suite


Signed = tuple[int, bytes, bytes, bytes]  # suite, public key, message, signature


def bad_signatures(batch: list[Signed]) -> list[int]:
    """Positions in the batch whose signature does not fit. Also run in processes of its own."""
    return [
        index
        for index, (suite, public_key, message, signature) in enumerate(batch)
        if not SUITES[suite].is_valid(public_key, message, signature)
    ]
