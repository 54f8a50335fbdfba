"""When a node is backed up and what came of it. No Django: a small process of its own does it."""

from __future__ import annotations

import json
import logging
import os
import shutil
import threading
import time
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from fengsui.foundation.journal import backups, clock, erasures
from fengsui.foundation.journal.backups import BackupError

EVERY = timedelta(hours=6)
FIRST_AFTER_SECONDS = 120.0
LOOK_SECONDS = 30.0
UPGRADES_KEPT = timedelta(weeks=backups.KEEP_WEEKS)
NICENESS = 10
STATE = "state.json"
RESTORED = "restored.json"

log = logging.getLogger("fengsui.backup")


@dataclass(frozen=True, slots=True)
class State:
    """What the last round came to; `why` is "" where it went well."""

    began: datetime
    last: datetime | None = None
    why: str = ""
    second: datetime | None = None
    second_why: str = ""
    seconds: float = 0.0

    @classmethod
    def read(cls, folder: Path) -> State | None:
        try:
            plain: dict[str, Any] = json.loads((folder / STATE).read_text())
            for name in ("began", "last", "second"):
                plain[name] = datetime.fromisoformat(plain[name]) if plain[name] else None
            return cls(**plain)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write(self, folder: Path) -> None:
        partial = folder / f"{STATE}.partial"
        partial.write_text(json.dumps(asdict(self), default=datetime.isoformat))
        partial.replace(folder / STATE)


def folder(home: Path) -> Path:
    """Where backups go: FENGSUI_BACKUPS, or `backups` in the node's folder."""
    return Path(os.environ.get("FENGSUI_BACKUPS") or home / "backups")


def note_restore(home: Path, at: datetime, made_at: datetime) -> None:
    """Leaves word for the screens that this node was put back."""
    plain = {"at": at.isoformat(), "made_at": made_at.isoformat()}
    (home / RESTORED).write_text(json.dumps(plain))


def last_restore(home: Path) -> tuple[datetime, datetime] | None:
    """When the node was put back, and when that backup had been made."""
    try:
        plain = json.loads((home / RESTORED).read_text())
        return datetime.fromisoformat(plain["at"]), datetime.fromisoformat(plain["made_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def second_medium() -> Path | None:
    """FENGSUI_BACKUPS_SECOND: a folder on a stick or another disk; None where none is named."""
    named = os.environ.get("FENGSUI_BACKUPS_SECOND", "")
    return Path(named) if named else None


def one_round(home: Path, now: datetime, program: str) -> State:
    """Makes a backup, copies it to the second medium, removes what is superfluous."""
    where = folder(home)
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = State.read(where) or State(began=now)
    started = time.monotonic()
    try:
        made = backups.make(home, where, now, program)
    except BackupError as error:
        log.error("the backup failed: %s", error)
        state = replace(state, why=error.zh)
    else:
        erasures.carry_to(home, where)
        backups.rotate(where)
        _drop_old_upgrades(home, now)
        seconds = round(time.monotonic() - started, 2)
        state = replace(state, last=now, why="", seconds=seconds)
        state = _second(made, state, now)
        log.info("backed up in %.1f s", seconds)
    state.write(where)
    return state


def _drop_old_upgrades(home: Path, now: datetime) -> None:
    """What stood here before an upgrade goes when a backup of that age would: it holds people."""
    for folder in (home / "upgrades").glob("*T*Z"):
        made = backups.moment_of(folder.name)
        if made is not None and now - made > UPGRADES_KEPT:
            shutil.rmtree(folder, ignore_errors=True)


def _second(made: Path, state: State, now: datetime) -> State:
    second = second_medium()
    if second is None:
        return replace(state, second=None, second_why="")
    if not second.is_dir():
        return replace(state, second_why="第二介质没有接上")
    try:
        backups.copy_to(made, second)
        erasures.carry_to(made.parent, second)
        backups.rotate(second)
    except BackupError as error:
        log.error("the second medium: %s", error)
        return replace(state, second_why=error.zh)
    return replace(state, second=now, second_why="")


def keep_backing_up(home: Path, program: str, stop: threading.Event) -> None:
    """Every EVERY, until told to stop; the first one soon after the start of a node."""
    os.nice(NICENESS)
    if stop.wait(FIRST_AFTER_SECONDS):
        return
    while True:
        now = clock.machine_now()
        if (home / backups.DATABASE).exists() and not backups.recent(folder(home), now, EVERY):
            try:
                one_round(home, now, program)
            except OSError:
                log.exception("the backup folder cannot be used")
        if stop.wait(LOOK_SECONDS):
            return
