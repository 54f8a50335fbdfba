"""Pure decisions about passwords, lock-out and separated duties."""

from __future__ import annotations

import string

# GB/T 22239-2019 8.1.4.1: complexity of passwords, handling of failed logins. The numbers are
# this project's defaults.
PASSWORD_MINIMUM = 10
PASSWORD_CLASSES = 3
FAILURES_BEFORE_LOCK = 5
LOCK_MINUTES = 15
LINK_HOURS = 24
STAND_IN_DAYS_MAX = 92  # a season; longer than that is an appointment, not standing in
LATE_ENTRY_HOURS = 72  # what a phone signed before its holder's role ended still counts so long
SEPARATED = frozenset({"system_administrator", "security_administrator", "auditor"})


def is_strong(password: str) -> bool:
    groups = (string.ascii_uppercase, string.ascii_lowercase, string.digits)
    kinds = sum(any(sign in group for sign in password) for group in groups)
    known = set("".join(groups))
    kinds += any(sign not in known for sign in password)
    return len(password) >= PASSWORD_MINIMUM and kinds >= PASSWORD_CLASSES


def breaks_separation(held: set[str], wanted: str) -> bool:
    """One person may hold at most one of the three administrators' roles."""
    return wanted in SEPARATED and bool((held & SEPARATED) - {wanted})
