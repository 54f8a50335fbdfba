"""What people look like over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.people import rules
from fengsui.standards.instants import to_iso

CODE_LENGTH_MAX = 17


class TownshipOut(Schema):
    code: str
    name: str
    posts: int
    nobody: int
    by_b: int
    stood_in: int
    unproven: int


class HolderOut(Schema):
    person_id: str
    name: str
    slot: str
    absence_id: str | None
    absent_until: str | None
    is_stood_in: bool


class StandInOut(Schema):
    stand_in_id: str
    person_id: str
    name: str
    for_name: str
    slot: str
    until_at: str


class PostContactOut(Schema):
    contact_point_id: str
    value_masked: str
    state: str
    proven_at: str | None


class PostOut(Schema):
    post_id: str
    place_code: str
    place_name: str
    role: str
    title: str
    state: str
    nobody: bool
    holders: list[HolderOut]
    stand_ins: list[StandInOut]
    on_post: list[str]
    contact: PostContactOut | None
    may_name_stand_in: bool


class PostsTonightOut(Schema):
    townships: list[TownshipOut]
    items: list[PostOut]
    total: int
    next: str | None
    now: str


class HistoryOut(Schema):
    id: str
    name: str
    absent_name: str
    since_at: str
    until_at: str
    ended_at: str | None
    was_mistake: bool
    is_in_force: bool
    reason: str
    named_by: str
    named_at: str


class PostDetailOut(PostOut):
    history: list[HistoryOut]


class AbsenceOut(Schema):
    id: str
    person_id: str
    name: str
    place_name: str
    titles: list[str]
    from_at: str
    until_at: str
    is_in_force: bool
    reason: str


class MyPostsOut(Schema):
    items: list[PostOut]
    absences: list[AbsenceOut]
    now: str


class MistakeIn(Schema):
    was_mistake: bool = False


class NumberOut(Schema):
    contact_point_id: str
    place_name: str
    name: str
    titles: list[str]
    value_masked: str
    state: str
    proven_at: str | None
    failed_at: str | None


class NumbersOut(Schema):
    items: list[NumberOut]
    next: str | None
    total: int
    days: int
    is_default_days: bool


class NumberReasonIn(Schema):
    reason: str = Field(max_length=rules.REASON_LENGTH_MAX)


class DaysIn(NumberReasonIn):
    days: int
    place_code: str = Field(max_length=CODE_LENGTH_MAX)


class ValueOut(Schema):
    value: str


class AwayIn(Schema):
    people: int
    until_at: datetime
    from_at: datetime | None = None
    said_by: str = Field(max_length=rules.SAID_BY_LENGTH_MAX)
    said_how: str = Field(max_length=20)


class AwayOut(Schema):
    id: str
    household_id: str
    label: str
    place_name: str
    people: int
    people_count: int
    from_at: str
    until_at: str
    said_by: str
    said_how: str
    said_at: str
    is_now: bool


class AwaysOut(Schema):
    items: list[AwayOut]
    next: str | None


class MadeOut(Schema):
    id: str


class HouseholdLineOut(Schema):
    id: str
    label: str
    place_name: str
    people_count: int
    tonight_people: int
    away: int


class HouseholdLinesOut(Schema):
    items: list[HouseholdLineOut]
    next: str | None


class TwinOut(Schema):
    person_id: str
    name: str
    place_name: str
    titles: list[str]
    phones: list[str]
    households: int


class TwinsOut(Schema):
    """`reasons`: phone, name, pinyin."""

    first: TwinOut
    second: TwinOut
    reasons: list[str]


class TwinsPageOut(Schema):
    items: list[TwinsOut]
    next: str | None
    total: int


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """Ids as text, times as ISO 8601; lists and maps within likewise."""
    return {name: _plain(name, value) for name, value in row.items()}


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return to_iso(value)
    if isinstance(value, int) and (name == "id" or name.endswith("_id")):
        return str(value)
    if isinstance(value, dict):
        return plain(value)
    if isinstance(value, list):
        return [plain(one) if isinstance(one, dict) else one for one in value]
    return value


def post_out(row: dict[str, Any], viewer: Viewer) -> dict[str, Any]:
    is_holder = any(one["person_id"] == viewer.person_id for one in row["holders"])
    may = is_holder or viewer.may(Permission.NAME_STAND_IN, row["place_code"])
    return {**plain(row), "may_name_stand_in": may}
