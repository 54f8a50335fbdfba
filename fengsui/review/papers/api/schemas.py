"""The shapes of papers over HTTP. Ids are strings, times ISO 8601 in UTC, shares in permille."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from ninja import Field, Schema

from fengsui.review.papers.services.relaying import TEXT_CHARACTERS_MAX


class DrawnOut(Schema):
    """The list of five minutes after the start."""

    at: str
    called: int
    unanswered: int


class TakenOut(Schema):
    number: str
    what: str
    format: str
    at: str
    rows_count: int
    with_personal: bool
    reason: str
    recipient: str
    actor_name: str
    taken_at: str


class OverviewOut(Schema):
    callout_id: str
    alert_id: str | None
    opened_at: str
    exercise: bool
    at: str
    called: int
    unanswered: int
    drawn: DrawnOut | None
    taken: list[TakenOut]


class ListIn(Schema):
    """`at`: a moment since the start, else now. `with_personal` needs a reason."""

    format: Literal["xlsx", "pdf"] = "xlsx"
    recipient: str = Field("", max_length=200)
    reason: str = Field("", max_length=200)
    with_personal: bool = False
    at: datetime | None = None
    under: str = Field("", pattern=r"^\d{0,17}$")


class CardOut(Schema):
    text: str


class ChainIn(Schema):
    """`record`: false only looks. `chosen`: line → call id where several carry one name."""

    text: str = Field(max_length=TEXT_CHARACTERS_MAX)
    group: str = Field("", max_length=60)
    record: bool = False
    heard_at: datetime | None = None
    chosen: dict[str, str] = Field(default_factory=dict)


class WhoOut(Schema):
    call_id: str
    who: str


class ChainRowOut(Schema):
    row: int
    text: str
    said: str
    outcome: str
    call_id: str | None
    who: str
    choices: list[WhoOut]


class ChainOut(Schema):
    rows: list[ChainRowOut]
    left_out: int


class RelayedOut(Schema):
    call_id: str
    who: str
    said: str
    text: str
    group: str
    heard_at: str
    has_answered: bool


class RelayedList(Schema):
    items: list[RelayedOut]


class SectionShape(Schema):
    key: str = Field("", max_length=20)
    title: str = Field("", max_length=40)
    text: str = Field("", max_length=4000)


class NumberWords(Schema):
    name: str
    zh: str
    en: str
    is_told: bool


class DraftOut(Schema):
    office: str
    place_code: str
    exercise: bool
    known_at: str
    kind: str
    numbers: dict[str, int]
    before: dict[str, int]
    needs_note: list[str]
    sections: list[SectionShape]
    main_to: str
    copy_to: str
    contact: str
    words: list[NumberWords]


class BulletinOut(Schema):
    id: str
    number: str
    year: int
    issue: int
    version: int
    kind: str
    numbers: dict[str, int]
    edited: dict[str, int]
    notes: dict[str, str]
    sections: list[SectionShape]
    main_to: str
    copy_to: str
    contact: str
    reason: str
    late_reason: str
    known_at: str
    issued_at: str
    issued_by_name: str


class BulletinList(Schema):
    items: list[BulletinOut]


class BulletinIn(Schema):
    """`corrects`: the bulletin that this is a new version of, with a `reason`."""

    kind: Literal["first", "follow_up", "final"] = "first"
    sections: list[SectionShape] = Field(max_length=12)
    told: dict[str, int] = Field(default_factory=dict)
    notes: dict[str, str] = Field(default_factory=dict)
    main_to: str = Field("", max_length=200)
    copy_to: str = Field("", max_length=200)
    contact: str = Field("", max_length=200)
    corrects: str | None = None
    reason: str = Field("", max_length=200)
    late_reason: str = Field("", max_length=200)


class IssuedOut(Schema):
    bulletin_id: str
    number: str
    version: int


class ShareOfOut(Schema):
    part: int
    whole: int
    permille: int | None


class FirstSignOut(Schema):
    at: str
    what: str
    lead_s: int
    answered: int
    called: int


class ReviewedTownship(Schema):
    code: str
    name: str
    called: int
    answered: int


class ReviewOut(Schema):
    at: str
    answer_within_s: int
    policy: dict[str, Any]
    shares: dict[str, ShareOfOut]
    counts: dict[str, int]
    p50_s: int | None
    p90_s: int | None
    slowest_s: int | None
    relayed: int
    night_only: int
    first_sign: FirstSignOut | None
    by_township: list[ReviewedTownship]


class ForWhom(Schema):
    recipient: str = Field("", max_length=200)


class VerdictOut(Schema):
    verdict: str
    made_at: str | None
    callout_id: str | None
    recipient: str


class ShareIn(Schema):
    parts: list[Literal["review", "timeline", "bulletins", "unanswered"]] = Field(max_length=4)
    recipient: str = Field("", max_length=200)
    reason: str = Field("", max_length=200)
    expires_at: datetime


class ShareMadeOut(Schema):
    """`token` and `code` are shown this once."""

    share_id: str
    token: str
    code: str


class ShareOut(Schema):
    id: str
    recipient: str
    reason: str
    parts: list[str]
    made_at: str
    made_by_name: str
    expires_at: str
    withdrawn_at: str | None
    openings: int
    wrong_codes: int
    last_opened_at: str | None
    is_open: bool


class ShareList(Schema):
    items: list[ShareOut]


class Because(Schema):
    reason: str = Field("", max_length=200)


class PaperOutcome(Schema):
    outcome: str


class LookIn(Schema):
    token: str = Field(max_length=100)
    code: str = Field(max_length=16)


class SharedStep(Schema):
    at: str
    place: str
    zh: str
    en: str


class SharedBulletin(Schema):
    number: str
    version: int
    kind: str
    issued_at: str
    numbers: dict[str, int]
    notes: dict[str, str]
    reason: str


class SharedPerson(Schema):
    township: str
    village: str
    post_title: str
    name: str
    tries: int
    last_word: str


class SharedOut(Schema):
    recipient: str
    reason: str
    expires_at: str
    headline: str
    issuer: str
    exercise: bool
    at: str
    parts: list[str]
    review: ReviewOut | None
    timeline: list[SharedStep]
    bulletins: list[SharedBulletin]
    unanswered: list[SharedPerson]
