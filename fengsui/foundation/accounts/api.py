"""Signing in and out, and what the front end needs to know about who is here."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from ninja import Router, Schema

from fengsui import __version__
from fengsui.foundation.access import request_id
from fengsui.foundation.access.viewer import Viewer, node_viewer
from fengsui.foundation.accounts import services
from fengsui.foundation.accounts.queries import SESSION_PERSON, viewer_for_person
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


class SessionOut(Schema):
    person: PersonOut | None
    duty: DutyOut | None
    roles: list[str]
    permissions: list[str]
    node: NodeOut
    now: str
    csrf_token: str
    language: str


class LinkIn(Schema):
    token: str


class PasswordIn(Schema):
    name: str
    password: str


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


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer


def _enter(request: HttpRequest, person_id: int, how: str) -> dict[str, Any]:
    """A new session for a new person: the old one's id is never kept."""
    request.session.flush()
    request.session[SESSION_PERSON] = person_id
    viewer = viewer_for_person(person_id, request_id=request_id.current())
    services.note_sign_in(viewer=viewer, how=how)
    return session_of(request, viewer)


@router.get("/session", response=SessionOut)
def read_session(request: HttpRequest) -> dict[str, Any]:
    """Who is here; `person` is null for a visitor."""
    return session_of(request, _viewer(request))


@router.post("/session/link", response=SessionOut)
def sign_in_by_link(request: HttpRequest, body: LinkIn) -> dict[str, Any]:
    return _enter(request, services.use_one_time_link(body.token), "one_time_link")


@router.post("/session/password", response=SessionOut)
def sign_in_by_password(request: HttpRequest, body: PasswordIn) -> dict[str, Any]:
    address = request.META.get("REMOTE_ADDR", "")
    return _enter(
        request, services.check_sign_in(body.name, body.password, address=address), "password"
    )


@router.post("/session/end", response=SessionOut)
def sign_out(request: HttpRequest) -> dict[str, Any]:
    request.session.flush()
    return session_of(request, Viewer(person_id=0, name=""))
