"""The write-ahead log is written back beside the writer, and begins anew."""

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError

from fengsui.foundation.journal import checkpoints, writer
from fengsui.foundation.journal.checkpoints import Checkpoints
from fengsui.foundation.journal.jobs import Job, Pace

SECONDS = 20.0


class Database:
    """As much of Django's connection as is used: one that writes, as the writer's does."""

    vendor = "sqlite"

    def __init__(self, path: Path) -> None:
        self.settings_dict = {"NAME": str(path)}
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.executescript("PRAGMA journal_mode=WAL; CREATE TABLE one (bytes BLOB)")
        self.fails = False

    @contextlib.contextmanager
    def cursor(self) -> Iterator[Any]:
        if self.fails:
            raise DatabaseError("the disk is full")
        with contextlib.closing(self.connection.cursor()) as cursor:
            yield cursor

    def write(self, rows: int) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany("INSERT INTO one VALUES (zeroblob(4000))", [()] * rows)
        self.connection.execute("COMMIT")

    def pages_in_log(self) -> int:
        _, pages, _ = self.connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        return int(pages)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    database = Database(tmp_path / "one.db")
    monkeypatch.setattr(checkpoints, "connection", database)
    monkeypatch.setattr(checkpoints, "CHANGES_BETWEEN", 200)
    yield database
    database.connection.close()


def _until(done: Any, beside: Checkpoints) -> None:
    end = time.monotonic() + SECONDS
    while not done():
        assert time.monotonic() < end
        beside.between_turns()


def test_the_log_is_copied_beside_and_begins_anew(database: Database) -> None:
    beside = Checkpoints()
    beside.start()
    try:
        # Somebody reads for a long while: nothing after what they look at can be copied back, so
        # that the log gets long, however quick the thread is.
        reader = sqlite3.connect(database.settings_dict["NAME"], isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM one").fetchone()
        for _ in range(25):
            database.write(250)  # a thousand kilobytes and more, each in a commit of its own
            beside.between_turns()
        reader.close()
        database.write(250)
        _until(lambda: beside.counts["last_bits"], beside)
        assert beside.counts["beside"]
        database.write(1)
        assert database.pages_in_log() < checkpoints.PAGES_LONG
    finally:
        beside.stop()
    assert database.connection.execute("SELECT count(*) FROM one").fetchone() == (6501,)
    (pages,) = database.connection.execute("PRAGMA wal_autocheckpoint").fetchone()
    assert pages == checkpoints.PAGES_WITHOUT, "without the thread the commits do it again"


def test_a_disk_that_is_full_stops_nobody(database: Database, caplog: Any) -> None:
    beside = Checkpoints()
    beside.start()
    try:
        beside._is_last_bit_due, database.fails = True, True
        beside.between_turns()
        assert "could not be written back" in caplog.text
    finally:
        database.fails = False
        beside.stop()


def test_nothing_is_started_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for vendor, name in (("postgresql", "fengsui"), ("sqlite", ":memory:")):
        elsewhere = SimpleNamespace(vendor=vendor, settings_dict={"NAME": name})
        monkeypatch.setattr(checkpoints, "connection", elsewhere)
        beside = Checkpoints()
        beside.start()
        beside.between_turns()
        beside.stop()


@pytest.mark.parametrize(("commit_s", "grows"), [(0.0, False), (0.005, True), (9.0, True)])
def test_on_a_slow_disk_a_step_takes_on_more(node: Any, commit_s: float, grows: bool) -> None:
    """Nine milliseconds of work are too much for growth beside a fast disk, not a slow one; and
    no disk makes a step longer than by LONGER_SECONDS."""
    turns = writer.Writer([])
    turns.commit_seconds = commit_s
    taken: list[float] = []

    class Noted(Pace):
        def took(self, share: float) -> None:
            taken.append(share)

    def work(now: Any) -> bool:
        end = time.thread_time() + 0.009
        while time.thread_time() < end:
            pass
        return True

    turns.batch(Job("test.work", 1.0, work, pace=Noted()))
    longest = writer.HOLD_SECONDS + (writer.LONGER_SECONDS if grows else 0.0)
    assert taken[0] >= 0.009 / longest
    assert (taken[0] < 0.8) is grows
