"""逐级叫应 over HTTP: the levels of a callout, and what the desk may do about a silent one."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from fengsui.engines.calls import queries as calls
from fengsui.engines.calls import services as calling
from fengsui.engines.calls.api import Done, ReasonIn, UnansweredItem
from fengsui.foundation.access.requests import signed_in
from fengsui.response.alerts import services as alerts

router = Router(tags=["levels"])
_ID = "^[0-9]{1,19}$"
_ID_MAX = (1 << 63) - 1


class Below(Schema):
    called: int
    answered: int
    unanswered: int


class LevelUnit(Schema):
    code: str
    name: str
    state: str
    called: int
    answered: int
    answered_at: str | None
    answered_by: str
    answered_as: str
    handed_on_at: str | None
    handed_on_how: str
    handed_on_reason: str
    deadline_at: str
    below: Below
    recorded_for: int
    elsewhere: int


class LevelOut(Schema):
    level: str
    word_zh: str
    word_en: str
    called: int
    answered: int
    unanswered: int
    not_yet: int
    next_deadline_at: str | None
    units: list[LevelUnit]


class RecordedFor(Schema):
    call_id: str
    person_name: str
    post_title: str
    place_name: str
    answer_kind: str
    heard_from: str
    note: str
    by: str
    at: str


class RecordedForList(Schema):
    count: int
    items: list[RecordedFor]


class Elsewhere(Schema):
    call_id: str
    person_name: str
    post_title: str
    place_name: str
    office: str
    rung_at: str
    has_answered: bool
    note: str
    by: str
    at: str


class ElsewhereList(Schema):
    count: int
    items: list[Elsewhere]


class LevelsOut(Schema):
    callout_id: str
    mode: str
    hand_on_s: dict[str, int]
    levels: list[LevelOut]
    recorded_for: RecordedForList
    elsewhere: ElsewhereList


class LevelPeople(Schema):
    items: list[UnansweredItem]


class HandOnIn(Schema):
    level: str = Field(max_length=16)
    place_code: str = Field(max_length=17)
    reason: str = Field(max_length=300)


class RungElsewhereIn(Schema):
    call_ids: list[Annotated[str, Field(pattern=_ID)]] = Field(min_length=1, max_length=200)
    office: str = Field(max_length=64)
    rung_at: datetime | None = None
    has_answered: bool = False
    note: str = Field(default="", max_length=500)
    client_id: str = Field(default="", max_length=64)


class Spared(Schema):
    spared: int
    answered: int
    already: int


@router.get("/callouts/{int:callout_id}/levels", response=LevelsOut)
def levels(request: HttpRequest, callout_id: int) -> dict[str, Any]:
    """Each level with its units: who has answered for it, until when it may be silent, and what
    stands below."""
    return calls.levels_board(callout_id, viewer=signed_in(request))


@router.get("/callouts/{int:callout_id}/level-people", response=LevelPeople)
def level_people(
    request: HttpRequest, callout_id: int, level: str, place_code: str
) -> dict[str, Any]:
    """Who of one level has not answered at a place. Numbers are masked."""
    items = calls.people_on_level(
        callout_id, level=level, place_code=place_code, viewer=signed_in(request)
    )
    return {"items": items}


@router.post("/callouts/{int:callout_id}/hand-on", response=Done)
def hand_on(request: HttpRequest, callout_id: int, body: HandOnIn) -> dict[str, Any]:
    """不再等待: the level below is rung now, though this one is silent."""
    return calling.hand_on(
        viewer=signed_in(request),
        callout_id=callout_id,
        level=body.level,
        place_code=body.place_code,
        reason=body.reason,
    )


@router.post("/callouts/{int:callout_id}/call-all-levels", response=Done)
def call_all_levels(request: HttpRequest, callout_id: int, body: ReasonIn) -> dict[str, Any]:
    """一呼到底: only in red, or where people are moved."""
    return alerts.call_all_levels(
        viewer=signed_in(request), callout_id=callout_id, reason=body.reason
    )


@router.post("/calls/rung-elsewhere", response=Spared)
def rung_elsewhere(request: HttpRequest, body: RungElsewhereIn) -> dict[str, Any]:
    """已由气象、水利等部门叫过: spared a ring, or answered by that office's word."""
    return calling.record_rung_elsewhere(
        viewer=signed_in(request),
        call_ids=[min(int(one), _ID_MAX) for one in body.call_ids],
        office=body.office,
        rung_at=body.rung_at,
        has_answered=body.has_answered,
        note=body.note,
        client_id=body.client_id,
    )
