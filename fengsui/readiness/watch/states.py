"""The words of duty: positions of a shift, what a handover lists, how a roll-call or a check-in
stands."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Position(StrEnum):
    """What somebody is on a shift. 带班领导 is reached beside the room; 值班员 sit in it."""

    LEADER = "leader"
    OFFICER = "officer"


POSITION_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {"leader": ("带班领导", "duty leader"), "officer": ("值班员", "duty officer")}
)


class MatterKind(StrEnum):
    """What is still open and passes from one officer to the next, in the order of reading."""

    OUT_OF_CONTACT = "out_of_contact"  # 失联村
    MISSING_PERSON = "missing_person"  # 失联待核: a check-in that is due and missed
    CALLS = "calls"  # 未应: the calls of one callout
    APPROVAL = "approval"  # 待审批
    CLOCK = "clock"  # 时限: a deadline that runs
    ROLL_CALL = "roll_call"  # 点名未完
    NOTE = "note"  # 交接事项 that the outgoing officer wrote down


MATTER_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "out_of_contact": ("失联村", "out of contact"),
        "missing_person": ("失联待核", "person not heard of"),
        "calls": ("未结叫应", "open calls"),
        "approval": ("待审批", "waiting for approval"),
        "clock": ("时限", "a deadline"),
        "roll_call": ("点名未完", "roll-call not finished"),
        "note": ("交接事项", "note"),
    }
)


class RoomAnswer(StrEnum):
    """How a duty room stands in a roll-call."""

    WAITING = "waiting"
    IN_TIME = "in_time"
    LATE = "late"
    STOOD_IN = "stood_in"  # somebody else of the room answered
    SILENT = "silent"  # its time is over


class CheckInState(StrEnum):
    """One person in the field who has agreed to be heard of."""

    IN_TIME = "in_time"  # 平安: the next word is not due yet
    MISSING = "missing"  # 失联待核: due, and nothing was heard
    ENDED = "ended"


class Outcome(StrEnum):
    """How a watch over somebody ended."""

    BACK = "back"  # 已返回
    FOUND = "found"  # 已找到、平安
    HANDED_OVER = "handed_over"  # 已转求救处置
    MISTAKE = "mistake"


OUTCOME_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "back": ("已返回", "back"),
        "found": ("已找到，平安", "found, safe"),
        "handed_over": ("已转求救处置", "handed over to the rescue"),
        "mistake": ("开错了", "started by mistake"),
    }
)
# The numbers a place may set for itself: (default, least, most).
RULES: Mapping[str, tuple[int, int, int]] = MappingProxyType(
    {
        "leaders_least": (1, 0, 3),
        "officers_least": (2, 1, 6),
        "answer_within_min": (5, 2, 15),
        "shift_hours_most": (24, 8, 72),
    }
)


class ReportKind(StrEnum):
    """What 信息报告 asks for, in the order in which it comes."""

    PHONE = "phone"  # 电话报
    WRITTEN = "written"  # 书面首报
    FOLLOW_UP = "follow_up"  # 续报
    FINAL = "final"  # 终报


REPORT_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "phone": ("电话报", "report by phone"),
        "written": ("书面报", "written report"),
        "follow_up": ("续报", "follow-up report"),
        "final": ("终报", "final report"),
    }
)


class DeadlineState(StrEnum):
    """How one report stands against its time."""

    WAITING = "waiting"
    SOON = "soon"  # four fifths of the time are gone
    LATE = "late"
    DONE = "done"
    DONE_LATE = "done_late"
