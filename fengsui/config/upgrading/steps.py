"""The steps of an upgrade, in order, each said aloud. Run by the new release.

Everything is tried on a copy of the newest backup first, while the node goes on working: what
could fail has then already been done once on the same data. Only after that the node is stopped,
and even then the new release works on a copy; the old data is moved aside by renaming.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fengsui.config.releases import Installation
from fengsui.config.upgrading import hold, swap
from fengsui.config.upgrading.record import (
    PREPARING,
    RETURNING,
    SWITCHING,
    TRYING,
    Record,
    forget,
)
from fengsui.config.upgrading.swap import UpgradeError
from fengsui.foundation.journal import backups, clock
from fengsui.foundation.machine import backups as rounds

LOCK = "upgrade.lock"
# A copy, its write-ahead log while tables are made anew, and the backup.
COPIES_NEEDED = 4
MARGIN_BYTES = 300 * 1024**2
HEALTHY_SECONDS = 180.0
ONE_LOOK_SECONDS = 2.0
LOOK_SECONDS = 0.1
KEPT_UPGRADES = 1
LINKED = ("blobs",)
SMALL_FILES = ("upstream.json", "thin_links.json", "restored.json")

Say = Callable[[str, str], None]


@contextlib.contextmanager
def alone(home: Path) -> Iterator[None]:
    """One upgrade of a node at a time, and no start of it but the upgrade's own."""
    with (home / LOCK).open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UpgradeError(
                "本节点正在升级，请等它做完。", "an upgrade of this node is under way; let it end."
            ) from None
        yield


@dataclass
class Upgrade:
    """From `origin` to `target` for the node in `home`."""

    home: Path
    installation: Installation
    origin: str
    target: str
    say: Say
    report: dict[str, Any] = field(default_factory=dict)

    def carry_out(self) -> dict[str, Any]:
        """The report. Raises UpgradeError where the old release runs on, nothing lost."""
        with alone(self.home):
            finish(self.home, self.say)
            record = self._begin()
            try:
                self._prepare(record)
            except BaseException:
                self._clear(record)
                raise
            self._switch_and_watch(record)
        return self.report

    # --- while the node works ---------------------------------------------------------------

    def _begin(self) -> Record:
        self.say(f"1/6 查看：{self.origin} → {self.target}", "looking")
        if not self.installation.is_complete(self.target):
            raise UpgradeError(
                f"没有完整的版本 {self.target}。", f"there is no whole release {self.target}."
            )
        size = sum(
            path.stat().st_size
            for name in (backups.DATABASE, backups.LOCAL)
            for path in self.home.glob(f"{name}*")
        )
        needed = size * COPIES_NEEDED + MARGIN_BYTES
        free = shutil.disk_usage(self.home).free
        if free < needed:
            raise UpgradeError(
                f"磁盘要 {needed >> 20} MB 空闲，只有 {free >> 20} MB，请先腾出空间。",
                f"{needed >> 20} MB of disk are needed, {free >> 20} MB are free; make room first.",
            )
        number = backups.stamp(clock.machine_now())
        record = Record(number, PREPARING, str(self.installation.root), self.origin, self.target)
        record.folder(self.home).mkdir(mode=0o700, parents=True)
        self.report = {"from": self.origin, "to": self.target, "bytes": size}
        return record.write(self.home)

    def _prepare(self, record: Record) -> None:
        self.say("2/6 备份并核验（节点照常工作）", "a checked backup; the node goes on")
        began = time.monotonic()
        try:
            state = rounds.one_round(self.home, clock.machine_now(), self.origin)
        except OSError as error:
            raise UpgradeError(f"备份没有成功：{error}", f"no backup: {error}") from error
        if state.why:
            raise UpgradeError(f"备份没有成功：{state.why}", "no backup; see logs/backup.log")
        newest = backups.all_in(rounds.folder(self.home))[0]
        self.report |= {"backup": str(newest), "backup_seconds": _since(began)}
        self.say("3/6 用备份预演升级（节点照常工作）", "rehearsed on the backup; the node goes on")
        rehearsal = record.folder(self.home) / "rehearsal"
        self._copy(newest, rehearsal)
        found = self._trial(rehearsal, "full")
        shutil.rmtree(rehearsal)
        self.report |= {"rehearsal": found}

    def _copy(self, source: Path, work: Path) -> None:
        """A node's folder for a trial: its data, its keys, its pictures by reference."""
        work.mkdir(mode=0o700)
        for name in (backups.DATABASE, backups.LOCAL):
            if (source / name).exists():
                backups.copy_database(source / name, work / name)
        for name in (*backups.SMALL, *SMALL_FILES):
            backups.copy_small(self.home / name, work / name)
        backups.copy_small(source / "incarnation.json", work / "incarnation.json")
        for name in LINKED:
            if (self.home / name).exists():
                (work / name).symlink_to(self.home / name)

    def _trial(self, work: Path, depth: str) -> dict[str, Any]:
        finished = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "fengsui.config.processes", "trial", depth],
            env={**swap.environment(), "FENGSUI_HOME": str(work)},
            cwd=work, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            found: dict[str, Any] = json.loads(finished.stdout.strip().splitlines()[-1])
        except (ValueError, IndexError):
            said = finished.stderr.strip()[-300:]
            raise UpgradeError(f"新版本没能启动：{said}", f"it did not start: {said}") from None
        if found["why_zh"]:
            raise UpgradeError(found["why_zh"], found["why_en"])
        return found

    def _clear(self, record: Record) -> None:
        forget(self.home)
        shutil.rmtree(record.folder(self.home), ignore_errors=True)

    # --- while the node is away -------------------------------------------------------------

    def _switch_and_watch(self, record: Record) -> None:
        rehearsed = self.report["rehearsal"]
        self.say(
            f"4/6 停机换版本，约 {rehearsed['seconds'] + 5:.0f} 秒；手机和邻近节点照常记录",
            "the node is away; phones and neighbours go on",
        )
        stopped_at = time.monotonic()
        how = hold.running(self.home)
        try:
            with hold.held(self.home):
                record = self._replace(record)
        except BaseException:
            self._after_a_failure(record, how)
            raise
        if how is not None:
            self.say("5/6 启动新版本", "starting the new release")
            self._watch(record, how)
            self.report["away_seconds"] = _since(stopped_at)
        forget(self.home)
        self._keep(record)
        self.say(f"6/6 完成：{self.target}", "done")

    def _replace(self, record: Record) -> Record:
        for name in (backups.DATABASE, backups.LOCAL):
            swap.settle_log(self.home / name)
        record = record.at(PREPARING, self.home, facts=swap.facts_in(self.home / backups.DATABASE))
        work = record.folder(self.home) / "work"
        self._copy(self.home, work)
        self.report["work"] = self._trial(work, "quick")
        for name in (backups.DATABASE, backups.LOCAL):
            swap.settle_log(work / name)
        return swap.switch(self.home, record)

    def _after_a_failure(self, record: Record, how: hold.Running | None) -> None:
        """Nothing was switched, or the switch is finished and then taken back."""
        known = Record.read(self.home)
        if known is not None and known.state != PREPARING:
            go_back(self.home, known)
        else:
            self._clear(record)
        if how is not None and hold.running(self.home) is None:
            hold.start(self.home, how, self.installation)

    def _watch(self, record: Record, how: hold.Running) -> None:
        hold.start(self.home, how, self.installation)
        if self._is_well_as_target(how):
            return
        self.say("新版本没有起来，退回旧版本", "the new release did not come up; going back")
        came_since = go_back(self.home, record)
        hold.start(self.home, how, self.installation)
        is_back = is_well(how, HEALTHY_SECONDS)
        raise UpgradeError(
            f"新版本没有起来，已退回 {self.origin}"
            + ("（其间的记录已找回）" if came_since else "")
            + ("。" if is_back else "；旧版本也没有应答，请运行 fengsui doctor。"),
            f"the new release did not come up; back at {self.origin}"
            + (", with what came meanwhile" if came_since else "")
            + ("." if is_back else "; it does not answer either: run fengsui doctor."),
        )

    def _is_well_as_target(self, how: hold.Running) -> bool:
        """A service manager may have begun to start the old release just before the switch, and
        an old one does not look again once it has the lock: it makes way."""
        until = time.monotonic() + HEALTHY_SECONDS
        while time.monotonic() < until:
            now = hold.running(self.home)
            if now is not None and now.release not in ("", self.target):
                with hold.held(self.home):
                    pass
                hold.start(self.home, how, self.installation)
            elif now is not None and is_well(how, ONE_LOOK_SECONDS):
                return True
            time.sleep(LOOK_SECONDS)
        return False

    def _keep(self, record: Record) -> None:
        """The old data stays for a while; what is older goes."""
        folder = record.folder(self.home)
        shutil.rmtree(folder / "work", ignore_errors=True)
        (folder / "report.json").write_text(json.dumps(self.report, indent=1))
        kept = sorted((self.home / "upgrades").iterdir(), reverse=True)
        for old in kept[KEPT_UPGRADES:]:
            shutil.rmtree(old)
        for version in self.installation.versions():
            if version not in (self.origin, self.target):
                shutil.rmtree(self.installation.release(version))


def finish(home: Path, say: Say) -> None:
    """What an interrupted upgrade left: nothing to do, or on with it, or back. Idempotent.

    The caller is alone (`alone`) and the node does not run. A new release that did not come up
    in STARTS_MAX starts is taken back.
    """
    record = Record.read(home)
    if record is None:
        return
    if record.state == PREPARING:
        say("上次升级中断，什么也没有动过。", "an interrupted upgrade had changed nothing.")
        forget(home)
        shutil.rmtree(record.folder(home), ignore_errors=True)
        return
    if record.state == SWITCHING:
        say("上次升级中断，继续换到新版本。", "an interrupted upgrade goes on.")
        record = swap.go_forward(home, record)
    if record.state == TRYING:
        record = record.at(TRYING, home, starts=record.starts + 1)
    if record.state == RETURNING or record.starts > swap.STARTS_MAX:
        say(f"退回 {record.origin}。", f"going back to {record.origin}.")
        go_back(home, record)


def settle(home: Path) -> None:
    """The new release runs and is well: there is no going back by itself any more."""
    record = Record.read(home)
    if record is not None and record.state == TRYING:
        with contextlib.suppress(UpgradeError), alone(home):
            forget(home)


def go_back(home: Path, record: Record) -> bool:
    """Old data, old program. True where facts had come since and were taken in."""
    with hold.held(home):
        if record.state == SWITCHING:
            record = swap.go_forward(home, record)
        record = swap.mark_return(home, record)
        if not record.keeps_facts:
            swap.put_old_back(home, record)
    if record.keeps_facts:
        swap.restore_old(home, record)
    swap.close(home, record)
    return record.keeps_facts


def last(home: Path) -> Record | None:
    """The upgrade that can still be taken back: its old data is kept."""
    for folder in sorted((home / "upgrades").glob("*"), reverse=True):
        if (folder / swap.RECORD).exists() and (folder / "before" / backups.DATABASE).exists():
            return Record(**json.loads((folder / swap.RECORD).read_text()))
    return None


def take_back(home: Path, record: Record, installation: Installation) -> None:
    """`go_back` by a person's wish, of a node that may run."""
    with alone(home):
        how = hold.running(home)
        with hold.held(home):
            record = record.at(TRYING, home)
        go_back(home, record)
        if how is not None:
            hold.start(home, how, installation)


def is_well(how: hold.Running, seconds: float) -> bool:
    """Whether the node answers its health check within that time."""
    from fengsui.config.commands import up

    asked = how.asked()
    is_secure = bool(asked.https or how.variables.get("FENGSUI_TLS_CERT"))
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if up.is_healthy(asked.host, asked.port, is_secure):
            return True
        time.sleep(LOOK_SECONDS)
    return False


def _since(began: float) -> float:
    return round(time.monotonic() - began, 2)
