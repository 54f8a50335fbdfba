"""One fact about accounts → rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from fengsui.foundation.accounts.models import (
    ApiKey,
    EarlyRevocation,
    Identity,
    OwnRole,
    PolicyValue,
    RoleGrant,
)
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.merging import clock_of

PROJECTION_VERSION = 3  # 3: own roles, keys, identities, rules; 2: a grant may end by itself


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


def apply_role_defined(fact: Fact) -> int | None:
    role_id = fact.fields["role_id"]
    content = {
        name: fact.fields[name]
        for name in ("name_zh", "name_en", "permissions", "granted_by", "place_code")
    }
    if role_id is None:
        OwnRole.objects.get_or_create(
            id=fact.entity(), defaults={**content, "set_clock": clock_of(fact)}
        )
        return None
    if not OwnRole.objects.filter(id=role_id).exists():
        return int(role_id)
    OwnRole.objects.filter(id=role_id, set_clock__lt=clock_of(fact)).update(
        **content, set_clock=clock_of(fact)
    )
    return None


def apply_role_withdrawn(fact: Fact) -> int | None:
    role_id = fact.fields["role_id"]
    if not OwnRole.objects.filter(id=role_id).exists():
        return int(role_id)
    OwnRole.objects.filter(id=role_id, withdrawn_at=None).update(withdrawn_at=fact.at)
    return None


def apply_policy_set(fact: Fact) -> int | None:
    for name, value in sorted(fact.fields["values"].items()):
        _, is_new = PolicyValue.objects.get_or_create(
            name=name, defaults={"value": value, "set_clock": clock_of(fact)}
        )
        if not is_new:
            PolicyValue.objects.filter(name=name, set_clock__lt=clock_of(fact)).update(
                value=value, set_clock=clock_of(fact)
            )
    return None


def apply_key_made(fact: Fact) -> int | None:
    ApiKey.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "person_id": fact.fields["person_id"],
            "name": fact.fields["name"],
            "place_code": fact.fields["place_code"],
            "permissions": fact.fields["permissions"],
            "made_at": fact.at,
            "until_at": datetime.fromtimestamp(fact.fields["until_s"], UTC),
        },
    )
    return None


def apply_key_revoked(fact: Fact) -> int | None:
    key_id = fact.fields["key_id"]
    if not ApiKey.objects.filter(id=key_id).exists():
        return int(key_id)
    ApiKey.objects.filter(id=key_id, revoked_at=None).update(revoked_at=fact.at)
    return None


def apply_identity_linked(fact: Fact) -> int | None:
    subject = fact.personal["subject"] if fact.personal is not None else ""
    row, is_new = Identity.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "person_id": fact.fields["person_id"],
            "issuer": fact.fields["issuer"],
            "subject": subject,
            "linked_at": fact.at,
        },
    )
    if not is_new and not subject and row.subject:
        Identity.objects.filter(id=row.pk).update(subject="")
    return None


def apply_identity_unlinked(fact: Fact) -> int | None:
    identity_id = fact.fields["identity_id"]
    if not Identity.objects.filter(id=identity_id).exists():
        return int(identity_id)
    Identity.objects.filter(id=identity_id, unlinked_at=None).update(unlinked_at=fact.at)
    return None


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def apply_nothing(fact: Fact) -> int | None:
    return None


APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    "account.role_granted": apply_granted,
    "account.role_revoked": apply_revoked,
    "account.signed_in": apply_nothing,
    "account.role_defined": apply_role_defined,
    "account.role_withdrawn": apply_role_withdrawn,
    "account.link_made": apply_nothing,
    "account.policy_set": apply_policy_set,
    "account.key_made": apply_key_made,
    "account.key_revoked": apply_key_revoked,
    "account.identity_linked": apply_identity_linked,
    "account.identity_unlinked": apply_identity_unlinked,
    "account.secret_changed": apply_nothing,
}
