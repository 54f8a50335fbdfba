"""Roles, rules for signing in and keys of other systems, over HTTP."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.viewer import Permission
from fengsui.foundation.accounts import queries, rules, services
from fengsui.foundation.accounts.api.steps import at_the_desk
from fengsui.standards.instants import from_ms, to_iso
from fengsui.standards.roles import permission_words

router = Router(tags=["accounts"])
Place = Field(max_length=17)


class PermissionOut(Schema):
    code: str
    zh: str
    en: str
    shows_personal: bool
    key_may_hold: bool
    of_the_three: bool


class RoleOut(Schema):
    code: str
    zh: str
    en: str
    permissions: list[str]
    granted_by: list[str]
    place_code: str
    source: str
    is_verified: bool
    is_own: bool
    stands_alone: bool


class RolesOut(Schema):
    permissions: list[PermissionOut]
    items: list[RoleOut]
    may_edit: bool


class GivableOut(Schema):
    items: list[RoleOut]


class RoleIn(Schema):
    name_zh: str = Field(min_length=1, max_length=30)
    name_en: str = Field("", max_length=30)
    permissions: list[str] = Field(max_length=60)
    granted_by: list[str] = Field(max_length=60)
    place_code: str = Place


class RoleCodeOut(Schema):
    code: str


class WithdrawRoleIn(Schema):
    reason: str = Field(min_length=2, max_length=200)


class RuleOut(Schema):
    """`standard`: the default; `is_own`: this county has set it."""

    name: str
    zh: str
    en: str
    unit_zh: str
    unit_en: str
    value: int
    standard: int
    least: int
    most: int
    source: str
    is_verified: bool
    is_own: bool


class PolicyOut(Schema):
    rules: list[RuleOut]
    factor_roles: list[str]
    factor_source: str
    may_edit: bool


class PolicyIn(Schema):
    place_code: str = Place
    changed: dict[str, int | list[str]]
    reason: str = Field(min_length=2, max_length=200)


class ApiKeyOut(Schema):
    id: str
    name: str
    person_name: str
    place_code: str
    place_name: str
    permissions: list[str]
    made_at: str
    until_at: str
    used_at: str | None
    state: str


class ApiKeysOut(Schema):
    items: list[ApiKeyOut]
    permissions: list[PermissionOut]


class ApiKeyIn(Schema):
    name: str = Field(min_length=1, max_length=60)
    place_code: str = Place
    permissions: list[str] = Field(max_length=60)
    days: int = Field(ge=1, le=730)


class NewApiKeyOut(Schema):
    """`token` is shown this once."""

    id: str
    token: str
    until_at: str


class RevokedKeyOut(Schema):
    ok: bool = True


def _words() -> list[dict[str, Any]]:
    three = {one.value for one in rules.OF_THE_THREE}
    return [
        {
            "code": one.code,
            "zh": one.zh,
            "en": one.en,
            "shows_personal": one.shows_personal,
            "key_may_hold": one.key_may_hold,
            "of_the_three": one.code in three,
        }
        for one in permission_words().values()
    ]


@router.get("/roles", response=RolesOut)
def roles(request: HttpRequest) -> dict[str, Any]:
    """Which role may do what, in plain words."""
    viewer = at_the_desk(request)
    return {
        "permissions": _words(),
        "items": [one.plain() for one in queries.all_roles(viewer=viewer)],
        "may_edit": bool(viewer.scopes(Permission.MANAGE_ACCOUNTS)),
    }


@router.get("/roles/givable", response=GivableOut)
def givable(request: HttpRequest, place_code: str = "") -> dict[str, Any]:
    """The roles that one may give over this place."""
    found = queries.givable(at_the_desk(request), place_code[:17])
    return {"items": [one.plain() for one in found]}


@router.post("/roles", response=RoleCodeOut)
def define_role(request: HttpRequest, body: RoleIn) -> dict[str, str]:
    """A role of the county's own."""
    return services.define_role(viewer=at_the_desk(request), **body.dict())


@router.put("/roles/{role}", response=RoleCodeOut)
def change_role(request: HttpRequest, role: str, body: RoleIn) -> dict[str, str]:
    """Its new content as a whole; who holds it has that from now on."""
    viewer = at_the_desk(request)
    return services.define_role(viewer=viewer, role_id=_number(role), **body.dict())


@router.post("/roles/{role}/withdraw", response=RoleCodeOut)
def withdraw_role(request: HttpRequest, role: str, body: WithdrawRoleIn) -> dict[str, str]:
    viewer = at_the_desk(request)
    return services.withdraw_role(viewer=viewer, role_id=_number(role), reason=body.reason)


def _number(role: str) -> int:
    number = role.removeprefix("own_")
    if not (number.isascii() and number.isdigit() and len(number) < 20):
        raise NOT_FOUND()
    return int(number)


@router.get("/sign-in-rules", response=PolicyOut)
def read_policy(request: HttpRequest) -> dict[str, Any]:
    """The rules for signing in, with their bounds and where they are from."""
    return queries.policy_page(viewer=at_the_desk(request))


@router.put("/sign-in-rules", response=PolicyOut)
def set_policy(request: HttpRequest, body: PolicyIn) -> dict[str, Any]:
    """The county's own, within the bounds. The security administrator's."""
    viewer = at_the_desk(request)
    services.set_policy(
        viewer=viewer, place_code=body.place_code, values=body.changed, reason=body.reason
    )
    return queries.policy_page(viewer=viewer)


@router.get("/api-keys", response=ApiKeysOut)
def keys(request: HttpRequest) -> dict[str, Any]:
    """One's own keys; the security administrator sees all of the places looked after."""
    return {"items": queries.keys(viewer=at_the_desk(request)), "permissions": _words()}


@router.post("/api-keys", response=NewApiKeyOut)
def make_key(request: HttpRequest, body: ApiKeyIn) -> dict[str, str]:
    """A key for another system, with at most one's own rights."""
    made = services.make_key(viewer=at_the_desk(request), **body.dict())
    return {
        "id": str(made["key_id"]),
        "token": made["token"],
        "until_at": to_iso(from_ms(made["until_s"] * 1000)),
    }


@router.post("/api-keys/{api_key_id}/revoke", response=RevokedKeyOut)
def revoke_key(request: HttpRequest, api_key_id: int, body: WithdrawRoleIn) -> dict[str, Any]:
    """From the next request on it opens nothing."""
    services.revoke_key(viewer=at_the_desk(request), key_id=api_key_id, reason=body.reason)
    return {"ok": True}
