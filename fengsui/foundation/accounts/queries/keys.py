"""Keys of other systems: who made which, and whom a request with one stands for."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from fengsui.foundation.access.queries import in_scopes
from fengsui.foundation.access.viewer import (
    Grant,
    Permission,
    Scope,
    Viewer,
    permissions_of,
)
from fengsui.foundation.accounts import rules
from fengsui.foundation.accounts.models import ApiKey, KeySecret
from fengsui.foundation.accounts.queries.viewers import viewer_for_person
from fengsui.foundation.journal import clock
from fengsui.foundation.people.queries import person_names
from fengsui.foundation.places.queries import names
from fengsui.standards.divisions import full_code
from fengsui.standards.instants import to_iso

PREFIX = "fsk"


def secret_hash(secret: str) -> str:
    """A key's secret is 32 random bytes, so a plain hash cannot be guessed backwards."""
    return hashlib.sha256(secret.encode()).hexdigest()


def viewer_for_key(token: str, *, request_id: str = "") -> Viewer | None:
    """Whom "fsk_<number>_<secret>" stands for; None where it is unknown, ended or revoked.

    It never holds more than the person who answers for it holds at this moment.
    """
    prefix, _, rest = token.partition("_")
    number, _, secret = rest.partition("_")
    if prefix != PREFIX or not number.isascii() or not number.isdigit() or len(number) > 19:
        return None
    known = KeySecret.objects.filter(key_id=int(number)).first()
    fits = hmac.compare_digest(known.secret_hash if known else "0" * 64, secret_hash(secret))
    key = ApiKey.objects.filter(id=int(number), revoked_at=None).first()
    if not fits or key is None or key.until_at <= clock.now():
        return None
    owner = viewer_for_person(key.person_id)
    scope = Scope.of(key.place_code)
    held = frozenset(
        one
        for one in permissions_of(key.permissions) & rules.KEY_MAY_HOLD
        if owner.may(one, key.place_code)
    )
    if not held:
        return None
    return Viewer(
        person_id=key.person_id,
        name=key.name,
        grants=(Grant("api_key", scope, held),),
        request_id=request_id,
        key_id=key.pk,
    )


def keys(*, viewer: Viewer) -> list[dict[str, Any]]:
    """One's own keys, and for the security administrator those of the places looked after."""
    seen = in_scopes("place_code", viewer.scopes(Permission.MANAGE_ACCOUNTS))
    rows = list(ApiKey.objects.filter(seen).order_by("-made_at", "-id"))
    own = ApiKey.objects.filter(person_id=viewer.person_id).order_by("-made_at", "-id")
    known = {row.pk for row in rows}
    rows += [row for row in own if row.pk not in known]
    used = {row.key_id: row for row in KeySecret.objects.filter(key_id__in=[r.pk for r in rows])}
    people = person_names({row.person_id for row in rows}, viewer=viewer)
    people[viewer.person_id] = viewer.name
    places = names({row.place_code for row in rows}, viewer=viewer)
    now = clock.now()
    return [
        {
            "id": str(row.pk),
            "name": row.name,
            "person_name": people.get(row.person_id, ""),
            "place_code": full_code(row.place_code),
            "place_name": places.get(row.place_code, ""),
            "permissions": list(row.permissions),
            "made_at": to_iso(row.made_at),
            "until_at": to_iso(row.until_at),
            "used_at": _used(used.get(row.pk)),
            "state": "revoked" if row.revoked_at else "ended" if row.until_at <= now else "good",
        }
        for row in rows
    ]


def _used(row: KeySecret | None) -> str | None:
    return to_iso(row.used_at) if row and row.used_at else None
