"""Canonical bytes and signatures of a phone's items. Pure; see docs/interfaces/phone-items.md."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

VERSION = 1
# What a key signs begins with what it is for, so that no item can be shown as a sign-in.
ITEM_CONTEXT = b"fengsui-item-v1\n"
SESSION_CONTEXT = b"fengsui-session-v1\n"
SIGNATURE_BYTES = 64  # r and s, 32 bytes each (IEEE P1363), as WebCrypto gives them
KEY_ID_BYTES = 16
PUBLIC_KEY_BYTES_MAX = 120
BODY_BYTES_MAX = 2000
CLIENT_ID_MAX = 64
NAME_MAX = 60
OFFLINE_DAYS_MAX = 14  # requirement R25
SESSION_CLOCK_TOLERATED = timedelta(minutes=10)
_SAFE_INTEGER = (1 << 53) - 1
_KEYS = {"at", "device", "entry", "id", "n", "person", "v"}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing a person did on a phone. `made_at_ms` is UTC by the box's clock as known there."""

    client_id: str
    key_id: str
    person_id: int
    number: int
    made_at_ms: int
    entry: dict[str, Any]


def canonical(value: Any) -> bytes:
    """JSON with sorted keys and no spaces: RFC 8785 for strings, integers, booleans and null."""
    text = json.dumps(
        value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )
    return text.encode()


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _SAFE_INTEGER


def _is_flat(entry: Any) -> bool:
    # ASCII keys sort alike by code point (Python) and by UTF-16 unit (JavaScript).
    return isinstance(entry, dict) and all(
        key.isascii() and (isinstance(value, str) or _is_integer(value))
        for key, value in entry.items()
    )


def read_item(body: str) -> Item:
    """The item in a body. Raises ValueError with a word on what is wrong."""
    try:
        raw = body.encode()
        if len(raw) > BODY_BYTES_MAX:
            raise ValueError("length")
        plain = json.loads(raw)
    except (UnicodeError, json.JSONDecodeError, RecursionError) as cause:
        raise ValueError("json") from cause
    if not isinstance(plain, dict) or set(plain) != _KEYS or plain["v"] != VERSION:
        raise ValueError("fields")
    strings = (plain["id"], plain["device"], plain["person"])
    if not all(isinstance(one, str) for one in strings) or not _is_flat(plain["entry"]):
        raise ValueError("types")
    if not _is_integer(plain["n"]) or not _is_integer(plain["at"]):
        raise ValueError("numbers")
    if not 0 < len(plain["id"]) <= CLIENT_ID_MAX or not plain["person"].isdecimal():
        raise ValueError("id")
    if canonical(plain) != raw:
        raise ValueError("canonical")
    return Item(
        client_id=plain["id"],
        key_id=plain["device"],
        person_id=int(plain["person"]),
        number=plain["n"],
        made_at_ms=plain["at"],
        entry=plain["entry"],
    )


def key_id(public_key: bytes) -> str:
    """32 hexadecimal digits: the first 16 bytes of SHA-256 over the SubjectPublicKeyInfo."""
    return hashlib.sha256(public_key).digest()[:KEY_ID_BYTES].hex()


def load_key(public_key: bytes) -> ec.EllipticCurvePublicKey | None:
    """A P-256 key from its SubjectPublicKeyInfo, None when it is anything else."""
    if len(public_key) > PUBLIC_KEY_BYTES_MAX:
        return None
    try:
        key = load_der_public_key(public_key)
    except (ValueError, UnsupportedAlgorithm):
        return None
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    return None


def verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """ECDSA over P-256 with SHA-256 (FIPS 186-5 §6), signature as r‖s."""
    key = load_key(public_key)
    if key is None or len(signature) != SIGNATURE_BYTES:
        return False
    half = SIGNATURE_BYTES // 2
    r, s = (int.from_bytes(part, "big") for part in (signature[:half], signature[half:]))
    try:
        key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def from_base64url(text: str) -> bytes:
    """Base64url without padding (RFC 4648 §5). Raises ValueError."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as cause:
        raise ValueError("base64url") from cause
