"""What one may know of secrets, sessions and sign-ins; never the secret itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fengsui.foundation.access.problems import NOT_ALLOWED
from fengsui.foundation.access.viewer import Permission, Scope, Viewer, node_viewer
from fengsui.foundation.accounts import rules
from fengsui.foundation.accounts.models import (
    Credential,
    Factor,
    Identity,
    PolicyValue,
    SessionNote,
    SignIn,
)
from fengsui.foundation.accounts.queries.viewers import desk_now, policy, viewer_for_person
from fengsui.foundation.people.queries import person_names, place_codes_of_persons
from fengsui.standards.instants import to_iso
from fengsui.standards.sign_in_policy import factor_roles, sign_in_rules

SIGN_INS_MAX = 200
SESSIONS_MAX = 50


def needs_factor(viewer: Viewer) -> bool:
    """Whether one of the person's roles may not be used without a second factor."""
    return bool({grant.role for grant in viewer.grants} & policy().factor_roles)


def factor_state(person_id: int) -> dict[str, Any]:
    """{"is_set", "since", "codes_left"} of the second factor."""
    row = Factor.objects.filter(person_id=person_id).first()
    is_set = row is not None and row.confirmed_at is not None
    return {
        "is_set": is_set,
        "since": to_iso(row.confirmed_at) if row and row.confirmed_at else None,
        "codes_left": len(row.recovery_hashes) if row and is_set else 0,
    }


def password_of(person_id: int) -> dict[str, Any] | None:
    """{"name", "changed_at", "due_at", "state"}; None where the person has no password here."""
    row = Credential.objects.filter(person_id=person_id).first()
    if row is None:
        return None
    rule = policy()
    return {
        "name": row.sign_in_name,
        "changed_at": to_iso(row.changed_at),
        "due_at": to_iso(row.changed_at + timedelta(days=rule.password_days)),
        "state": rules.password_state(row.changed_at, desk_now(), rule),
    }


def sessions_of(person_id: int, *, viewer: Viewer, own_note: str = "") -> list[dict[str, Any]]:
    """Open sessions of a person: one's own, or those of the people whose accounts one manages."""
    if person_id != viewer.person_id:
        check_manages(viewer, person_id)
    rule, now = policy(), desk_now()
    rows = SessionNote.objects.filter(person_id=person_id, ended_at=None).order_by("-active_at")
    return [
        {
            "id": row.pk,
            "how": row.how,
            "address": row.address,
            "browser": row.browser,
            "begun_at": to_iso(row.begun_at),
            "active_at": to_iso(row.active_at),
            "is_this": row.pk == own_note,
            "is_phone": row.is_kept,
        }
        for row in rows[:SESSIONS_MAX]
        if row.is_kept or not rules.is_idle(row.active_at, now, rule)
    ]


def check_manages(viewer: Viewer, person_id: int) -> None:
    """Raises access.not_allowed unless the viewer manages the accounts of this person's place."""
    codes = place_codes_of_persons([person_id])
    if not any(viewer.may(Permission.MANAGE_ACCOUNTS, code) for code in codes.values()):
        raise NOT_ALLOWED(permission=Permission.MANAGE_ACCOUNTS.value, place="")


def last_sign_in(person_id: int) -> dict[str, str] | None:
    """The sign-in before the present one: {"at", "how", "address"}."""
    rows = SignIn.objects.filter(person_id=person_id, outcome="in").order_by("-id")[:2]
    row = list(rows)[-1] if len(rows) == 2 else None
    return {"at": to_iso(row.at), "how": row.how, "address": row.address} if row else None


def sign_ins(
    *, viewer: Viewer, before: int | None = None, outcome: str = "", limit: int = SIGN_INS_MAX
) -> dict[str, Any]:
    """The list that the auditor reads, newest first: {"items", "next"}.

    Attempts under names that nobody has belong to no place; they are shown to an auditor of the
    whole county only.
    """
    scopes = viewer.scopes(Permission.READ_SIGN_INS)
    if not scopes:
        raise NOT_ALLOWED(permission=Permission.READ_SIGN_INS.value, place="")
    rows = SignIn.objects.order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    if outcome:
        rows = rows.filter(outcome=outcome)
    limit = min(max(limit, 1), SIGN_INS_MAX)
    taken = list(rows[: limit + 1])
    page = taken[:limit]
    known = {row.person_id for row in page if row.person_id}
    node_people = place_and_name(known)
    sees_all = any(len(one.prefix) <= 6 for one in scopes)
    items = []
    for row in page:
        code, name = node_people.get(row.person_id or 0, ("", ""))
        if (not code and not sees_all) or (code and not _inside(scopes, code)):
            continue
        items.append(
            {
                "id": str(row.pk),
                "at": to_iso(row.at),
                "person_name": name,
                "place_code": code,
                "how": row.how,
                "outcome": row.outcome,
                "address": row.address,
                "browser": row.browser,
            }
        )
    return {"items": items, "next": str(page[-1].pk) if len(taken) > limit else None}


def place_and_name(person_ids: set[int]) -> dict[int, tuple[str, str]]:
    """Person id -> (place code, name). Who signed in is what the list is for."""
    node = node_viewer()
    codes = place_codes_of_persons(sorted(person_ids))
    named = person_names(person_ids, viewer=node)
    return {one: (codes.get(one, ""), named.get(one, "")) for one in person_ids}


def _inside(scopes: tuple[Scope, ...], code: str) -> bool:
    return any(scope.contains(code) for scope in scopes)


def identities_of(person_id: int) -> list[dict[str, str]]:
    """Single sign-on identities tied to this person; the subject itself is not shown."""
    rows = Identity.objects.filter(person_id=person_id, unlinked_at=None).order_by("id")
    return [
        {"id": str(row.pk), "issuer": row.issuer, "linked_at": to_iso(row.linked_at)}
        for row in rows
        if row.subject
    ]


def person_of_identity(issuer: str, subject: str) -> int | None:
    """Who is known to this provider under this subject. One subject is one person."""
    rows = Identity.objects.filter(issuer=issuer, subject=subject, unlinked_at=None)
    people = {row.person_id for row in rows.exclude(subject="")}
    return people.pop() if len(people) == 1 else None


def policy_page(*, viewer: Viewer) -> dict[str, Any]:
    """The rules for signing in with bounds, source, and whether the county has set its own."""
    if not viewer.person_id:
        raise NOT_ALLOWED(permission="", place="")
    own = {row.name: row.value for row in PolicyValue.objects.all()}
    now = policy()
    return {
        "rules": [
            {
                "name": one.name,
                "zh": one.zh,
                "en": one.en,
                "unit_zh": one.unit_zh,
                "unit_en": one.unit_en,
                "value": getattr(now, one.name),
                "standard": one.value,
                "least": one.least,
                "most": one.most,
                "source": one.source,
                "is_verified": one.is_verified,
                "is_own": one.name in own,
            }
            for one in sign_in_rules().values()
        ],
        "factor_roles": sorted(now.factor_roles),
        "factor_source": str(factor_roles()["source"]),
        "may_edit": bool(viewer.scopes(Permission.MANAGE_ACCOUNTS)),
    }


def has_roles(person_id: int) -> bool:
    return bool(viewer_for_person(person_id).grants)
