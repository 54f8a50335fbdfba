"""Keys of other systems. That one was made or revoked is a fact; its secret is shown once."""

from __future__ import annotations

import secrets
from datetime import timedelta
from threading import Lock
from typing import Any

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer, permissions_of
from fengsui.foundation.accounts import rules
from fengsui.foundation.accounts.errors import KEY_NOT_VALID, TOO_MANY_REQUESTS
from fengsui.foundation.accounts.facts import KEY_MADE, KEY_REVOKED
from fengsui.foundation.accounts.models import ApiKey, KeySecret
from fengsui.foundation.accounts.queries.keys import PREFIX, secret_hash
from fengsui.foundation.accounts.queries.viewers import policy
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, record

USED_AGAIN_SECONDS = 60
NAME_MAX = 60


def make_key(
    *, viewer: Viewer, name: str, place_code: str, permissions: list[str], days: int
) -> dict[str, Any]:
    """{"id", "token", "until_s"}; the token is nowhere afterwards."""
    made = record_key(
        viewer=viewer, name=name, place_code=place_code, permissions=permissions, days=days
    )
    secret = secrets.token_urlsafe(32)
    KeySecret.objects.create(key_id=made["key_id"], secret_hash=secret_hash(secret))
    return {**made, "token": f"{PREFIX}_{made['key_id']}_{secret}"}


@command
def record_key(
    *, viewer: Viewer, name: str, place_code: str, permissions: list[str], days: int
) -> dict[str, int]:
    """{"key_id", "until_s"}. Nobody makes a key for more than they may do themselves."""
    require(viewer, Permission.MAKE_KEYS, place_code)
    wanted = permissions_of(permissions)
    longest = policy().key_days
    fits = (
        0 < len(name.strip()) <= NAME_MAX
        and wanted
        and len(wanted) == len(set(permissions))
        and wanted <= rules.KEY_MAY_HOLD
        and all(viewer.may(one, place_code) for one in wanted)
        and 1 <= days <= longest
    )
    if not fits:
        raise KEY_NOT_VALID(days=longest)
    until_s = int((clock.now() + timedelta(days=days)).timestamp())
    fact = record(
        KEY_MADE,
        fields={
            "person_id": viewer.person_id,
            "name": name.strip(),
            "place_code": place_code,
            "permissions": sorted(wanted),
            "until_s": until_s,
        },
        scope=place_code,
        viewer=viewer,
        about=[viewer.person_id],
    )
    return {"key_id": fact.entity(), "until_s": until_s}


@command
def revoke_key(*, viewer: Viewer, key_id: int, reason: str) -> dict[str, int]:
    """By who answers for it, or who manages the accounts of its place."""
    key = ApiKey.objects.filter(id=key_id, revoked_at=None).first()
    own = key is not None and key.person_id == viewer.person_id and viewer.person_id != 0
    if key is None or not (own or viewer.may(Permission.MANAGE_ACCOUNTS, key.place_code)):
        raise NOT_FOUND()
    record(
        KEY_REVOKED,
        fields={"key_id": key_id, "reason": reason},
        scope=key.place_code,
        viewer=viewer,
        about=[key.person_id],
    )
    return {"key_id": key_id}


def note_use(key_id: int, *, address: str) -> None:
    now = clock.now()
    KeySecret.objects.filter(key_id=key_id).exclude(
        used_at__gte=now - timedelta(seconds=USED_AGAIN_SECONDS)
    ).update(used_at=now, used_from=address[:60])


class Meter:
    """How often each key asked in the minute that runs. Kept in memory, per process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._minute = 0
        self._counts: dict[str, int] = {}

    def count(self, who: str, most: int) -> None:
        """Raises accounts.too_many_requests beyond `most` in one minute."""
        minute = int(clock.machine_now().timestamp()) // 60
        with self._lock:
            if minute != self._minute:
                self._minute, self._counts = minute, {}
            self._counts[who] = self._counts.get(who, 0) + 1
            is_over = self._counts[who] > most
        if is_over:
            raise TOO_MANY_REQUESTS(per_minute=most)


meter = Meter()
