"""Pure decisions: passwords, locks, idle sessions, one-time codes, who may give which role."""

from __future__ import annotations

import string
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from fengsui.foundation.access.viewer import ROLES, Grant, Permission
from fengsui.standards.roles import permission_words, role_words
from fengsui.standards.sign_in_policy import factor_roles, sign_in_rules

STAND_IN_DAYS_MAX = 92  # a season; longer than that is an appointment, not standing in
LATE_ENTRY_HOURS = 72  # what a phone signed before its holder's role ended still counts so long
PENDING_MINUTES = 10  # between the password and the code
FRESH_MINUTES = 15  # after signing in anew, a first password may be set without the old one
IDLE_WARNING_MINUTES = 2
SECRETS_KEPT_DAYS_LEAST = 184  # 网络安全法: logs are kept for at least six months
CODE_STEP_SECONDS = 30  # RFC 6238
CODE_STEPS_ASIDE = 1  # a telephone's clock may be half a minute off
RECOVERY_CODES = 8
# Many names from one address is spraying; an office's own people share one address too.
ADDRESS_FAILURES = 20
SEPARATED = frozenset(code for code, role in role_words().items() if role.stands_alone)
# What only the three separated administrators do; no role of the county's own may give it.
OF_THE_THREE = frozenset(
    {Permission.MANAGE_ACCOUNTS, Permission.MANAGE_SYSTEM, Permission.READ_SIGN_INS}
)
KEY_MAY_HOLD = frozenset(
    Permission(code) for code, words in permission_words().items() if words.key_may_hold
)


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules for signing in that hold here; numbers in the unit of their name."""

    password_length: int
    password_classes: int
    password_history: int
    password_days: int
    password_grace_days: int
    failures_before_lock: int
    lock_minutes: int
    idle_minutes: int
    link_hours: int
    key_days: int
    factor_roles: frozenset[str]

    @classmethod
    def of(cls, own: Mapping[str, object]) -> Policy:
        """The county's own values over the defaults; one that is out of bounds is not followed."""
        numbers = {name: rule.value for name, rule in sign_in_rules().items()}
        for name, value in own.items():
            if name in numbers and is_within(name, value):
                numbers[name] = int(str(value))
        roles = own.get("factor_roles", factor_roles()["value"])
        chosen = frozenset(map(str, roles)) if isinstance(roles, list) else frozenset()
        return cls(**numbers, factor_roles=chosen)


assert {one.name for one in fields(Policy)} == {*sign_in_rules(), "factor_roles"}


def is_within(name: str, value: object) -> bool:
    rule = sign_in_rules()[name]
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return is_number and rule.least <= int(str(value)) <= rule.most


def kinds_of_characters(password: str) -> int:
    groups = (string.ascii_uppercase, string.ascii_lowercase, string.digits)
    kinds = sum(any(sign in group for sign in password) for group in groups)
    known = set("".join(groups))
    return kinds + any(sign not in known for sign in password)


def is_strong(password: str, policy: Policy) -> bool:
    long_enough = len(password) >= policy.password_length
    return long_enough and kinds_of_characters(password) >= policy.password_classes


def password_state(changed_at: datetime, now: datetime, policy: Policy) -> str:
    """ "good", "due" (within the days of grace) or "expired"."""
    age = now - changed_at
    if age <= timedelta(days=policy.password_days):
        return "good"
    in_grace = age <= timedelta(days=policy.password_days + policy.password_grace_days)
    return "due" if in_grace else "expired"


def is_idle(active_at: datetime, now: datetime, policy: Policy) -> bool:
    return now - active_at >= timedelta(minutes=policy.idle_minutes)


def steps_around(now: datetime) -> range:
    """The steps of RFC 6238 whose codes are taken at `now`, oldest first."""
    step = int(now.timestamp()) // CODE_STEP_SECONDS
    return range(step - CODE_STEPS_ASIDE, step + CODE_STEPS_ASIDE + 1)


def breaks_separation(held: Collection[str], wanted: str) -> bool:
    """The three administrators stand alone: no second role for them, nor theirs for others."""
    others = set(held) - {wanted}
    return bool(others) if wanted in SEPARATED else bool(others & SEPARATED)


def gives_too_much(permissions: Iterable[Permission]) -> bool:
    """True where a role of the county's own would hold what only the three administrators do."""
    return bool(OF_THE_THREE & set(permissions))


def may_give(
    giver: Iterable[Grant],
    *,
    granted_by: Collection[str],
    permissions: Iterable[Permission],
    place_code: str,
) -> bool:
    """Whether somebody with these grants may give a role over this place.

    One of the giver's roles over the place must be named by the role; and, but for the security
    administrator, the role gives nothing that the giver does not hold over that place.
    """
    here = [grant for grant in giver if grant.scope.contains(place_code)]
    if not any(grant.role in granted_by for grant in here):
        return False
    if any(Permission.MANAGE_ACCOUNTS in grant.permissions for grant in here):
        return True
    held = {one for grant in here for one in grant.permissions}
    return Permission.ENROL_PEOPLE in held and set(permissions) <= held


def is_builtin(role: str) -> bool:
    return role in ROLES
