"""Giving roles, lending them until an hour, taking them back. Each is a fact."""

from __future__ import annotations

from fengsui.foundation.access.problems import NOT_ALLOWED, NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import ROLES, Permission, Scope, Viewer
from fengsui.foundation.accounts import rules
from fengsui.foundation.accounts.errors import (
    END_NOT_VALID,
    NOT_TO_ONESELF,
    SEPARATED_DUTIES,
    UNKNOWN_ROLE,
)
from fengsui.foundation.accounts.facts import (
    LINK_MADE,
    ROLE_GRANTED,
    ROLE_REVOKED,
    SECRET_CHANGED,
    SIGNED_IN,
)
from fengsui.foundation.accounts.models import RoleGrant
from fengsui.foundation.accounts.queries.roles import role_as_data
from fengsui.foundation.accounts.queries.viewers import in_force, viewer_for_person
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, record

SECONDS_A_DAY = 86_400


@command
def register_account(
    *, viewer: Viewer, person_id: int, grants: list[list[str]], reason: str = ""
) -> dict[str, list[int]]:
    """Give a person roles: `grants` is [[role, place_code], …]. Roles already held stay single."""
    rows = RoleGrant.objects.filter(in_force(clock.now()), person_id=person_id)
    held = {(row.role, row.place_code): row.pk for row in rows if row.until_at is None}
    roles = {row.role for row in rows}
    ids = []
    for role, place_code in grants:
        _check_may_give(viewer, person_id, role, place_code)
        if rules.breaks_separation(roles, role):
            raise SEPARATED_DUTIES()
        if (role, place_code) not in held:
            held[role, place_code] = _granted(viewer, person_id, role, place_code, None, reason)
            roles.add(role)
        ids.append(held[role, place_code])
    return {"grant_ids": ids}


@command
def grant_until(
    *, viewer: Viewer, person_id: int, role: str, place_code: str, until_s: int, reason: str = ""
) -> dict[str, int]:
    """A role that ends by itself at the second `until_s`: {grant_id}. For who stands in (顶岗).

    Allowed to whoever may give the role there, and to whoever holds exactly this role over this
    place without an end: one may be stood in for, one cannot hand on what one was lent. Raises
    access.not_allowed, accounts.unknown_role, accounts.separated_duties, accounts.end_not_valid.
    """
    if role not in ROLES and role_as_data(role) is None:
        raise UNKNOWN_ROLE(role=role)
    if not _holds(viewer, role, place_code):
        _check_may_give(viewer, person_id, role, place_code)
    now = clock.now()
    if not 0 < until_s - now.timestamp() <= rules.STAND_IN_DAYS_MAX * SECONDS_A_DAY:
        raise END_NOT_VALID(days=rules.STAND_IN_DAYS_MAX)
    held = RoleGrant.objects.filter(in_force(now), person_id=person_id)
    if role in rules.SEPARATED or rules.breaks_separation({row.role for row in held}, role):
        raise SEPARATED_DUTIES()
    return {"grant_id": _granted(viewer, person_id, role, place_code, until_s, reason)}


def _granted(
    viewer: Viewer, person_id: int, role: str, place_code: str, until_s: int | None, reason: str
) -> int:
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
        about=[person_id],
    )
    return fact.entity()


def _check_may_give(viewer: Viewer, person_id: int, role: str, place_code: str) -> None:
    data = role_as_data(role)
    if data is None or not Scope.of(data.place_code).contains(place_code):
        raise UNKNOWN_ROLE(role=role)
    if viewer.is_node:
        return
    if viewer.person_id == person_id:
        raise NOT_TO_ONESELF()
    if not rules.may_give(
        viewer.grants,
        granted_by=data.granted_by,
        permissions=data.permissions,
        place_code=place_code,
    ):
        raise NOT_ALLOWED(permission=Permission.ENROL_PEOPLE.value, place=place_code)


def _holds(viewer: Viewer, role: str, place_code: str) -> bool:
    """True where the viewer's own role, held without an end, is this one over this place."""
    rows = RoleGrant.objects.filter(
        person_id=viewer.person_id, role=role, revoked_at=None, until_at=None
    )
    return any(Scope.of(row.place_code).contains(place_code) for row in rows)


def may_act_on(viewer: Viewer, person_id: int) -> bool:
    """Whether the viewer could have given this person every role that they hold.

    Otherwise a link or a new password for somebody else would be a way to their rights.
    """
    if viewer.is_node:
        return True
    if viewer.person_id == person_id:
        return False
    rows = RoleGrant.objects.filter(in_force(clock.now()), person_id=person_id)
    return all(_could_give(viewer, row.role, row.place_code) for row in rows)


def _could_give(viewer: Viewer, role: str, place_code: str) -> bool:
    data = role_as_data(role)
    if data is None:
        return viewer.may(Permission.MANAGE_ACCOUNTS, place_code)
    permissions, granted_by = data.permissions, data.granted_by
    if role in rules.SEPARATED and viewer.may(Permission.MANAGE_ACCOUNTS, place_code):
        # Nobody gives these by hand but the installation; looking after them is another matter.
        granted_by = (*granted_by, "security_administrator")
    return rules.may_give(
        viewer.grants, granted_by=granted_by, permissions=permissions, place_code=place_code
    )


@command
def revoke_role(*, viewer: Viewer, grant_id: int, reason: str) -> dict[str, int]:
    """Takes a role back at once. Raises access.not_found, access.not_allowed."""
    grant = RoleGrant.objects.filter(id=grant_id).first()
    if grant is None:
        raise NOT_FOUND()
    if not viewer.is_node:
        if viewer.person_id == grant.person_id and grant.role in rules.SEPARATED:
            raise NOT_TO_ONESELF()
        if not _could_give(viewer, grant.role, grant.place_code):
            # What one may not see is not found; else the right is what is missing.
            if not _sees(viewer, grant.place_code):
                raise NOT_FOUND()
            require(viewer, Permission.MANAGE_ACCOUNTS, grant.place_code)
    record(
        ROLE_REVOKED,
        fields={"grant_id": grant_id, "reason": reason},
        scope=grant.place_code,
        viewer=viewer,
        about=[grant.person_id],
    )
    return {"grant_id": grant_id}


def _sees(viewer: Viewer, place_code: str) -> bool:
    keepers = (Permission.MANAGE_ACCOUNTS, Permission.ENROL_PEOPLE)
    return any(viewer.may(one, place_code) for one in keepers)


@command
def end_account(*, viewer: Viewer, person_id: int, reason: str) -> dict[str, int]:
    """Takes every role of a person back: {ended: how many}."""
    rows = list(RoleGrant.objects.filter(in_force(clock.now()), person_id=person_id))
    if not rows or not may_act_on(viewer, person_id):
        raise NOT_FOUND()
    for row in rows:
        record(
            ROLE_REVOKED,
            fields={"grant_id": row.pk, "reason": reason},
            scope=row.place_code,
            viewer=viewer,
            about=[person_id],
        )
    record_secret_change(viewer=viewer, person_id=person_id, what="ended", reason=reason)
    return {"ended": len(rows)}


def _scope_of(viewer: Viewer) -> str:
    prefix = viewer.grants[0].scope.prefix if viewer.grants else ""
    return prefix.ljust(12, "0")


@command
def note_sign_in(*, viewer: Viewer, how: str) -> dict[str, str]:
    """Who was at the desk is asked by every inquiry, so signing in is a fact."""
    record(
        SIGNED_IN,
        fields={"person_id": viewer.person_id, "how": how},
        scope=_scope_of(viewer),
        viewer=viewer,
    )
    return {}


@command
def record_secret_change(
    *, viewer: Viewer, person_id: int, what: str, reason: str = ""
) -> dict[str, str]:
    """That a secret changed hands is a fact; the secret never is."""
    owner = viewer_for_person(person_id)
    record(
        SECRET_CHANGED,
        fields={"person_id": person_id, "what": what, "reason": reason},
        scope=_scope_of(owner if owner.grants else viewer),
        viewer=viewer,
        about=[person_id],
    )
    return {}


@command
def record_link_made(*, viewer: Viewer, person_id: int, hours: int) -> dict[str, str]:
    owner = viewer_for_person(person_id)
    record(
        LINK_MADE,
        fields={"person_id": person_id, "hours": hours},
        scope=_scope_of(owner if owner.grants else viewer),
        viewer=viewer,
        about=[person_id],
    )
    return {}
