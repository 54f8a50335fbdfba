"""One fact about accounts → rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from fengsui.foundation.accounts.models import EarlyRevocation, RoleGrant
from fengsui.foundation.journal.facts import Fact

PROJECTION_VERSION = 2  # 2: a grant may end by itself


def apply_granted(fact: Fact) -> int | None:
    grant_id = fact.entity()
    early = EarlyRevocation.objects.filter(grant_id=grant_id).first()
    RoleGrant.objects.get_or_create(
        id=grant_id,
        defaults={
            "person_id": fact.fields["person_id"],
            "role": fact.fields["role"],
            "place_code": fact.fields["place_code"],
            "revoked_at": early.revoked_at if early else None,
            "until_at": _moment(fact.fields["until_s"]),
        },
    )
    return None


def apply_revoked(fact: Fact) -> int | None:
    grant_id = fact.fields["grant_id"]
    EarlyRevocation.objects.get_or_create(grant_id=grant_id, defaults={"revoked_at": fact.at})
    RoleGrant.objects.filter(id=grant_id, revoked_at=None).update(revoked_at=fact.at)
    return None


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def apply_nothing(fact: Fact) -> int | None:
    return None


APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    "account.role_granted": apply_granted,
    "account.role_revoked": apply_revoked,
    "account.signed_in": apply_nothing,
}
