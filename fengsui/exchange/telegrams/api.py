"""Telegrams over HTTP: what was heard, instructions to answer and to act on, texts typed in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from fengsui.exchange.telegrams import queries, services
from fengsui.exchange.telegrams.models import Heard
from fengsui.exchange.telegrams.states import KIND_WORDS, PATH_WORDS, Kind
from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.places.queries import names
from fengsui.standards.instants import to_iso

router = Router(tags=["telegrams"])
HEARD_ON_A_PAGE = 100


class HeardItem(Schema):
    id: str
    kind: str
    kind_zh: str
    kind_en: str
    place_code: str
    place_name: str
    path_zh: str
    path_en: str
    at: str
    heard_at: str
    is_signed: bool
    areas: list[str]
    area_names: list[str]
    level: str
    action: str
    exercise: bool
    leave_by_ms: int | None


class HeardPage(Schema):
    items: list[HeardItem]


class InstructionAnswerIn(Schema):
    answer_kind: str = Field(default="on_it", max_length=16)
    client_id: str = Field(default="", max_length=64)


class InstructionMoveIn(Schema):
    note: str = Field(default="", max_length=300)
    client_id: str = Field(default="", max_length=64)


class InstructionDone(Schema):
    outcome: str
    alert_id: str | None = None
    evacuation_id: str | None = None


class TextIn(Schema):
    number: str = Field(max_length=24)
    text: str = Field(max_length=200)
    place_code: str = Field(default="", max_length=17)


class TextDone(Schema):
    kind: str
    place_code: str
    reply: str
    outcome: str


@router.get("/telegrams/heard", response=HeardPage)
def heard(request: HttpRequest, kind: str = "") -> dict[str, Any]:
    """What thin links and text messages brought, newest first. `kind`: only that one."""
    viewer = signed_in(request)
    only = Kind(kind) if kind in set(Kind) else None
    rows = queries.heard(viewer=viewer, kind=only, limit=HEARD_ON_A_PAGE)
    codes = {row.place_code for row in rows}
    codes |= {code for row in rows for code in row.content.get("areas", ())}
    named = names(codes, viewer=viewer)
    return {"items": [_shown(row, named) for row in rows]}


def _shown(row: Heard, named: dict[str, str]) -> dict[str, Any]:
    kind, path = KIND_WORDS.get(row.kind, ("", "")), PATH_WORDS.get(row.path, ("", ""))
    areas = list(row.content.get("areas") or ())
    return {
        "id": str(row.pk),
        "kind": row.kind,
        "kind_zh": kind[0],
        "kind_en": kind[1],
        "place_code": row.place_code,
        "place_name": named.get(row.place_code, ""),
        "path_zh": path[0],
        "path_en": path[1],
        "at": to_iso(row.at),
        "heard_at": to_iso(row.heard_at),
        "is_signed": row.is_signed,
        "areas": areas,
        "area_names": [named.get(code, named.get(code[:12], code)) for code in areas],
        "level": row.content.get("level") or "",
        "action": row.content.get("action") or "",
        "exercise": bool(row.content.get("exercise")),
        "leave_by_ms": row.content.get("leave_by_ms"),
    }


@router.post("/telegrams/instructions/{heard_id}/answer", response=InstructionDone)
def answer(request: HttpRequest, heard_id: str, body: InstructionAnswerIn) -> dict[str, Any]:
    """收到. Goes up as an acknowledgement and answers one's own call wherever the list is."""
    return services.answer_instruction(
        viewer=signed_in(request),
        heard_id=int(heard_id) if heard_id.isdigit() else 0,
        answer_kind=body.answer_kind,
        client_id=body.client_id,
    )


@router.post("/telegrams/instructions/{heard_id}/move", response=InstructionDone)
def move(request: HttpRequest, heard_id: str, body: InstructionMoveIn) -> dict[str, Any]:
    """Calls the village's own people to move, on an instruction whose alert has not come yet."""
    done = services.move_on_instruction(
        viewer=signed_in(request),
        heard_id=int(heard_id) if heard_id.isdigit() else 0,
        note=body.note,
        client_id=body.client_id,
    )
    return {
        "outcome": done["outcome"],
        "alert_id": str(done["alert_id"]),
        "evacuation_id": str(done["evacuation_id"]),
    }


@router.post("/telegrams/texts", response=TextDone)
def take_text(request: HttpRequest, body: TextIn) -> dict[str, Any]:
    """录入短信: a text message as it came; `reply` is to be sent back."""
    return services.receive_text(
        viewer=signed_in(request),
        number=body.number,
        text=body.text,
        place_code=body.place_code,
    )
