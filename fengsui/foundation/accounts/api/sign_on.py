"""Single sign-on over HTTP: to the provider and back; linking is a verb of the signed-in person."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from ninja import Router, Schema
from pydantic import Field

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.accounts import queries, services
from fengsui.foundation.accounts.api import steps
from fengsui.foundation.accounts.errors import SIGN_ON_FAILED
from fengsui.foundation.accounts.services import sign_on
from fengsui.foundation.journal import clock
from fengsui.gateways.sign_on import Provider

router = Router(tags=["sign-on"])
REMEMBERED = "sign_on"
DESK, SIGN_IN_PAGE, MINE = "/desk/", "/desk/sign-in", "/desk/my-sign-in"


class IdentityOut(Schema):
    id: str
    issuer: str
    linked_at: str


class SignOnProviderOut(Schema):
    id: str
    zh: str
    en: str
    issuer: str


class IdentitiesOut(Schema):
    items: list[IdentityOut]
    providers: list[SignOnProviderOut]


class LocationOut(Schema):
    """Where the page goes next: the provider."""

    location: str


class IdentityUnlinkIn(Schema):
    reason: str = Field(min_length=2, max_length=200)


class UnlinkedOut(Schema):
    ok: bool = True


@router.get("/sign-on/{provider}/start", response={302: None})
def start(request: HttpRequest, provider: str) -> HttpResponse:
    """Sends the browser to the provider to sign in."""
    services.meter.count(f"sign-on:{steps.address_of(request)}", sign_on.START_PER_MINUTE)
    known = sign_on.provider_of(provider)
    try:
        return HttpResponseRedirect(_begin(request, known, links=False))
    except Problem as problem:
        return _to_sign_in(problem)


@router.post("/sign-on/{provider}/link", response=LocationOut)
def link(request: HttpRequest, provider: str) -> dict[str, str]:
    """Begins to tie one's own identity at the provider to oneself; the provider asks anew who."""
    steps.at_the_desk(request)
    return {"location": _begin(request, sign_on.provider_of(provider), links=True)}


def _begin(request: HttpRequest, provider: Provider, *, links: bool) -> str:
    path = f"/api/v1/sign-on/{provider.id}/back"
    redirect_uri = (
        f"{provider.address}{path}" if provider.address else request.build_absolute_uri(path)
    )
    location, remembered = sign_on.start(provider, redirect_uri=redirect_uri, links=links)
    request.session[REMEMBERED] = remembered
    return location


@router.get("/sign-on/{provider}/back", response={302: None})
def back(
    request: HttpRequest,
    provider: str,
    code: str = "",
    state: str = "",
    iss: str = "",
    error: str = "",
) -> HttpResponse:
    """Where the provider sends the browser back to. Leads to the desk, or says what went wrong."""
    known = sign_on.provider_of(provider)
    try:
        remembered = _remembered(request, known, state=state, iss=iss)
        if error or not code:
            raise SIGN_ON_FAILED(detail="refused")
        subject = sign_on.finish(known, code=code[:4096], remembered=remembered)
        if remembered["links"]:
            return _linked(request, known, subject)
        person_id = sign_on.person_behind(known, subject)
        viewer = steps.advance(request, person_id, "sign_on")
    except Problem as problem:
        services.note_attempt(
            person_id=None,
            how="sign_on",
            outcome="refused",
            address=steps.address_of(request),
            browser=steps.browser_of(request),
        )
        return _to_sign_in(problem)
    return HttpResponseRedirect(DESK if viewer.person_id else SIGN_IN_PAGE)


def _remembered(
    request: HttpRequest, provider: Provider, *, state: str, iss: str
) -> dict[str, Any]:
    """What this browser's session remembers of going out; it counts once, whatever comes of it."""
    row: dict[str, Any] | None = request.session.pop(REMEMBERED, None)
    if row is None or not hmac.compare_digest(str(row["state"]).encode(), state.encode()):
        raise SIGN_ON_FAILED(detail="state")
    if row["provider"] != provider.id or (iss and iss != provider.issuer):
        raise SIGN_ON_FAILED(detail="issuer")
    if datetime.fromisoformat(row["until"]) <= clock.machine_now():
        raise SIGN_ON_FAILED(detail="time")
    return row


def _linked(request: HttpRequest, provider: Provider, subject: str) -> HttpResponse:
    viewer: Viewer = steps.at_the_desk(request)
    services.link_identity(viewer=viewer, issuer=provider.issuer, subject=subject)
    return HttpResponseRedirect(f"{MINE}?linked=1")


def _to_sign_in(problem: Problem) -> HttpResponse:
    """The code of the refusal only; the page knows its sentences."""
    code = problem.kind.code.rsplit(".", 1)[-1]
    return HttpResponseRedirect(f"{SIGN_IN_PAGE}?sign_on={code}")


@router.get("/identities", response=IdentitiesOut)
def identities(request: HttpRequest) -> dict[str, Any]:
    """One's own links to single sign-on, and the providers that there are."""
    viewer = steps.at_the_desk(request)
    offered = [
        {"id": one.id, "zh": one.zh, "en": one.en, "issuer": one.issuer}
        for one in sign_on.providers()
    ]
    return {"items": queries.identities_of(viewer.person_id), "providers": offered}


@router.post("/identities/{identity_id}/unlink", response=UnlinkedOut)
def unlink(request: HttpRequest, identity_id: int, body: IdentityUnlinkIn) -> dict[str, Any]:
    """One's own, or another person's for the security administrator."""
    services.unlink_identity(
        viewer=steps.at_the_desk(request), identity_id=identity_id, reason=body.reason
    )
    return {"ok": True}
