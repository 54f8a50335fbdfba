"""Signing in and out, and what the front end needs to know about who is here."""

from __future__ import annotations

from typing import Any

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from ninja import Router, Schema

from fengsui import __version__
from fengsui.foundation.access import request_id
from fengsui.foundation.access.viewer import NOBODY, Viewer, node_viewer
from fengsui.foundation.accounts import queries, rules, services
from fengsui.foundation.accounts.api import steps
from fengsui.foundation.accounts.errors import FACTOR_NEEDED
from fengsui.foundation.accounts.queries.viewers import SESSION_NOTE, policy
from fengsui.foundation.accounts.services.sign_on import providers
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.queries import incarnation
from fengsui.foundation.machine.queries import warnings
from fengsui.foundation.nodes import queries as nodes
from fengsui.foundation.people.queries import holders, main_post_title, posts_at
from fengsui.foundation.people.states import PostRole
from fengsui.foundation.places.queries import names, node_place
from fengsui.standards.divisions import full_code
from fengsui.standards.instants import to_iso

router = Router(tags=["session"])


class PersonOut(Schema):
    id: str
    name: str
    title: str
    place_code: str
    place_name: str


class WarningOut(Schema):
    """One thing that is wrong with the machine under this node; `level` is bad or look."""

    code: str
    level: str
    zh: str
    en: str


class NodeOut(Schema):
    name: str
    place_code: str
    is_demonstration: bool
    version: str
    incarnation: str
    warnings: list[WarningOut]


class DutyPerson(Schema):
    name: str


class DutyOut(Schema):
    leader: DutyPerson | None
    officer: DutyPerson | None


class PendingOut(Schema):
    """What is still asked for: "code", "password" (a new one) or "factor" (to be set up)."""

    stage: str
    name: str
    sign_in_name: str = ""


class IdleOut(Schema):
    """The desk signs out after so many minutes without anybody; before that it asks."""

    minutes: int
    warning_minutes: int


class LastOut(Schema):
    at: str
    how: str
    address: str


class ProviderOut(Schema):
    id: str
    zh: str
    en: str


class SessionOut(Schema):
    person: PersonOut | None
    duty: DutyOut | None
    roles: list[str]
    permissions: list[str]
    node: NodeOut
    now: str
    csrf_token: str
    language: str
    pending: PendingOut | None = None
    idle: IdleOut | None = None
    last_sign_in: LastOut | None = None
    password_state: str | None = None
    sign_on: list[ProviderOut] | None = None


class LinkIn(Schema):
    token: str


class PasswordIn(Schema):
    name: str
    password: str


class CodeIn(Schema):
    code: str


class NewPasswordIn(Schema):
    """`current` is needed unless one has just come in by a link; `name` for a first password."""

    password: str
    name: str = ""
    current: str = ""


class StartedFactor(Schema):
    """`picture`: the QR code as a data URI; `secret` for typing it in."""

    secret: str
    uri: str
    picture: str


class FactorOut(Schema):
    is_set: bool
    is_needed: bool
    since: str | None
    codes_left: int


class RecoveryOut(Schema):
    codes: list[str]


class OkOut(Schema):
    ok: bool = True


def session_of(request: HttpRequest, viewer: Viewer) -> dict[str, Any]:
    """Who is here, what they may do, and where this node stands."""
    county = node_place()
    certified = nodes.own()
    name = f"{county.name}应急值班室" if county else "尚未导入行政区划"
    code_here = county.code if county else ""
    if certified.certificate_fact and certified.scope != code_here:
        # A township's or village's own node holds the county's places too.
        name, code_here = certified.name, certified.scope
    person = None
    if viewer.person_id:
        code = full_code(viewer.grants[0].scope.prefix) if viewer.grants else ""
        person = {
            "id": str(viewer.person_id),
            "name": viewer.name,
            "title": main_post_title(viewer.person_id, viewer=viewer),
            "place_code": code,
            "place_name": names([code], viewer=viewer).get(code, ""),
        }
    permissions = {one.value for grant in viewer.grants for one in grant.permissions}
    return {
        "person": person,
        "duty": _duty(county.code) if county and viewer.person_id else None,
        "roles": sorted({grant.role for grant in viewer.grants}),
        "permissions": sorted(permissions),
        "node": {
            "name": name,
            "place_code": code_here,
            "is_demonstration": settings.IS_DEMONSTRATION,
            "version": __version__,
            "incarnation": str(incarnation()),
            "warnings": [one.plain() for one in warnings()],
        },
        "now": to_iso(clock.now()),
        "csrf_token": get_token(request),
        "language": "zh-CN",
        **_about_sign_in(request, viewer),
    }


def _duty(code: str) -> dict[str, Any]:
    """Who holds 带班 and 值班 here: the A holders of the two posts, until a rota says otherwise."""
    node = node_viewer()
    named: dict[str, dict[str, str]] = {}
    posts = posts_at([code], (PostRole.DUTY_LEADER, PostRole.DUTY_ROOM), viewer=node)
    held = holders([post["id"] for post in posts], viewer=node)
    for post in posts:
        for holder in held.get(post["id"], {}).get("A", []):
            named.setdefault(post["role"], {"name": holder["name"]})
    return {"leader": named.get(PostRole.DUTY_LEADER), "officer": named.get(PostRole.DUTY_ROOM)}


def _about_sign_in(request: HttpRequest, viewer: Viewer) -> dict[str, Any]:
    """What the sign-in page and the desk need to know of this session."""
    if not viewer.person_id:
        offered = [{"id": one.id, "zh": one.zh, "en": one.en} for one in providers()]
        return {"pending": steps.pending_of(request), "sign_on": offered}
    password = queries.password_of(viewer.person_id)
    has_note = bool(request.session.get(SESSION_NOTE))
    idle = {"minutes": policy().idle_minutes, "warning_minutes": rules.IDLE_WARNING_MINUTES}
    return {
        "idle": idle if has_note else None,
        "last_sign_in": queries.last_sign_in(viewer.person_id),
        "password_state": password["state"] if password else "none",
    }


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer


@router.get("/session", response=SessionOut)
def read_session(request: HttpRequest) -> dict[str, Any]:
    """Who is here; `person` is null for a visitor."""
    return session_of(request, _viewer(request))


@router.post("/session/link", response=SessionOut)
def sign_in_by_link(request: HttpRequest, body: LinkIn) -> dict[str, Any]:
    """A link that was given out; where the person has a second factor, `pending` asks for it."""
    person_id = steps.noting(
        request, "one_time_link", None, lambda: services.use_one_time_link(body.token)
    )
    return session_of(request, steps.advance(request, person_id, "one_time_link"))


@router.post("/session/password", response=SessionOut)
def sign_in_by_password(
    request: HttpRequest, response: HttpResponse, body: PasswordIn
) -> dict[str, Any]:
    """By name and password; `pending` says what is asked for next, if anything."""
    person_id = steps.noting(
        request,
        "password",
        services.owner_of_name(body.name),
        lambda: services.check_sign_in(
            body.name,
            body.password,
            address=steps.address_of(request),
            browser=request.COOKIES.get(steps.BROWSER_COOKIE, ""),
        ),
    )
    viewer = steps.advance(request, person_id, "password")
    steps.remember_browser(response, person_id)
    return session_of(request, viewer)


@router.post("/session/code", response=SessionOut)
def enter_code(request: HttpRequest, body: CodeIn) -> dict[str, Any]:
    """The second factor's code, or one of the recovery codes, for a sign-in that waits for it."""
    pending = steps.require_pending(request, "code")
    person_id = int(pending["person_id"])
    kind = steps.noting(
        request, pending["how"], person_id, lambda: services.check_code(person_id, body.code)
    )
    if kind == "recovery":
        viewer = queries.viewer_for_person(person_id, request_id=request_id.current())
        services.record_secret_change(viewer=viewer, person_id=person_id, what="recovery_used")
    return session_of(request, steps.advance(request, person_id, pending["how"], passed="code"))


@router.post("/session/new-password", response=SessionOut)
def new_password(request: HttpRequest, body: NewPasswordIn) -> dict[str, Any]:
    """One's own password: a first one after a link, a new one when it is due, or at will."""
    viewer = _viewer(request)
    if not viewer.person_id:
        pending = steps.require_pending(request, "password")
        person_id = int(pending["person_id"])
        _set_password(person_id, body)
        return session_of(
            request, steps.advance(request, person_id, pending["how"], passed="password")
        )
    steps.at_the_desk(request)
    known = queries.password_of(viewer.person_id)
    if known is not None and not steps.came_by_link_just_now(request):
        services.check_old_password(viewer.person_id, body.current)
    _set_password(viewer.person_id, body)
    services.end_others(person_id=viewer.person_id, but=str(request.session.get(SESSION_NOTE, "")))
    return session_of(request, viewer)


def _set_password(person_id: int, body: NewPasswordIn) -> None:
    known = queries.password_of(person_id)
    name = body.name.strip() or (known["name"] if known else "")
    services.set_password(person_id, name, body.password)
    owner = queries.viewer_for_person(person_id, request_id=request_id.current())
    services.record_secret_change(viewer=owner, person_id=person_id, what="password")


@router.get("/session/factor", response=FactorOut)
def read_factor(request: HttpRequest) -> dict[str, Any]:
    """Whether one has a second factor, and must have one."""
    viewer = steps.at_the_desk(request)
    return {
        **queries.factor_state(viewer.person_id),
        "is_needed": queries.needs_factor(viewer),
    }


@router.post("/session/factor/start", response=StartedFactor)
def start_factor(request: HttpRequest) -> dict[str, str]:
    """A new second factor as a QR code; it counts once a code of it was entered."""
    person_id, name = steps.for_factor(request)
    started = services.start_factor(person_id, name=name)
    picture = segno.make(started["uri"], error="m").svg_data_uri(scale=5, border=3)
    return {**started, "picture": picture}


@router.post("/session/factor/confirm", response=RecoveryOut)
def confirm_factor(request: HttpRequest, body: CodeIn) -> dict[str, Any]:
    """The first code of the new second factor; answers with the recovery codes, this once."""
    person_id, _ = steps.for_factor(request)
    codes = services.confirm_factor(person_id, body.code)
    owner = queries.viewer_for_person(person_id, request_id=request_id.current())
    services.record_secret_change(viewer=owner, person_id=person_id, what="factor_added")
    pending = steps.pending_row(request)
    if pending is not None:
        steps.advance(request, person_id, pending["how"], passed="factor")
    return {"codes": codes}


@router.post("/session/factor/remove", response=OkOut)
def remove_factor(request: HttpRequest, body: CodeIn) -> dict[str, Any]:
    """Needs a code of it, and a role that may do without."""
    viewer = steps.at_the_desk(request)
    if queries.needs_factor(viewer):
        raise FACTOR_NEEDED()
    services.check_code(viewer.person_id, body.code)
    services.remove_factor(viewer.person_id)
    services.record_secret_change(viewer=viewer, person_id=viewer.person_id, what="factor_removed")
    return {"ok": True}


@router.post("/session/here", response=OkOut)
def still_here(request: HttpRequest) -> dict[str, Any]:
    """Somebody is at the desk: the idle time begins anew."""
    steps.at_the_desk(request)
    services.use_session(request.session)
    return {"ok": True}


@router.post("/session/end", response=SessionOut)
def sign_out(request: HttpRequest) -> dict[str, Any]:
    services.end_session(request.session)
    return session_of(request, NOBODY)
