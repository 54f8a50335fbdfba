"""Nights over HTTP: the list, one night's score, and its people and households."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from fengsui.foundation.access.requests import signed_in
from fengsui.review.replay import queries

router = Router(tags=["replay"])

PlaceCode = Annotated[str, Query("", max_length=17, pattern=r"^\d*$")]


class ReplayHeadline(Schema):
    """A callout with the alert that speaks through it; either may be missing."""

    alert_id: str | None
    callout_id: str | None
    evacuation_id: str | None
    level: str
    kind: str
    category: str
    category_name: str
    area_description: str
    self_rescue: bool
    headline: str
    exercise: bool
    opened_at: str


class ReplayNight(Schema):
    night: str
    begins_at: str
    ends_at: str
    tracks: list[ReplayHeadline]


class ReplayNights(Schema):
    items: list[ReplayNight]


class ReplayPlace(Schema):
    code: str
    name: str


class ReplayChannel(Schema):
    channel: str
    steps: list[tuple[int, int, int, int, int, int, int]]


class ReplayTrack(ReplayHeadline):
    """docs/interfaces/replay.md says what the numbers of a step are."""

    opened_ms: int
    answer_within_s: int
    states: list[tuple[int, str]]
    calls: list[tuple[int, int, int, int, int]]
    units: list[tuple[int, int, int, int, int]]
    support: list[int]
    channels: list[ReplayChannel]
    evacuation: list[tuple[int, int, int, int, int, int, int]] | None


class ReplayEvent(Schema):
    ms: int
    track: int
    kind: str
    is_decision: bool
    zh: str
    en: str
    place_code: str
    place_name: str
    actor_name: str


class ReplayScore(Schema):
    night: str
    begins_at: str
    ends_at: str
    is_running: bool
    places: list[ReplayPlace]
    tracks: list[ReplayTrack]
    events: list[ReplayEvent]
    events_left_out: int
    facts: int


class ReplayRung(Schema):
    zh: str
    en: str


class ReplayPerson(Schema):
    call_id: str
    name: str
    post_title: str
    place_code: str
    place_name: str
    steps: list[tuple[int, int, int, str, str]]


class ReplayPeople(Schema):
    items: list[ReplayPerson]
    is_whole: bool
    rungs: list[ReplayRung]


class ReplayHousehold(Schema):
    household_id: str
    label: str
    place_code: str
    place_name: str
    people: int
    assist_level: int
    steps: list[tuple[int, str, int, int, int]]


class ReplayHouseholds(Schema):
    items: list[ReplayHousehold]
    is_whole: bool


@router.get("/replay/nights", response=ReplayNights)
def read_nights(request: HttpRequest) -> dict[str, Any]:
    """Nights (noon to noon, Beijing time) in which something was called out, newest first."""
    return {"items": queries.nights(viewer=signed_in(request))}


@router.get("/replay/nights/{night}", response=ReplayScore)
def read_score(request: HttpRequest, night: date, under: PlaceCode) -> dict[str, Any]:
    """Every step of a night, for a page that runs it by itself at any speed."""
    return queries.score(night, viewer=signed_in(request), under=under)


@router.get("/replay/nights/{night}/callouts/{int:callout_id}/people", response=ReplayPeople)
def read_people(
    request: HttpRequest, night: date, callout_id: int, under: PlaceCode
) -> dict[str, Any]:
    """The people of one callout with every step, the hardest to reach first."""
    return queries.people(night, callout_id, viewer=signed_in(request), under=under)


@router.get(
    "/replay/nights/{night}/evacuations/{int:evacuation_id}/households", response=ReplayHouseholds
)
def read_households(
    request: HttpRequest, night: date, evacuation_id: int, under: PlaceCode
) -> dict[str, Any]:
    """The households of one evacuation with every step, those left to the end first."""
    return queries.households(night, evacuation_id, viewer=signed_in(request), under=under)
