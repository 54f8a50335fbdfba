"""From a proven password, link or identity to an open session: what is still asked for between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from fengsui.foundation.access import request_id
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.access.viewer import NOBODY, Viewer
from fengsui.foundation.accounts import queries, rules, services
from fengsui.foundation.accounts.errors import KEY_MAY_NOT, NO_FACTOR_STARTED, NOTHING_PENDING
from fengsui.foundation.accounts.models import SessionNote
from fengsui.foundation.accounts.queries.viewers import SESSION_NOTE, desk_now
from fengsui.standards.instants import to_iso

PENDING = "pending"
BROWSER_COOKIE = "fengsui_browser"
BROWSER_SECONDS = 180 * 86_400
STEPS = ("code", "password", "factor")
Result = TypeVar("Result")


def address_of(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def browser_of(request: HttpRequest) -> str:
    return request.headers.get("User-Agent", "")[:160]


def at_the_desk(request: HttpRequest) -> Viewer:
    """The person themselves, signed in. Raises accounts.key_may_not for another system's key."""
    viewer = signed_in(request)
    if viewer.key_id:
        raise KEY_MAY_NOT()
    return viewer


def noting(
    request: HttpRequest, how: str, person_id: int | None, prove: Callable[[], Result]
) -> Result:
    """What `prove` returns; its refusal is a line of the list of sign-ins."""
    try:
        return prove()
    except Problem as problem:
        services.note_attempt(
            person_id=person_id,
            how=how,
            outcome="locked" if problem.kind.status == 429 else "refused",
            address=address_of(request),
            browser=browser_of(request),
        )
        raise


def advance(request: HttpRequest, person_id: int, how: str, *, passed: str = "") -> Viewer:
    """Opens the session, or notes what is still needed: the viewer, or NOBODY for now."""
    before = pending_row(request)
    done = [*(before["passed"] if before else []), *([passed] if passed else [])]
    if passed == "factor":
        done.append("code")  # its first code was entered just now
    viewer = queries.viewer_for_person(person_id, request_id=request_id.current())
    wanted = next((step for step in STEPS if step not in done and _needs(step, viewer)), None)
    if wanted is not None and viewer.person_id:
        request.session.flush()
        request.session[PENDING] = {
            "person_id": person_id,
            "how": how,
            "stage": wanted,
            "passed": done,
            "until": to_iso(desk_now() + timedelta(minutes=rules.PENDING_MINUTES)),
        }
        return NOBODY
    return _enter(request, viewer, how)


def _needs(step: str, viewer: Viewer) -> bool:
    person_id = viewer.person_id
    if step == "code":
        return bool(queries.factor_state(person_id)["is_set"])
    if settings.IS_DEMONSTRATION:
        # Everybody in it is invented and comes in by the links on the first screen.
        return False
    must = queries.needs_factor(viewer)
    if step == "password":
        known = queries.password_of(person_id)
        return must if known is None else known["state"] == "expired"
    return must and not queries.factor_state(person_id)["is_set"]


def _enter(request: HttpRequest, viewer: Viewer, how: str) -> Viewer:
    if not viewer.person_id:
        raise NOTHING_PENDING()
    services.note_sign_in(viewer=viewer, how=how)
    services.begin_session(
        request.session,
        person_id=viewer.person_id,
        how=how,
        address=address_of(request),
        browser=browser_of(request),
    )
    services.note_attempt(
        person_id=viewer.person_id,
        how=how,
        outcome="in",
        address=address_of(request),
        browser=browser_of(request),
    )
    return viewer


def pending_row(request: HttpRequest) -> dict[str, Any] | None:
    """What waits in this session; None where nothing does, or it has waited too long."""
    row: dict[str, Any] | None = request.session.get(PENDING)
    if row is None or datetime.fromisoformat(row["until"]) <= desk_now():
        return None
    return row


def require_pending(request: HttpRequest, stage: str) -> dict[str, Any]:
    """Raises accounts.nothing_pending unless this session waits for exactly this."""
    row = pending_row(request)
    if row is None or row["stage"] != stage:
        raise NOTHING_PENDING()
    return row


def pending_of(request: HttpRequest) -> dict[str, str] | None:
    """What the page shows of it."""
    row = pending_row(request)
    if row is None:
        return None
    viewer = queries.viewer_for_person(int(row["person_id"]))
    known = queries.password_of(viewer.person_id)
    return {
        "stage": row["stage"],
        "name": viewer.name,
        "sign_in_name": known["name"] if known else "",
    }


def for_factor(request: HttpRequest) -> tuple[int, str]:
    """Whose second factor is being set up: (person, name shown on the phone).

    The one who signs in and must have one; else who is signed in and has none yet.
    """
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    if viewer.person_id:
        at_the_desk(request)
        if queries.factor_state(viewer.person_id)["is_set"]:
            raise NO_FACTOR_STARTED()
        return viewer.person_id, viewer.name
    row = require_pending(request, "factor")
    owner = queries.viewer_for_person(int(row["person_id"]))
    return owner.person_id, owner.name


def came_by_link_just_now(request: HttpRequest) -> bool:
    """A link was given by somebody who may; for a while it stands for the old password."""
    note = SessionNote.objects.filter(id=request.session.get(SESSION_NOTE, "")).first()
    fresh = timedelta(minutes=rules.FRESH_MINUTES)
    return note is not None and note.how == "one_time_link" and desk_now() - note.begun_at < fresh


def remember_browser(response: HttpResponse, person_id: int) -> None:
    """So that failures elsewhere under this name do not lock this browser out."""
    mark = services.browser_mark(person_id)
    if mark:
        response.set_cookie(
            BROWSER_COOKIE,
            mark,
            max_age=BROWSER_SECONDS,
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Strict",
        )
