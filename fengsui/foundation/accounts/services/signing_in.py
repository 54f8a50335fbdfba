"""One-time links, passwords, and what is done against guessing. All of it stays on this machine."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta
from functools import cache
from ipaddress import ip_address

from django.contrib.auth.hashers import check_password, make_password
from django.core import signing
from django.db import IntegrityError, transaction

from fengsui.foundation.accounts import rules
from fengsui.foundation.accounts.errors import (
    LINK_NOT_VALID,
    LOCKED,
    NAME_TAKEN,
    OLD_PASSWORD_WRONG,
    PASSWORD_TOO_WEAK,
    PASSWORD_USED_BEFORE,
    WRONG_PASSWORD,
)
from fengsui.foundation.accounts.models import Credential, OneTimeLink, SignIn, Throttle
from fengsui.foundation.accounts.queries.viewers import desk_now, policy
from fengsui.foundation.journal import clock

SIGN_INS_KEPT_DAYS = 400
PRUNE_EVERY = 500
BROWSER_DAYS = 180
_BROWSER_SALT = "fengsui.browser"
_FORGET_AFTER_LOCKS = 4  # failures further apart than this many locks do not add up


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_one_time_link(person_id: int, *, hours: int | None = None) -> str:
    """A fresh token that signs this person in once; only its hash is kept."""
    token = secrets.token_urlsafe(24)
    lasting = timedelta(hours=hours or policy().link_hours)
    OneTimeLink.objects.create(
        token_hash=_hash(token), person_id=person_id, expires_at=clock.now() + lasting
    )
    return token


def use_one_time_link(token: str) -> int:
    """The person behind the link. Raises accounts.link_not_valid when used, expired or unknown."""
    now = clock.now()
    claimed = OneTimeLink.objects.filter(
        token_hash=_hash(token), used_at=None, expires_at__gt=now
    ).update(used_at=now)
    if not claimed:
        raise LINK_NOT_VALID()
    return OneTimeLink.objects.get(token_hash=_hash(token)).person_id


def spoil_links(person_id: int) -> None:
    """Links of this person that nobody has used do not work any more."""
    OneTimeLink.objects.filter(person_id=person_id, used_at=None).update(used_at=clock.now())


def set_password(person_id: int, sign_in_name: str, password: str) -> None:
    """Raises accounts.password_too_weak, accounts.password_used_before, accounts.name_taken."""
    rule, name = policy(), sign_in_name.strip()[:80]
    if not name or not rules.is_strong(password, rule):
        raise PASSWORD_TOO_WEAK(minimum=rule.password_length, kinds=rule.password_classes)
    known = Credential.objects.filter(person_id=person_id).first()
    former = [known.password_hash, *known.former_hashes][: rule.password_history] if known else []
    if any(check_password(password, one) for one in former):
        raise PASSWORD_USED_BEFORE()
    try:
        with transaction.atomic(using="local"):
            Credential.objects.update_or_create(
                person_id=person_id,
                defaults={
                    "sign_in_name": name,
                    "password_hash": make_password(password),
                    "changed_at": desk_now(),
                    "former_hashes": former,
                },
            )
    except IntegrityError:
        raise NAME_TAKEN(name=name) from None


def check_old_password(person_id: int, password: str) -> None:
    """Raises accounts.old_password_wrong; failures count like those of signing in."""
    key = f"own:{person_id}"
    refuse_locked([key])
    credential = Credential.objects.filter(person_id=person_id).first()
    if credential is None or not check_password(password, credential.password_hash):
        count_failure(key, policy().failures_before_lock)
        raise OLD_PASSWORD_WRONG()
    Throttle.objects.filter(key=key).delete()


def forget_password(person_id: int) -> None:
    Credential.objects.filter(person_id=person_id).delete()


def check_sign_in(sign_in_name: str, password: str, *, address: str, browser: str = "") -> int:
    """The person who signed in. Failures are counted before it says no.

    A browser from which this name has signed in before (`browser`: its mark) has a count of its
    own: whoever fails on purpose elsewhere locks the name for strangers, not for its owner.
    """
    name = sign_in_name.strip()[:80]
    rule = policy()
    known = _known_browser(browser, name)
    limits = (
        {f"browser:{known}": rule.failures_before_lock}
        if known
        else {
            f"name:{name}": rule.failures_before_lock,
            f"address:{_network(address)}": rules.ADDRESS_FAILURES,
        }
    )
    refuse_locked(limits)
    credential = Credential.objects.filter(sign_in_name=name).first()
    # The same work is done for an unknown name, so that time does not tell which names exist.
    reference = credential.password_hash if credential else unknown_hash()
    if check_password(password, reference) and credential is not None:
        own = [key for key in limits if not key.startswith("address:")]
        Throttle.objects.filter(key__in=own).delete()
        return credential.person_id
    left = min(count_failure(key, most) for key, most in limits.items())
    raise WRONG_PASSWORD(tries_left=left, lock_minutes=rule.lock_minutes)


def owner_of_name(sign_in_name: str) -> int | None:
    row = Credential.objects.filter(sign_in_name=sign_in_name.strip()[:80]).first()
    return row.person_id if row else None


def unlock(person_id: int) -> None:
    row = Credential.objects.filter(person_id=person_id).first()
    keys = [f"own:{person_id}", f"code:{person_id}"]
    if row is not None:
        keys.append(f"name:{row.sign_in_name}")
    Throttle.objects.filter(key__in=keys).delete()


def browser_mark(person_id: int) -> str:
    """What a browser keeps after signing in by password, so that it is known again; "" without."""
    row = Credential.objects.filter(person_id=person_id).first()
    if row is None:
        return ""
    content = {"name": _hash(row.sign_in_name), "mark": secrets.token_hex(8)}
    return signing.dumps(content, salt=_BROWSER_SALT)


def _known_browser(mark: str, name: str) -> str:
    try:
        content = signing.loads(mark, salt=_BROWSER_SALT, max_age=timedelta(days=BROWSER_DAYS))
    except signing.BadSignature:
        return ""
    return str(content["mark"]) if content.get("name") == _hash(name) else ""


def _network(address: str) -> str:
    """An IPv6 subscriber holds a whole /64."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:60]
    return parsed.exploded[:19] if parsed.version == 6 else address


@cache
def unknown_hash() -> str:
    return make_password(secrets.token_urlsafe(16))


def refuse_locked(keys: Iterable[str]) -> None:
    now = desk_now()
    for throttle in Throttle.objects.filter(key__in=list(keys), locked_until__gt=now):
        left = throttle.locked_until - now if throttle.locked_until else timedelta(0)
        raise LOCKED(minutes=max(1, round(left.total_seconds() / 60)))


def count_failure(key: str, most: int) -> int:
    """How many tries are left under this key; at none it locks."""
    now, lasting = desk_now(), timedelta(minutes=policy().lock_minutes)
    with transaction.atomic(using="local"):
        throttle, _ = Throttle.objects.get_or_create(key=key, defaults={"first_at": now})
        if throttle.first_at is None or now - throttle.first_at > lasting * _FORGET_AFTER_LOCKS:
            throttle.failures, throttle.first_at = 0, now
        throttle.failures += 1
        left = most - throttle.failures
        if left <= 0:
            throttle.locked_until = now + lasting
            throttle.failures = 0
        throttle.save()
    return max(0, left)


def note_attempt(
    *, person_id: int | None, how: str, outcome: str, address: str, browser: str
) -> None:
    """One line of the list of sign-ins. A name that nobody has is left out: a password, often."""
    row = SignIn.objects.create(
        at=desk_now(),
        person_id=person_id,
        how=how,
        outcome=outcome,
        address=address[:60],
        browser=browser[:160],
    )
    if row.pk % PRUNE_EVERY == 0:
        SignIn.objects.filter(at__lt=desk_now() - timedelta(days=SIGN_INS_KEPT_DAYS)).delete()
