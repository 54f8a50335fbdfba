"""Two values of one field, written without knowledge of each other: stated so that people see both.

The node that wrote the value that stays is the one that knows: the other came after, and from
elsewhere. It says so as a fact, and every node shows the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal.facts import VALUES_DIFFER, Fact
from fengsui.foundation.journal.merging import Loss
from fengsui.foundation.journal.models import Difference, StoredFact
from fengsui.foundation.journal.stored import decode

# A fact of many rows that was overtaken in all of them is one story, not a thousand.
DIFFERENCES_PER_DELIVERY = 200
_CLOCK_DIGITS = 16
_LOWEST_TRUE_CLOCK = 1 << 40  # below it stands the number of a fact whose clock is doubted

_MISSING = object()


def record(losses: Sequence[Loss]) -> None:
    """States which of these losses are differences that only this node can know of."""
    ledger = ledgers.current()
    ledger.insert_rows()
    own = ledger.key.public
    for loss in losses[:DIFFERENCES_PER_DELIVERY]:
        kept, other = _stored(loss.kept_clock), _stored(loss.lost_clock)
        if kept is None or other is None or bytes(kept.feed.public_key) != own:
            continue
        if bytes(other.feed.public_key) == own or _is_noted(loss, kept, other):
            continue
        if _is_same(loss, decode(kept), decode(other)):
            continue
        ledger.record(
            VALUES_DIFFER,
            fields={
                "entity": loss.entity,
                "what": loss.field,
                "kept_fact": bytes(kept.fact_id),
                "other_fact": bytes(other.fact_id),
            },
            personal=None,
            items=(),
            scope=other.scope,
            actor=0,
            cause=bytes(other.fact_id),
            about=[loss.entity] if isinstance(loss.entity, int) else [],
        )


def _stored(clock: str) -> StoredFact | None:
    value, feed = int(clock[:_CLOCK_DIGITS], 16), bytes.fromhex(clock[_CLOCK_DIGITS:])
    rows = StoredFact.objects.select_related("feed").filter(feed__feed_id=feed)
    if value < _LOWEST_TRUE_CLOCK:
        return rows.filter(seq=value).first()
    return rows.filter(hlc=value).first()


def _is_noted(loss: Loss, kept: StoredFact, other: StoredFact) -> bool:
    return Difference.objects.filter(
        entity=str(loss.entity),
        what=loss.field,
        kept_fact=kept.fact_id,
        other_fact=other.fact_id,
    ).exists()


def _is_same(loss: Loss, kept: Fact | None, other: Fact | None) -> bool:
    if kept is None or other is None:
        return True
    entity = str(loss.entity)
    value = value_in(kept, entity, loss.field)
    return value is not _MISSING and value == value_in(other, entity, loss.field)


def value_in(fact: Fact, entity: str, what: str) -> Any:
    """What a fact says of a field of an entity; `is_missing` tells where it says nothing (or the
    value was erased). Pure."""
    for group in (fact.fields, fact.personal or {}):
        found = _in_group(group, what)
        if found is not _MISSING:
            return found
    in_rows = _in_rows(fact.fields.get("rows"), entity, what)
    return _in_items(fact, entity, what) if in_rows is _MISSING else in_rows


def _in_rows(rows: Any, entity: str, what: str) -> Any:
    """A fact about many rows of a register: [[key, {field: value}, ...], ...]."""
    for row in rows if isinstance(rows, list) else ():
        is_named = isinstance(row, list) and len(row) > 1 and isinstance(row[1], dict)
        if is_named and str(row[0]) == entity and what in row[1]:
            return row[1][what]
    return _MISSING


def _in_items(fact: Fact, entity: str, what: str) -> Any:
    for item in fact.items:
        if item is not None and any(str(value) == entity for value in item.values()):
            found = _in_group(item, what)
            if found is not _MISSING:
                return found
    return _MISSING


def _in_group(group: Any, what: str) -> Any:
    if what in group:
        return group[what]
    for value in group.values():
        if isinstance(value, dict) and what in value:
            return value[what]
    return _MISSING


def is_missing(value: Any) -> bool:
    return value is _MISSING


def is_personal(fact: Fact, entity: str, what: str, *, items_are_personal: bool) -> bool:
    """Whether the value stands in the part of the fact that holds personal data. Pure."""
    if not is_missing(_in_group(fact.personal or {}, what)):
        return True
    return items_are_personal and not is_missing(_in_items(fact, entity, what))
