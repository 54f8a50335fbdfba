"""Facts that came together, applied together: one savepoint, and one call for all of a kind.

Where an app fails at one of them, all are applied again one by one, each in a savepoint of its
own, so that a bad fact takes nothing else down with it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fengsui.foundation.journal import clockwords, waiting
from fengsui.foundation.journal.dispatch import catalogue
from fengsui.foundation.journal.facts import Fact, FactKind
from fengsui.foundation.journal.models import FactState
from fengsui.foundation.journal.rows import STATE, Row

if TYPE_CHECKING:
    from fengsui.foundation.journal.ledger import Ledger

log = logging.getLogger("fengsui.journal")

Stored = tuple[Fact, int, Row | None]  # a fact, its arrival, its row while it is open


def apply(ledger: Ledger, stored: Sequence[Stored]) -> list[bool]:
    """Whether each of the facts was applied (or waits), in their order."""
    if len(stored) > 1:
        try:
            with ledger.savepoint():
                _together(ledger, stored)
        except Exception:
            log.exception("%d facts are applied one by one", len(stored))
            for _, _, row in stored:
                if row is not None:
                    row[STATE] = int(FactState.APPLIED)
        else:
            return [True] * len(stored)
    return [ledger.apply_late(fact, arrival, row) for fact, arrival, row in stored]


def record(ledger: Ledger, kind: FactKind, several: Sequence[Mapping[str, Any]]) -> list[Fact]:
    """Appends several facts of one kind, each as `Ledger.record` takes it, and applies them in one
    call. What an app fails at undoes the command, as it does for a single fact."""
    stored = [ledger.append(kind, **one) for one in several]
    _together(ledger, stored)
    return [fact for fact, _, _ in stored]


def _together(ledger: Ledger, stored: Sequence[Stored]) -> None:
    """Kind by kind, in the order in which the kinds first come: applies bear any order."""
    by_kind: dict[str, list[Stored]] = {}
    for one in stored:
        by_kind.setdefault(one[0].kind, []).append(one)
    for kind, of_kind in by_kind.items():
        facts = [clockwords.timed(fact) for fact, _, _ in of_kind]
        awaited = _awaited(kind, facts)
        ledger.rows.abouts += [
            (entity, arrival) for fact, arrival, _ in of_kind for entity in fact.about
        ]
        waits = [
            (arrival, entity, row)
            for (_, arrival, row), entity in zip(of_kind, awaited, strict=True)
            if entity is not None
        ]
        waiting.begin(ledger, waits)
        here = [fact for fact, entity in zip(facts, awaited, strict=True) if entity is None]
        waiting.end(ledger, here)


def _awaited(kind: str, facts: Sequence[Fact]) -> Sequence[int | None]:
    many = catalogue().apply_many.get(kind)
    if many is not None and len(facts) > 1:
        return many(facts)
    one = catalogue().apply.get(kind)
    return [None if one is None else one(fact) for fact in facts]
