"""How long data is kept, and what is erased before or after that. Registry numbers 950-969.

None of these facts names anybody: subjects are ids. What erases is `journal.leaf_erased`; an order
says why, by whom and how far, and every node that hears of it empties its own indexes.
"""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, KindsOf, Merge

_kind = KindsOf("retention", FactClass.COMMAND, Audience.COUNTY, Merge.APPEND)

TERM_SET = _kind(
    950,
    "term_set",
    ("class_code", "days", "reason"),
    "保存期限改为 {days} 天：{reason}",
    "A term was set to {days} days: {reason}",
    merge=Merge.FIELD,
)
# The law lets data be kept for evidence or evaluation where somebody says why.
EVENT_KEPT = _kind(
    951,
    "event_kept",
    ("alert_id", "until_s", "reason"),
    "一次事件的个人信息暂不清除：{reason}",
    "Personal data of an event is kept for now: {reason}",
    merge=Merge.FIELD,
)
# subject_ids: of the person, household, attachment or event with all that hangs on it
ERASURE_ORDERED = _kind(
    952,
    "erasure_ordered",
    ("subject", "subject_ids", "classes", "before_s", "reason"),
    "批准清除{subject}的个人信息：{reason}",
    "Erasure of the personal data of {subject} was approved: {reason}",
    words={
        "subject": {
            "event": ("一次事件", "an event"),
            "person": ("一人", "one person"),
            "household": ("一户", "one household"),
            "class": ("到期的一类数据", "a class of data that is due"),
        }
    },
)
ERASURE_DONE = _kind(
    953,
    "erasure_done",
    ("erasure_id", "facts", "leaves"),
    "清除完成：{facts} 条记录中的 {leaves} 处",
    "Erasure done: {leaves} places in {facts} facts",
    merge=Merge.FIELD,
)
KINDS: tuple[FactKind, ...] = (TERM_SET, EVENT_KEPT, ERASURE_ORDERED, ERASURE_DONE)
