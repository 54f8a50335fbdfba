"""What can be said about duty: rota, handover, roll-call, check-ins, reports. Numbers 520-539."""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, KindsOf, Merge, Words
from fengsui.readiness.watch.states import OUTCOME_WORDS, REPORT_WORDS, RULES

RULE_NAMES: Words = {
    "leaders_least": ("带班领导至少", "duty leaders at least"),
    "officers_least": ("值班员至少", "duty officers at least"),
    "answer_within_min": ("点名应答时限（分钟）", "minutes to answer a roll-call"),
    "shift_hours_most": ("连续值班最长（小时）", "longest duty in hours"),
}
assert RULE_NAMES.keys() == RULES.keys()


_kind = KindsOf("watch", FactClass.COMMAND, Audience.TOWNSHIP, Merge.APPEND)

SHIFTS_PLANNED = _kind(
    520,
    "shifts_planned",
    # shifts: [position, person_id, from_s, until_s, uid of an iCalendar event or ""]
    ("post_id", "count", "shifts", "source"),
    "排班 {count} 班",
    "{count} shifts planned",
)
SHIFT_CHANGED = _kind(
    521,
    "shift_changed",
    ("shift_id", "person_id", "from_s", "until_s", "is_withdrawn"),
    "改了一班",
    "A shift was changed",
    personal=("reason",),
    merge=Merge.FIELD,
)
RULE_SET = _kind(
    522,
    "rule_set",
    ("place_code", "name", "number"),
    "本地值班规则：{name} = {number}",
    "Local duty rule: {name} = {number}",
    merge=Merge.FIELD,
    words={"name": RULE_NAMES},
)
HANDOVER_SIGNED = _kind(
    523,
    "handover_signed",
    # matters: [kind, reference, how many, since ms or None, due ms or None]
    ("post_id", "incoming_id", "outgoing_id", "shift_until_s", "matters", "count", "digest"),
    "接班签字：未结事项 {count} 项",
    "The incoming officer signed for {count} open matters",
    merge=Merge.OWNER,
)
NOTE_LEFT = _kind(
    524,
    "note_left",
    ("post_id",),
    "留下一条交接事项",
    "A handover note was left",
    personal=("text",),
)
NOTE_CLOSED = _kind(
    525, "note_closed", ("note_id",), "一条交接事项已办结", "A handover note was closed"
)
ROLL_CALL_OPENED = _kind(
    526,
    "roll_call_opened",
    # rooms: [post_id, place_code, title, person_id]
    ("callout_id", "within_s", "rooms", "count", "exercise"),
    "抽查点名：{count} 个值班室",
    "Roll-call of {count} duty rooms",
)
CHECK_IN_STARTED = _kind(
    530,
    "check_in_started",
    ("person_id", "every_s", "first_due_ms", "until_ms", "leader_id", "exercise"),
    "开始报平安",
    "Check-ins started",
    personal=("task",),
)
CHECKED_IN = _kind(
    531,
    "checked_in",
    ("check_in_id", "at_ms", "next_due_ms", "how", "client_id"),
    "报了平安",
    "Checked in",
    fact_class=FactClass.LIFE_SAFETY,
    personal=("lon_e7", "lat_e7", "accuracy_m", "text"),
)
CHECK_IN_MISSED = _kind(
    532,
    "check_in_missed",
    ("check_in_id", "due_ms", "callout_id"),
    "失联待核：到时没有报平安",
    "Not heard of: a check-in was due and missed",
    fact_class=FactClass.LIFE_SAFETY,
)
CHECK_IN_ENDED = _kind(
    533,
    "check_in_ended",
    ("check_in_id", "outcome"),
    "报平安结束：{outcome}",
    "Check-ins ended: {outcome}",
    personal=("reason",),
    words={"outcome": OUTCOME_WORDS},
)
INCIDENT_KNOWN = _kind(
    534,
    "incident_known",
    # known_ms: 获悉, from which the clock runs; occurred_ms: when it happened, None if unknown
    ("post_id", "where_code", "grade", "profile", "known_ms", "occurred_ms"),
    "获悉突发事件，开始计时",
    "An event became known; its reports are timed",
    personal=("title", "heard_from"),
)
REPORT_RECORDED = _kind(
    535,
    "report_recorded",
    # has_reason stays when the words are erased: the reason is not asked for again
    ("incident_id", "kind", "at_ms", "has_reason"),
    "信息报告：{kind}",
    "Information was reported: {kind}",
    personal=("told_to", "late_reason"),
    words={"kind": REPORT_WORDS},
)
INCIDENT_CLOSED = _kind(
    536,
    "incident_closed",
    ("incident_id", "at_ms"),
    "突发事件处置结束，等终报",
    "The handling of an event is over; the final report is due",
)
INCIDENT_CORRECTED = _kind(
    537,
    "incident_corrected",
    ("incident_id", "known_ms", "grade"),
    "更正获悉时间或等级",
    "The time in which an event became known, or its grade, was corrected",
    personal=("reason",),
    merge=Merge.FIELD,
)
# One fact for each end that stands: two nodes may have ended the same event.
INCIDENT_REOPENED = _kind(
    539,
    "incident_reopened",
    ("incident_id", "end_id"),
    "收回处置结束，继续计时",
    "The end of handling was taken back; the reports are timed again",
    personal=("reason",),
)
LATE_REASON_GIVEN = _kind(
    538,
    "late_reason_given",
    ("report_id",),
    "补写迟报原因",
    "Why a report was late was written down",
    personal=("reason",),
    merge=Merge.FIELD,
)

KINDS: tuple[FactKind, ...] = (
    SHIFTS_PLANNED,
    SHIFT_CHANGED,
    RULE_SET,
    HANDOVER_SIGNED,
    NOTE_LEFT,
    NOTE_CLOSED,
    ROLL_CALL_OPENED,
    CHECK_IN_STARTED,
    CHECKED_IN,
    CHECK_IN_MISSED,
    CHECK_IN_ENDED,
    INCIDENT_KNOWN,
    REPORT_RECORDED,
    INCIDENT_CLOSED,
    INCIDENT_CORRECTED,
    LATE_REASON_GIVEN,
    INCIDENT_REOPENED,
)
