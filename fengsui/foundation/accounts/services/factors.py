"""The second factor: a code of six digits every half minute (RFC 6238), and recovery codes."""

from __future__ import annotations

import hashlib
import hmac

import nacl.exceptions
import nacl.secret
import pyotp
from django.conf import settings
from django.db import transaction

from fengsui.foundation.accounts import rules
from fengsui.foundation.accounts.errors import NO_FACTOR_STARTED, WRONG_CODE
from fengsui.foundation.accounts.models import Factor, Throttle
from fengsui.foundation.accounts.queries.viewers import desk_now, policy
from fengsui.foundation.accounts.services.signing_in import count_failure, refuse_locked

ISSUER = "烽燧 Fengsui"
_PERSON = b"fengsui-factor"


def _box() -> nacl.secret.SecretBox:
    """Sealed with a key made from this node's own secret, which is not in the database."""
    key = hashlib.blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=_PERSON).digest()
    return nacl.secret.SecretBox(key)


def _sealed(person_id: int, secret: str) -> bytes:
    return bytes(_box().encrypt(f"{person_id}:{secret}".encode()))


def _opened(row: Factor) -> str:
    """The secret. A row that was copied to another person, or altered, opens nothing."""
    try:
        owner, _, secret = _box().decrypt(bytes(row.sealed_secret)).decode().partition(":")
    except (nacl.exceptions.CryptoError, UnicodeDecodeError):
        raise WRONG_CODE() from None
    if owner != str(row.person_id):
        raise WRONG_CODE()
    return secret


def start_factor(person_id: int, *, name: str) -> dict[str, str]:
    """A new secret that counts once a code of it is entered: {secret, uri} for the phone."""
    secret = pyotp.random_base32()
    current = Factor.objects.filter(person_id=person_id).exclude(confirmed_at=None).exists()
    if current:
        raise NO_FACTOR_STARTED()
    Factor.objects.update_or_create(
        person_id=person_id,
        defaults={
            "sealed_secret": _sealed(person_id, secret),
            "confirmed_at": None,
            "last_step": 0,
            "recovery_hashes": [],
        },
    )
    uri = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)
    return {"secret": secret, "uri": uri}


def confirm_factor(person_id: int, code: str) -> list[str]:
    """The recovery codes, shown this once. Raises accounts.wrong_code."""
    row = Factor.objects.filter(person_id=person_id, confirmed_at=None).first()
    if row is None:
        raise NO_FACTOR_STARTED()
    _take_code(row, code)
    codes = [_recovery_code() for _ in range(rules.RECOVERY_CODES)]
    Factor.objects.filter(person_id=person_id).update(
        confirmed_at=desk_now(), recovery_hashes=[_hash(one) for one in codes]
    )
    return codes


def check_code(person_id: int, code: str) -> str:
    """ "code" or "recovery". Raises accounts.wrong_code, accounts.locked. Nothing counts twice."""
    row = Factor.objects.filter(person_id=person_id).exclude(confirmed_at=None).first()
    if row is None:
        raise WRONG_CODE()
    if _is_recovery(code):
        return _take_recovery(row, code)
    _take_code(row, code)
    return "code"


def remove_factor(person_id: int) -> None:
    Factor.objects.filter(person_id=person_id).delete()


def _take_code(row: Factor, code: str) -> None:
    key = f"code:{row.person_id}"
    refuse_locked([key])
    totp = pyotp.TOTP(_opened(row))
    offered = "".join(code.split())
    for step in rules.steps_around(desk_now()):
        if hmac.compare_digest(totp.generate_otp(step).encode(), offered.encode()):
            # Two requests with one code race for this row; one of them wins.
            if Factor.objects.filter(person_id=row.person_id, last_step__lt=step).update(
                last_step=step
            ):
                Throttle.objects.filter(key=key).delete()
                return
            break
    count_failure(key, policy().failures_before_lock)
    raise WRONG_CODE()


def _take_recovery(row: Factor, code: str) -> str:
    key = f"code:{row.person_id}"
    refuse_locked([key])
    wanted = _hash(_plain(code))
    with transaction.atomic(using="local"):
        fresh = Factor.objects.select_for_update().get(person_id=row.person_id)
        if wanted in fresh.recovery_hashes:
            fresh.recovery_hashes = [one for one in fresh.recovery_hashes if one != wanted]
            fresh.save(update_fields=["recovery_hashes"])
            return "recovery"
    count_failure(key, policy().failures_before_lock)
    raise WRONG_CODE()


def _recovery_code() -> str:
    """Sixteen signs of base32 in four groups: 80 bits, to be written on paper."""
    plain = pyotp.random_base32(32)[:16]
    return "-".join(plain[start : start + 4] for start in range(0, 16, 4))


def _plain(code: str) -> str:
    signs = "".join(sign for sign in code.upper() if sign.isalnum())
    return "-".join(signs[start : start + 4] for start in range(0, len(signs), 4))


def _is_recovery(code: str) -> bool:
    return sum(sign.isalnum() for sign in code) == 16


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
