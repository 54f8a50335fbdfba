"""The rows of the open transaction, gathered so that they go to the database in bulk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection

from fengsui.foundation.journal.codec import Header
from fengsui.foundation.journal.models import FactState, StoredFact, Unsettled

_INSERT_FACT = (
    "INSERT INTO journal_fact (arrival, feed_id, seq, fact_id, kind, hlc, scope, cause, state,"
    " clock_suspect, header, body, signature, request_id)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_INSERT_ABOUT = "INSERT INTO journal_about (entity, arrival) VALUES (%s, %s) ON CONFLICT DO NOTHING"
# Positions in a row of _INSERT_FACT.
ARRIVAL, FEED, SEQ = 0, 1, 2
STATE = 8
HEADER, BODY, SIGNATURE = 10, 11, 12

Row = list[Any]


class RowsMark(NamedTuple):
    """How many rows there were, and how many of them the database had."""

    facts: int
    facts_inserted: int
    abouts: int
    abouts_inserted: int


@dataclass(frozen=True, slots=True)
class Head:
    """Where a feed of this node stands."""

    row: int
    feed: bytes
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Mark:
    """A point to which the ledger can be put back."""

    rows: RowsMark
    notices: int
    undo: int
    hlc: int
    next_arrival: int
    waiting: int


@dataclass
class OpenRows:
    """Facts and index rows of one transaction. `insert` may come early: reads want to see them."""

    facts: list[Row] = field(default_factory=list)
    facts_inserted: int = 0
    abouts: list[tuple[int, int]] = field(default_factory=list)
    abouts_inserted: int = 0

    def mark(self) -> RowsMark:
        return RowsMark(
            len(self.facts), self.facts_inserted, len(self.abouts), self.abouts_inserted
        )

    def restore(self, mark: RowsMark) -> None:
        """Back to `mark`. What had been inserted since is inserted again: it was rolled back."""
        del self.facts[mark.facts :]
        del self.abouts[mark.abouts :]
        self.facts_inserted = mark.facts_inserted
        self.abouts_inserted = mark.abouts_inserted

    def clear(self) -> None:
        self.facts.clear()
        self.abouts.clear()
        self.facts_inserted = self.abouts_inserted = 0

    def add(
        self,
        arrival: int,
        feed_row: int,
        header: Header,
        fact_id: bytes,
        stored: tuple[bytes, bytes, bytes | None],
        *,
        state: int = FactState.APPLIED,
        clock_suspect: bool = False,
        request_id: str = "",
    ) -> Row:
        """Adds a fact; `stored` is (header, body, signature or None), verbatim."""
        row: Row = [
            arrival,
            feed_row,
            header.seq,
            fact_id,
            header.kind,
            header.hlc,
            header.scope,
            header.cause,
            int(state),
            clock_suspect,
            *stored,
            request_id,
        ]
        self.facts.append(row)
        return row

    def insert(self) -> None:
        if self.facts_inserted < len(self.facts):
            with connection.cursor() as cursor:
                cursor.executemany(_INSERT_FACT, self.facts[self.facts_inserted :])
            self.facts_inserted = len(self.facts)
        if self.abouts_inserted < len(self.abouts):
            with connection.cursor() as cursor:
                cursor.executemany(_INSERT_ABOUT, self.abouts[self.abouts_inserted :])
            self.abouts_inserted = len(self.abouts)

    def sign(self, index: int, signature: bytes) -> None:
        """Signs the fact at `index`, wherever its row is by now."""
        row = self.facts[index]
        row[SIGNATURE] = signature
        if index < self.facts_inserted:
            StoredFact.objects.filter(arrival=row[ARRIVAL]).update(signature=signature)

    def set_state(self, arrival: int, state: int, row: Row | None) -> None:
        if row is not None:
            row[STATE] = int(state)
        StoredFact.objects.filter(arrival=arrival).update(state=state)

    def unsettle(self, public_key: bytes) -> None:
        Unsettled.objects.get_or_create(public_key=public_key)

    def forget_body(self, arrival: int, body: bytes) -> None:
        """Leaves of a fact recorded in this very transaction were erased: forget them too."""
        for row in self.facts:
            if row[ARRIVAL] == arrival:
                row[BODY] = body
