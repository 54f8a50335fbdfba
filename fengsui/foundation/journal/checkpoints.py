"""SQLite's write-ahead log written back beside the writer, so that no commit has to wait for it.

SQLite itself does that inside whichever commit finds the log long: 35 to 65 ms in which nobody is
answered. Here a thread with a connection of its own copies pages back while the writer goes on
(wal_checkpoint(PASSIVE) takes no lock that a writer needs). The log can begin anew only when
nothing of it is left, so the few pages since are the writer's own between two turns.
Source: https://www.sqlite.org/wal.html#checkpointing
"""

from __future__ import annotations

import logging
import sqlite3
import threading

from django.db import DatabaseError, connection

CHANGES_BETWEEN = 4000  # rows: some hundreds of pages
PAGES_LONG = 4000  # from here on the log is to begin anew
PAGES_FEW = 1000  # no more than this are left to the writer
PAGES_AT_MOST = 20_000  # then the commit does it after all, as if there were no thread
PAGES_WITHOUT = 4000  # as in the settings
_BUSY_SECONDS = 1.0

log = logging.getLogger("fengsui.writer")


class Checkpoints:
    """Used by the writer's thread; does nothing until `start`, nor on PostgreSQL."""

    def __init__(self) -> None:
        self._wanted = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._changes = 0
        self._is_last_bit_due = False
        self.counts = {"beside": 0, "last_bits": 0}

    def start(self) -> None:
        path = str(connection.settings_dict["NAME"])
        if connection.vendor != "sqlite" or "memory" in path.rpartition("/")[2]:
            return
        self._pragma(PAGES_AT_MOST)
        self._thread = threading.Thread(
            target=self._run, args=(path,), name="writer-checkpoints", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        if self._thread is None:
            return
        self._stop.set()
        self._wanted.set()
        self._thread.join()
        self._thread = None
        self._pragma(PAGES_WITHOUT)

    def between_turns(self) -> None:
        """By the writer, outside of a transaction: wakes the thread, or writes the last bit."""
        if self._thread is None:
            return
        if self._is_last_bit_due:
            self._is_last_bit_due = False
            self.counts["last_bits"] += 1
            try:
                with connection.cursor() as cursor:
                    cursor.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            except DatabaseError as error:
                log.warning("the write-ahead log could not be written back: %s", error)
        opened = connection.connection
        changes = opened.total_changes if opened is not None else 0
        # A connection that was opened anew counts from nothing.
        if not 0 <= changes - self._changes < CHANGES_BETWEEN:
            self._changes = changes
            self._wanted.set()

    @staticmethod
    def _pragma(pages: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA wal_autocheckpoint={pages}")

    def _run(self, path: str) -> None:
        beside = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)
        try:
            beside.execute("PRAGMA synchronous=FULL")
            while not self._stop.is_set():
                self._wanted.wait()
                self._wanted.clear()
                if not self._stop.is_set():
                    self._copy(beside)
        finally:
            beside.close()

    def _copy(self, beside: sqlite3.Connection) -> None:
        try:
            _, pages, copied = beside.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if pages >= PAGES_LONG:
                _, pages, copied = beside.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                self._is_last_bit_due = pages - copied <= PAGES_FEW
        except sqlite3.Error as error:
            # Nothing is lost by it: the writer's commits do it themselves when the log is long.
            log.warning("the write-ahead log could not be written back: %s", error)
        self.counts["beside"] += 1
