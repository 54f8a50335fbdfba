"""Accounts over HTTP: enrol from the register, give and end roles, links, sessions, the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import segno
from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from fengsui.foundation.access.problems import NOT_ALLOWED, NOT_FOUND
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.accounts import queries, services
from fengsui.foundation.accounts.api.steps import at_the_desk
from fengsui.foundation.accounts.queries.accounts import kept_scopes
from fengsui.foundation.accounts.queries.viewers import SESSION_NOTE, policy

router = Router(tags=["accounts"])
Id = Field(pattern=r"^[0-9]{1,19}$")
Reason = Field(min_length=2, max_length=200)


class GrantOut(Schema):
    id: str
    role: str
    zh: str
    en: str
    place_code: str
    place_name: str
    until_at: str | None


class AccountOut(Schema):
    """`sign_in_name` "" : no password on this node. `last_at`: last sign-in on this node."""

    person_id: str
    name: str
    place_code: str
    place_name: str
    is_self: bool
    grants: list[GrantOut]
    sign_in_name: str
    has_factor: bool
    is_locked: bool
    last_at: str | None


class AccountsOut(Schema):
    items: list[AccountOut]
    next: str | None
    total: int


class CandidateOut(Schema):
    person_id: str
    name: str
    place_code: str
    place_name: str


class CandidatesOut(Schema):
    items: list[CandidateOut]


class EnrolIn(Schema):
    """A person of the register gets a role over a place, and a link to come in with."""

    person_id: str = Id
    role: str = Field(max_length=40)
    place_code: str = Field(max_length=17)
    until_at: datetime | None = None
    reason: str = Field("", max_length=200)
    with_link: bool = True


class AccountLinkOut(Schema):
    """`path` is to be opened on this node; `picture`: the whole address as a QR code."""

    path: str
    address: str
    picture: str
    hours: int


class EnrolledOut(Schema):
    account: AccountOut
    link: AccountLinkOut | None


class AccountReasonIn(Schema):
    reason: str = Reason


class DoneOut(Schema):
    ok: bool = True


class OpenSessionOut(Schema):
    id: str
    how: str
    address: str
    browser: str
    begun_at: str
    active_at: str
    is_this: bool
    is_phone: bool


class OpenSessionsOut(Schema):
    items: list[OpenSessionOut]


class SessionsEndedOut(Schema):
    ended: int


class SignInOut(Schema):
    id: str
    at: str
    person_name: str
    place_code: str
    how: str
    outcome: str
    address: str
    browser: str


class SignInsOut(Schema):
    items: list[SignInOut]
    next: str | None


@router.get("/accounts", response=AccountsOut)
def list_accounts(
    request: HttpRequest, q: str = "", under: str = "", after: str = "0"
) -> dict[str, Any]:
    """Who holds a role in the places one looks after."""
    start = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0
    return queries.accounts(
        viewer=at_the_desk(request), search=q[:40], under=under[:17], after=start
    )


@router.get("/accounts/candidates", response=CandidatesOut)
def candidates(request: HttpRequest, q: str = "") -> dict[str, Any]:
    """People of the register by name, in the places one looks after."""
    return {"items": queries.candidates(viewer=at_the_desk(request), search=q[:40])}


@router.post("/accounts", response=EnrolledOut)
def enrol(request: HttpRequest, body: EnrolIn) -> dict[str, Any]:
    """Gives a role and, if wanted, a link that signs the person in once."""
    viewer = at_the_desk(request)
    person_id = int(body.person_id)
    _gate_person(viewer, person_id, body.place_code)
    if body.until_at is None:
        services.register_account(
            viewer=viewer,
            person_id=person_id,
            grants=[[body.role, body.place_code]],
            reason=body.reason,
        )
    else:
        services.grant_until(
            viewer=viewer,
            person_id=person_id,
            role=body.role,
            place_code=body.place_code,
            until_s=int(body.until_at.timestamp()),
            reason=body.reason,
        )
    link = _link(request, viewer, person_id) if body.with_link else None
    return {"account": queries.account(person_id, viewer=viewer), "link": link}


def _gate_person(viewer: Viewer, person_id: int, place_code: str) -> None:
    """The person is of the places one looks after; what one may not see is not found."""
    if not any(scope.contains(place_code) for scope in kept_scopes(viewer)):
        raise NOT_ALLOWED(permission=Permission.ENROL_PEOPLE.value, place=place_code)
    if not queries.is_in_sight(person_id, viewer=viewer):
        raise NOT_FOUND()


@router.get("/accounts/{person_id}", response=AccountOut)
def read_account(request: HttpRequest, person_id: int) -> dict[str, Any]:
    return queries.account(person_id, viewer=at_the_desk(request))


@router.post("/accounts/{person_id}/link", response=AccountLinkOut)
def make_link(request: HttpRequest, person_id: int) -> dict[str, Any]:
    """A new one-time link; the earlier ones of this person stop working."""
    viewer = at_the_desk(request)
    queries.account(person_id, viewer=viewer)
    return _link(request, viewer, person_id)


def _link(request: HttpRequest, viewer: Viewer, person_id: int) -> dict[str, Any]:
    """Refused where the person holds more than one could give: a link is a way to their rights."""
    if not services.may_act_on(viewer, person_id):
        raise NOT_ALLOWED(permission=Permission.MANAGE_ACCOUNTS.value, place="")
    hours = policy().link_hours
    services.record_link_made(viewer=viewer, person_id=person_id, hours=hours)
    services.spoil_links(person_id)
    path = f"/link/{services.make_one_time_link(person_id, hours=hours)}"
    address = request.build_absolute_uri(path)
    picture = segno.make(address, error="m").svg_data_uri(scale=5, border=3)
    return {"path": path, "address": address, "picture": picture, "hours": hours}


@router.post("/accounts/grants/{grant_id}/end", response=DoneOut)
def end_grant(request: HttpRequest, grant_id: int, body: AccountReasonIn) -> dict[str, Any]:
    """Takes one role back, at once and everywhere."""
    services.revoke_role(viewer=at_the_desk(request), grant_id=grant_id, reason=body.reason)
    return {"ok": True}


@router.post("/accounts/{person_id}/end", response=DoneOut)
def end_account(request: HttpRequest, person_id: int, body: AccountReasonIn) -> dict[str, Any]:
    """Every role back, the password gone, every session over."""
    viewer = at_the_desk(request)
    queries.account(person_id, viewer=viewer)
    services.end_account(viewer=viewer, person_id=person_id, reason=body.reason)
    services.spoil_links(person_id)
    services.forget_password(person_id)
    services.end_others(person_id=person_id, but="")
    return {"ok": True}


@router.post("/accounts/{person_id}/unlock", response=DoneOut)
def unlock(request: HttpRequest, person_id: int) -> dict[str, Any]:
    """Lifts the lock that failures put on a name."""
    viewer = _keeper(request, person_id)
    services.unlock(person_id)
    services.record_secret_change(viewer=viewer, person_id=person_id, what="unlocked")
    return {"ok": True}


@router.post("/accounts/{person_id}/reset-factor", response=DoneOut)
def reset_factor(request: HttpRequest, person_id: int, body: AccountReasonIn) -> dict[str, Any]:
    """For somebody whose phone is gone; the security administrator's, with a reason."""
    viewer = _keeper(request, person_id)
    if not viewer.scopes(Permission.MANAGE_ACCOUNTS):
        raise NOT_ALLOWED(permission=Permission.MANAGE_ACCOUNTS.value, place="")
    services.remove_factor(person_id)
    services.end_others(person_id=person_id, but="")
    services.record_secret_change(
        viewer=viewer, person_id=person_id, what="factor_reset", reason=body.reason
    )
    return {"ok": True}


def _keeper(request: HttpRequest, person_id: int) -> Viewer:
    """Who may act on this account. Raises access.not_found, access.not_allowed."""
    viewer = at_the_desk(request)
    queries.account(person_id, viewer=viewer)
    if not services.may_act_on(viewer, person_id):
        raise NOT_ALLOWED(permission=Permission.MANAGE_ACCOUNTS.value, place="")
    return viewer


@router.get("/sessions", response=OpenSessionsOut)
def sessions(request: HttpRequest) -> dict[str, Any]:
    """One's own open sessions."""
    viewer = at_the_desk(request)
    note = str(request.session.get(SESSION_NOTE, ""))
    return {"items": queries.sessions_of(viewer.person_id, viewer=viewer, own_note=note)}


@router.get("/accounts/{person_id}/sessions", response=OpenSessionsOut)
def sessions_of(request: HttpRequest, person_id: int) -> dict[str, Any]:
    """Another person's, for the security administrator."""
    return {"items": queries.sessions_of(person_id, viewer=at_the_desk(request))}


@router.post("/sessions/{session_id}/end", response=DoneOut)
def end_session(request: HttpRequest, session_id: str) -> dict[str, Any]:
    """One's own, or another person's for the security administrator."""
    services.end_one(viewer=at_the_desk(request), note_id=session_id)
    return {"ok": True}


@router.post("/sessions/end-others", response=SessionsEndedOut)
def end_other_sessions(request: HttpRequest) -> dict[str, Any]:
    """All of one's own but this one."""
    viewer = at_the_desk(request)
    note = str(request.session.get(SESSION_NOTE, ""))
    return {"ended": services.end_others(person_id=viewer.person_id, but=note)}


@router.get("/sign-ins", response=SignInsOut)
def sign_ins(request: HttpRequest, before: str = "", outcome: str = "") -> dict[str, Any]:
    """Who signed in and who failed to, newest first. The auditor's."""
    start = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    return queries.sign_ins(viewer=at_the_desk(request), before=start, outcome=outcome[:20])
