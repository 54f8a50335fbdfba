"""Duty over HTTP: rota, handover, roll-call, check-ins, reports."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.people import queries as people
from fengsui.readiness.watch import queries, services
from fengsui.readiness.watch.api import shown
from fengsui.readiness.watch.api.checking import router as checking
from fengsui.readiness.watch.api.reporting import router as reporting
from fengsui.readiness.watch.api.schemas import (
    CalendarIn,
    CalendarOut,
    HandoverNoteIn,
    HandoverPage,
    HandoverSignIn,
    PeopleOut,
    PlannedOut,
    RotaOut,
    RotaPlanIn,
    RuleIn,
    ShiftChangeIn,
    SignedOut,
    WatchDone,
    WatchOut,
)
from fengsui.readiness.watch.queries.rota import names_of
from fengsui.readiness.watch.rules import OnShift
from fengsui.readiness.watch.states import POSITION_WORDS
from fengsui.standards.divisions import full_code
from fengsui.standards.instants import to_iso

router = Router(tags=["watch"])
router.add_router("", checking)
router.add_router("", reporting)
PEOPLE_SHOWN_MAX = 500
Under = Annotated[str, Query(max_length=17)]


@router.get("/watch", response=WatchOut)
def tonight(request: HttpRequest, under: Under = "") -> dict[str, Any]:
    """Every duty room in sight: who sits there, who signed, and where the rota has holes."""
    viewer = signed_in(request)
    rotas = queries.rotas(viewer=viewer, under=under)
    steered = sorted((scope.prefix for scope in viewer.scopes(Permission.STEER_CALLOUT)), key=len)
    return {
        "rooms": shown.rooms_shown(rotas, viewer),
        "may_roll_call": bool(steered),
        "place_code": full_code(steered[0]) if steered and steered[0] else "",
        "server_time": to_iso(clock.now()),
    }


@router.get("/watch/rooms/{int:room_id}", response=RotaOut)
def rota(request: HttpRequest, room_id: int) -> dict[str, Any]:
    """One room's rota for ninety days, with gaps, clashes and the local rules."""
    viewer = signed_in(request)
    return shown.rota_shown(queries.rota(room_id, viewer=viewer), viewer)


@router.get("/watch/rooms/{int:room_id}/people", response=PeopleOut)
def candidates(request: HttpRequest, room_id: int) -> dict[str, Any]:
    """Whom the rota may name: holders of posts at the room's place first, then its people."""
    viewer = signed_in(request)
    code = queries.room(room_id, viewer=viewer)["place_code"]
    posts = people.posts_at([code], viewer=viewer)
    held = people.holders([one["id"] for one in posts], viewer=viewer)
    first = {
        one["person_id"]: one["name"]
        for slots in held.values()
        for group in slots.values()
        for one in group
    }
    rest = {
        one["id"]: one["name"]
        for one in people.persons_in([code], viewer=viewer)
        if one["place_code"] == code
    }
    found = {**first, **{pk: name for pk, name in rest.items() if pk not in first}}
    listed = list(found.items())[:PEOPLE_SHOWN_MAX]
    return {"items": [{"person_id": str(pk), "name": name} for pk, name in listed]}


@router.post("/watch/rooms/{int:room_id}/plan", response=PlannedOut)
def plan(request: HttpRequest, room_id: int, body: RotaPlanIn) -> dict[str, Any]:
    """排班 by turns; a dry run shows what it would write."""
    viewer = signed_in(request)
    wanted = body.dict(exclude={"is_dry_run"})
    wanted["leaders"] = [int(one) for one in body.leaders]
    wanted["officers"] = [int(one) for one in body.officers]
    if not body.is_dry_run:
        done = services.plan_rota(viewer=viewer, post_id=room_id, **wanted)
        return {
            "shifts": [],
            "count": done["shifts"],
            "withdrawn": done["withdrawn"],
            "is_written": True,
        }
    services.planning_room(viewer, room_id)
    made = services.turns(viewer=viewer, **wanted)
    names = names_of({one[1] for one in made})
    rows = [OnShift(0, room_id, position, pk, a, b) for position, pk, a, b, _ in made]
    return {
        "shifts": [shown.shift_shown(one, names) for one in rows],
        "count": len(rows),
        "withdrawn": 0,
        "is_written": False,
    }


@router.post("/watch/shifts/{int:shift_id}", response=WatchDone)
def change_shift(request: HttpRequest, shift_id: int, body: ShiftChangeIn) -> dict[str, Any]:
    """换班 or 撤班."""
    done = services.change_shift(
        viewer=signed_in(request),
        shift_id=shift_id,
        person_id=int(body.person_id) if body.person_id else None,
        is_withdrawn=body.is_withdrawn,
        reason=body.reason,
    )
    return {"id": str(done["shift_id"])}


@router.put("/watch/rules", response=WatchDone)
def set_rule(request: HttpRequest, body: RuleIn) -> dict[str, Any]:
    """A local number of duty; a default, never law."""
    done = services.set_rule(viewer=signed_in(request), **body.dict())
    return {"id": done["name"]}


@router.get("/watch/rooms/{int:room_id}/rota.ics")
def calendar(request: HttpRequest, room_id: int) -> HttpResponse:
    """The rota as a calendar file. It names people, so it needs the same right as the page."""
    name, text = services.calendar_of(room_id, viewer=signed_in(request))
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    answer["Cache-Control"] = "no-store"
    return answer


@router.post("/watch/rooms/{int:room_id}/calendar", response=CalendarOut)
def take_calendar(request: HttpRequest, room_id: int, body: CalendarIn) -> dict[str, Any]:
    """A calendar file: first looked at, then taken."""
    viewer = signed_in(request)
    rows = services.read_calendar(room_id, body.text, viewer=viewer)
    done = {"added": 0, "moved": 0, "known": 0, "left": 0}
    if not body.is_dry_run:
        done = services.import_calendar(viewer=viewer, post_id=room_id, text=body.text)
    return {
        "rows": [
            {
                "from_at": to_iso(row.event.begins),
                "until_at": to_iso(row.event.ends),
                "position_zh": POSITION_WORDS[row.position][0],
                "position_en": POSITION_WORDS[row.position][1],
                "name": row.name,
                "problem_zh": row.problem_zh,
                "problem_en": row.problem_en,
                "is_known": row.is_known,
            }
            for row in rows
        ],
        **done,
        "is_written": not body.is_dry_run,
    }


@router.get("/watch/rooms/{int:room_id}/handover", response=HandoverPage)
def handover(request: HttpRequest, room_id: int) -> dict[str, Any]:
    """What is open, each to be confirmed; who signed before, and for how much."""
    viewer = signed_in(request)
    notes = queries.notes(room_id, viewer=viewer)
    history = queries.handovers(room_id, viewer=viewer)
    names = names_of(
        {row.incoming_id for row in history}
        | {row.outgoing_id for row in history if row.outgoing_id}
        | {row.written_by for row in notes}
    )
    return {
        "room": _room(room_id, viewer),
        "matters": [shown.matter_shown(one) for one in queries.matters(room_id, viewer=viewer)],
        "notes": [
            {
                "id": str(row.pk),
                "text": row.text,
                "written_by": names.get(row.written_by, ""),
                "written_at": to_iso(row.written_at),
            }
            for row in notes
        ],
        "history": [shown.handover_shown(row, names) for row in history],
        "server_time": to_iso(clock.now()),
    }


def _room(room_id: int, viewer: Viewer) -> dict[str, Any]:
    found = queries.rota(room_id, viewer=viewer, permission=Permission.SEE_CALLS)
    return shown.rooms_shown([found], viewer)[0]


@router.post("/watch/rooms/{int:room_id}/handover", response=SignedOut)
def sign(request: HttpRequest, room_id: int, body: HandoverSignIn) -> dict[str, Any]:
    """接班签字: refused while anything open was not confirmed."""
    done = services.sign_handover(viewer=signed_in(request), post_id=room_id, keys=body.keys)
    return {"id": str(done["handover_id"]), "count": done["count"]}


@router.post("/watch/rooms/{int:room_id}/notes", response=WatchDone)
def leave_note(request: HttpRequest, room_id: int, body: HandoverNoteIn) -> dict[str, Any]:
    """交接事项."""
    done = services.leave_note(viewer=signed_in(request), post_id=room_id, text=body.text)
    return {"id": str(done["note_id"])}


@router.post("/watch/notes/{int:note_id}/close", response=WatchDone)
def close_note(request: HttpRequest, note_id: int) -> dict[str, Any]:
    """已办结."""
    done = services.close_note(viewer=signed_in(request), note_id=note_id)
    return {"id": str(done["note_id"])}
