"""The situation over HTTP: SOS, headcounts, quick reports, who moved first."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.people.queries import person_names
from fengsui.foundation.places.queries import names
from fengsui.response.situation import queries, rules, services
from fengsui.response.situation.models import Headcount, MovedFirst, QuickReport, Sos, Statement
from fengsui.response.situation.states import (
    CONTACT_PATHS,
    HEADCOUNT_NUMBERS,
    RELAY_PATHS,
    REPORT_CUTS,
    REPORT_NUMBERS,
    SIGNS,
    SOS_OUTCOMES,
    ContactState,
)
from fengsui.standards.instants import to_iso, to_ms

router = Router(tags=["situation"])
NUMBER_MAX = rules.PEOPLE_MAX


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


class Shown:
    """Names looked up once for a whole list."""

    def __init__(self, rows: list[Any], people: set[int] | None = None) -> None:
        wanted = {row.recorded_by for row in rows} | (people or set())
        # A name at the foot of a statement belongs to the statement: whoever sees one sees both.
        self.people = person_names([one for one in wanted if one], viewer=node_viewer())
        self.places = names({row.place_code for row in rows}, viewer=node_viewer())

    def common(self, row: Statement) -> dict[str, Any]:
        zh, en = RELAY_PATHS.get(row.path, ("", ""))
        return {
            "id": row.client_id,
            "place_code": row.place_code,
            "place_name": self.places.get(row.place_code, ""),
            "at": to_iso(row.at),
            "recorded_at": to_iso(row.recorded_at),
            "recorded_by_name": self.people.get(row.recorded_by, ""),
            "is_provisional": row.is_provisional,
            "path": row.path,
            "path_word_zh": zh,
            "path_word_en": en,
        }


def _sos(row: Sos, shown: Shown) -> dict[str, Any]:
    zh, en = SOS_OUTCOMES.get(row.outcome, ("", ""))
    words = rules.words_of_needs(row.need)
    return {
        **shown.common(row),
        "lon": None if row.lon_e7 is None else row.lon_e7 / 10_000_000,
        "lat": None if row.lat_e7 is None else row.lat_e7 / 10_000_000,
        "people": row.people,
        "injured": row.injured,
        "need": row.need,
        "need_words_zh": [word for word, _ in words],
        "need_words_en": [word for _, word in words],
        "text": row.text,
        "closed_at": to_iso(row.closed_at) if row.closed_at else None,
        "outcome": row.outcome,
        "outcome_word_zh": zh,
        "outcome_word_en": en,
    }


def _headcount(row: Headcount, shown: Shown, counted: set[tuple[str, int]]) -> dict[str, Any]:
    return {
        **shown.common(row),
        "evacuation_id": str(row.evacuation_id) if row.evacuation_id else None,
        "series": row.series,
        "is_counted": (row.place_code, row.series) in counted,
        **{name: getattr(row, name) for name in HEADCOUNT_NUMBERS},
    }


def _report(row: QuickReport, shown: Shown) -> dict[str, Any]:
    return {
        **shown.common(row),
        "disaster": row.disaster,
        **{name: getattr(row, name) for name in (*REPORT_NUMBERS, *REPORT_CUTS)},
        "needs": [{"code": code, "amount": amount} for code, amount in row.needs],
    }


def _moved(row: MovedFirst, shown: Shown) -> dict[str, Any]:
    zh, en = SIGNS.get(row.sign, (row.sign, row.sign))
    return {
        **shown.common(row),
        "sign": row.sign,
        "sign_word_zh": zh,
        "sign_word_en": en,
        "gauge_value_mm": row.gauge_value_mm,
        "danger_area_ids": [str(one) for one in row.danger_area_ids],
        "by_name": shown.people.get(row.by, ""),
        "alert_id": str(row.alert_id) if row.alert_id else None,
        "evacuation_id": str(row.evacuation_id) if row.evacuation_id else None,
        "note": row.note,
    }


def _done(done: dict[str, Any], name: str = "client_id") -> dict[str, Any]:
    return {"outcome": done["outcome"], "id": done[name]}


def _at_ms(at: datetime | None) -> int | None:
    return None if at is None else to_ms(at)


@router.get("/situation/sos", response=SosPage)
def sos_list(request: HttpRequest, with_closed: bool = False) -> dict[str, Any]:
    """Calls for help in one's own places."""
    rows = queries.open_sos(viewer=signed_in(request), with_closed=with_closed)
    shown = Shown(rows)
    return {"items": [_sos(row, shown) for row in rows]}


@router.post("/situation/sos", response=SituationDone)
def raise_sos(request: HttpRequest, body: SosIn) -> dict[str, Any]:
    """求救. The same `sos_id` twice is one SOS."""
    content = body.dict(exclude={"sos_id", "at"}) | {"at_ms": _at_ms(body.at)}
    done = services.raise_sos(viewer=signed_in(request), content=content, sos_id=body.sos_id)
    return _done(done, "sos_id")


@router.post("/situation/sos/{sos_id}/close", response=SituationDone)
def close_sos(request: HttpRequest, sos_id: str, body: SosCloseIn) -> dict[str, Any]:
    """How an SOS ended."""
    done = services.close_sos(
        viewer=signed_in(request), sos_id=sos_id, outcome=body.outcome, reason=body.reason
    )
    return _done(done, "sos_id")


@router.get("/situation/headcounts", response=HeadcountPage)
def headcounts(request: HttpRequest, evacuation_id: str | None = None) -> dict[str, Any]:
    """The newest headcount of each place, and their total, each person once."""
    viewer = signed_in(request)
    wanted = int(evacuation_id) if evacuation_id and evacuation_id.isdigit() else None
    rows = queries.headcounts(wanted, viewer=viewer)
    shown, counted = Shown(rows), queries.counted_once(rows)
    return {
        "items": [_headcount(row, shown, counted) for row in rows],
        "total": queries.headcount_total(wanted, viewer=viewer),
    }


@router.post("/situation/headcounts", response=SituationDone)
def report_headcount(request: HttpRequest, body: HeadcountIn) -> dict[str, Any]:
    """清点人数. 未转 is what is left of 应转."""
    content = body.dict(exclude={"client_id", "at"}) | {"at_ms": _at_ms(body.at)}
    content["evacuation_id"] = int(body.evacuation_id) if body.evacuation_id else None
    done = services.report_headcount(
        viewer=signed_in(request), content=content, client_id=body.client_id
    )
    return _done(done)


@router.get("/situation/reports", response=ReportPage)
def reports(request: HttpRequest, with_older: bool = False) -> dict[str, Any]:
    """灾情快报 of one's own places."""
    rows = queries.reports(viewer=signed_in(request), with_older=with_older)
    shown = Shown(rows)
    return {"items": [_report(row, shown) for row in rows]}


@router.post("/situation/reports", response=SituationDone)
def file_report(request: HttpRequest, body: ReportIn) -> dict[str, Any]:
    """灾情快报."""
    content = body.dict(exclude={"client_id", "at", "needs"}) | {"at_ms": _at_ms(body.at)}
    content["needs"] = [[need.code, need.amount] for need in body.needs]
    done = services.file_quick_report(
        viewer=signed_in(request), content=content, client_id=body.client_id
    )
    return _done(done)


@router.get("/situation/moved-first", response=MovedFirstPage)
def moved_first(request: HttpRequest) -> dict[str, Any]:
    """村级先行转移 of one's own places: moved first, reported later, each with its own time."""
    rows = queries.moved_first(viewer=signed_in(request))
    shown = Shown(rows, {row.by for row in rows})
    return {"items": [_moved(row, shown) for row in rows]}


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


@router.post("/situation/moved-first", response=MovedFirstDone)
def move_first(request: HttpRequest, body: MoveFirstIn) -> dict[str, Any]:
    """村级先行转移: nobody has to agree; red in every report, reported when the link is back."""
    done = services.move_first(
        viewer=signed_in(request),
        at_ms=_at_ms(body.at),
        danger_area_ids=[int(one) for one in body.danger_area_ids],
        **body.dict(exclude={"at", "danger_area_ids"}),
    )
    made = {name: str(done[name]) if done[name] else None for name in ("alert_id", "evacuation_id")}
    return _done(done) | made


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


@router.get("/situation/contact", response=ContactBoard)
def contact(request: HttpRequest) -> dict[str, Any]:
    """失联一览: the last word of each village and township in one's scope; the lost first."""
    now = clock.now()
    rows = queries.contact(viewer=signed_in(request), now=now)
    return {
        "items": [_contact(row, now) for row in rows],
        "lost": sum(row.state is ContactState.LOST for row in rows),
        "silent": sum(row.state is ContactState.SILENT for row in rows),
        "silent_after_s": int(rules.SILENT_AFTER.total_seconds()),
        "server_time": to_iso(now),
    }


def _contact(row: queries.Contact, now: datetime) -> dict[str, Any]:
    path = row.word.path if row.word else ""
    zh, en = CONTACT_PATHS.get(path, (path, path))
    heard_at = row.word.at if row.word else None
    return {
        "place_code": row.place_code,
        "place_name": row.name,
        "level": row.level,
        "state": row.state.value,
        "last_heard_at": to_iso(heard_at) if heard_at else None,
        "path": path,
        "path_word_zh": zh,
        "path_word_en": en,
        "silent_s": max(0, int((now - heard_at).total_seconds())) if heard_at else None,
        "expected_calls": row.calls,
        "expected_households": row.households,
        "lost_at": to_iso(row.lost_at) if row.lost_at else None,
    }
