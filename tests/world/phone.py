"""A phone with a key of its own, as the field app makes and signs its items."""

from __future__ import annotations

import base64
import uuid
from dataclasses import dataclass
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from fengsui.foundation.devices import rules


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class FakePhone:
    """`item(...)` is what the outbox keeps; `wire` is what it sends."""

    key: ec.EllipticCurvePrivateKey
    number: int = 0

    @property
    def public_key(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def key_id(self) -> str:
        return rules.key_id(self.public_key)

    def sign(self, message: bytes) -> str:
        r, s = decode_dss_signature(self.key.sign(message, ec.ECDSA(SHA256())))
        return base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    def item(self, person_id: int, at_ms: int, entry: dict[str, Any]) -> dict[str, str]:
        self.number += 1
        body = rules.canonical(
            {
                "v": rules.VERSION,
                "id": str(uuid.uuid4()),
                "device": self.key_id,
                "person": str(person_id),
                "n": self.number,
                "at": at_ms,
                "entry": entry,
            }
        )
        return {"body": body.decode(), "signature": self.sign(rules.ITEM_CONTEXT + body)}


def make_phone(seed: int | None = None) -> FakePhone:
    """A fresh key, or the same one for the same seed."""
    if seed is None:
        return FakePhone(ec.generate_private_key(ec.SECP256R1()))
    return FakePhone(ec.derive_private_key(Random(seed).getrandbits(250) + 1, ec.SECP256R1()))
