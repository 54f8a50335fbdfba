"""Several nodes with real journals in one database: one is at work, the tables of the others lie
aside. Facts are carried between them by hand, in the order that a test wants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection

from fengsui.foundation.journal import incarnation, queries, replay, services
from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal.codec import FeedKey
from fengsui.foundation.journal.keys import NodeKey
from fengsui.foundation.journal.models import NodeState

Rows = dict[str, tuple[list[str], list[tuple[Any, ...]]]]
Wanted = Callable[[FeedKey], bool]


def _tables() -> list[str]:
    """The tables of the apps that these tests use."""
    labels = {"journal", "nodes", "beacon"}
    return [model._meta.db_table for model in apps.get_models() if model._meta.app_label in labels]


def _take_away() -> Rows:
    taken: Rows = {}
    with connection.cursor() as cursor:
        _defer(cursor)
        for table in _tables():
            cursor.execute(f"SELECT * FROM {table}")
            columns = [column[0] for column in cursor.description]
            taken[table] = (columns, cursor.fetchall())
            cursor.execute(f"DELETE FROM {table}")
    return taken


def _put_back(taken: Rows) -> None:
    with connection.cursor() as cursor:
        _defer(cursor)
        for table, (columns, rows) in taken.items():
            marks = ", ".join(["%s"] * len(columns))
            statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
            if rows:
                cursor.executemany(statement, rows)


def _defer(cursor: Any) -> None:
    if connection.vendor == "sqlite":
        cursor.execute("PRAGMA defer_foreign_keys = ON")
    else:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


class Station:
    """One node. Between `with station:` blocks its journal lies aside."""

    at_work: Station | None = None

    def __init__(self, name: str, key: NodeKey | None = None) -> None:
        self.name = name
        self.key = key or NodeKey.fresh()
        self.rows: Rows = {}
        self.ledger: ledgers.Ledger | None = None

    def __enter__(self) -> Station:
        assert Station.at_work is None, f"{Station.at_work} is at work"
        _put_back(self.rows)
        if self.ledger is None:
            self.ledger = ledgers.Ledger.open(self.key, incarnation.mint(0))
        ledgers.use(self.ledger)
        queries._FEED_KEYS.clear()
        Station.at_work = self
        return self

    def __exit__(self, *error: object) -> None:
        self.rows = _take_away()
        ledgers.use(None)
        Station.at_work = None

    # --- while it is away

    def copy_disk(self) -> Rows:
        """An image of its disk, for restoring or cloning."""
        return {table: (columns, list(rows)) for table, (columns, rows) in self.rows.items()}

    def restore(self, image: Rows) -> None:
        """The disk put back from an image; the next start notices and begins an incarnation."""
        self.rows = {table: (columns, list(rows)) for table, (columns, rows) in image.items()}
        self.ledger = None
        _put_back(self.rows)
        state = NodeState.objects.get(id=1)
        self.ledger = ledgers.Ledger.open(self.key, state.incarnation)
        ledgers.use(self.ledger)
        with self.ledger.group():
            incarnation.begin(self.ledger, state.incarnation, "database put back from a backup")
        self.ledger.take_notices()
        self.rows = _take_away()
        ledgers.use(None)

    def clone(self, image: Rows) -> Station:
        """Another machine with the same disk and the same key, started as if nothing were."""
        twin = Station(f"{self.name} (copy)", self.key)
        twin.rows = {table: (columns, list(rows)) for table, (columns, rows) in image.items()}
        _put_back(twin.rows)
        state = NodeState.objects.get(id=1)
        twin.ledger = ledgers.Ledger.open(self.key, state.incarnation)
        twin.rows = _take_away()
        return twin

    def feeds(self, wanted: Wanted = lambda key: True) -> list[tuple[FeedKey, list[Any]]]:
        """Its feeds, whole and byte for byte."""
        with self:
            return [
                (
                    FeedKey(*feed["key"]),
                    queries.facts_of_feed(feed["feed_id"], after=-1, limit=1 << 30),
                )
                for feed in queries.feeds()
                if wanted(FeedKey(*feed["key"]))
            ]


def carry(
    source: Station,
    target: Station,
    wanted: Wanted = lambda key: True,
    order: Callable[[list[Any]], Sequence[Any]] = list,
    carrier: str = "usb",
) -> dict[str, int]:
    """Brings the feeds of one node to another; how many facts met which verdict."""
    brought = order(source.feeds(wanted))
    counts: dict[str, int] = {}
    with target:
        for key, facts in brought:
            reply = services.receive(feed=list(key), facts=facts, carrier=carrier)
            for verdict in reply["verdicts"]:
                counts[verdict] = counts.get(verdict, 0) + 1
    return counts


def digests(station: Station, *without: str) -> dict[str, str]:
    """The digest of every projected table, of those apart that only this node fills.

    A rebuild of that node must give the same tables.
    """
    with station:
        changed = replay.rebuild_and_compare()
        assert not changed, f"{station.name}: a rebuild changes {changed}"
        found = replay.digest()
    # Arrival numbers are each node's own.
    for table in ("journal_about", *without):
        found.pop(table, None)
    return found


@contextmanager
def stations(*names: str) -> Iterator[list[Station]]:
    """Nodes with empty journals; needs the database and a wound clock."""
    made = [Station(name) for name in names]
    try:
        yield made
    finally:
        if Station.at_work is not None:
            Station.at_work.__exit__(ValueError)
        ledgers.use(None)
