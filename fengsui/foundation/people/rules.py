"""What a person, a post, a contact and a household may look like. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fengsui.foundation.ledgers.rules import masked
from fengsui.foundation.people.states import (
    ROLE_OF_POST,
    ContactKind,
    ContactState,
    PostRole,
    Slot,
)
from fengsui.standards.coordinates import E7
from fengsui.standards.divisions import is_division_code, level_of

NAME_LENGTH_MAX = 60
TITLE_LENGTH_MAX = 60
VALUE_LENGTH_MAX = 200
PHONE_LENGTH_MAX = 40
PEOPLE_MAX = 10_000  # a "household" may be a dormitory
ASSIST_LEVEL_MAX = 3
REASON_LENGTH_MIN = 4
REASON_LENGTH_MAX = 200

PUBLIC_HOUSEHOLD_FIELDS = (
    "people_count",
    "assist_level",
    "assist_people",
    "responsible_person_id",
    "group_head_id",
    "contact_person_id",
    "tonight_people",
)
HOUSEHOLD_REFERENCES = ("responsible_person", "group_head", "contact_person")
PRIVATE_HOUSEHOLD_FIELDS = ("label", "relative_name", "relative_phone", "lon_e7", "lat_e7")


# A number is masked the same way wherever it is shown, in a list, a call or an export.
phone_masked = masked


def chunks(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def place_fault(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    code = row.get("place_code")
    if not isinstance(code, str) or not is_division_code(code) or len(code) < 12:
        yield "place_code", "need 12, 15 or 17 digits"


def point_faults(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    lon, lat = row.get("lon_e7"), row.get("lat_e7")
    if (lon is None) != (lat is None):
        yield "lon_e7", "need both lon_e7 and lat_e7, or neither"
    elif lon is not None and lat is not None:
        if type(lon) is not int or not -180 * E7 <= lon <= 180 * E7:
            yield "lon_e7", "need an integer of 1e-7 degree"
        if type(lat) is not int or not -90 * E7 <= lat <= 90 * E7:
            yield "lat_e7", "need an integer of 1e-7 degree"


def text_faults(row: Mapping[str, Any], field: str, longest: int) -> Iterator[tuple[str, str]]:
    value = row.get(field)
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        yield field, f"need text of 1 to {longest} characters"


def person_faults(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from place_fault(row)
    yield from text_faults(row, "name", NAME_LENGTH_MAX)


def post_faults(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from place_fault(row)
    yield from text_faults(row, "title", TITLE_LENGTH_MAX)
    if row.get("role") not in set(PostRole):
        yield "role", "unknown role"


def holding_faults(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if row.get("slot", Slot.A) not in set(Slot):
        yield "slot", "need A or B"
    for field in ("post", "person"):
        if row.get(field) is None:
            yield field, "need a reference"


def contact_faults(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from text_faults(row, "value", VALUE_LENGTH_MAX)
    if row.get("kind") not in set(ContactKind):
        yield "kind", "unknown kind of contact"
    if (row.get("person") is None) == (row.get("post") is None):
        yield "person", "a contact belongs to one person or to one post"


def household_faults(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from place_fault(row)
    yield from text_faults(row, "label", NAME_LENGTH_MAX)
    yield from point_faults(row)
    for field, most in (
        ("people_count", PEOPLE_MAX),
        ("assist_level", ASSIST_LEVEL_MAX),
        ("assist_people", PEOPLE_MAX),
        ("tonight_people", PEOPLE_MAX),
    ):
        value = row.get(field, 0)
        if type(value) is not int or not 0 <= value <= most:
            yield field, f"need a whole number from 0 to {most}"
    for field, longest in (
        ("relative_name", NAME_LENGTH_MAX),
        ("relative_phone", PHONE_LENGTH_MAX),
    ):
        value = row.get(field)
        if value is not None and (not isinstance(value, str) or len(value) > longest):
            yield field, f"need text of at most {longest} characters"


def household_row(
    row: Mapping[str, Any], responsible: int | None, head: int | None, contact: int | None
) -> list[Any]:
    """The columns that stay when the household's identity is erased (leaf 0 of the fact)."""
    level = row.get("assist_level", 0)
    return [
        row["place_code"],
        row.get("people_count", 0),
        level,
        row.get("assist_people", 1 if level else 0),
        responsible,
        head,
        row.get("tonight_people", row.get("people_count", 0)),
        contact,
    ]


# --- who is on a post tonight ------------------------------------------------------------------

# These are this project's own limits, shown as 本地默认; no rule of the state sets them.
STAND_IN_DAYS_MAX = 30  # 临时顶岗 always ends; for longer the post gets a new holder
ABSENCE_DAYS_MAX = 92
AWAY_DAYS_MAX = 366
PROVEN_DAYS_DEFAULT = 90  # how long an answer proves a number; a county may say otherwise
PROVEN_DAYS_LEAST, PROVEN_DAYS_MOST = 7, 730
PHONE_DIGITS_LEAST, PHONE_DIGITS_MOST = 5, 15
SAID_BY_LENGTH_MAX = 60


@dataclass(frozen=True, slots=True)
class Standing:
    """One person who stands in for another (or, with `absent_id` None, for an empty post)."""

    person_id: int
    absent_id: int | None
    slot: str


def on_post(
    held: Sequence[tuple[int, str]], absent: Collection[int], standing: Sequence[Standing]
) -> dict[str, list[int]]:
    """Who answers for a post now: {"A": person ids, "B": person ids}.

    `held`: (person id, slot) as the register has it. A stand-in takes the slot of the person
    stood in for; who is absent is left out. Both lists empty: nobody tonight.
    """
    slots: dict[str, list[int]] = {Slot.A.value: [], Slot.B.value: []}
    if len(held) == 1 and not standing and held[0][0] not in absent:  # most posts, most nights
        ((person_id, slot),) = held
        slots[slot] = [person_id]
        return slots
    replaced = {one.absent_id for one in standing if one.absent_id is not None}
    for one in standing:
        if one.person_id not in absent:
            slots.setdefault(one.slot, []).append(one.person_id)
    for person_id, slot in held:
        if person_id not in absent and person_id not in replaced:
            slots.setdefault(slot, []).append(person_id)
    return {slot: list(dict.fromkeys(people)) for slot, people in slots.items()}


def role_of_post(role: str, place_code: str) -> str:
    """The role that whoever stands in is lent, at the post's place only; "" where there is none."""
    if role not in set(PostRole):
        return ""
    if role in (PostRole.DUTY_ROOM, PostRole.DUTY_LEADER) and level_of(place_code) != "county":
        return ROLE_OF_POST[PostRole.TOWNSHIP_LEADER]
    return ROLE_OF_POST[PostRole(role)]


def is_in_force(begins: datetime, ends: datetime, ended: datetime | None, now: datetime) -> bool:
    """From its beginning until its end, whichever end comes first; the end itself is over."""
    return begins <= now < ends and (ended is None or now < ended)


def period_fault(begins: datetime, ends: datetime, now: datetime, *, days_max: int) -> str:
    """What is wrong with a period, or ""."""
    if ends <= max(begins, now):
        return "ends_before"
    return "too_long" if ends - max(begins, now) > timedelta(days=days_max) else ""


def phone_plain(text: str) -> str:
    """A number as it is dialled: digits with an optional +; "" where it is none."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKC", text) if sign not in " -()\u3000")
    digits = bare.removeprefix("+")
    fits = PHONE_DIGITS_LEAST <= len(digits) <= PHONE_DIGITS_MOST
    return bare if fits and digits.isascii() and digits.isdigit() else ""


def contact_state(
    proven_at: datetime | None, failed_at: datetime | None, now: datetime, *, days: int
) -> ContactState:
    """What the last answer, or the last failure for good, says of a number."""
    if failed_at is not None and (proven_at is None or failed_at >= proven_at):
        return ContactState.DEAD
    if proven_at is None:
        return ContactState.NEVER
    return ContactState.PROVEN if now - proven_at <= timedelta(days=days) else ContactState.STALE


def people_tonight(
    counted: int, counted_at: datetime | None, aways: Sequence[tuple[int, datetime]]
) -> int:
    """People at home tonight: the last count less those away, (people, when that was said).

    A count that is newer than the word of somebody's leaving has already left them out.
    """
    gone = sum(people for people, said_at in aways if counted_at is None or said_at > counted_at)
    return max(0, counted - gone)
