"""The reads on ledgers. Every public one takes a viewer and gives only rows in sight."""

from fengsui.foundation.ledgers.queries.changesets import (
    change_set,
    change_sets,
    history,
    registers_by_name,
)
from fengsui.foundation.ledgers.queries.matching import PageRequest, filtered
from fengsui.foundation.ledgers.queries.paging import (
    by_keys,
    candidates,
    every_row,
    page,
)
from fengsui.foundation.ledgers.queries.registry import all_ledgers, ledger, ledgers
from fengsui.foundation.ledgers.queries.rows import (
    by_ids,
    current_ids,
    for_people,
    names_of,
    one,
    reference_of,
    shown,
)
from fengsui.foundation.ledgers.queries.views import views

__all__ = [
    "PageRequest",
    "all_ledgers",
    "by_ids",
    "by_keys",
    "candidates",
    "change_set",
    "change_sets",
    "current_ids",
    "every_row",
    "filtered",
    "for_people",
    "history",
    "ledger",
    "ledgers",
    "names_of",
    "one",
    "page",
    "reference_of",
    "registers_by_name",
    "shown",
    "views",
]
