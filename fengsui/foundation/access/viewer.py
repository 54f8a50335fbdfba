"""Who is asking, from which place, and what that person may do. Plain values, no Django."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fengsui.standards.divisions import scope_prefix
from fengsui.standards.roles import role_words


class Permission(StrEnum):
    """One thing a person may do. Roles are bundles of these; a grant ties a role to a place."""

    SEE_PLACES = "see_places"
    SEE_PEOPLE = "see_people"  # names of post-holders; telephone numbers stay masked
    REVEAL_PERSONAL = "reveal_personal"  # with a reason, which is recorded
    SEE_HOUSEHOLDS = "see_households"
    EDIT_REGISTERS = "edit_registers"
    SEE_ALERTS = "see_alerts"
    DRAFT_ALERT = "draft_alert"
    APPROVE_ALERT = "approve_alert"
    SELF_RESCUE_CALL = "self_rescue_call"  # 自救呼叫: alone and in danger, own scope only
    SEE_CALLS = "see_calls"
    ANSWER_FOR_OTHERS = "answer_for_others"  # 上级代录
    MARK_REACHED = "mark_reached"
    TAKE_OVER = "take_over"  # drive the calls of one's own places while their owner is cut off
    STEER_CALLOUT = "steer_callout"  # stop, pause a channel, skip a rung, add a party
    RECORD_HOUSEHOLD = "record_household"
    VERIFY_RECORD = "verify_record"
    RUN_EXERCISE = "run_exercise"
    CARRY_BUNDLES = "carry_bundles"  # write and read bundle files at a node of one's place
    NAME_STAND_IN = "name_stand_in"  # 临时顶岗、离岗报备, for the posts of one's own places
    ENROL_PEOPLE = "enrol_people"  # people of one's own places, with roles that one may give
    MAKE_KEYS = "make_keys"  # for other systems, with at most one's own rights
    MANAGE_ACCOUNTS = "manage_accounts"  # 安全管理员
    MANAGE_SYSTEM = "manage_system"  # 系统管理员: the machine, no personal data, no roles
    READ_SIGN_INS = "read_sign_ins"  # 审计员
    ERASE_PERSONAL = "erase_personal"  # terms, and what is erased before or after them


# The builtin roles are data (standards/roles.json); a county's own roles come with the grant.
ROLES: dict[str, frozenset[Permission]] = {
    code: frozenset(Permission(one) for one in role.permissions)
    for code, role in role_words().items()
}


@dataclass(frozen=True, slots=True)
class Scope:
    """A subtree of jurisdictions: every place whose code starts with `prefix`.

    `prefix` is a division code without its trailing zero segments ("433126" is the county,
    "433126101" a township, twelve digits a village, fifteen a grid). "" is everything.
    """

    prefix: str

    @classmethod
    def of(cls, code: str) -> Scope:
        return cls(scope_prefix(code))

    def contains(self, code: str) -> bool:
        return code.startswith(self.prefix)


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held over a subtree. `own`: the permissions where it is not a builtin role."""

    role: str
    scope: Scope
    own: frozenset[Permission] | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the role gives; nothing where the program does not know it."""
        return ROLES.get(self.role, frozenset()) if self.own is None else self.own

    def to_plain(self) -> list[Any]:
        plain: list[Any] = [self.role, self.scope.prefix]
        return plain if self.own is None else [*plain, sorted(self.own)]


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person (or the node itself) on whose behalf something is read or written."""

    person_id: int
    name: str
    grants: tuple[Grant, ...] = field(default=())
    is_node: bool = False  # the program itself: jobs, the engine, imports by the command line
    request_id: str = ""
    key_id: int = 0  # another system's key, for which this person answers

    def scopes(self, permission: Permission) -> tuple[Scope, ...]:
        """The subtrees in which this viewer holds `permission`; () means nowhere."""
        if self.is_node:
            return (Scope(""),)
        return tuple(grant.scope for grant in self.grants if permission in grant.permissions)

    def may(self, permission: Permission, code: str) -> bool:
        return any(scope.contains(code) for scope in self.scopes(permission))

    def to_plain(self) -> dict[str, Any]:
        return {
            "person_id": self.person_id,
            "name": self.name,
            "grants": [grant.to_plain() for grant in self.grants],
            "is_node": self.is_node,
            "request_id": self.request_id,
            "key_id": self.key_id,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Viewer:
        return cls(
            person_id=plain["person_id"],
            name=plain["name"],
            grants=grants_of(plain["grants"]),
            is_node=plain["is_node"],
            request_id=plain["request_id"],
            key_id=plain.get("key_id", 0),
        )


def grants_of(plain: Iterable[Sequence[Any]]) -> tuple[Grant, ...]:
    """From [role, prefix] or [role, prefix, permissions]."""
    return tuple(
        Grant(one[0], Scope(one[1]), permissions_of(one[2]) if len(one) > 2 else None)
        for one in plain
    )


def permissions_of(codes: Iterable[str]) -> frozenset[Permission]:
    """The permissions of these codes; one that this program does not know gives nothing."""
    known = {one.value for one in Permission}
    return frozenset(Permission(code) for code in codes if code in known)


def node_viewer(name: str = "fengsui", request_id: str = "") -> Viewer:
    """The program acting by itself. It sees everything; its facts carry actor 0."""
    return Viewer(person_id=0, name=name, is_node=True, request_id=request_id)


NOBODY = Viewer(person_id=0, name="")
