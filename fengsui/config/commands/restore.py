"""`fengsui restore BACKUP`: puts a backup back, then takes in what else this machine still knows.

The database begins a new incarnation, so that no number is used twice. What stood here before is
moved to `replaced/` and its facts are taken in again as from a neighbour, and so are those of
newer backups: chain, signature and rule are judged as always. Erasures are such facts, and are
carried out again: personal data that was erased does not come back.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from fengsui.config.home import home_folder
from fengsui.foundation.journal import backups, clock, erasures, place
from fengsui.foundation.machine import backups as rounds

CHUNK = 500
EXIT_FAILED = 1


@dataclass
class Report:
    """What a restore came to."""

    backup: str
    facts: int
    recovered: int = 0
    unreadable: int = 0
    erased: int = 0
    incarnation: int = 0
    replaced: str = ""


def add_arguments(subparsers: Any) -> None:
    parser = subparsers.add_parser("restore", help="从备份恢复本节点 / put a backup back")
    parser.add_argument("backup", type=Path, help="fengsui backup --list shows them")


def run(args: argparse.Namespace) -> int:
    home = home_folder()
    try:
        with _stopped(home):
            report = restore(home, args.backup)
    except backups.BackupError as error:
        sys.stderr.write(f"没有恢复：{error.zh}。\nNot restored: {error.en}.\n")
        return EXIT_FAILED
    if report.unreadable:
        sys.stdout.write(
            f"有 {report.unreadable} 处旧数据读不出来。 {report.unreadable} old databases could "
            "not be read.\n"
        )
    if report.erased:
        sys.stdout.write(
            f"备份里又出现的已抹去信息，再次抹去 {report.erased} 条。 "
            f"{report.erased} erasures were carried out again.\n"
        )
    sys.stdout.write(
        f"已恢复 {report.facts} 条记录，另从本机旧数据找回 {report.recovered} 条；新的一世："
        f"{report.incarnation}。其余将在与邻居联网后找回。原数据移到 {report.replaced}，"
        "确认无误后请删除。\n"
        f"Restored {report.facts} facts and recovered {report.recovered} more from what was here; "
        f"incarnation {report.incarnation}. The rest comes from the neighbours. What was here is "
        f"in {report.replaced}: delete it once all is well.\n"
    )
    return 0


@contextlib.contextmanager
def _stopped(home: Path) -> Iterator[None]:
    """The node does not run, and does not start meanwhile. Raises BackupError."""
    with (home / "up.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise backups.BackupError(
                "节点正在运行，请先停止", "the node is running; stop it first"
            ) from error
        place.WriterLock(home).release()
        yield


def restore(home: Path, backup: Path) -> Report:
    """See the module. The node must be stopped."""
    from fengsui.config.processes import migrate
    from fengsui.foundation.journal import writer

    manifest = backups.check(backup)
    replaced = backups.put_back(home, backup, clock.machine_now())
    report = Report(backup.name, manifest.facts, replaced=str(replaced))
    writer.take_write_connection()
    migrate()
    with writer.holding_the_pen(home) as ledger:
        for source, carrier in _sources(home, backup, replaced):
            _take_in(source, carrier, report)
        report.erased = erasures.carry_out(home, [rounds.folder(home), backup.parent])
        report.incarnation = ledger.incarnation
    rounds.note_restore(home, clock.machine_now(), datetime.fromisoformat(manifest.made_at))
    return report


def _sources(home: Path, backup: Path, replaced: Path) -> Iterator[tuple[Path, str]]:
    """Where later facts may still be: what stood here, and newer backups.

    Also what an earlier restore moved aside, which may have been interrupted.
    """
    for earlier in sorted(replaced.parent.iterdir(), reverse=True):
        if (earlier / backups.DATABASE).exists():
            yield earlier / backups.DATABASE, "what stood here before the restore"
    for other in backups.all_in(rounds.folder(home)):
        if other.name > backup.name:
            yield other / backups.DATABASE, f"backup {other.name}"


def _take_in(source: Path, carrier: str, report: Report) -> None:
    """Everything in `source` that is later than what is here, judged as from a neighbour."""
    from fengsui.foundation.journal import services
    from fengsui.foundation.journal.models import Feed

    heads = {bytes(feed.feed_id): feed.head_seq for feed in Feed.objects.all()}
    try:
        with contextlib.closing(sqlite3.connect(source)) as opened:
            for key, (row, feed_id), head_seq, _ in backups.feeds_of(opened):
                after = heads.get(feed_id, -1)
                if head_seq <= after:
                    continue
                facts = [list(one) for one in backups.facts_of(opened, row, after)]
                for start in range(0, len(facts), CHUNK):
                    taken = services.receive(
                        feed=list(key), facts=facts[start : start + CHUNK], carrier=carrier
                    )
                    known = {"taken", "kept", "refused"}
                    report.recovered += sum(one in known for one in taken["verdicts"])
    except sqlite3.Error:
        report.unreadable += 1
