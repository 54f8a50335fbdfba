"""The county's own roles and its own rules for signing in."""

from __future__ import annotations

from typing import Any

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import ROLES, Permission, Viewer, permissions_of
from fengsui.foundation.accounts import rules
from fengsui.foundation.accounts.errors import ROLE_NOT_VALID, RULE_NOT_VALID, UNKNOWN_ROLE
from fengsui.foundation.accounts.facts import POLICY_SET, ROLE_DEFINED, ROLE_WITHDRAWN
from fengsui.foundation.accounts.models import OwnRole
from fengsui.foundation.accounts.queries.roles import role_as_data
from fengsui.foundation.journal.services import command, record
from fengsui.standards.sign_in_policy import sign_in_rules

NAME_MAX = 30


@command
def define_role(
    *,
    viewer: Viewer,
    name_zh: str,
    name_en: str,
    permissions: list[str],
    granted_by: list[str],
    place_code: str,
    role_id: int | None = None,
) -> dict[str, str]:
    """A role of the county's own, or its new content: {"code"}. By who manages accounts there."""
    require(viewer, Permission.MANAGE_ACCOUNTS, place_code)
    if role_id is not None:
        _gate(viewer, role_id)
    wanted = permissions_of(permissions)
    names = [name_zh.strip(), name_en.strip() or name_zh.strip()]
    if not all(0 < len(name) <= NAME_MAX for name in names) or not wanted:
        raise ROLE_NOT_VALID()
    if len(wanted) != len(set(permissions)) or rules.gives_too_much(wanted):
        raise ROLE_NOT_VALID()
    for giver in granted_by:
        if giver not in ROLES and role_as_data(giver) is None:
            raise UNKNOWN_ROLE(role=giver)
    fact = record(
        ROLE_DEFINED,
        fields={
            "role_id": role_id,
            "name_zh": names[0],
            "name_en": names[1],
            "permissions": sorted(wanted),
            # The security administrator gives every role but those of the three.
            "granted_by": sorted({*granted_by, "security_administrator"}),
            "place_code": place_code,
        },
        scope=place_code,
        viewer=viewer,
    )
    return {"code": f"own_{role_id if role_id is not None else fact.entity()}"}


@command
def withdraw_role(*, viewer: Viewer, role_id: int, reason: str) -> dict[str, str]:
    """Who holds it keeps the grant and nothing that it gave."""
    row = _gate(viewer, role_id)
    record(
        ROLE_WITHDRAWN,
        fields={"role_id": role_id, "reason": reason},
        scope=row.place_code,
        viewer=viewer,
    )
    return {"code": row.code}


def _gate(viewer: Viewer, role_id: int) -> OwnRole:
    row = OwnRole.objects.filter(id=role_id, withdrawn_at=None).first()
    if row is None or not viewer.may(Permission.MANAGE_ACCOUNTS, row.place_code):
        raise NOT_FOUND()
    return row


@command
def set_policy(
    *, viewer: Viewer, place_code: str, values: dict[str, Any], reason: str
) -> dict[str, int]:
    """The county's own rules for signing in, within the bounds of the table: {"changed"}."""
    require(viewer, Permission.MANAGE_ACCOUNTS, place_code)
    table = sign_in_rules()
    for name, value in values.items():
        if name == "factor_roles":
            _check_roles(value)
        elif name not in table or not rules.is_within(name, value):
            rule = table.get(name)
            raise RULE_NOT_VALID(
                name=rule.zh if rule else name,
                least=rule.least if rule else 0,
                most=rule.most if rule else 0,
            )
    record(
        POLICY_SET,
        fields={"place_code": place_code, "values": dict(values), "reason": reason},
        scope=place_code,
        viewer=viewer,
    )
    return {"changed": len(values)}


def _check_roles(value: Any) -> None:
    if not isinstance(value, list):
        raise UNKNOWN_ROLE(role=str(value))
    for role in value:
        if not isinstance(role, str) or role_as_data(role) is None:
            raise UNKNOWN_ROLE(role=str(role))
