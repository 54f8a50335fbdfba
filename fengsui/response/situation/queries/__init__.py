"""The reads of the situation. Each takes a viewer and shows what that viewer may see."""

from fengsui.response.situation.queries.contact import Contact, contact, set_hearing_resolver
from fengsui.response.situation.queries.statements import (
    counted_once,
    headcount_total,
    headcounts,
    moved_first,
    open_sos,
    relays,
    reports,
)

__all__ = [
    "Contact",
    "contact",
    "counted_once",
    "headcount_total",
    "headcounts",
    "moved_first",
    "open_sos",
    "relays",
    "reports",
    "set_hearing_resolver",
]
