"""Duty: rota, handover, roll-call, check-ins, reports."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.people.models import Post
from fengsui.readiness.watch import queries, services
from fengsui.standards.instants import BEIJING
from tests.architecture.needs import SIGNED_IN, Needs, P
from tests.world import county as world

WORDS = {"grade": "ordinary"}
NEEDS: Needs = {
    "GET /watch": {P.SEE_PEOPLE},
    "GET /watch/rooms/{room_id}": {P.SEE_PEOPLE},
    "GET /watch/rooms/{room_id}/people": {P.SEE_PEOPLE},
    "POST /watch/rooms/{room_id}/plan": {P.NAME_STAND_IN},
    "POST /watch/shifts/{shift_id}": {P.NAME_STAND_IN},
    "PUT /watch/rules": {P.NAME_STAND_IN},
    "GET /watch/rooms/{room_id}/rota.ics": {P.SEE_PEOPLE},
    "POST /watch/rooms/{room_id}/calendar": {P.NAME_STAND_IN},
    "GET /watch/rooms/{room_id}/handover": {P.SEE_CALLS},
    "POST /watch/rooms/{room_id}/handover": {P.SEE_CALLS},
    "POST /watch/rooms/{room_id}/notes": {P.ANSWER_FOR_OTHERS},
    "POST /watch/notes/{note_id}/close": {P.ANSWER_FOR_OTHERS},
    "GET /watch/roll-calls": {P.SEE_CALLS},
    "GET /watch/roll-calls/{roll_call_id}": {P.SEE_CALLS},
    "POST /watch/roll-calls": {P.STEER_CALLOUT},
    "GET /watch/check-ins": {P.SEE_CALLS},
    "POST /watch/check-ins": SIGNED_IN,  # one's own; of others it needs mark_reached
    "GET /watch/mine": SIGNED_IN,  # one's own, nobody else's
    "POST /watch/check-ins/{check_in_id}/words": {P.MARK_REACHED},
    "POST /watch/check-ins/{check_in_id}/end": {P.MARK_REACHED},
    "GET /watch/incidents": {P.SEE_CALLS},
    "POST /watch/rooms/{room_id}/incidents": {P.ANSWER_FOR_OTHERS},
    "POST /watch/incidents/{incident_id}/reports": {P.ANSWER_FOR_OTHERS},
    "POST /watch/incidents/{incident_id}/corrections": {P.ANSWER_FOR_OTHERS},
    "POST /watch/incidents/{incident_id}/close": {P.ANSWER_FOR_OTHERS},
    "POST /watch/incidents/{incident_id}/reopen": {P.ANSWER_FOR_OTHERS},
    "POST /watch/reports/{report_id}/reason": {P.ANSWER_FOR_OTHERS},
}


def known(county: Any) -> dict[str, str]:
    """青石镇's duty room with a rota and a note; its village secretary is to be heard of."""
    node = node_viewer()
    room = Post.objects.get(place_code=world.QINGSHI, role="duty_room").pk
    services.plan_rota(
        viewer=node,
        post_id=room,
        first_day=clock.now().astimezone(BEIJING).date().isoformat(),
        days=1,
        starts_at_hours=[0],
        leaders=[],
        officers=[county.ids["qingshi"]],
        officers_each=1,
    )
    now = clock.now()
    (shift,) = queries.shifts([room], begins=now, ends=now + timedelta(hours=1), viewer=node)
    note = services.leave_note(viewer=node, post_id=room, text="示意事项")
    called = services.open_roll_call(viewer=node, place_code=world.COUNTY)
    started = services.start_check_ins(
        viewer=node, person_id=county.ids["shitan_a"], every_s=1800, hours=6
    )
    heard = services.enter_incident(
        viewer=node, post_id=room, title="示意事件", grade="ordinary", known_at=now
    )
    told = services.record_report(viewer=node, incident_id=heard["incident_id"], kind="phone")
    return {
        "incident_id": str(heard["incident_id"]),
        "report_id": str(told["report_id"]),
        "room_id": str(room),
        "shift_id": str(shift.id),
        "note_id": str(note["note_id"]),
        "roll_call_id": str(called["roll_call_id"]),
        "check_in_id": str(started["check_in_id"]),
    }
