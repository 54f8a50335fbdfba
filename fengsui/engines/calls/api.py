"""The live call list over HTTP: who has not answered, answers, door-knocks, stop.

The board itself is assembled in `web`, because it shows calls and evacuation together.
A carrier's callback is parsed by its channel; its address is here.
"""

from __future__ import annotations

import hmac
import os
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from fengsui.engines.calls import channel_register, queries, services
from fengsui.engines.calls.errors import CALLBACK_UNREADABLE
from fengsui.foundation.access import request_id
from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.access.viewer import node_viewer
from fengsui.gateways.channels import CallbackUnreadableError

router = Router(tags=["calls"])
CALLBACK_BYTES_MAX = 256 * 1024


class AlsoRung(Schema):
    who: str
    who_zh: str
    who_en: str
    name: str
    word: str
    word_zh: str
    word_en: str
    is_ringing: bool
    tries: int


class UnansweredItem(Schema):
    call_id: str
    person_id: str | None
    household_id: str | None
    person_name: str
    post_title: str
    place_code: str
    place_name: str
    unit_code: str
    phone_masked: str
    state: str
    state_word_zh: str
    rung: int
    rung_word_zh: str
    rung_word_en: str
    tries: int
    is_covered: bool
    last_word: str
    last_word_zh: str
    last_word_en: str
    next_at: str | None
    can_reveal: bool
    also_rung: list[AlsoRung]
    night_mark: bool
    language: str
    language_used: str


class UnansweredPage(Schema):
    items: list[UnansweredItem]
    next: str | None


class ToRingItem(UnansweredItem):
    why: str


class ToRing(Schema):
    items: list[ToRingItem]


class Night(Schema):
    id: str
    opened_at: str
    level: str
    exercise: bool
    is_this: bool
    called: int
    reached: int
    in_five_minutes: int
    half_s: int | None
    nine_tenths_s: int | None
    all_s: int | None
    curve: list[tuple[int, int]]


class Nights(Schema):
    items: list[Night]


class MyCall(Schema):
    call_id: str
    callout_id: str
    alert_id: str | None
    level: str
    text: str
    exercise: bool
    place_code: str
    post_title: str
    state: str
    stands_in: bool


class MyCalls(Schema):
    items: list[MyCall]


class ReasonIn(Schema):
    reason: str = Field(max_length=300)


class NoteIn(Schema):
    note: str = Field(default="", max_length=500)


class AnswerIn(Schema):
    answer_kind: str = Field(max_length=32)
    client_id: str = Field(default="", max_length=64)


class AnswerForIn(Schema):
    answer_kind: str = Field(max_length=32)
    heard_from: str = Field(max_length=64)
    note: str = Field(default="", max_length=500)
    client_id: str = Field(default="", max_length=64)


class FirstActionIn(Schema):
    unit_code: str = Field(max_length=17)
    heard_from: str = Field(default="", max_length=64)
    note: str = Field(default="", max_length=500)
    client_id: str = Field(default="", max_length=64)


class NumberIn(Schema):
    value: str = Field(max_length=120)
    reason: str = Field(max_length=300)


class SkipIn(Schema):
    rung: int = Field(ge=0, le=16)
    reason: str = Field(max_length=300)


class PauseIn(Schema):
    channel: str = Field(max_length=16)
    is_paused: bool = True
    reason: str = Field(max_length=300)


class TakeOverIn(Schema):
    place_code: str = Field(max_length=17)
    reason: str = Field(max_length=300)
    although_in_contact: bool = False


class TakenOver(Schema):
    takeover_id: str
    calls: int


class Done(Schema):
    outcome: str


class Phone(Schema):
    phone: str


@router.get("/callouts/{int:callout_id}/unanswered", response=UnansweredPage)
def unanswered(
    request: HttpRequest,
    callout_id: int,
    after: str | None = None,
    limit: int = 50,
    village: str = "",
    rung: int | None = None,
    channel: str = "",
) -> dict[str, Any]:
    """未应答名单: who, what they hold, what is known of the last try. Numbers are masked."""
    return queries.unanswered(
        callout_id,
        viewer=signed_in(request),
        after=after,
        limit=limit,
        village=village,
        rung=rung,
        channel=channel,
    )


@router.get("/callouts/{int:callout_id}/next-to-ring", response=ToRing)
def next_to_ring(request: HttpRequest, callout_id: int, limit: int = 10) -> dict[str, Any]:
    """先打这几个: whom to ring by hand first, and why."""
    return {"items": queries.next_to_ring(callout_id, viewer=signed_in(request), limit=limit)}


@router.get("/callouts/{int:callout_id}/earlier", response=Nights)
def earlier(request: HttpRequest, callout_id: int, limit: int = 6) -> dict[str, Any]:
    """This night beside earlier ones: people, five minutes, half, nine tenths, everybody."""
    return {"items": queries.earlier_nights(callout_id, viewer=signed_in(request), limit=limit)}


@router.get("/calls/mine", response=MyCalls)
def my_calls(request: HttpRequest) -> dict[str, Any]:
    """What waits for this very person's answer, as the person called or as a stand-in."""
    rows = queries.my_open_calls(viewer=signed_in(request))
    return {
        "items": [
            {
                **row,
                "call_id": str(row["call_id"]),
                "callout_id": str(row["callout_id"]),
                "alert_id": str(row["subject_id"]) if row["subject_kind"] == "alert" else None,
            }
            for row in rows
        ]
    }


@router.post("/calls/{int:call_id}/reveal", response=Phone)
def reveal(request: HttpRequest, call_id: int, body: ReasonIn) -> dict[str, str]:
    """The number in full. Looking at it is recorded with the reason."""
    return services.reveal_number(viewer=signed_in(request), call_id=call_id, reason=body.reason)


@router.post("/calls/{int:call_id}/reached-in-person", response=Done)
def reached_in_person(request: HttpRequest, call_id: int, body: NoteIn) -> dict[str, Any]:
    """Somebody stood before this person."""
    return services.mark_reached_in_person(
        viewer=signed_in(request), call_id=call_id, note=body.note
    )


@router.post("/calls/{int:call_id}/answer", response=Done)
def answer(request: HttpRequest, call_id: int, body: AnswerIn) -> dict[str, Any]:
    """收到正在落实 / 需支援 / 不在村转B岗, by the person called or who stands in."""
    return services.record_answer(
        viewer=signed_in(request),
        call_id=call_id,
        answer_kind=body.answer_kind,
        how="app",
        client_id=body.client_id,
    )


@router.post("/calls/{int:call_id}/answer-for", response=Done)
def answer_for(request: HttpRequest, call_id: int, body: AnswerForIn) -> dict[str, Any]:
    """上级代录."""
    return services.answer_for(
        viewer=signed_in(request),
        call_id=call_id,
        answer_kind=body.answer_kind,
        heard_from=body.heard_from,
        note=body.note,
        client_id=body.client_id,
    )


@router.post("/calls/{int:call_id}/number", response=Done)
def number(request: HttpRequest, call_id: int, body: NumberIn) -> dict[str, Any]:
    """A working number: the ladder starts again with it."""
    services.replace_number(
        viewer=signed_in(request), call_id=call_id, value=body.value, reason=body.reason
    )
    return {"outcome": "recorded"}


@router.post("/callouts/{int:callout_id}/first-action", response=Done)
def first_action(request: HttpRequest, callout_id: int, body: FirstActionIn) -> dict[str, Any]:
    """首次行动: makes an acknowledged unit 应到."""
    return services.record_first_action(
        viewer=signed_in(request),
        callout_id=callout_id,
        unit_code=body.unit_code,
        how="app",
        heard_from=body.heard_from,
        note=body.note,
        client_id=body.client_id,
    )


@router.post("/callouts/{int:callout_id}/stop", response=Done)
def stop(request: HttpRequest, callout_id: int, body: ReasonIn) -> dict[str, Any]:
    """Nobody is rung any more; whoever has no end is named."""
    return services.stop_callout(
        viewer=signed_in(request), callout_id=callout_id, reason=body.reason
    )


@router.post("/callouts/{int:callout_id}/skip-rung", response=Done)
def skip_rung(request: HttpRequest, callout_id: int, body: SkipIn) -> dict[str, Any]:
    """Everybody who stands on this rung is passed up at once."""
    services.skip_rung(
        viewer=signed_in(request), callout_id=callout_id, rung=body.rung, reason=body.reason
    )
    return {"outcome": "recorded"}


@router.post("/callouts/{int:callout_id}/pause-channel", response=Done)
def pause_channel(request: HttpRequest, callout_id: int, body: PauseIn) -> dict[str, Any]:
    """Pauses or resumes one channel in this callout."""
    services.pause_channel(
        viewer=signed_in(request),
        callout_id=callout_id,
        channel=body.channel,
        reason=body.reason,
        is_paused=body.is_paused,
    )
    return {"outcome": "recorded"}


@router.post("/callouts/{int:callout_id}/take-over", response=TakenOver)
def take_over(request: HttpRequest, callout_id: int, body: TakeOverIn) -> dict[str, Any]:
    """接管: this node goes on calling one's own places while the owner is out of contact."""
    taken = services.take_over(
        viewer=signed_in(request),
        callout_id=callout_id,
        place_code=body.place_code,
        reason=body.reason,
        although_in_contact=body.although_in_contact,
    )
    return {"takeover_id": str(taken["takeover_id"]), "calls": taken["calls"]}


@router.post("/takeovers/{int:takeover_id}/hand-back", response=Done)
def hand_back(request: HttpRequest, takeover_id: int, body: ReasonIn) -> dict[str, Any]:
    """交还: the calls go back to the node that opened them."""
    return services.hand_back(
        viewer=signed_in(request), takeover_id=takeover_id, reason=body.reason
    )


@router.post("/callbacks/{kind}", response=Done)
def callback(request: HttpRequest, kind: str) -> dict[str, Any]:
    """What a real carrier tells. The shared secret comes in X-Fengsui-Callback; without one
    configured there is no such address."""
    secret = os.environ.get("FENGSUI_CALLBACK_SECRET", "")
    given = request.headers.get("X-Fengsui-Callback", "")
    channel = channel_register.channels(exercise=False).get(kind)
    if not secret or not hmac.compare_digest(secret, given) or channel is None:
        raise NOT_FOUND()
    if len(request.body) > CALLBACK_BYTES_MAX:
        raise CALLBACK_UNREADABLE(why="too long")
    try:
        receipts = channel.parse_callback(request.body)
    except CallbackUnreadableError as error:
        raise CALLBACK_UNREADABLE(why=str(error)) from error
    services.record_receipts(
        viewer=node_viewer("carrier", request_id=request_id.current()),
        receipts=[channel_register.receipt_to_plain(receipt) for receipt in receipts],
    )
    return {"outcome": "recorded"}
