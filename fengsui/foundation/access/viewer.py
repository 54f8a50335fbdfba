"""Who is asking, from which place, and what that person may do. Plain values, no Django."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from fengsui.standards.divisions import scope_prefix


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
    MANAGE_ACCOUNTS = "manage_accounts"


P = Permission
_FIELD = frozenset({P.SEE_PLACES, P.SEE_PEOPLE, P.SEE_HOUSEHOLDS, P.SEE_ALERTS, P.RECORD_HOUSEHOLD})
_VILLAGE = _FIELD | {P.SEE_CALLS, P.MARK_REACHED, P.SELF_RESCUE_CALL, P.CARRY_BUNDLES}
_TOWNSHIP = _VILLAGE | {
    P.ANSWER_FOR_OTHERS,
    P.DRAFT_ALERT,
    P.REVEAL_PERSONAL,
    P.EDIT_REGISTERS,
    P.TAKE_OVER,
}
_DUTY = _TOWNSHIP | {P.STEER_CALLOUT, P.VERIFY_RECORD, P.RUN_EXERCISE}

ROLES: dict[str, frozenset[Permission]] = {
    "duty_officer": frozenset(_DUTY),
    "duty_leader": frozenset(_DUTY | {P.APPROVE_ALERT}),
    "township_officer": frozenset(_TOWNSHIP),
    "village_secretary": frozenset(_VILLAGE),
    "grid_worker": _FIELD,
    "household_head": _FIELD,
    "venue_contact": frozenset({P.SEE_PLACES, P.SEE_ALERTS}),
    "auditor": frozenset({P.SEE_PLACES, P.SEE_ALERTS, P.SEE_CALLS, P.VERIFY_RECORD}),
    "system_administrator": frozenset({P.SEE_PLACES, P.EDIT_REGISTERS}),
    "security_administrator": frozenset({P.SEE_PLACES, P.SEE_PEOPLE, P.MANAGE_ACCOUNTS}),
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
    """A role held over a subtree."""

    role: str
    scope: Scope


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person (or the node itself) on whose behalf something is read or written."""

    person_id: int
    name: str
    grants: tuple[Grant, ...] = field(default=())
    is_node: bool = False  # the program itself: jobs, the engine, imports by the command line
    request_id: str = ""

    def scopes(self, permission: Permission) -> tuple[Scope, ...]:
        """The subtrees in which this viewer holds `permission`; () means nowhere."""
        if self.is_node:
            return (Scope(""),)
        return tuple(
            grant.scope for grant in self.grants if permission in ROLES.get(grant.role, frozenset())
        )

    def may(self, permission: Permission, code: str) -> bool:
        return any(scope.contains(code) for scope in self.scopes(permission))

    def to_plain(self) -> dict[str, Any]:
        return {
            "person_id": self.person_id,
            "name": self.name,
            "grants": [[grant.role, grant.scope.prefix] for grant in self.grants],
            "is_node": self.is_node,
            "request_id": self.request_id,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Viewer:
        return cls(
            person_id=plain["person_id"],
            name=plain["name"],
            grants=grants_of(plain["grants"]),
            is_node=plain["is_node"],
            request_id=plain["request_id"],
        )


def grants_of(pairs: Iterable[Iterable[str]]) -> tuple[Grant, ...]:
    return tuple(Grant(role, Scope(prefix)) for role, prefix in pairs)


def node_viewer(name: str = "fengsui", request_id: str = "") -> Viewer:
    """The program acting by itself. It sees everything; its facts carry actor 0."""
    return Viewer(person_id=0, name=name, is_node=True, request_id=request_id)


NOBODY = Viewer(person_id=0, name="")
