"""What papers there are, what a pasted line may say, and which numbers a report carries."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class ListFormat(StrEnum):
    XLSX = "xlsx"
    PDF = "pdf"


class PaperKind(StrEnum):
    """What was taken out."""

    UNANSWERED = "unanswered"  # 未应答名单
    BULLETIN = "bulletin"  # 值班快报
    REVIEW = "review"  # 复盘


class SaidKind(StrEnum):
    """What a line of a 接龙 says of its person. None of them ends that person's call."""

    ON_IT = "on_it"  # 收到
    NEED_SUPPORT = "need_support"  # 需支援
    AWAY = "away"  # 不在村
    OTHER = "other"  # something else: shown word by word


SAID_WORDS: Mapping[SaidKind, tuple[str, str]] = MappingProxyType(
    {
        SaidKind.ON_IT: ("收到", "received"),
        SaidKind.NEED_SUPPORT: ("需支援", "needs support"),
        SaidKind.AWAY: ("不在村", "away"),
        SaidKind.OTHER: ("其他", "something else"),
    }
)


class LineOutcome(StrEnum):
    """What becomes of a pasted line."""

    NEW = "new"
    RECORDED = "recorded"
    ALREADY_RECORDED = "already_recorded"
    ANSWERED = "answered"  # this person has answered by himself; the relay adds nothing
    SEVERAL = "several"  # several people of the callout carry this name: choose one
    NOBODY = "nobody"  # nobody of that name was called, in the viewer's places
    UNREADABLE = "unreadable"


class BulletinKind(StrEnum):
    FIRST = "first"  # 首报
    FOLLOW_UP = "follow_up"  # 续报
    FINAL = "final"  # 终报


BULLETIN_WORDS: Mapping[BulletinKind, tuple[str, str]] = MappingProxyType(
    {
        BulletinKind.FIRST: ("首报", "first report"),
        BulletinKind.FOLLOW_UP: ("续报", "follow-up"),
        BulletinKind.FINAL: ("终报", "final report"),
    }
)

# Counted by the record; nobody types them.
COUNTED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "called": ("应叫（人）", "called"),
        "answered": ("已应（人）", "answered"),
        "reached_in_person": ("当面叫到（人）", "reached in person"),
        "unanswered": ("未应（人）", "unanswered"),
        "units_called": ("应到单位", "units called"),
        "units_acted": ("已到单位", "units that acted"),
        "should_move": ("应转（人）", "should move"),
        "moved": ("已转（人）", "moved"),
        "away": ("外出（人）", "away"),
        "not_moved": ("未转（人）", "not moved"),
        "sos_open": ("未处置求救", "open calls for help"),
    }
)
# Told by the field; the officer may put them right, and that is shown.
TOLD: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "affected": ("受灾（人）", "affected"),
        "injured": ("受伤（人）", "injured"),
        "missing": ("失踪（人）", "missing"),
        "dead": ("死亡（人）", "dead"),
        "trapped": ("被困（人）", "trapped"),
        "houses_collapsed": ("倒塌房屋（间）", "houses collapsed"),
        "houses_damaged": ("损坏房屋（间）", "houses damaged"),
    }
)
NUMBER_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType({**COUNTED, **TOLD})
# What falls because the work goes on needs no explanation when it falls.
MAY_FALL = frozenset({"unanswered", "not_moved", "sos_open"})


class SharePart(StrEnum):
    """What an inquiry may see through its link."""

    REVIEW = "review"
    TIMELINE = "timeline"
    BULLETINS = "bulletins"
    UNANSWERED = "unanswered"


class Verdict(StrEnum):
    """What a signed paper turns out to be."""

    GENUINE = "genuine"
    CHANGED = "changed"
    UNKNOWN_SIGNER = "unknown_signer"
    UNSIGNED = "unsigned"
