"""The folder of one import: the file, its cells and the preview. On this machine only.

FENGSUI_HOME/imports/<id>/ holds what the office handed in, names and telephone numbers with it.
So it is a folder that can be deleted whole, it is readable by the node alone, and it is deleted
STAGING_DAYS after somebody last touched it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from fengsui.foundation.imports.rules.comparing import Outcome
from fengsui.foundation.imports.rules.findings import Finding, finding_of
from fengsui.foundation.imports.rules.headers import Merged
from fengsui.foundation.imports.states import RowKind, RowState

STAGING_DAYS = 7
FILE_BYTES_MAX = 32 * 1024 * 1024
_RESTORING, _FURTHER = 1, 2  # bits of row.flags
FIRST_ROWS = 60  # what headers are looked for in, and what the second step shows
_NO_CHANGES, _NO_FINDINGS = "{}", "[]"  # of nearly every row
_TO_WRITE = "state='waiting' AND is_skipped=0 AND kind IN ('new','changed')"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS sheet(place INTEGER PRIMARY KEY, name TEXT, width INTEGER,
  merged TEXT, rows INTEGER);
CREATE TABLE IF NOT EXISTS cells(sheet INTEGER, n INTEGER, texts TEXT, PRIMARY KEY(sheet, n))
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS row(n INTEGER PRIMARY KEY, kind TEXT, state TEXT, is_skipped INTEGER,
  said TEXT, changes TEXT, findings TEXT, held_id TEXT, flags INTEGER, note TEXT);
CREATE INDEX IF NOT EXISTS row_kind ON row(kind, n);
CREATE TABLE IF NOT EXISTS fix(n INTEGER PRIMARY KEY, texts TEXT, is_skipped INTEGER);
"""


@dataclass(frozen=True, slots=True)
class SheetHead:
    place: int
    name: str
    width: int
    rows: int
    merged: tuple[Merged, ...]


@dataclass(slots=True)
class PreviewRow:
    """One row of the preview. `said`: column -> plain value; `changes`: column -> [was, will be].

    `held_id`: the row of the register it speaks of, as JSON of its id; None for a new one.
    """

    n: int
    kind: RowKind
    state: RowState
    is_skipped: bool
    said: dict[str, Any]
    changes: dict[str, list[Any]]
    findings: tuple[Finding, ...]
    held_id: Any
    is_restoring: bool
    is_further: bool = False
    note: str = ""


class Staging:
    """Opened for one step and closed after it (use `with`)."""

    def __init__(self, identity: str) -> None:
        if not identity.isalnum():
            raise ValueError("no such folder")
        self.folder: Path = settings.HOME / "imports" / identity
        self._db: sqlite3.Connection | None = None

    def __enter__(self) -> Staging:
        return self

    def __exit__(self, *_: object) -> None:
        if self._db is not None:
            self._db.close()
            self._db = None

    # --- the file ---------------------------------------------------------------------------

    @property
    def upload(self) -> Path:
        return self.folder / "upload"

    @property
    def table(self) -> Path:
        return self.folder / "table.jsonl"

    def make(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True)
        os.close(os.open(self.upload, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))

    def append(self, offset: int, piece: bytes) -> int:
        """Writes a piece where it belongs; how much of the file is here now."""
        with self.upload.open("r+b") as handle:
            handle.seek(offset)
            handle.write(piece)
            handle.flush()
            os.fsync(handle.fileno())
        return offset + len(piece)

    def digest(self) -> str:
        with self.upload.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()

    def delete(self) -> None:
        self.__exit__()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def alone(self) -> Iterator[bool]:
        """True for the one process that works on this import; the system frees it at its end."""
        try:
            descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            yield False
            return
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(descriptor)

    # --- cells ------------------------------------------------------------------------------

    @property
    def db(self) -> sqlite3.Connection:
        if self._db is None:
            self._db = sqlite3.connect(
                self.folder / "rows.db", isolation_level=None, timeout=10, check_same_thread=False
            )
            self._db.executescript("PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;" + _SCHEMA)
        return self._db

    @contextlib.contextmanager
    def together(self) -> Iterator[sqlite3.Connection]:
        """Everything inside is there, or nothing of it."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield self.db
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def take_table(self) -> list[SheetHead]:
        """Takes over what the sandbox wrote, and deletes that file."""
        with self.together() as db, self.table.open(encoding="utf-8") as lines:
            for table in ("sheet", "cells", "row", "fix"):
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
            place = -1
            batch: list[tuple[int, int, str]] = []
            for line in lines:
                if line.startswith("{"):
                    head = json.loads(line)
                    place += 1
                    db.execute(
                        "INSERT INTO sheet VALUES(?,?,?,?,0)",
                        (place, head["sheet"], head["width"], json.dumps(head["merged"])),
                    )
                    continue
                number, rest = line[1:].split(",", 1)
                batch.append((place, int(number), rest.rstrip()[:-1].strip()))
            db.executemany("INSERT INTO cells VALUES(?,?,?)", batch)
            db.execute("UPDATE sheet SET rows=(SELECT count(*) FROM cells WHERE sheet=place)")
        self.table.unlink()
        return self.sheets()

    def sheets(self) -> list[SheetHead]:
        rows = self.db.execute("SELECT place,name,width,rows,merged FROM sheet ORDER BY place")
        return [
            SheetHead(place, name, width, count, tuple(Merged(*one) for one in json.loads(merged)))
            for place, name, width, count, merged in rows
        ]

    def first_rows(self, sheet: int, count: int = FIRST_ROWS) -> list[list[str]]:
        """Rows 1 to `count` by their numbers, empty ones included."""
        found = dict(
            self.db.execute(
                "SELECT n,texts FROM cells WHERE sheet=? AND n<=? ORDER BY n", (sheet, count)
            )
        )
        last = max(found, default=0)
        return [json.loads(found[n]) if n in found else [] for n in range(1, last + 1)]

    def rows_from(self, sheet: int, number: int) -> list[tuple[int, list[str]]]:
        """(row number as a spreadsheet shows it, cells) from `number` on, empty rows left out."""
        rows = self.db.execute(
            "SELECT n,texts FROM cells WHERE sheet=? AND n>=? ORDER BY n", (sheet, number)
        )
        return [(n, json.loads(texts)) for n, texts in rows]

    def cells_of(self, sheet: int, number: int) -> list[str]:
        found = self.db.execute(
            "SELECT texts FROM cells WHERE sheet=? AND n=?", (sheet, number)
        ).fetchone()
        return list(json.loads(found[0])) if found else []

    # --- the preview ------------------------------------------------------------------------

    def keep_preview(self, rows: Iterable[tuple[int, dict[str, Any], Outcome]]) -> None:
        """Replaces the preview by (row number, what it says, what that means)."""
        skipped = {n for n, (_, is_skipped) in self.fixes().items() if is_skipped}
        with self.together() as db:
            db.execute("DELETE FROM row")
            db.executemany(
                "INSERT INTO row VALUES(?,?,?,?,?,?,?,?,?,'')",
                (_record(n, said, outcome, n in skipped) for n, said, outcome in rows),
            )

    def replace_rows(
        self, rows: Iterable[tuple[int, dict[str, Any], Outcome]], skipped: set[int]
    ) -> None:
        with self.together() as db:
            db.executemany(
                "INSERT OR REPLACE INTO row VALUES(?,?,?,?,?,?,?,?,?,'')",
                (_record(n, said, outcome, n in skipped) for n, said, outcome in rows),
            )

    def fixes(self) -> dict[int, tuple[dict[str, str], bool]]:
        """Row number -> what a person typed instead of its cells, and whether it is skipped."""
        rows = self.db.execute("SELECT n,texts,is_skipped FROM fix")
        return {n: (json.loads(texts), bool(is_skipped)) for n, texts, is_skipped in rows}

    def keep_fixes(self, fixes: Mapping[int, tuple[dict[str, str], bool]]) -> None:
        with self.together() as db:
            db.executemany(
                "INSERT OR REPLACE INTO fix VALUES(?,?,?)",
                (
                    (n, json.dumps(texts, ensure_ascii=False), is_skipped)
                    for n, (texts, is_skipped) in fixes.items()
                ),
            )

    def counts(self) -> dict[str, int]:
        """Rows of each kind, of all, skipped ones, and what became of those carried out."""
        found = {kind.value: 0 for kind in RowKind} | {"rows": 0, "skipped": 0}
        query = "SELECT kind,is_skipped,count(*) FROM row GROUP BY kind,is_skipped"
        for kind, is_skipped, count in self.db.execute(query):
            found["rows"] += count
            found["skipped" if is_skipped else kind] += count
        states = self.db.execute("SELECT state,count(*) FROM row GROUP BY state")
        return found | {f"row_{state}": count for state, count in states}

    def page(
        self, kind: RowKind | None, after: int, limit: int, state: RowState | None = None
    ) -> list[PreviewRow]:
        condition = "n>?"
        values: list[Any] = [after]
        for name, wanted in (("kind", kind), ("state", state)):
            if wanted is not None:
                condition += f" AND {name}=?"
                values.append(wanted.value)
        query = f"SELECT * FROM row WHERE {condition} ORDER BY n LIMIT ?"  # noqa: S608
        return [_row(one) for one in self.db.execute(query, (*values, limit))]

    def row(self, n: int) -> PreviewRow | None:
        found = self.db.execute("SELECT * FROM row WHERE n=?", (n,)).fetchone()
        return None if found is None else _row(found)

    def twin_of(self, n: int, key: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        """Another row of the preview with the same natural key: its number and what it says."""
        condition = " AND ".join("json_extract(said, ?) = ?" for _ in key)
        values = [part for name, value in key.items() for part in (f'$."{name}"', value)]
        query = f"SELECT n,said FROM row WHERE n<>? AND {condition} ORDER BY n LIMIT 1"  # noqa: S608
        found = self.db.execute(query, (n, *values)).fetchone()
        return None if found is None else (found[0], json.loads(found[1]))

    def to_write(self, limit: int, first: str) -> list[PreviewRow]:
        """The next rows that go into the register, by the column `first`, then as they stand.

        They stand in an index: else each piece would read and sort every row that is left.
        """
        if not first.isidentifier():
            raise ValueError("no such column")
        name, order = f"row_by_{first}", f"json_extract(said, '$.{first}'), n"
        self.db.execute(f"CREATE INDEX IF NOT EXISTS {name} ON row({order}) WHERE {_TO_WRITE}")
        # Left to itself SQLite goes by the kind and sorts all that are left.
        query = f"SELECT * FROM row INDEXED BY {name} WHERE {_TO_WRITE} ORDER BY {order} LIMIT ?"  # noqa: S608
        return [_row(one) for one in self.db.execute(query, (limit,))]

    def waiting(self) -> int:
        """How many rows are still to go into the register."""
        found = self.db.execute(f"SELECT count(*) FROM row WHERE {_TO_WRITE}").fetchone()  # noqa: S608
        return int(found[0])

    def settle(self, outcomes: Sequence[tuple[int, RowState, str]]) -> None:
        with self.together() as db:
            db.executemany(
                "UPDATE row SET state=?, note=? WHERE n=?",
                ((state.value, note, n) for n, state, note in outcomes),
            )


def _record(n: int, said: dict[str, Any], outcome: Outcome, skipped: bool) -> tuple[Any, ...]:
    findings = [one.to_plain() for one in outcome.findings]
    return (
        n,
        outcome.kind.value,
        RowState.WAITING.value,
        int(skipped),
        json.dumps(said, ensure_ascii=False),
        json.dumps(outcome.changes, ensure_ascii=False) if outcome.changes else _NO_CHANGES,
        json.dumps(findings, ensure_ascii=False) if findings else _NO_FINDINGS,
        None if outcome.held_id is None else json.dumps(outcome.held_id),
        _RESTORING * outcome.is_restoring + _FURTHER * outcome.is_further,
    )


def _row(found: Sequence[Any]) -> PreviewRow:
    return PreviewRow(
        n=found[0],
        kind=RowKind(found[1]),
        state=RowState(found[2]),
        is_skipped=bool(found[3]),
        said=json.loads(found[4]),
        changes={} if found[5] == _NO_CHANGES else json.loads(found[5]),
        findings=()
        if found[6] == _NO_FINDINGS
        else tuple(finding_of(one) for one in json.loads(found[6])),
        held_id=None if found[7] is None else json.loads(found[7]),
        is_restoring=bool(found[8] & _RESTORING),
        is_further=bool(found[8] & _FURTHER),
        note=found[9],
    )
