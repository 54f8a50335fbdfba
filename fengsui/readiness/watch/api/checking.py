"""Roll-calls and check-ins over HTTP."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from fengsui.engines.calls import queries as calls
from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.journal import clock
from fengsui.readiness.watch import queries, services
from fengsui.readiness.watch.api import shown
from fengsui.readiness.watch.api.schemas import (
    CheckInPage,
    CheckInStart,
    EndDone,
    EndIn,
    MyCheckInOut,
    RollCallIn,
    RollCallOut,
    RollCallPage,
    WatchDone,
    WordDone,
    WordIn,
)
from fengsui.readiness.watch.queries.checking import leaders_above
from fengsui.readiness.watch.services.calling import ROLL_CALL
from fengsui.readiness.watch.states import CheckInState
from fengsui.standards.instants import from_ms, to_iso, to_ms

router = Router(tags=["watch"])


@router.get("/watch/roll-calls", response=RollCallPage)
def roll_calls(request: HttpRequest) -> dict[str, Any]:
    """抽查点名: the running one and earlier ones, room by room."""
    rows = queries.roll_calls(viewer=signed_in(request))
    return {
        "items": [shown.roll_call_shown(row) for row in rows[:5]],
        "server_time": to_iso(clock.now()),
    }


@router.get("/watch/roll-calls/{int:roll_call_id}", response=RollCallOut)
def roll_call(request: HttpRequest, roll_call_id: int) -> dict[str, Any]:
    """One roll-call, room by room."""
    return shown.roll_call_shown(queries.roll_call(roll_call_id, viewer=signed_in(request)))


@router.post("/watch/roll-calls", response=WatchDone)
def open_roll_call(request: HttpRequest, body: RollCallIn) -> dict[str, Any]:
    """Rings every duty room below the place at once."""
    done = services.open_roll_call(viewer=signed_in(request), **body.dict())
    return {"id": str(done["roll_call_id"])}


@router.get("/watch/check-ins", response=CheckInPage)
def check_ins(request: HttpRequest, with_ended: bool = False) -> dict[str, Any]:
    """Whoever is to be heard of: not heard of first, with the last known position."""
    viewer = signed_in(request)
    rows = queries.check_ins(viewer=viewer, with_ended=with_ended)
    items = shown.check_ins_shown(rows, viewer)
    return {
        "items": items,
        "missing": sum(one["state"] == CheckInState.MISSING for one in items),
        "server_time": to_iso(clock.now()),
    }


@router.get("/watch/mine", response=MyCheckInOut)
def mine(request: HttpRequest) -> dict[str, Any]:
    """What waits for this very person: their check-ins, and a roll-call to answer."""
    viewer = signed_in(request)
    row = queries.my_check_in(viewer=viewer)
    waiting = calls.my_open_calls(viewer=viewer)
    called = next((one for one in waiting if one["subject_kind"] == ROLL_CALL), None)
    return {
        "mine": shown.check_ins_shown([row], viewer)[0] if row is not None else None,
        "leaders": [
            {"person_id": str(pk), "name": title}
            for pk, title in leaders_above(viewer.person_id).items()
        ],
        "call_id": str(called["call_id"]) if called else None,
        "server_time": to_iso(clock.now()),
    }


@router.post("/watch/check-ins", response=WatchDone)
def start(request: HttpRequest, body: CheckInStart) -> dict[str, Any]:
    """开始报平安: one's own, or that of somebody one is responsible for."""
    viewer = signed_in(request)
    done = services.start_check_ins(
        viewer=viewer,
        person_id=int(body.person_id) if body.person_id else viewer.person_id,
        every_s=body.every_min * 60,
        hours=body.hours,
        leader_id=int(body.leader_id) if body.leader_id else None,
        task=body.task,
        exercise=body.exercise,
    )
    return {"id": str(done["check_in_id"])}


@router.post("/watch/check-ins/{int:check_in_id}/words", response=WordDone)
def say_safe(request: HttpRequest, check_in_id: int, body: WordIn) -> dict[str, Any]:
    """平安. The same `client_id` twice is one."""
    done = services.check_in(
        viewer=signed_in(request),
        check_in_id=check_in_id,
        at_ms=None if body.at is None else to_ms(body.at),
        **body.dict(exclude={"at"}),
    )
    return {"outcome": done["outcome"], "due_at": to_iso(from_ms(done["due_ms"]))}


@router.post("/watch/check-ins/{int:check_in_id}/end", response=EndDone)
def end(request: HttpRequest, check_in_id: int, body: EndIn) -> dict[str, Any]:
    """已返回, or how else it ended."""
    done = services.end_check_ins(
        viewer=signed_in(request),
        check_in_id=check_in_id,
        outcome=body.outcome,
        reason=body.reason,
    )
    return {"outcome": done["outcome"]}
