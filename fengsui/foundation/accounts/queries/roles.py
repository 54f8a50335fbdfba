"""Roles as data: the builtin ones and the county's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fengsui.foundation.access.queries import in_scopes
from fengsui.foundation.access.viewer import ROLES, Permission, Scope, Viewer, permissions_of
from fengsui.foundation.accounts import rules
from fengsui.foundation.accounts.models import OwnRole
from fengsui.foundation.accounts.queries.viewers import is_own
from fengsui.standards.roles import role_words

LOCAL_ZH, LOCAL_EN = "本地设定", "set up here"


@dataclass(frozen=True, slots=True)
class RoleData:
    """One role with what decides who may give it. `place_code`: where it may be held; "" all."""

    code: str
    zh: str
    en: str
    permissions: frozenset[Permission]
    granted_by: tuple[str, ...]
    place_code: str
    source: str
    is_verified: bool
    is_own: bool

    def plain(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "zh": self.zh,
            "en": self.en,
            "permissions": sorted(self.permissions),
            "granted_by": list(self.granted_by),
            "place_code": self.place_code,
            "source": self.source,
            "is_verified": self.is_verified,
            "is_own": self.is_own,
            "stands_alone": self.code in rules.SEPARATED,
        }


def role_as_data(code: str) -> RoleData | None:
    """A role that may be given now; None where there is none, or it was withdrawn."""
    if is_own(code):
        row = OwnRole.objects.filter(id=int(code[4:]), withdrawn_at=None).first()
        return _own(row) if row else None
    return _builtin(code) if code in ROLES else None


def _builtin(code: str) -> RoleData:
    words = role_words()[code]
    return RoleData(
        code=code,
        zh=words.zh,
        en=words.en,
        permissions=ROLES[code],
        granted_by=words.granted_by,
        place_code="",
        source=words.source,
        is_verified=words.is_verified,
        is_own=False,
    )


def _own(row: OwnRole) -> RoleData:
    return RoleData(
        code=row.code,
        zh=row.name_zh,
        en=row.name_en,
        permissions=permissions_of(row.permissions) - rules.OF_THE_THREE,
        granted_by=tuple(row.granted_by),
        place_code=row.place_code,
        source=f"{LOCAL_ZH} / {LOCAL_EN}",
        is_verified=False,
        is_own=True,
    )


def all_roles(*, viewer: Viewer) -> list[RoleData]:
    """The builtin roles, then the county's own that hold somewhere in the viewer's places."""
    seen = in_scopes("place_code", _scopes(viewer))
    own = OwnRole.objects.filter(seen, withdrawn_at=None).order_by("id")
    return [*(_builtin(code) for code in role_words()), *(_own(row) for row in own)]


def _scopes(viewer: Viewer) -> tuple[Scope, ...]:
    """A county's roles are known in its townships too, so a scope is widened to its county."""
    keepers = (Permission.MANAGE_ACCOUNTS, Permission.ENROL_PEOPLE, Permission.SEE_PLACES)
    return tuple(Scope(one.prefix[:6]) for each in keepers for one in viewer.scopes(each))


def role_names() -> dict[str, tuple[str, str]]:
    """Code -> (Chinese, English), withdrawn ones too: history goes on naming them."""
    own = {row.code: (row.name_zh, row.name_en) for row in OwnRole.objects.all()}
    return {code: (one.zh, one.en) for code, one in role_words().items()} | own


def givable(viewer: Viewer, place_code: str) -> list[RoleData]:
    """The roles that this viewer may give over this place."""
    return [
        one
        for one in all_roles(viewer=viewer)
        if rules.may_give(
            viewer.grants,
            granted_by=one.granted_by,
            permissions=one.permissions,
            place_code=place_code,
        )
    ]
