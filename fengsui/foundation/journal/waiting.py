"""Facts that wait for what they speak of, and are applied when it comes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import connection

from fengsui.foundation.journal.facts import Fact, entity_id
from fengsui.foundation.journal.models import FactState, StoredFact, Waiting
from fengsui.foundation.journal.rows import STATE, Row
from fengsui.foundation.journal.stored import decode

if TYPE_CHECKING:
    from fengsui.foundation.journal.ledger import Ledger

HIGHEST_INDEX = 4096  # a fact brings at most so many entities into being
_TOGETHER = 500
_UPSERT = (
    "INSERT INTO journal_waiting (arrival, entity) VALUES (%s, %s)"
    " ON CONFLICT (arrival) DO UPDATE SET entity = excluded.entity"
)

Wait = tuple[int, int, Row | None]  # arrival, the entity it waits for, the open row


def begin(ledger: Ledger, waits: Sequence[Wait]) -> None:
    """These were applied in vain."""
    if not waits:
        return
    with connection.cursor() as cursor:
        cursor.executemany(_UPSERT, [(arrival, entity) for arrival, entity, _ in waits])
    ledger.waiting += len(waits)
    for _, _, row in waits:
        if row is not None:
            row[STATE] = int(FactState.WAITING)
    for start in range(0, len(waits), _TOGETHER):
        arrivals = [wait[0] for wait in waits[start : start + _TOGETHER]]
        StoredFact.objects.filter(arrival__in=arrivals).update(state=FactState.WAITING)


def end(ledger: Ledger, facts: Sequence[Fact]) -> None:
    """Applies what waited for anything that these facts have brought into being."""
    if not ledger.waiting:
        return
    awaited = sorted(set(Waiting.objects.values_list("entity", flat=True).distinct()))
    for fact in facts:
        first = entity_id(fact.id)
        if any(first <= entity <= first + HIGHEST_INDEX for entity in awaited):
            _wake(ledger, first)


def _wake(ledger: Ledger, first: int) -> None:
    from fengsui.foundation.journal import batches  # which in turn lets facts wait

    waiting = Waiting.objects.filter(entity__gte=first, entity__lte=first + HIGHEST_INDEX)
    ready = list(waiting.order_by("arrival").values_list("arrival", flat=True))
    ledger.insert_rows()
    for start in range(0, len(ready), _TOGETHER):
        arrivals = ready[start : start + _TOGETHER]
        count, _ = Waiting.objects.filter(arrival__in=arrivals).delete()
        ledger.waiting -= count
        rows = StoredFact.objects.filter(arrival__in=arrivals)
        rows.update(state=FactState.APPLIED)
        late = [(decode(stored), stored.arrival, None) for stored in rows.order_by("arrival")]
        batches.apply(ledger, [(fact, at, row) for fact, at, row in late if fact is not None])
