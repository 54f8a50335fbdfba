"""The reads: the table of terms, what is due, what an erasure would take, who looked and took."""

from fengsui.review.retention.queries.orders import erasures, erasures_for_phone, reveals
from fengsui.review.retention.queries.subjects import (
    LEDGERS,
    find,
    gate_subject,
    own_contacts,
    preview,
    still_needed,
    subject_ids,
)
from fengsui.review.retention.queries.terms import (
    classes_due,
    days_of,
    event_ids,
    events,
    gate_event,
    is_over,
    personal_kinds,
    table,
)
from fengsui.review.retention.states import Subject

__all__ = [
    "LEDGERS",
    "Subject",
    "classes_due",
    "days_of",
    "erasures",
    "erasures_for_phone",
    "event_ids",
    "events",
    "find",
    "gate_event",
    "gate_subject",
    "is_over",
    "own_contacts",
    "personal_kinds",
    "preview",
    "reveals",
    "still_needed",
    "subject_ids",
    "table",
]
