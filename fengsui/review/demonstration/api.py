"""One button: start the night, see where it is, stop it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from fengsui.foundation.access.requests import signed_in
from fengsui.review.demonstration import queries, services

router = Router(tags=["demonstration"])


class StartIn(Schema):
    speed: float = 1.0


class CountsOut(Schema):
    should: int
    moved: int
    away: int
    not_yet: int


class OutcomeOut(Schema):
    facts: int
    seconds: int
    county: CountsOut
    township: CountsOut
    agree: bool


class ByTextOut(Schema):
    villages: int
    should: int
    moved: int


class SecondActOut(Schema):
    state: str
    township_code: str
    township_name: str
    address: str
    pulled_at: str | None
    known: CountsOut
    by_text: ByTextOut
    outcome: OutcomeOut | None


class NightOut(Schema):
    state: str
    night_time: str | None
    alert_id: str | None
    callout_id: str | None
    speed: float
    second_act: SecondActOut | None


@router.get("/demonstration", response=NightOut)
def read_night(request: HttpRequest) -> dict[str, Any]:
    """idle, running or finished; `speed` is how many seconds of the night pass in a second."""
    return queries.shown(viewer=signed_in(request))


@router.post("/demonstration/start", response=NightOut)
def start_night(request: HttpRequest, body: StartIn) -> dict[str, Any]:
    """`speed` 1 is a night in three minutes."""
    return services.start(viewer=signed_in(request), speed=body.speed)


@router.post("/demonstration/stop", response=NightOut)
def stop_night(request: HttpRequest) -> dict[str, Any]:
    return services.stop(viewer=signed_in(request))


@router.post("/demonstration/cut", response=NightOut)
def cut_network(request: HttpRequest) -> dict[str, Any]:
    """The second act: one township's network is pulled."""
    return services.cut(viewer=signed_in(request))


@router.post("/demonstration/plug-in", response=NightOut)
def plug_in_network(request: HttpRequest) -> dict[str, Any]:
    """The network is plugged in again."""
    return services.plug_in(viewer=signed_in(request))
