"""Terms, who is due when, and which leaf of a fact is about whom. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from fengsui.review.retention.rules.classes import (
    BY_CODE,
    CLASS_OF_KIND,
    CLASSES,
    EVENT_CLASSES,
    DataClass,
)
from fengsui.review.retention.rules.whose import leaves_about, leaves_of_kind

REASON_LENGTH_MIN, REASON_LENGTH_MAX = 4, 200
KEEP_DAYS_MAX = 3 * 366
FOLLOWED = timedelta(days=400)  # what comes late from a cut-off node is erased too

__all__ = [
    "BY_CODE",
    "CLASSES",
    "CLASS_OF_KIND",
    "EVENT_CLASSES",
    "FOLLOWED",
    "KEEP_DAYS_MAX",
    "REASON_LENGTH_MAX",
    "REASON_LENGTH_MIN",
    "DataClass",
    "due_at",
    "is_reason",
    "leaves_about",
    "leaves_of_kind",
    "term_fault",
]


def due_at(ended_at: datetime, days: int, kept_until: datetime | None) -> datetime:
    """When the personal data of an event is due: its term, or later where somebody said why."""
    due = ended_at + timedelta(days=days)
    return max(due, kept_until) if kept_until is not None else due


def is_reason(text: str) -> bool:
    return REASON_LENGTH_MIN <= len(text.strip()) <= REASON_LENGTH_MAX


def term_fault(one: DataClass | None, days: int) -> str:
    """Why a term cannot be set so, or ""."""
    if one is None or one.least is None or one.most is None:
        return "not_editable"
    return "" if one.least <= days <= one.most else "out_of_range"
