"""Who is on duty when, where the rota has a hole, who answers for a room. Pure."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from fengsui.readiness.watch.states import CheckInState, Position, RoomAnswer
from fengsui.standards.instants import BEIJING

GAP_DAYS = 90
PLAN_DAYS_MAX = 92
# The incoming officer may sign while the outgoing one still sits there.
EARLY = timedelta(hours=1)
# An outgoing officer whose handover nobody signed is rung first for so long; then whoever the
# rota names. On the record the outgoing one stays responsible until somebody signs.
RUNG_AFTER_THE_END = timedelta(hours=4)
EVERY_MIN_S, EVERY_MAX_S = 5 * 60, 4 * 3600
WATCH_HOURS_MAX = 48


@dataclass(frozen=True, slots=True)
class OnShift:
    """One person on one shift of one room."""

    id: int
    post_id: int
    position: str
    person_id: int
    from_at: datetime
    until_at: datetime

    def covers(self, at: datetime) -> bool:
        return self.from_at <= at < self.until_at


@dataclass(frozen=True, slots=True)
class Away:
    """离岗报备 of one person."""

    person_id: int
    from_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which the rota has fewer than it needs. `away`: on the rota, but absent."""

    from_at: datetime
    until_at: datetime
    position: str
    wanted: int
    found: int
    away: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Clash:
    """One person on two shifts at once, or on duty longer than the rule allows."""

    person_id: int
    from_at: datetime
    until_at: datetime
    post_ids: tuple[int, ...]
    is_too_long: bool = False


def gaps(
    shifts: Sequence[OnShift],
    needed: Mapping[str, int],
    *,
    begins: datetime,
    ends: datetime,
    away: Iterable[Away] = (),
) -> list[Gap]:
    """Every stretch of [begins, ends) of one room with too few of a position, oldest first.

    Stretches that follow each other and lack the same are one gap. A person who is absent does
    not count; the same person twice counts once.
    """
    absent = list(away)
    edges = {begins, ends}
    stretches = [(one.from_at, one.until_at) for one in shifts]
    stretches += [(one.from_at, one.until_at) for one in absent]
    edges.update(at for stretch in stretches for at in stretch if begins < at < ends)
    found: list[Gap] = []
    ordered = sorted(edges)
    for start, end in pairwise(ordered):
        gone = {one.person_id for one in absent if one.from_at <= start < one.until_at}
        for position, wanted in needed.items():
            listed = {
                one.person_id for one in shifts if one.position == position and one.covers(start)
            }
            if len(listed - gone) < wanted:
                here = Gap(
                    start, end, position, wanted, len(listed - gone), tuple(sorted(listed & gone))
                )
                _add(found, here)
    return sorted(found, key=lambda gap: (gap.from_at, gap.position))


def _add(found: list[Gap], here: Gap) -> None:
    """Joins a stretch to the one before it where both lack the same."""
    for index in range(len(found) - 1, -1, -1):
        known = found[index]
        if known.position != here.position:
            continue
        same = (known.wanted, known.found, known.away) == (here.wanted, here.found, here.away)
        if known.until_at == here.from_at and same:
            found[index] = Gap(
                known.from_at, here.until_at, here.position, here.wanted, here.found, here.away
            )
            return
        break
    found.append(here)


def clashes(
    shifts: Sequence[OnShift], *, hours_most: int, begins: datetime, ends: datetime
) -> list[Clash]:
    """Who is on two shifts at once, and who is on duty without a break for too long."""
    by_person: dict[int, list[OnShift]] = defaultdict(list)
    for one in shifts:
        if one.until_at > begins and one.from_at < ends:
            by_person[one.person_id].append(one)
    found: list[Clash] = []
    for person_id, own in by_person.items():
        own.sort(key=lambda one: (one.from_at, one.until_at, one.id))
        stretch: list[OnShift] = []
        for one in own:
            last = max((each.until_at for each in stretch), default=None)
            if last is not None and one.from_at < last:
                rooms = {each.post_id for each in stretch if each.until_at > one.from_at}
                until = min(last, one.until_at)
                found.append(
                    Clash(person_id, one.from_at, until, tuple(sorted({*rooms, one.post_id})))
                )
            if last is None or one.from_at > last:
                stretch = []
            stretch.append(one)
            since, until = stretch[0].from_at, max(each.until_at for each in stretch)
            if until - since > timedelta(hours=hours_most):
                rooms = {each.post_id for each in stretch}
                _replace_long(found, Clash(person_id, since, until, tuple(sorted(rooms)), True))
    return sorted(found, key=lambda one: (one.from_at, one.person_id, one.is_too_long))


def _replace_long(found: list[Clash], here: Clash) -> None:
    """One line for one long stretch, however many shifts it is made of."""
    for index, known in enumerate(found):
        key = (known.person_id, known.from_at, known.is_too_long)
        if key == (here.person_id, here.from_at, True):
            found[index] = here
            return
    found.append(here)


def on_watch(
    shifts: Sequence[OnShift],
    *,
    now: datetime,
    responsible_id: int | None,
    responsible_until: datetime | None,
) -> list[int]:
    """Whom the room's bell wakes, first to last: persons' ids of one room.

    Whoever signed last, while on the rota or not long after; then the officers of the rota.
    """
    officers = [
        one.person_id
        for one in sorted(shifts, key=lambda one: (one.from_at, one.id))
        if one.position == Position.OFFICER and one.covers(now)
    ]
    order = list(dict.fromkeys(officers))
    if responsible_id is None or responsible_until is None:
        return order
    is_fresh = now < responsible_until + RUNG_AFTER_THE_END
    if responsible_id in order or is_fresh:
        return list(dict.fromkeys([responsible_id, *order]))
    return order


def is_unsigned(shifts: Sequence[OnShift], *, now: datetime, responsible_id: int | None) -> bool:
    """Somebody else's shift has begun and nobody of it has signed."""
    here = {one.person_id for one in shifts if one.covers(now)}
    return bool(here) and responsible_id not in here


def planned(
    *,
    first_day: date,
    days: int,
    starts_at_hours: Sequence[int],
    leaders: Sequence[int],
    officers: Sequence[int],
    officers_each: int,
) -> list[tuple[str, int, datetime, datetime]]:
    """A rota by turns: (position, person, from, until), Beijing hours, each shift to the next.

    Leaders take a shift in turn; officers take them `officers_each` at a time.
    """
    hours = sorted(set(starts_at_hours))
    begins = [
        datetime.combine(first_day + timedelta(days=day), time(hour), BEIJING)
        for day in range(days)
        for hour in hours
    ]
    last = datetime.combine(first_day + timedelta(days=days), time(hours[0]), BEIJING)
    made: list[tuple[str, int, datetime, datetime]] = []
    turn = 0
    for number, (start, end) in enumerate(zip(begins, [*begins[1:], last], strict=True)):
        if leaders:
            made.append((Position.LEADER.value, leaders[number % len(leaders)], start, end))
        for _ in range(min(officers_each, len(officers))):
            made.append((Position.OFFICER.value, officers[turn % len(officers)], start, end))
            turn += 1
    return made


def digest(matters: Sequence[Sequence[Any]]) -> str:
    """What was signed, as one number: SHA-256 of the listed matters, in hexadecimal."""
    said = json.dumps([list(one) for one in matters], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def room_answer(
    *,
    opened_at: datetime,
    within_s: int,
    answered_at: datetime | None,
    is_covered: bool,
    now: datetime,
) -> RoomAnswer:
    """How one room stands: its own answer counts, in time or late; else somebody else's."""
    limit = opened_at + timedelta(seconds=within_s)
    if answered_at is not None:
        return RoomAnswer.IN_TIME if answered_at <= limit else RoomAnswer.LATE
    if is_covered:
        return RoomAnswer.STOOD_IN
    return RoomAnswer.SILENT if now >= limit else RoomAnswer.WAITING


def roll_call_policy(within_s: int) -> dict[str, Any]:
    """Voice to whoever sits there, then to the second; over by `within_s`. Nobody climbs."""
    step = max(20, within_s // 3)
    rung = {"channels": ["voice"], "otherwise": ["in_app", "email"], "spacing_s": step}
    rung |= {"patience_s": min(60, step)}
    return {
        "name": "roll_call",
        "colour": "none",
        "label_zh": "值班室点名（默认）",
        "source": "本项目默认值，非法定要求",
        "clause": "值班抽查点名",
        "verified": False,
        "needs_answer": True,
        "start_within_s": 60,
        "answer_within_s": within_s,
        "act_within_s": within_s,
        "rungs": [
            {**rung, "who": "holder", "tries": 2, "word_zh": "值班员", "word_en": "officer"},
            {**rung, "who": "deputy", "tries": 1, "word_zh": "同班人员", "word_en": "colleague"},
        ],
    }


def missing_policy() -> dict[str, Any]:
    """The leader is rung at once and again; then the duty room above him."""
    rung = {"channels": ["voice"], "otherwise": ["in_app", "email"], "spacing_s": 60}
    rung |= {"patience_s": 40}
    return {
        "name": "check_in",
        "colour": "none",
        "label_zh": "失联待核（默认）",
        "source": "本项目默认值，非法定要求",
        "clause": "处置人员点名",
        "verified": False,
        "needs_answer": True,
        "start_within_s": 30,
        "answer_within_s": 300,
        "act_within_s": 900,
        "rungs": [
            {**rung, "who": "holder", "tries": 3, "word_zh": "带队人", "word_en": "leader"},
            {
                **rung,
                "who": "superior_duty_room",
                "tries": 3,
                "word_zh": "上一级值班室",
                "word_en": "duty room above",
            },
        ],
    }


def next_due(said_at: datetime, every_s: int, until_at: datetime) -> datetime:
    """When the next word is due: the agreed return is one, and only a person says "back"."""
    regular = said_at + timedelta(seconds=every_s)
    return min(regular, until_at) if until_at > said_at else regular


def check_in_state(*, missed_at: datetime | None, ended_at: datetime | None) -> CheckInState:
    if ended_at is not None:
        return CheckInState.ENDED
    return CheckInState.IN_TIME if missed_at is None else CheckInState.MISSING
