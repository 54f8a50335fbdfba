"""Policies, words, lines and human ways over HTTP: looked at, tried on paper, adopted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from fengsui.foundation.access.requests import signed_in
from fengsui.readiness.policies import queries, rules, services

router = Router(tags=["policies"])


class RuleVersion(Schema):
    id: str
    at: str
    by: str
    reason: str
    policy: dict[str, Any] | None
    texts: list[Any]


class PolicyItem(Schema):
    name: str
    zh: str
    en: str
    policy: dict[str, Any]
    default: dict[str, Any]
    version: str
    is_default: bool
    is_readable: bool
    versions: list[RuleVersion]


class RuleArea(Schema):
    code: str
    name: str


class PolicyList(Schema):
    place_code: str
    items: list[PolicyItem]
    areas: list[RuleArea]
    may_adopt: bool


class RuleAdoptIn(Schema):
    policy: dict[str, Any] | None
    based_on: str = Field(default="0", max_length=20, pattern=r"^\d+$")
    reason: str = Field(max_length=300)


class RuleAdopted(Schema):
    version: str


class LinesOut(Schema):
    lines: int
    seconds_a_call: int
    is_default: bool
    reason: str
    at: str | None
    may_adopt: bool


class LinesIn(Schema):
    lines: int
    seconds_a_call: int
    reason: str = Field(max_length=300)


class DryRunIn(Schema):
    policy: dict[str, Any]
    codes: list[str] = Field(min_length=1, max_length=queries.PLACES_MAX)
    at: datetime | None = None
    lines: int | None = None
    seconds_a_call: int | None = None
    include_other_households: bool = False
    exercise: bool = False


class PaperRing(Schema):
    person_id: str | None
    name: str
    post_title: str
    place_code: str
    place_name: str
    starts_after_s: int
    phones: int
    beside: list[str]


class PaperTownship(Schema):
    place_code: str
    place_name: str
    people: int
    first_s: int
    last_s: int


class PaperWay(Schema):
    way_zh: str
    way_en: str
    is_tried: bool
    person_id: str | None


class PaperNobody(Schema):
    person_id: str | None
    household_id: str | None
    name: str
    post_title: str
    place_code: str
    place_name: str
    has_deputy: bool
    way: PaperWay | None


class PaperRung(Schema):
    rung: int
    who: str
    word_zh: str
    word_en: str
    channel: str
    counts: bool
    after_s: int
    round_s: int
    tries: int
    together: list[str]
    known: int
    missing: int
    asked_then: int


class DryRunOut(Schema):
    at: str
    is_night: bool
    people: int
    with_number: int
    without_number: int
    nobody_to_ring: list[PaperNobody]
    channel: str
    usable: list[str]
    counts: bool
    together: list[str]
    phones: int
    first: list[PaperRing]
    by_township: list[PaperTownship]
    all_rung_s: int
    starts_in_time: bool
    start_within_s: int
    lines: int
    lines_needed: int
    lines_are_default: bool
    seconds_a_call: int
    ladder: list[PaperRung]


class TextElement(Schema):
    name: str
    zh: str
    en: str
    found: str


class TextCheck(Schema):
    example: str
    characters: int
    is_short_form: bool
    elements: list[TextElement]
    missing: list[str]
    unknown_slots: list[str]
    sms_encoding: str
    sms_segments: int
    read_aloud_s: float
    call_s: float
    is_too_long_to_hear: bool


class WordsText(Schema):
    code: str
    language: str
    spoken_only: bool
    text: str
    check: TextCheck


class WordsItem(Schema):
    name: str
    zh: str
    en: str
    is_default: bool
    version: str
    texts: list[WordsText]
    versions: list[RuleVersion]


class WordsSlot(Schema):
    name: str
    zh: str
    en: str
    example: str


class WordsList(Schema):
    items: list[WordsItem]
    slots: list[WordsSlot]
    may_adopt: bool


class WordsTextIn(Schema):
    code: str = Field(max_length=40)
    language: str = Field(max_length=40)
    spoken_only: bool = False
    text: str = Field(max_length=500)


class WordsIn(Schema):
    texts: list[WordsTextIn] = Field(max_length=rules.LANGUAGES_MAX)
    based_on: str = Field(default="0", max_length=20, pattern=r"^\d+$")
    reason: str = Field(max_length=300)


class WordsCheckIn(Schema):
    text: str = Field(max_length=2000)


class WayItem(Schema):
    household_id: str
    label: str
    place_code: str
    place_name: str
    need: str
    need_zh: str
    need_en: str
    language: str
    way: str
    way_zh: str
    way_en: str
    note: str
    person_id: str | None
    person_name: str
    stated_at: str
    tried_at: str | None
    last_worked: bool | None
    worked_at: str | None
    is_tried: bool


class WayCounts(Schema):
    stated: int
    tried: int
    untried: int
    nobody: int
    without_number: int


class WayPage(Schema):
    items: list[WayItem]
    next: str | None
    counts: WayCounts


class WayIn(Schema):
    need_code: str = Field(max_length=24)
    way_code: str = Field(max_length=24)
    person_id: str | None = Field(default=None, max_length=20, pattern=r"^\d+$")
    language: str = Field(default="", max_length=40)
    note: str = Field(default="", max_length=200)


class WayTrialIn(Schema):
    worked: bool
    note: str = Field(default="", max_length=200)


class WayDone(Schema):
    household_id: str


@router.get("/policies", response=PolicyList)
def list_policies(request: HttpRequest) -> dict[str, Any]:
    """Every call policy: what is in force, the default, and every version with who and why."""
    return queries.policies(viewer=signed_in(request))


@router.post("/policies/{policy_name}/adopt", response=RuleAdopted)
def adopt_policy(request: HttpRequest, policy_name: str, body: RuleAdoptIn) -> dict[str, Any]:
    """A new version, in force for callouts that open from now on; running ones keep theirs."""
    return services.adopt_policy(
        viewer=signed_in(request),
        name=policy_name,
        policy=body.policy,
        based_on=int(body.based_on),
        reason=body.reason,
    )


@router.post("/policies/dry-run", response=DryRunOut)
def dry_run(request: HttpRequest, body: DryRunIn) -> dict[str, Any]:
    """Tonight, on paper: who, in what order, who has no number, how many minutes. Rings nobody."""
    return queries.dry_run(
        viewer=signed_in(request),
        policy=body.policy,
        area={"codes": body.codes, "polygons": []},
        at=body.at,
        line_count=body.lines,
        seconds_a_call=body.seconds_a_call,
        include_other_households=body.include_other_households,
        exercise=body.exercise,
    )


@router.get("/call-lines", response=LinesOut)
def read_lines(request: HttpRequest) -> dict[str, Any]:
    """How many telephone lines the county has, or the default."""
    return queries.lines_of_this_node(viewer=signed_in(request))


@router.post("/call-lines", response=LinesOut)
def state_lines(request: HttpRequest, body: LinesIn) -> dict[str, Any]:
    viewer = signed_in(request)
    services.state_lines(
        viewer=viewer,
        lines=body.lines,
        seconds_a_call=body.seconds_a_call,
        reason=body.reason,
    )
    return queries.lines_of_this_node(viewer=viewer)


@router.get("/call-words", response=WordsList)
def list_words(request: HttpRequest) -> dict[str, Any]:
    """The words of every message in every language, checked."""
    return queries.templates(viewer=signed_in(request))


@router.post("/call-words/check", response=TextCheck)
def check_words(request: HttpRequest, body: WordsCheckIn) -> dict[str, Any]:
    """Eight elements, forty characters, parts of an SMS, seconds to read aloud."""
    signed_in(request)
    return dict(rules.check_text(body.text))


@router.post("/call-words/{message_name}/adopt", response=RuleAdopted)
def adopt_words(request: HttpRequest, message_name: str, body: WordsIn) -> dict[str, Any]:
    return services.adopt_template(
        viewer=signed_in(request),
        name=message_name,
        texts=[one.dict() for one in body.texts],
        based_on=int(body.based_on),
        reason=body.reason,
    )


@router.get("/human-ways", response=WayPage)
def list_ways(
    request: HttpRequest, only_open: bool = False, after: str = "", limit: int = 100
) -> dict[str, Any]:
    """Households that a telephone does not reach: who goes there, how, and when it last worked."""
    return queries.routes(viewer=signed_in(request), only_open=only_open, after=after, limit=limit)


@router.post("/households/{int:household_id}/way", response=WayDone)
def state_way(request: HttpRequest, household_id: int, body: WayIn) -> dict[str, Any]:
    return services.state_route(
        viewer=signed_in(request),
        household_id=household_id,
        need=body.need_code,
        way=body.way_code,
        person_id=int(body.person_id) if body.person_id else None,
        language=body.language,
        note=body.note,
    )


@router.post("/households/{int:household_id}/way/trial", response=WayDone)
def record_trial(request: HttpRequest, household_id: int, body: WayTrialIn) -> dict[str, Any]:
    """试过了: whether somebody who went that way got through."""
    return services.record_trial(
        viewer=signed_in(request), household_id=household_id, worked=body.worked, note=body.note
    )
