"""Signature suites: a number in every header says which signature and hash made it. Pure.

Suite 1 is Ed25519 (RFC 8032) with SHA-256 (FIPS 180-4); suite 2 is SM2 (GB/T 32918.2-2016, with
the curve of GB/T 32918.5-2017) with SM3 (GB/T 32905-2016). A suite is one object in `SUITES`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol

from cryptography.hazmat.primitives import hashes
from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair
from nacl.exceptions import BadSignatureError

ED25519_SHA256 = 1
SM2_SM3 = 2
_SIGNATURE_BYTES = 64
_HALF = _SIGNATURE_BYTES // 2
# The user id that GB/T 32918.2 (7) lets everybody take who has agreed on none: GM/T 0009-2012, 10.
SM2_USER_ID = b"1234567812345678"
# The order of the curve's base point, GB/T 32918.5-2017, annex A.2.
SM2_ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_KEYS_REMEMBERED = 512


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


class Sm2:
    """SM2 over SM3 hashes. Public keys are compressed points (33 bytes), signatures r ‖ s.

    The library is pure Python: signing takes about 10 ms, verifying 20 ms, and that bounds a node
    of this suite to about 50 signed facts a second. Hashing is OpenSSL's and as fast as SHA-256.
    """

    number = SM2_SM3
    name = "SM2+SM3"

    def digest(self, data: bytes) -> bytes:
        running = hashes.Hash(hashes.SM3())
        running.update(data)
        return running.finalize()

    def public_key(self, seed: bytes) -> bytes:
        secret = _sm2_secret(seed)
        public: bytes = _sm2().generate_pk(secret)
        return public

    def signer(self, seed: bytes) -> Callable[[bytes], bytes]:
        import gmalg

        signing = gmalg.SM2(_sm2_secret(seed), SM2_USER_ID, self.public_key(seed))

        def sign(message: bytes) -> bytes:
            return joined(*signing.sign(message))

        return sign

    def is_valid(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        if len(signature) != _SIGNATURE_BYTES:
            return False
        try:
            verifying = _sm2_of(public_key)
            return bool(verifying.verify(message, signature[:_HALF], signature[_HALF:]))
        except Exception:
            # The library raises its own errors for what is no point and no number.
            return False


def joined(r: bytes, s: bytes) -> bytes:
    """r ‖ s, 32 bytes each: the library leaves leading zeros out, once in 128 signatures."""
    return r.rjust(_HALF, b"\0") + s.rjust(_HALF, b"\0")


def _sm2_secret(seed: bytes) -> bytes:
    """A secret in 1 … n-2 (GB/T 32918.1, 6.1) from any 32 bytes."""
    return (int.from_bytes(seed, "big") % (SM2_ORDER - 2) + 1).to_bytes(_HALF, "big")


@lru_cache(maxsize=1)
def _sm2() -> Any:
    import gmalg  # loads in 30 ms; nodes of the other suite do without

    return gmalg.SM2(uid=SM2_USER_ID, pc_mode=gmalg.PC_MODE.COMPRESS)


@lru_cache(maxsize=_KEYS_REMEMBERED)
def _sm2_of(public_key: bytes) -> Any:
    import gmalg

    return gmalg.SM2(uid=SM2_USER_ID, pk=public_key)


SUITES: dict[int, Suite] = {ED25519_SHA256: Ed25519(), SM2_SM3: Sm2()}


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
