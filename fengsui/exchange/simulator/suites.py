"""A signature suite for invented worlds only: keyed BLAKE2b (RFC 7693), ten times as fast.

It cannot serve in production: whoever verifies needs the secret seeds, which live in one object of
one simulated world. It is never registered in `signing.SUITES`, so no journal knows its number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from fengsui.foundation.journal import signing

STUB_NUMBER = 251


class StubSuite:
    """Seeds it has not made itself it cannot verify."""

    number = STUB_NUMBER
    name = "simulated: keyed BLAKE2b"

    def __init__(self) -> None:
        self._seeds: dict[bytes, bytes] = {}

    def digest(self, data: bytes) -> bytes:
        return hashlib.sha256(data).digest()

    def public_key(self, seed: bytes) -> bytes:
        public = hashlib.blake2b(seed, digest_size=32, person=b"fengsui sim").digest()
        self._seeds[public] = seed
        return public

    def signer(self, seed: bytes) -> Callable[[bytes], bytes]:
        return lambda message: hashlib.blake2b(message, key=seed, digest_size=64).digest()

    def is_valid(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        seed = self._seeds.get(public_key)
        return seed is not None and self.signer(seed)(message) == signature


def suites_of(*, has_real_signatures: bool) -> tuple[int, Mapping[int, signing.Suite]]:
    """The number to sign with, and the suites this world's nodes know."""
    if has_real_signatures:
        return signing.ED25519_SHA256, dict(signing.SUITES)
    return STUB_NUMBER, {STUB_NUMBER: StubSuite()}
