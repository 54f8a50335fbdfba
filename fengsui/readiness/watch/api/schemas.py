"""What duty says and takes over HTTP. Ids are strings, times ISO 8601 UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field

from fengsui.readiness.watch import rules
from fengsui.readiness.watch.services.handing import NOTE_CHARACTERS_MAX
from fengsui.readiness.watch.services.planning import PEOPLE_MAX, REASON_CHARACTERS_MAX

Id = Annotated[str, Field(pattern=r"^\d{1,19}$")]
CALENDAR_CHARACTERS_MAX = 512 * 1024
MATTERS_MAX = 2000


class DutyPersonOut(Schema):
    person_id: str
    name: str


class ShiftOut(Schema):
    id: str
    position: str
    position_zh: str
    position_en: str
    person_id: str
    name: str
    from_at: str
    until_at: str
    is_now: bool


class GapOut(Schema):
    from_at: str
    until_at: str
    position: str
    position_zh: str
    position_en: str
    wanted: int
    found: int
    away: list[str]


class ClashOut(Schema):
    name: str
    from_at: str
    until_at: str
    rooms: list[str]
    is_too_long: bool


class RoomOut(Schema):
    """One duty room tonight. `responsible`: who signed last; `on_watch`: whom its bell wakes."""

    post_id: str
    place_code: str
    place_name: str
    title: str
    has_rota: bool
    on_watch: list[str]
    officers: list[str]
    leaders: list[str]
    responsible: str
    signed_at: str | None
    is_unsigned: bool
    may_plan: bool
    may_sign: bool
    next_gap_at: str | None
    gaps: int
    clashes: int


class WatchOut(Schema):
    rooms: list[RoomOut]
    may_roll_call: bool
    place_code: str
    server_time: str


class DutyRuleOut(Schema):
    name: str
    zh: str
    en: str
    number: int
    least: int
    most: int
    is_default: bool


class RotaOut(Schema):
    room: RoomOut
    shifts: list[ShiftOut]
    gaps: list[GapOut]
    clashes: list[ClashOut]
    rules: list[DutyRuleOut]
    rules_source: str
    is_verified: bool
    days: int
    server_time: str


class RotaPlanIn(Schema):
    first_day: str = Field(max_length=10)
    days: int = Field(ge=1, le=rules.PLAN_DAYS_MAX)
    starts_at_hours: list[int] = Field(max_length=4)
    leaders: list[Id] = Field(default_factory=list, max_length=PEOPLE_MAX)
    officers: list[Id] = Field(max_length=PEOPLE_MAX)
    officers_each: int = Field(ge=1, le=6)
    is_dry_run: bool = False


class PlannedOut(Schema):
    shifts: list[ShiftOut]
    count: int
    withdrawn: int
    is_written: bool


class ShiftChangeIn(Schema):
    person_id: Id | None = None
    is_withdrawn: bool = False
    reason: str = Field("", max_length=REASON_CHARACTERS_MAX)


class WatchDone(Schema):
    id: str


class RuleIn(Schema):
    place_code: str = Field(max_length=17)
    name: str = Field(max_length=24)
    number: int


class PeopleOut(Schema):
    items: list[DutyPersonOut]


class CalendarIn(Schema):
    text: str = Field(max_length=CALENDAR_CHARACTERS_MAX)
    is_dry_run: bool = True


class CalendarRowOut(Schema):
    from_at: str
    until_at: str
    position_zh: str
    position_en: str
    name: str
    problem_zh: str
    problem_en: str
    is_known: bool


class CalendarOut(Schema):
    rows: list[CalendarRowOut]
    added: int
    moved: int
    known: int
    left: int
    is_written: bool


class MatterOut(Schema):
    key: str
    kind: str
    kind_zh: str
    kind_en: str
    place_code: str
    title_zh: str
    title_en: str
    since_at: str | None
    due_at: str | None
    count: int
    link: str


class NoteOut(Schema):
    id: str
    text: str
    written_by: str
    written_at: str


class HandoverOut(Schema):
    id: str
    incoming: str
    outgoing: str
    signed_at: str
    count: int
    by_kind: list[MatterOut]
    digest: str


class HandoverPage(Schema):
    room: RoomOut
    matters: list[MatterOut]
    notes: list[NoteOut]
    history: list[HandoverOut]
    server_time: str


class HandoverSignIn(Schema):
    keys: list[Annotated[str, Field(max_length=80)]] = Field(max_length=MATTERS_MAX)


class SignedOut(Schema):
    id: str
    count: int


class HandoverNoteIn(Schema):
    text: str = Field(max_length=NOTE_CHARACTERS_MAX)


class RollCallIn(Schema):
    place_code: str = Field(max_length=17)
    exercise: bool = False


class RollCallRoomOut(Schema):
    post_id: str
    place_code: str
    place_name: str
    title: str
    person: str
    answer: str
    answered_at: str | None
    took_s: int | None
    call_id: str | None


class RollCallOut(Schema):
    id: str
    callout_id: str
    place_name: str
    opened_at: str
    closes_at: str
    within_s: int
    exercise: bool
    is_over: bool
    in_time: int
    total: int
    rooms: list[RollCallRoomOut]


class RollCallPage(Schema):
    items: list[RollCallOut]
    server_time: str


class CheckInStart(Schema):
    person_id: Id | None = None
    every_min: int = Field(ge=1, le=24 * 60)
    hours: int = Field(ge=1, le=rules.WATCH_HOURS_MAX)
    leader_id: Id | None = None
    task: str = Field("", max_length=200)
    exercise: bool = False


class WordIn(Schema):
    client_id: str = Field("", max_length=64)
    at: datetime | None = None
    lon_e7: int | None = None
    lat_e7: int | None = None
    accuracy_m: int | None = None
    text: str = Field("", max_length=200)


class EndIn(Schema):
    outcome: str = Field(max_length=16)
    reason: str = Field("", max_length=200)


class PositionOut(Schema):
    lon: float
    lat: float
    accuracy_m: int | None
    at: str


class CheckInOut(Schema):
    id: str
    person_id: str
    name: str
    place_code: str
    place_name: str
    title: str
    leader: str
    task: str
    every_s: int
    state: str
    due_at: str
    until_at: str
    heard_at: str | None
    missed_at: str | None
    ended_at: str | None
    outcome: str
    outcome_zh: str
    outcome_en: str
    exercise: bool
    position: PositionOut | None


class CheckInPage(Schema):
    items: list[CheckInOut]
    missing: int
    server_time: str


class MyCheckInOut(Schema):
    mine: CheckInOut | None
    leaders: list[DutyPersonOut]
    call_id: str | None
    server_time: str


class WordDone(Schema):
    outcome: str
    due_at: str


class EndDone(Schema):
    outcome: str
