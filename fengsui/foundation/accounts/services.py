"""Grant and revoke roles (facts); links and passwords (local to this machine)."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from functools import cache

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from fengsui.foundation.access.problems import NOT_ALLOWED
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import ROLES, Permission, Scope, Viewer
from fengsui.foundation.accounts import rules
from fengsui.foundation.accounts.errors import (
    END_NOT_VALID,
    LINK_NOT_VALID,
    LOCKED,
    PASSWORD_TOO_WEAK,
    SEPARATED_DUTIES,
    UNKNOWN_ROLE,
    WRONG_PASSWORD,
)
from fengsui.foundation.accounts.facts import ROLE_GRANTED, ROLE_REVOKED, SIGNED_IN
from fengsui.foundation.accounts.models import Credential, OneTimeLink, RoleGrant, Throttle
from fengsui.foundation.accounts.queries import in_force
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, record


@command
def register_account(
    *, viewer: Viewer, person_id: int, grants: list[list[str]]
) -> dict[str, list[int]]:
    """Give a person roles: `grants` is [[role, place_code], …]. Roles already held stay single."""
    held = {
        (row.role, row.place_code): row.pk
        for row in RoleGrant.objects.filter(person_id=person_id, revoked_at=None, until_at=None)
    }
    ids = []
    for role, place_code in grants:
        require(viewer, Permission.MANAGE_ACCOUNTS, place_code)
        if role not in ROLES:
            raise UNKNOWN_ROLE(role=role)
        if rules.breaks_separation({name for name, _ in held}, role):
            raise SEPARATED_DUTIES()
        if (role, place_code) not in held:
            fact = record(
                ROLE_GRANTED,
                fields={
                    "person_id": person_id,
                    "role": role,
                    "place_code": place_code,
                    "until_s": None,
                    "reason": "",
                },
                scope=place_code,
                viewer=viewer,
            )
            held[role, place_code] = fact.entity()
        ids.append(held[role, place_code])
    return {"grant_ids": ids}


@command
def grant_until(
    *, viewer: Viewer, person_id: int, role: str, place_code: str, until_s: int, reason: str = ""
) -> dict[str, int]:
    """A role that ends by itself at the second `until_s`: {grant_id}. For who stands in (顶岗).

    Allowed to whoever may grant the role there, and to whoever holds exactly this role over this
    place without an end: one may be stood in for, one cannot hand on what one was lent. Raises
    access.not_allowed, accounts.unknown_role, accounts.separated_duties, accounts.end_not_valid.
    """
    if role not in ROLES:
        raise UNKNOWN_ROLE(role=role)
    if not (viewer.may(Permission.MANAGE_ACCOUNTS, place_code) or _holds(viewer, role, place_code)):
        raise NOT_ALLOWED(permission=Permission.MANAGE_ACCOUNTS.value, place=place_code)
    now = clock.now()
    if not 0 < until_s - now.timestamp() <= rules.STAND_IN_DAYS_MAX * 86_400:
        raise END_NOT_VALID(days=rules.STAND_IN_DAYS_MAX)
    held = RoleGrant.objects.filter(in_force(now), person_id=person_id)
    if rules.breaks_separation({row.role for row in held}, role) or role in rules.SEPARATED:
        raise SEPARATED_DUTIES()
    fact = record(
        ROLE_GRANTED,
        fields={
            "person_id": person_id,
            "role": role,
            "place_code": place_code,
            "until_s": until_s,
            "reason": reason,
        },
        scope=place_code,
        viewer=viewer,
    )
    return {"grant_id": fact.entity()}


def _holds(viewer: Viewer, role: str, place_code: str) -> bool:
    """True where the viewer's own role, held without an end, is this one over this place."""
    rows = RoleGrant.objects.filter(
        person_id=viewer.person_id, role=role, revoked_at=None, until_at=None
    )
    return any(Scope.of(row.place_code).contains(place_code) for row in rows)


@command
def revoke_role(*, viewer: Viewer, grant_id: int, reason: str) -> dict[str, int]:
    grant = RoleGrant.objects.get(id=grant_id)
    require(viewer, Permission.MANAGE_ACCOUNTS, grant.place_code)
    record(
        ROLE_REVOKED,
        fields={"grant_id": grant_id, "reason": reason},
        scope=grant.place_code,
        viewer=viewer,
    )
    return {"grant_id": grant_id}


@command
def note_sign_in(*, viewer: Viewer, how: str) -> dict[str, str]:
    """Who was at the desk is asked by every inquiry, so signing in is a fact."""
    prefix = viewer.grants[0].scope.prefix if viewer.grants else ""
    record(
        SIGNED_IN,
        fields={"person_id": viewer.person_id, "how": how},
        scope=prefix.ljust(12, "0"),
        viewer=viewer,
    )
    return {}


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def make_one_time_link(person_id: int, *, hours: int = rules.LINK_HOURS) -> str:
    """A fresh token that signs this person in once; only its hash is kept."""
    token = secrets.token_urlsafe(24)
    OneTimeLink.objects.create(
        token_hash=_hash(token),
        person_id=person_id,
        expires_at=clock.now() + timedelta(hours=hours),
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


def set_password(person_id: int, sign_in_name: str, password: str) -> None:
    if not rules.is_strong(password):
        raise PASSWORD_TOO_WEAK(minimum=rules.PASSWORD_MINIMUM)
    Credential.objects.update_or_create(
        person_id=person_id,
        defaults={
            "sign_in_name": sign_in_name,
            "password_hash": make_password(password),
            "changed_at": clock.now(),
        },
    )


def check_sign_in(sign_in_name: str, password: str, *, address: str) -> int:
    """The person who signed in. Counts failures per name and per address before it says no."""
    now = clock.now()
    keys = (f"name:{sign_in_name[:80]}", f"address:{address[:60]}")
    for throttle in Throttle.objects.filter(key__in=keys, locked_until__gt=now):
        left = throttle.locked_until - now if throttle.locked_until else timedelta(0)
        raise LOCKED(minutes=max(1, round(left.total_seconds() / 60)))
    credential = Credential.objects.filter(sign_in_name=sign_in_name).first()
    # The same work is done for an unknown name, so that time does not tell which names exist.
    reference = credential.password_hash if credential else _unknown_hash()
    if check_password(password, reference) and credential is not None:
        Throttle.objects.filter(key__in=keys).delete()
        return credential.person_id
    failures = max(_count_failure(key) for key in keys)
    raise WRONG_PASSWORD(
        tries_left=max(0, rules.FAILURES_BEFORE_LOCK - failures), lock_minutes=rules.LOCK_MINUTES
    )


@cache
def _unknown_hash() -> str:
    return make_password(secrets.token_urlsafe(16))


def _count_failure(key: str) -> int:
    with transaction.atomic(using="local"):
        throttle, _ = Throttle.objects.get_or_create(key=key)
        throttle.failures += 1
        if throttle.failures >= rules.FAILURES_BEFORE_LOCK:
            throttle.locked_until = clock.now() + timedelta(minutes=rules.LOCK_MINUTES)
            throttle.failures = 0
        throttle.save()
        return throttle.failures or rules.FAILURES_BEFORE_LOCK
