"""What is open in a room, who signed for it last, and how roll-calls went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fengsui.engines.calls import queries as calls
from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.journal import clock
from fengsui.readiness.watch import rules
from fengsui.readiness.watch.models import CheckIn, Handover, Note, RollCall
from fengsui.readiness.watch.queries.hooks import Matter, matters_of_upper_apps
from fengsui.readiness.watch.queries.reporting import report_matters
from fengsui.readiness.watch.queries.rota import (
    is_under,
    last_handovers,
    names_of,
    place_names,
    room,
    shifts,
)
from fengsui.readiness.watch.rules import OnShift
from fengsui.readiness.watch.states import MatterKind, RoomAnswer

HISTORY_MAX = 60
ROLL_CALLS_MAX = 30
TITLE_MAX = 60
_SUBJECTS = {
    "roll_call": ("值班室点名", "a roll-call"),
    "check_in": ("失联待核", "a person missed"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How one room stands at this moment."""

    room: dict[str, Any]
    current: list[OnShift]
    last: Handover | None
    on_watch: list[int]
    is_unsigned: bool


def standing(post_id: int, *, viewer: Viewer) -> Standing:
    """One room: who is on its rota now, who signed last, who is rung."""
    return standings([room(post_id, viewer=viewer, permission=Permission.SEE_CALLS)])[0]


def standings(found: Sequence[dict[str, Any]]) -> list[Standing]:
    """For rooms that the viewer was seen to be allowed. Two queries."""
    now, program = clock.now(), node_viewer("watch")
    ids = [one["id"] for one in found]
    near = shifts(
        ids, begins=now - rules.RUNG_AFTER_THE_END, ends=now + rules.EARLY, viewer=program
    )
    signed = last_handovers(ids)
    made = []
    for one in found:
        mine = [shift for shift in near if shift.post_id == one["id"]]
        last = signed.get(one["id"])
        responsible = last.incoming_id if last else None
        made.append(
            Standing(
                room=one,
                current=[shift for shift in mine if shift.covers(now)],
                last=last,
                on_watch=rules.on_watch(
                    mine,
                    now=now,
                    responsible_id=responsible,
                    responsible_until=last.shift_until_at if last else None,
                ),
                is_unsigned=rules.is_unsigned(mine, now=now, responsible_id=responsible),
            )
        )
    return made


def matters(post_id: int, *, viewer: Viewer) -> list[Matter]:
    """Everything open at or below the room's place that the incoming officer answers for.

    By kind in the order of reading, the oldest first. Needs `see_calls` there.
    """
    code = room(post_id, viewer=viewer, permission=Permission.SEE_CALLS)["place_code"]
    found = [*matters_of_upper_apps(code), *_missing(code), *_calls(code), *_roll_calls(code)]
    found += [*report_matters(code), *_notes(post_id)]
    order = list(MatterKind)
    latest = clock.now() + timedelta(days=1)
    return sorted(
        found, key=lambda one: (order.index(one.kind), one.since_at or latest, one.reference)
    )


def _calls(code: str) -> list[Matter]:
    rows = calls.open_by_callout(code, viewer=node_viewer("watch"))
    known = place_names({row["place_code"] for row in rows})
    found = []
    for row in rows:
        zh, en = _SUBJECTS.get(row["subject_kind"], ("叫应", "a callout"))
        place = known.get(row["place_code"], "")
        found.append(
            Matter(
                MatterKind.CALLS,
                str(row["callout_id"]),
                row["place_code"],
                f"{place}{zh}：在叫 {row['open']} 人，已点名未叫到 {row['named']} 人",
                f"{place} {en}: {row['open']} being called, {row['named']} named as unreached",
                since_at=row["opened_at"],
                count=row["open"] + row["named"],
                link=f"/alert/{row['subject_id']}" if row["subject_kind"] == "alert" else "",
            )
        )
    return found


def _missing(code: str) -> list[Matter]:
    rows = CheckIn.objects.filter(ended_at=None, missed_at__isnull=False).order_by("missed_at")
    here = [row for row in rows if is_under(row.place_code, code)]
    names = names_of({row.person_id for row in here})
    return [
        Matter(
            MatterKind.MISSING_PERSON,
            str(row.pk),
            row.place_code,
            f"{names.get(row.person_id, '')}：到时未报平安，待核",
            f"{names.get(row.person_id, '')}: a check-in was missed",
            since_at=row.due_at,
            link="/watch?tab=check-ins",
        )
        for row in here
    ]


def _roll_calls(code: str) -> list[Matter]:
    now = clock.now()
    return [
        Matter(
            MatterKind.ROLL_CALL,
            str(row.pk),
            row.place_code,
            f"抽查点名：{len(row.rooms)} 个值班室，还没结束",
            f"Roll-call of {len(row.rooms)} duty rooms, not over yet",
            since_at=row.opened_at,
            due_at=row.opened_at + timedelta(seconds=row.within_s),
            link="/watch?tab=roll-call",
        )
        for row in RollCall.objects.filter(opened_at__gte=now - timedelta(hours=1))
        if is_under(row.place_code, code) and now < row.opened_at + timedelta(seconds=row.within_s)
    ]


def _notes(post_id: int) -> list[Matter]:
    return [
        Matter(
            MatterKind.NOTE,
            str(row.pk),
            row.place_code,
            row.text[:TITLE_MAX] or "（内容已清除）",
            row.text[:TITLE_MAX] or "(erased)",
            since_at=row.written_at,
        )
        for row in Note.objects.filter(post_id=post_id, closed_at=None).order_by("written_at")
    ]


def notes(post_id: int, *, viewer: Viewer) -> list[Note]:
    """交接事项 of a room that are not closed, oldest first."""
    room(post_id, viewer=viewer, permission=Permission.SEE_CALLS)
    return list(Note.objects.filter(post_id=post_id, closed_at=None).order_by("written_at", "id"))


def handovers(post_id: int, *, viewer: Viewer) -> list[Handover]:
    """Who signed for a room, newest first, each with what was signed for."""
    room(post_id, viewer=viewer, permission=Permission.SEE_CALLS)
    rows = Handover.objects.filter(post_id=post_id).order_by("-order_key")
    return list(rows[:HISTORY_MAX])


def roll_calls(*, viewer: Viewer) -> list[RollCall]:
    """Roll-calls of the viewer's places, newest first."""
    rows = RollCall.objects.filter(visible(viewer, Permission.SEE_CALLS))
    return list(rows.order_by("-opened_at", "-id")[:ROLL_CALLS_MAX])


def roll_call(roll_call_id: int, *, viewer: Viewer) -> RollCall:
    row = RollCall.objects.filter(visible(viewer, Permission.SEE_CALLS), pk=roll_call_id).first()
    if row is None:
        raise NOT_FOUND()
    return row


@dataclass(frozen=True, slots=True)
class RoomOnRollCall:
    """One duty room in one roll-call."""

    post_id: int
    place_code: str
    title: str
    person_id: int
    answer: RoomAnswer
    answered_at: datetime | None
    call_id: int | None


def answers(row: RollCall) -> list[RoomOnRollCall]:
    """How each room of a roll-call stands now; the silent first. For a row that was in sight."""
    now = clock.now()
    listed = calls.answers_of(row.callout_id, viewer=node_viewer("watch"))
    by_person = {one["person_id"]: one for one in listed if one["person_id"]}
    by_room = {(one["place_code"], one["post_title"]): one for one in listed}
    made = []
    for post_id, code, title, person_id in row.rooms:
        call = by_person.get(person_id) or by_room.get((code, title))
        answered_at = call["answered_at"] if call else None
        made.append(
            RoomOnRollCall(
                post_id=post_id,
                place_code=code,
                title=title,
                person_id=person_id,
                answer=rules.room_answer(
                    opened_at=row.opened_at,
                    within_s=row.within_s,
                    answered_at=answered_at,
                    is_covered=bool(call and call["is_covered"]),
                    now=now,
                ),
                answered_at=answered_at,
                call_id=call["call_id"] if call else None,
            )
        )
    rank = [RoomAnswer.SILENT, RoomAnswer.WAITING, RoomAnswer.LATE, RoomAnswer.STOOD_IN]
    rank.append(RoomAnswer.IN_TIME)
    return sorted(made, key=lambda one: (rank.index(one.answer), one.place_code, one.post_id))
