"""The node's key, under FENGSUI_HOME/keys, readable by the node's user only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from nacl.bindings import (
    crypto_scalarmult,
    crypto_scalarmult_base,
    crypto_sign_ed25519_pk_to_curve25519,
    crypto_sign_ed25519_sk_to_curve25519,
    crypto_sign_seed_keypair,
)

from fengsui.foundation.journal import signing

SEED_BYTES = 32
LINK_KEY_BYTES = 32
SUITE_FILE = "suite"
_LINK_SEED = b"fengsui link 1"
_LINK_KEY = b"fengsui link key"


@dataclass(frozen=True)
class NodeKey:
    """A suite and a 32-byte seed, with what follows from them."""

    suite: signing.Suite
    public: bytes
    sign: Callable[[bytes], bytes]
    link_public: bytes = b""
    agree: Callable[[bytes], bytes] = bytes
    agree_by_signing_key: Callable[[bytes], bytes] = bytes

    @classmethod
    def from_seed(cls, seed: bytes, suite_number: int = signing.ED25519_SHA256) -> NodeKey:
        suite = signing.SUITES[suite_number]
        # X25519 (RFC 7748) from the same seed, whatever the suite: telegrams are only sealed.
        secret = blake2b(seed, digest_size=LINK_KEY_BYTES, person=_LINK_SEED).digest()
        public = crypto_scalarmult_base(secret)
        return cls(
            suite,
            suite.public_key(seed),
            suite.signer(seed),
            public,
            lambda other: _shared(secret, public, other),
            lambda other: _shared_by_signing_keys(seed, other),
        )

    @classmethod
    def fresh(cls, suite_number: int = signing.ED25519_SHA256) -> NodeKey:
        return cls.from_seed(secrets.token_bytes(SEED_BYTES), suite_number)


def _shared(secret: bytes, public: bytes, other: bytes) -> bytes:
    """32 bytes that both ends of a link come to: X25519, then BLAKE2b over it and both keys."""
    both = b"".join(sorted((public, other)))
    point = crypto_scalarmult(secret, other)
    return blake2b(point + both, digest_size=LINK_KEY_BYTES, person=_LINK_KEY).digest()


def _shared_by_signing_keys(seed: bytes, other: bytes) -> bytes:
    """The same from two Ed25519 keys turned into X25519 ones: for nodes without certificates."""
    own_public, own_secret = crypto_sign_seed_keypair(seed)
    return _shared(
        crypto_sign_ed25519_sk_to_curve25519(own_secret),
        crypto_sign_ed25519_pk_to_curve25519(own_public),
        crypto_sign_ed25519_pk_to_curve25519(other),
    )


def load_or_make(home: Path, suite_number: int | None = None) -> NodeKey:
    """The node's key; made on first use and durable before it signs anything.

    Without a number the suite is the one chosen by `choose_suite`, else Ed25519.
    """
    folder = home / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    number = chosen_suite(home) if suite_number is None else suite_number
    path = folder / f"node.{number}.seed"
    if not path.exists():
        _write_once(path, secrets.token_bytes(SEED_BYTES))
    return NodeKey.from_seed(path.read_bytes(), number)


def chosen_suite(home: Path) -> int:
    path = home / "keys" / SUITE_FILE
    return int(path.read_text()) if path.exists() else signing.ED25519_SHA256


def choose_suite(home: Path, number: int) -> None:
    """Takes another suite before the node has a key. Raises ValueError where it has one already."""
    if number not in signing.SUITES:
        raise ValueError(f"suite {number} is unknown")
    if chosen_suite(home) == number:
        return
    if list((home / "keys").glob("node.*.seed")):
        raise ValueError("the node has a key of another suite already")
    (home / "keys").mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_once(home / "keys" / SUITE_FILE, str(number).encode())


def set_aside(home: Path, name: str) -> None:
    """Puts the node's key away under `name`; the next start makes a new one."""
    for path in (home / "keys").glob("node.*.seed"):
        path.rename(path.with_name(f"{name}.{path.name}.old"))


def _write_once(path: Path, data: bytes) -> None:
    partial = path.with_suffix(f".{secrets.token_hex(4)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(data)
        handle.flush()
        os.fsync(handle.fileno())
    try:
        # A link fails where the name exists: two processes starting together keep one key.
        os.link(partial, path)
    except FileExistsError:
        pass
    finally:
        partial.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
