"""Sets of changes become rows; and how any register's facts become its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.merging import NO_CLOCKS, clock_of, merge
from fengsui.foundation.ledgers.apply.registers import (
    Register,
    Said,
    changes_of,
    counted,
    keep_changes,
    merge_rows,
    note_changes,
)
from fengsui.foundation.ledgers.models import ChangeSet

__all__ = [
    "APPLY",
    "Register",
    "Said",
    "changes_of",
    "counted",
    "keep_changes",
    "merge_rows",
    "note_changes",
]


def apply_change_set_opened(fact: Fact) -> None:
    fields = fact.fields
    ChangeSet.objects.bulk_create(
        [
            ChangeSet(
                id=fact.entity(),
                fact_id=fact.id,
                place_code=fact.scope,
                kind=fields["kind"],
                title=fields["title"],
                ledger=fields["ledger"] or "",
                source=fields["source"] or "",
                reason=fields["reason"] or "",
                undoes=fields["undoes"],
                actor_id=fact.actor,
                opened_at=fact.at,
                field_clock=NO_CLOCKS,
            )
        ],
        ignore_conflicts=True,
    )


def apply_change_set_closed(fact: Fact) -> int | None:
    change_set_id: int = fact.fields["change_set_id"]
    row = ChangeSet.objects.filter(pk=change_set_id).values("field_clock").first()
    if row is None:
        return change_set_id
    counted = ("created", "changed", "withdrawn", "restored", "kept")
    said = {"closed_at": fact.at, **{name: fact.fields[name] for name in counted}}
    winning, clocks = merge(row["field_clock"], clock_of(fact), said)
    if winning:
        ChangeSet.objects.filter(pk=change_set_id).update(**winning, field_clock=clocks)
    return None


APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    "ledgers.change_set_opened": apply_change_set_opened,
    "ledgers.change_set_closed": apply_change_set_closed,
}
