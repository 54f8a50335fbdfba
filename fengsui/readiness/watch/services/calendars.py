"""The rota as a calendar file: out for anybody's phone, in from whatever the office keeps."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q

from fengsui.foundation.access.viewer import Viewer, node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command
from fengsui.foundation.people import queries as people
from fengsui.gateways.files import calendars
from fengsui.gateways.files.calendars import Event
from fengsui.readiness.watch import rules
from fengsui.readiness.watch.errors import CALENDAR_UNREADABLE
from fengsui.readiness.watch.models import Shift
from fengsui.readiness.watch.queries.rota import names_of, room, shifts
from fengsui.readiness.watch.services.planning import (
    planning_room,
    record_change,
    record_shifts,
)
from fengsui.readiness.watch.states import POSITION_WORDS, Position

_OWN_UID = re.compile(r"shift-(\d{1,19})@fengsui")
_LEADER_WORDS = ("带班", "领导", "leader")


@dataclass(frozen=True, slots=True)
class Row:
    """One event as it would be taken: `problem` says why not, in `zh` and `en`; "" where it is."""

    event: Event
    position: str
    person_id: int | None
    name: str
    problem_zh: str = ""
    problem_en: str = ""
    is_known: bool = False  # this very shift is on the rota already


def calendar_of(post_id: int, *, viewer: Viewer) -> tuple[str, str]:
    """(file name, text) of a room's rota for ninety days and the week before."""
    found = room(post_id, viewer=viewer)
    now = clock.now()
    listed = shifts(
        [post_id],
        begins=now - timedelta(days=7),
        ends=now + timedelta(days=rules.GAP_DAYS),
        viewer=viewer,
    )
    names = names_of({one.person_id for one in listed})
    events = [
        Event(
            f"shift-{one.id}@fengsui",
            one.from_at,
            one.until_at,
            f"{POSITION_WORDS[one.position][0]} {names.get(one.person_id, '')}",
            (POSITION_WORDS[one.position][0],),
        )
        for one in listed
    ]
    text = calendars.write(events, name=f"{found['title']}值班表", stamped=now)
    return f"{found['title']}值班表.ics", text


def read_calendar(post_id: int, text: str, *, viewer: Viewer) -> list[Row]:
    """What a file would bring for the next ninety days, each row with its person or its problem.

    Whoever may plan there asks. The person is found by name among those in sight: at the room's
    place first, then in the county; two of one name are not guessed between.
    """
    found = planning_room(viewer, post_id)
    now = clock.now()
    ends = now + timedelta(days=rules.GAP_DAYS)
    try:
        events = calendars.read(text, begins=now, ends=ends)
    except calendars.CalendarError as error:
        raise CALENDAR_UNREADABLE(why=str(error)) from error
    by_name: dict[str, list[dict[str, Any]]] = {}
    for one in people.persons_in([found["place_code"]], viewer=viewer):
        by_name.setdefault(one["name"], []).append(one)
    program = node_viewer("watch")
    known = {
        (one.position, one.person_id, one.from_at, one.until_at)
        for one in shifts([post_id], begins=now, ends=ends, viewer=program)
    }
    return [_row(event, by_name, found["place_code"], known) for event in events]


def _row(
    event: Event,
    by_name: dict[str, list[dict[str, Any]]],
    place_code: str,
    known: set[tuple[str, int, Any, Any]],
) -> Row:
    said = " ".join((event.summary, *event.categories)).lower()
    is_leader = any(word in said for word in _LEADER_WORDS)
    position = Position.LEADER.value if is_leader else Position.OFFICER.value
    if event.problem:
        return Row(event, position, None, event.summary, event.problem, "unknown repetition")
    words = (event.summary, *event.attendees)
    names = [name for name in by_name if name and any(name in each for each in words)]
    # 示意甲 also stands in 示意甲乙: the longest name is the one that was written.
    names = [one for one in names if not any(one != other and one in other for other in names)]
    if not names:
        return Row(event, position, None, event.summary, "没有找到人名", "no known name in it")
    if len(names) > 1:
        return Row(
            event, position, None, "、".join(names), "写了两个人，请拆成两个日程", "two names"
        )
    people_found = by_name[names[0]]
    here = [one for one in people_found if one["place_code"] == place_code] or people_found
    if len(here) > 1:
        return Row(event, position, None, names[0], "有同名的人，请在表里选", "two of that name")
    person_id = int(here[0]["id"])
    key = (position, person_id, event.begins, event.ends)
    return Row(event, position, person_id, names[0], is_known=key in known)


def _before(post_id: int, uids: set[str]) -> dict[str, Shift]:
    """Shifts that these events are already, by the event's uid or by the one written out."""
    written = {int(each[1]): uid for uid in uids if (each := _OWN_UID.fullmatch(uid))}
    rows = Shift.objects.filter(post_id=post_id, is_withdrawn=False)
    wanted = rows.filter(Q(pk__in=written) | (Q(uid__in=uids) & ~Q(uid="")))
    return {written.get(row.pk, row.uid): row for row in wanted}


@command
def import_calendar(*, viewer: Viewer, post_id: int, text: str) -> dict[str, int]:
    """Takes the rows without a problem. An event that came before (by its uid) is moved, not
    doubled. Returns {"added", "moved", "known", "left"}: `left` have a problem."""
    found = planning_room(viewer, post_id)
    rows = read_calendar(post_id, text, viewer=viewer)
    usable = [row for row in rows if row.person_id is not None]
    before = _before(post_id, {row.event.uid for row in usable})
    made = []
    moved = 0
    for row in usable:
        if row.is_known or row.person_id is None:
            continue
        event, old = row.event, before.get(row.event.uid)
        if old is not None and old.position == row.position:
            record_change(
                viewer,
                old,
                person_id=row.person_id,
                from_at=event.begins,
                until_at=event.ends,
                reason="日历更新",
            )
            moved += 1
            continue
        if old is not None:
            record_change(viewer, old, is_withdrawn=True, reason="日历更新")
        made.append((row.position, row.person_id, event.begins, event.ends, event.uid))
    if made:
        record_shifts(viewer, found, made, source="calendar")
    return {
        "added": len(made),
        "moved": moved,
        "known": sum(row.is_known for row in usable),
        "left": len(rows) - len(usable),
    }
