"""The data of the new release in the place of the old, and back. Every move may come twice."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
from dataclasses import asdict
from pathlib import Path

from fengsui.config.releases import Installation, sync_folder
from fengsui.config.upgrading.record import RETURNING, SWITCHING, TRYING, Record, forget
from fengsui.foundation.journal import backups, clock

# What a release may change of a node's folder; keys and pictures are the same for both.
MOVED = (backups.DATABASE, backups.LOCAL, "incarnation.json")
_BESIDE = ("-wal", "-shm", "-journal")
# A new release that did not come up in so many starts is taken back by the next one.
STARTS_MAX = 3
# What `fengsui upgrade --back` finds beside the old data.
RECORD = "record.json"


class UpgradeError(Exception):
    """Why not, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} {en}")
        self.zh = zh
        self.en = en


def facts_in(database: Path) -> int:
    """How many facts have arrived in a database at rest; 0 where there is none."""
    if not database.exists():
        return 0
    with contextlib.closing(sqlite3.connect(database)) as opened:
        try:
            row = opened.execute("SELECT max(arrival) FROM journal_fact").fetchone()
        except sqlite3.OperationalError:
            return 0
    return int(row[0] or 0)


def settle_log(database: Path) -> None:
    """Takes the write-ahead log into the database, so that one file is all of it."""
    if not database.exists():
        return
    with contextlib.closing(sqlite3.connect(database)) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()


def switch(home: Path, record: Record) -> Record:
    """Forward: first the program, then the data. Before the first line nothing was touched."""
    record = record.at(SWITCHING, home)
    return go_forward(home, record)


def go_forward(home: Path, record: Record) -> Record:
    Installation(Path(record.root)).point_to(record.target)
    folder = record.folder(home)
    before, work = folder / "before", folder / "work"
    before.mkdir(mode=0o700, exist_ok=True)
    for name in MOVED:
        if not (work / name).exists():
            continue
        if (home / name).exists():
            _move(home, before, name)
        _move(work, home, name)
    (folder / RECORD).write_text(json.dumps(asdict(record)))
    for one in (before, work, home, folder):
        sync_folder(one)
    return record.at(TRYING, home)


def mark_return(home: Path, record: Record) -> Record:
    """Decides once how to go back: with or without facts that came since. The node is held."""
    if record.state == RETURNING:
        return record
    came_since = facts_in(home / backups.DATABASE) > record.facts
    return record.at(RETURNING, home, keeps_facts=came_since)


def put_old_back(home: Path, record: Record) -> None:
    """The data as it was, exactly. The node is held, and no fact has come since."""
    folder = record.folder(home)
    before, failed = folder / "before", folder / "failed"
    failed.mkdir(mode=0o700, exist_ok=True)
    for name in MOVED:
        if not (before / name).exists():
            continue
        if (home / name).exists():
            _move(home, failed, name)
        _move(before, home, name)
    for one in (before, failed, home):
        sync_folder(one)


def restore_old(home: Path, record: Record) -> None:
    """The old release puts its data back and takes in what came since (`fengsui restore`)."""
    folder = record.folder(home)
    before, failed = folder / "before", folder / "failed"
    failed.mkdir(mode=0o700, exist_ok=True)
    for name in backups.SMALL:
        if (home / name).exists() and not (before / name).exists():
            backups.copy_small(home / name, before / name)
    backups.write_manifest(before, clock.machine_now(), record.origin)
    if (before / backups.LOCAL).exists() and not (failed / backups.LOCAL).exists():
        _move(home, failed, backups.LOCAL)
    python = Installation(Path(record.root)).python(record.origin)
    finished = subprocess.run(  # noqa: S603 - the release that was laid here
        [str(python), "-m", "fengsui.config.cli", "restore", str(before)],
        env={**environment(), "FENGSUI_HOME": str(home)},
        cwd=home, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if finished.returncode != 0:
        said = finished.stderr.strip()[-300:]
        raise UpgradeError(
            f"退回时旧版本没能恢复数据：{said}。旧数据在 {before}。",
            f"the old release could not put its data back: {said}. The old data is in {before}.",
        )


def close(home: Path, record: Record) -> None:
    """The old program is the one that starts; the upgrade is over."""
    Installation(Path(record.root)).point_to(record.origin)
    forget(home)
    shutil.rmtree(record.folder(home) / "work", ignore_errors=True)


def environment() -> dict[str, str]:
    """This process's, without what would lead another release to this one's files."""
    dropped = ("PYTHONPATH", "PYTHONHOME", "DJANGO_SETTINGS_MODULE", "FENGSUI_ROLE")
    return {name: value for name, value in os.environ.items() if name not in dropped}


def _move(source: Path, target: Path, name: str) -> None:
    for end in _BESIDE:
        if (source / (name + end)).exists():
            os.replace(source / (name + end), target / (name + end))
    os.replace(source / name, target / name)
