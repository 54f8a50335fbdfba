"""The node's key, under FENGSUI_HOME/keys, readable by the node's user only."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fengsui.foundation.journal import signing

SEED_BYTES = 32


@dataclass(frozen=True)
class NodeKey:
    """A suite and a 32-byte seed, with what follows from them."""

    suite: signing.Suite
    public: bytes
    sign: Callable[[bytes], bytes]

    @classmethod
    def from_seed(cls, seed: bytes, suite_number: int = signing.ED25519_SHA256) -> NodeKey:
        suite = signing.SUITES[suite_number]
        return cls(suite, suite.public_key(seed), suite.signer(seed))

    @classmethod
    def fresh(cls, suite_number: int = signing.ED25519_SHA256) -> NodeKey:
        return cls.from_seed(secrets.token_bytes(SEED_BYTES), suite_number)


def load_or_make(home: Path, suite_number: int = signing.ED25519_SHA256) -> NodeKey:
    """The node's key; made on first use and durable before it signs anything."""
    folder = home / "keys"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"node.{suite_number}.seed"
    if not path.exists():
        _write_once(path, secrets.token_bytes(SEED_BYTES))
    return NodeKey.from_seed(path.read_bytes(), suite_number)


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
