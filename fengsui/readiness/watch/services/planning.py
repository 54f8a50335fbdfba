"""The rota: planned in one go, changed shift by shift, never silently."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, on_commit_notify, record
from fengsui.foundation.people import queries as people
from fengsui.readiness.watch import rules
from fengsui.readiness.watch.errors import (
    NOBODY_CHOSEN,
    PERIOD_NOT_VALID,
    RULE_OUT_OF_RANGE,
    SAME_TIME_TWICE,
    SHIFT_IS_OVER,
    TOO_MANY_SHIFTS,
)
from fengsui.readiness.watch.facts import RULE_SET, SHIFT_CHANGED, SHIFTS_PLANNED
from fengsui.readiness.watch.models import Shift
from fengsui.readiness.watch.queries.rota import room
from fengsui.readiness.watch.states import RULES
from fengsui.standards.instants import BEIJING

TOPIC = "watch"
SHIFTS_MAX = 1500  # 90 days of three shifts a day with five people each
SHIFTS_PER_FACT = 500
REASON_CHARACTERS_MAX = 200
PEOPLE_MAX = 60

Planned = tuple[str, int, datetime, datetime, str]  # position, person, from, until, uid


@command
def plan_rota(
    *,
    viewer: Viewer,
    post_id: int,
    first_day: str,
    days: int,
    starts_at_hours: list[int],
    leaders: list[int],
    officers: list[int],
    officers_each: int,
) -> dict[str, Any]:
    """排班: by turns from `first_day` (Beijing, "2026-07-17") for so many days.

    Shifts that the room has in that period already are withdrawn. Returns {"shifts",
    "withdrawn"}. Raises access.not_found, watch.period_not_valid, .nobody_chosen, .too_many_shifts.
    """
    found = planning_room(viewer, post_id)
    made = turns(
        viewer=viewer,
        first_day=first_day,
        days=days,
        starts_at_hours=starts_at_hours,
        leaders=leaders,
        officers=officers,
        officers_each=officers_each,
    )
    begins, ends = made[0][2], made[-1][3]
    old = Shift.objects.filter(
        post_id=post_id, is_withdrawn=False, from_at__gte=begins, from_at__lt=ends
    )
    withdrawn = 0
    for row in old.order_by("id"):
        record_change(viewer, row, is_withdrawn=True, reason="")
        withdrawn += 1
    count = record_shifts(viewer, found, made, source="plan")
    return {"shifts": count, "withdrawn": withdrawn}


def turns(
    *,
    viewer: Viewer,
    first_day: str,
    days: int,
    starts_at_hours: Sequence[int],
    leaders: Sequence[int],
    officers: Sequence[int],
    officers_each: int,
) -> list[Planned]:
    """What `plan_rota` would write, for a look before it is written."""
    try:
        day = date.fromisoformat(first_day)
    except ValueError as error:
        raise PERIOD_NOT_VALID(days=rules.PLAN_DAYS_MAX) from error
    today = clock.now().astimezone(BEIJING).date()
    in_range = today <= day <= today + timedelta(days=366)
    hours = sorted(set(starts_at_hours))
    if not in_range or not 1 <= days <= rules.PLAN_DAYS_MAX:
        raise PERIOD_NOT_VALID(days=rules.PLAN_DAYS_MAX)
    if not hours or len(hours) > 4 or not all(0 <= hour <= 23 for hour in hours):
        raise PERIOD_NOT_VALID(days=rules.PLAN_DAYS_MAX)
    chosen = {*leaders, *officers}
    if not officers or len(chosen) > PEOPLE_MAX or officers_each < 1:
        raise NOBODY_CHOSEN()
    check_persons(viewer, chosen)
    made = rules.planned(
        first_day=day,
        days=days,
        starts_at_hours=hours,
        leaders=leaders,
        officers=officers,
        officers_each=officers_each,
    )
    if len(made) > SHIFTS_MAX:
        raise TOO_MANY_SHIFTS(limit=SHIFTS_MAX)
    return [(*one, "") for one in made]


def check_persons(viewer: Viewer, chosen: set[int]) -> None:
    """All of them registered, in sight and not withdrawn."""
    seen = people.persons(chosen, viewer=viewer)
    if {one["id"] for one in seen if not one["is_withdrawn"]} != chosen:
        raise NOBODY_CHOSEN()


def planning_room(viewer: Viewer, post_id: int) -> dict[str, Any]:
    """The room, for whoever may plan there."""
    found = room(post_id, viewer=viewer)
    require(viewer, Permission.NAME_STAND_IN, found["place_code"])
    return found


def record_shifts(
    viewer: Viewer, found: dict[str, Any], made: Sequence[Planned], *, source: str
) -> int:
    for start in range(0, len(made), SHIFTS_PER_FACT):
        chunk = made[start : start + SHIFTS_PER_FACT]
        record(
            SHIFTS_PLANNED,
            fields={
                "post_id": found["id"],
                "count": len(chunk),
                "shifts": [
                    [position, person_id, _second(begins), _second(ends), uid]
                    for position, person_id, begins, ends, uid in chunk
                ],
                "source": source,
            },
            scope=found["place_code"],
            viewer=viewer,
            about=[found["id"]],
        )
    on_commit_notify(TOPIC, {"verb": "rota"})
    on_commit_notify("posts", {"verb": "rota"})
    return len(made)


@command
def change_shift(
    *,
    viewer: Viewer,
    shift_id: int,
    person_id: int | None = None,
    is_withdrawn: bool = False,
    reason: str = "",
) -> dict[str, Any]:
    """换班: somebody else takes it (from now on where it has begun), or it is withdrawn.

    Who is on it now may also give it to somebody; else whoever may plan there. Raises
    watch.shift_is_over, .same_time_twice, .nobody_chosen.
    """
    row = Shift.objects.filter(pk=shift_id, is_withdrawn=False).first()
    if row is None:
        raise NOT_FOUND()
    if row.person_id != viewer.person_id or not viewer.person_id:
        planning_room(viewer, row.post_id)
    if row.until_at <= clock.now():
        raise SHIFT_IS_OVER()
    if not is_withdrawn:
        if person_id is None:
            raise NOBODY_CHOSEN()
        check_persons(viewer, {person_id})
        _check_free(row, person_id)
    now = clock.now().replace(microsecond=0)
    if row.from_at < now and person_id not in (None, row.person_id):
        return _cut(viewer, row, int(person_id or 0), now, reason)
    record_change(viewer, row, person_id=person_id, is_withdrawn=is_withdrawn, reason=reason)
    return {"shift_id": shift_id}


def _cut(viewer: Viewer, row: Shift, person_id: int, now: datetime, reason: str) -> dict[str, Any]:
    """A running shift is cut in two: the record keeps who sat there until now."""
    found = {"id": row.post_id, "place_code": row.place_code}
    until, position = row.until_at, row.position
    record_change(viewer, row, until_at=now, reason=reason)
    record_shifts(viewer, found, [(position, person_id, now, until, "")], source="swap")
    return {"shift_id": row.pk}


def _check_free(row: Shift, person_id: int) -> None:
    clash = (
        Shift.objects.filter(person_id=person_id, is_withdrawn=False)
        .filter(from_at__lt=row.until_at, until_at__gt=row.from_at)
        .exclude(pk=row.pk)
    )
    if clash.exists():
        name = people.person_names([person_id], viewer=node_viewer("watch")).get(person_id, "")
        raise SAME_TIME_TWICE(name=name)


def record_change(
    viewer: Viewer,
    row: Shift,
    *,
    person_id: int | None = None,
    from_at: datetime | None = None,
    until_at: datetime | None = None,
    is_withdrawn: bool = False,
    reason: str,
) -> None:
    record(
        SHIFT_CHANGED,
        fields={
            "shift_id": row.pk,
            "person_id": row.person_id if person_id is None else person_id,
            "from_s": _second(from_at or row.from_at),
            "until_s": _second(until_at or row.until_at),
            "is_withdrawn": is_withdrawn,
        },
        personal={"reason": reason.strip()[:REASON_CHARACTERS_MAX]},
        scope=row.place_code,
        viewer=viewer,
        about=[row.post_id],
    )
    on_commit_notify(TOPIC, {"verb": "rota"})


@command
def set_rule(*, viewer: Viewer, place_code: str, name: str, number: int) -> dict[str, Any]:
    """A number of duty for a place: 本县规则(默认), never law. Raises watch.rule_out_of_range."""
    require(viewer, Permission.NAME_STAND_IN, place_code)
    if name not in RULES:
        raise NOT_FOUND()
    _, least, most = RULES[name]
    if not least <= number <= most:
        raise RULE_OUT_OF_RANGE(least=least, most=most)
    record(
        RULE_SET,
        fields={"place_code": place_code, "name": name, "number": number},
        scope=place_code,
        viewer=viewer,
    )
    on_commit_notify(TOPIC, {"verb": "rule"})
    return {"name": name, "number": number}


def _second(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp())
