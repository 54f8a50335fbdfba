"""What the alert desk sends and takes: ids are strings, times ISO 8601 in UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field


class AlertSummary(Schema):
    id: str
    kind: str
    category: str
    category_name: str
    level: str
    headline: str
    short_text: str
    issuer: str
    issued_at: str
    starts_at: str
    expires_at: str | None
    area_description: str
    exercise: bool
    self_rescue: bool
    self_rescue_review_due_at: str | None
    state: str
    callout_id: str | None
    evacuation_id: str | None


class AreaOut(Schema):
    codes: list[str]
    names: list[str]
    polygons: list[list[list[float]]]
    geojson: dict[str, Any] | None


class StepOut(Schema):
    at: str
    verb: str
    by: str
    reason: str


class AlertDetail(AlertSummary):
    verbatim_text: str
    caution: str
    instruction: str
    instruction_is_default: bool
    include_other_households: bool
    area: AreaOut
    identifier: str
    msg_type: str
    references: list[str]
    source_format: str
    signature: dict[str, Any]
    author: str
    approver: str | None
    under_authorisation: bool
    history: list[StepOut]
    allowed: list[str]
    may_approve: list[str]
    missing: list[str]
    sequel: str


class AlertList(Schema):
    items: list[AlertSummary]


class ImportItem(Schema):
    alert_id: str | None
    identifier: str
    verdict: str
    format: str
    errors: list[dict[str, Any]]


class ImportOut(Schema):
    verdict: str
    format: str
    errors: list[dict[str, Any]]
    items: list[ImportItem]


class PasteIn(Schema):
    text: str = Field(max_length=20_000)
    place_code: str = ""


class DraftIn(Schema):
    kind: str
    category: str = "99999"
    category_name: str
    level: str = "none"
    text: str = Field(max_length=20_000)
    area_codes: list[str]
    instruction: str = ""
    exercise: bool = False


class EditIn(Schema):
    area_codes: list[str] | None = None
    polygon: list[list[float]] | None = None
    include_other_households: bool | None = None
    instruction: str | None = None
    short_text: str | None = None
    reason: str = ""


class AlertReasonIn(Schema):
    reason: str = ""


class SelfRescueIn(Schema):
    place_code: str
    text: str = Field(min_length=1, max_length=500)


class TownshipConcerned(Schema):
    code: str
    name: str
    villages: int
    households: int
    people: int
    assist: int
    posts: int


class NamedPlace(Schema):
    code: str
    name: str


class OtherHouseholds(Schema):
    count: int
    included: bool


class VenueConcerned(Schema):
    """A school, site or other venue. `boarding_people`: who sleep there; null where not known."""

    id: str
    name: str
    kind_zh: str
    kind_en: str
    place_name: str
    headcount_tonight: int
    boarding_people: int | None
    open_when: str
    contact_name: str
    contact_has_number: bool


class LanguageNeeded(Schema):
    """`text`: what these households are told; empty where there are no checked words."""

    language: str
    households: int
    text: str


class ConcernedOut(Schema):
    """`venues` counts them all; `venue_list` holds at most 200, those with most people first."""

    danger_households: int
    danger_people: int
    assist_households: int
    assist_people: int
    venues: int
    venue_list: list[VenueConcerned]
    posts: int
    parties: int
    by_township: list[TownshipConcerned]
    without_number: int
    without_point: list[NamedPlace]
    other_households: OtherHouseholds
    estimate_minutes: int
    lines: int
    seconds_a_call: int
    lines_are_default: bool
    languages: list[LanguageNeeded]


class TimelineItem(Schema):
    fact_id: str
    at: str
    kind: str
    sentence_zh: str
    sentence_en: str
    actor_name: str
    place_name: str
    verified: bool
    arrival: int


class VerifiedOut(Schema):
    state: str
    facts: int
    checked_at: str | None


class TimelineOut(Schema):
    items: list[TimelineItem]
    verified: VerifiedOut


class AuthorisationIn(Schema):
    levels: list[str]
    valid_from: datetime
    valid_until: datetime
    note: str = ""


class AuthorisationOut(Schema):
    id: str
    levels: list[str]
    place_name: str
    valid_from: str
    valid_until: str
    signed_by: str
    note: str
    stopped_at: str | None
    stopped_by: str
    stop_reason: str
    in_force: bool


class AuthorisationList(Schema):
    items: list[AuthorisationOut]


class AlertPublic(Schema):
    id: str
    kind: str
    level: str
    category_name: str
    headline: str
    issuer: str
    issued_at: str
    expires_at: str | None
    area_description: str
    caution: str
    instruction: str
    instruction_is_default: bool
    verbatim_text: str
    exercise: bool
    state: str


class PublicPhone(Schema):
    duty_room: str


class PublicOut(Schema):
    items: list[AlertPublic]
    phone: PublicPhone
    place_name: str
    now: str
