"""What the situation says and takes over HTTP. Ids are strings, times ISO 8601 UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field

from fengsui.response.situation.rules import PEOPLE_MAX as NUMBER_MAX


class Said(Schema):
    """What every statement shows: where, when, who wrote it down, how it came."""

    id: str
    place_code: str
    place_name: str
    at: str
    recorded_at: str
    recorded_by_name: str
    is_provisional: bool
    path: str
    path_word_zh: str
    path_word_en: str


class SosItem(Said):
    lon: float | None
    lat: float | None
    people: int
    injured: int
    need: list[str]
    need_words_zh: list[str]
    need_words_en: list[str]
    text: str
    closed_at: str | None
    outcome: str
    outcome_word_zh: str
    outcome_word_en: str


class SosPage(Schema):
    items: list[SosItem]


class SosIn(Schema):
    sos_id: str = Field(default="", max_length=64)
    place_code: str = Field(max_length=17)
    lon_e7: int | None = None
    lat_e7: int | None = None
    people: int = Field(default=1, ge=0, le=NUMBER_MAX)
    injured: int = Field(default=0, ge=0, le=NUMBER_MAX)
    need: list[str] = Field(default_factory=list, max_length=16)
    text: str = Field(default="", max_length=500)
    at: datetime | None = None
    device: str = Field(default="", max_length=64)


class SosCloseIn(Schema):
    outcome: str = Field(max_length=16)
    reason: str = Field(default="", max_length=300)


class HeadcountItem(Said):
    evacuation_id: str | None
    series: int
    is_counted: bool
    should: int
    moved: int
    away: int
    not_yet: int
    needs_help: int
    sheltered: int
    injured: int
    missing: int
    dead: int


class NineNumbers(Schema):
    should: int
    moved: int
    away: int
    not_yet: int
    needs_help: int
    sheltered: int
    injured: int
    missing: int
    dead: int


class HeadcountPage(Schema):
    items: list[HeadcountItem]
    total: NineNumbers


class HeadcountIn(Schema):
    client_id: str = Field(default="", max_length=64)
    place_code: str = Field(max_length=17)
    evacuation_id: str | None = Field(default=None, pattern=r"^\d{1,19}$")
    series: int = Field(default=0, ge=0, le=255)
    at: datetime | None = None
    should: int = Field(ge=0, le=NUMBER_MAX)
    moved: int = Field(ge=0, le=NUMBER_MAX)
    away: int = Field(default=0, ge=0, le=NUMBER_MAX)
    needs_help: int = Field(default=0, ge=0, le=NUMBER_MAX)
    sheltered: int = Field(default=0, ge=0, le=NUMBER_MAX)
    injured: int = Field(default=0, ge=0, le=NUMBER_MAX)
    missing: int = Field(default=0, ge=0, le=NUMBER_MAX)
    dead: int = Field(default=0, ge=0, le=NUMBER_MAX)


class ReportNeed(Schema):
    code: str = Field(max_length=64)
    amount: int = Field(ge=0, le=NUMBER_MAX)


class ReportItem(Said):
    disaster: str
    affected: int
    moved: int
    injured: int
    missing: int
    dead: int
    trapped: int
    houses_collapsed: int
    houses_damaged: int
    road_cut: bool
    power_cut: bool
    network_cut: bool
    needs: list[ReportNeed]


class ReportPage(Schema):
    items: list[ReportItem]


class ReportIn(Schema):
    client_id: str = Field(default="", max_length=64)
    place_code: str = Field(max_length=17)
    at: datetime | None = None
    disaster: str = Field(default="", max_length=64)
    affected: int = Field(default=0, ge=0, le=NUMBER_MAX)
    moved: int = Field(default=0, ge=0, le=NUMBER_MAX)
    injured: int = Field(default=0, ge=0, le=NUMBER_MAX)
    missing: int = Field(default=0, ge=0, le=NUMBER_MAX)
    dead: int = Field(default=0, ge=0, le=NUMBER_MAX)
    trapped: int = Field(default=0, ge=0, le=NUMBER_MAX)
    houses_collapsed: int = Field(default=0, ge=0, le=NUMBER_MAX)
    houses_damaged: int = Field(default=0, ge=0, le=NUMBER_MAX)
    road_cut: bool = False
    power_cut: bool = False
    network_cut: bool = False
    needs: list[ReportNeed] = Field(default_factory=list, max_length=16)


class MovedFirstItem(Said):
    sign: str
    sign_word_zh: str
    sign_word_en: str
    gauge_value_mm: int | None
    danger_area_ids: list[str]
    by_name: str
    alert_id: str | None
    evacuation_id: str | None
    note: str


class MovedFirstPage(Schema):
    items: list[MovedFirstItem]


class SituationDone(Schema):
    outcome: str
    id: str


class MoveFirstIn(Schema):
    client_id: str = Field(default="", max_length=64)
    place_code: str = Field(max_length=17)
    sign: str = Field(max_length=8)
    gauge_value_mm: int | None = None
    danger_area_ids: list[Annotated[str, Field(pattern=r"^\d{1,19}$")]] = Field(
        default_factory=list, max_length=50
    )
    at: datetime | None = None
    note: str = Field(default="", max_length=500)


class MovedFirstDone(SituationDone):
    alert_id: str | None
    evacuation_id: str | None


class ContactRow(Schema):
    place_code: str
    place_name: str
    level: str
    state: str
    last_heard_at: str | None
    path: str
    path_word_zh: str
    path_word_en: str
    silent_s: int | None
    expected_calls: int
    expected_households: int
    lost_at: str | None


class ContactBoard(Schema):
    items: list[ContactRow]
    lost: int
    silent: int
    silent_after_s: int
    server_time: str


class HouseholdLinkIn(Schema):
    evacuation_id: str = Field(pattern=r"^\d{1,19}$")
    household_id: str = Field(pattern=r"^\d{1,19}$")
    same_as: str = Field(pattern=r"^\d{1,19}$")
    reason: str = Field(default="", max_length=300)


class UnlinkIn(Schema):
    link_id: str = Field(pattern=r"^\d{1,19}$")
    reason: str = Field(default="", max_length=300)


class LinkDone(Schema):
    link_id: str
