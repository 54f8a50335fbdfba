"""Copies of a node, made while it works, checked before they count, and put back.

No Django: a small process makes them beside the writer and never holds it up. In WAL mode a reader
pins one state of the database and the writer goes on (https://www.sqlite.org/isolation.html); the
copy is taken from that state in steps, so that a slow disk is left time for the writer.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fengsui.foundation.journal import blobpool, erasures, signing
from fengsui.foundation.journal.checking import FeedChecker, Finding, Place, signature_finding
from fengsui.foundation.journal.codec import FeedKey

STEP_PAGES = 512
STEP_PAUSE_SECONDS = 0.005
KEEP_NEWEST = 4
KEEP_DAYS = 7
KEEP_WEEKS = 4
FREE_MARGIN_BYTES = 200 * 1024**2
DATABASE, LOCAL = "node.db", "local.db"
# What a node is besides its database. Whoever holds a backup can speak as the node.
SMALL = ("secret.key", "keys", "trust", "tls")
MANIFEST = "manifest.json"
LOCK = "round.lock"
_STAMP = "%Y%m%dT%H%M%SZ"
_PAGE = 2000
_RELATED = ("", "-wal", "-shm", "-journal")


class BackupError(Exception):
    """Why there is no backup, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} {en}")
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True)
class Manifest:
    """What lies in a backup: checked when it was made, and again before it is put back."""

    made_at: str
    facts: int
    incarnation: int
    sha256: str
    program: str

    @classmethod
    def read(cls, backup: Path) -> Manifest:
        try:
            return cls(**json.loads((backup / MANIFEST).read_text()))
        except (OSError, ValueError, TypeError) as error:
            raise BackupError(
                f"{backup} 不是完整的备份", f"{backup} is no complete backup"
            ) from error


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(_STAMP)


def moment_of(name: str) -> datetime | None:
    """When the backup of this name was made; None for anything that is no backup."""
    with contextlib.suppress(ValueError):
        return datetime.strptime(name, _STAMP).replace(tzinfo=UTC)
    return None


def all_in(folder: Path) -> list[Path]:
    """The backups in a folder, newest first."""
    found = [path for path in folder.glob("*T*Z") if moment_of(path.name) is not None]
    return sorted(found, key=lambda path: path.name, reverse=True)


def to_drop(moments: Collection[datetime]) -> set[datetime]:
    """Which of these backups are superfluous: not among the newest, not the last of a kept day
    (of seven) or week (of four). Pure."""
    newest_first = sorted(moments, reverse=True)
    kept = set(newest_first[:KEEP_NEWEST])
    for count, period in ((KEEP_DAYS, "%Y-%m-%d"), (KEEP_WEEKS, "%G-%V")):
        last_of: dict[str, datetime] = {}
        for moment in newest_first:
            last_of.setdefault(moment.strftime(period), moment)
        kept.update(list(last_of.values())[:count])
    return set(moments) - kept


def rotate(folder: Path) -> int:
    """Removes what is superfluous in a folder; returns how many backups that were."""
    by_moment = {moment_of(path.name): path for path in all_in(folder)}
    dropped = to_drop([moment for moment in by_moment if moment is not None])
    for moment in dropped:
        shutil.rmtree(by_moment[moment])
    blobpool.sweep(folder, all_in(folder), erasures.blobs(folder))
    return len(dropped)


# --- making -----------------------------------------------------------------------------------


def make(home: Path, folder: Path, now: datetime, program: str) -> Path:
    """A checked backup of the node in `home`, durable when this returns. Raises BackupError."""
    if not (home / DATABASE).is_file():
        raise BackupError("本节点还没有数据库", "this node has no database yet")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    needed = sum(
        (home / DATABASE).with_name(DATABASE + end).stat().st_size
        for end in ("", "-wal")
        if (home / (DATABASE + end)).exists()
    )
    if shutil.disk_usage(folder).free < needed + FREE_MARGIN_BYTES:
        raise BackupError("备份盘空间不足", "the backup disk has too little room")
    with _one_at_a_time(folder):
        return _make(home, folder, now, program)


@contextlib.contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Two rounds at once would take each other's unfinished copy for a left-over."""
    with (folder / LOCK).open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _make(home: Path, folder: Path, now: datetime, program: str) -> Path:
    for left in folder.glob("*.partial"):
        shutil.rmtree(left)
    while (folder / stamp(now)).exists():
        now += timedelta(seconds=1)
    partial = folder / f"{stamp(now)}.partial"
    partial.mkdir(mode=0o700)
    try:
        for name in (DATABASE, LOCAL):
            if (home / name).exists():
                copy_database(home / name, partial / name)
        for name in SMALL:
            copy_small(home / name, partial / name)
        blobpool.keep(home, folder, partial)
        write_manifest(partial, now, program)
        _make_durable(partial)
        final = partial.with_suffix("")
        partial.rename(final)
        _sync_folder(folder)
    except (OSError, sqlite3.Error) as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise BackupError(f"写入失败（{error}）", f"it could not be written ({error})") from error
    except BackupError:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return final


def write_manifest(backup: Path, now: datetime, program: str) -> Manifest:
    """Follows every chain in the copy and says so beside it. Raises BackupError."""
    findings, facts, incarnation = check_database(backup / DATABASE)
    if findings:
        raise BackupError(f"记录核验不通过：{findings[0].zh}", f"not whole: {findings[0].en}")
    digest = _sha256(backup / DATABASE)
    manifest = Manifest(now.isoformat(), facts, incarnation, digest, program)
    (backup / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1))
    return manifest


def copy_database(source: Path, target: Path) -> None:
    """One state of a database, whoever writes meanwhile."""
    with contextlib.closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as reading:
        # One state for the whole copy: what is written meanwhile comes into the next one.
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()
        with contextlib.closing(sqlite3.connect(target)) as writing:
            reading.backup(writing, pages=STEP_PAGES, sleep=STEP_PAUSE_SECONDS)
            writing.execute("PRAGMA journal_mode=DELETE")
    target.chmod(0o600)


def copy_small(source: Path, target: Path) -> None:
    """A key file or a folder of them; nothing where there is none."""
    if source.is_dir():
        shutil.copytree(source, target)
    elif source.is_file():
        shutil.copy2(source, target)


def copy_to(backup: Path, second: Path) -> Path:
    """The same backup on a second medium. Raises BackupError."""
    target = second / backup.name
    partial = second / f"{backup.name}.partial"
    try:
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(backup, partial)
        if _sha256(partial / DATABASE) != Manifest.read(backup).sha256:
            raise BackupError("第二介质上的副本不完整", "the copy on the second medium differs")
        _make_durable(partial)
        blobpool.carry(backup, second)
        partial.rename(target)
        _sync_folder(second)
    except OSError as error:
        raise BackupError(f"第二介质写入失败（{error}）", f"second medium: {error}") from error
    return target


def _make_durable(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as handle:
                os.fsync(handle.fileno())
        elif path.is_dir():
            _sync_folder(path)
    _sync_folder(folder)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


# --- checking ---------------------------------------------------------------------------------


def check(backup: Path) -> Manifest:
    """Opens a backup and follows every chain in it. Raises BackupError where anything is wrong."""
    manifest = Manifest.read(backup)
    if _sha256(backup / DATABASE) != manifest.sha256:
        raise BackupError("备份的数据库被改动或损坏", "its database was altered or damaged")
    try:
        findings, _, _ = check_database(backup / DATABASE)
    except sqlite3.Error as error:
        raise BackupError(f"数据库打不开（{error}）", f"it cannot be opened ({error})") from error
    if findings:
        raise BackupError(f"记录核验不通过：{findings[0].zh}", f"not whole: {findings[0].en}")
    if lost := set(blobpool.missing(backup)) - erasures.blobs(backup.parent):
        raise BackupError(f"缺 {len(lost)} 个附件", f"{len(lost)} attachments are missing")
    return manifest


def check_database(path: Path) -> tuple[list[Finding], int, int]:
    """Findings, number of facts, incarnation of a copy at rest."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as opened:
        verdict = opened.execute("PRAGMA quick_check(1)").fetchone()[0]
        if verdict != "ok":
            return [Finding(Place("journal", 0), f"数据库损坏：{verdict}", str(verdict))], 0, 0
        findings: list[Finding] = []
        facts = 0
        for key, row, head_seq, head_hash in feeds_of(opened):
            found, count = _check_feed(opened, key, row, head_seq, head_hash)
            findings += found
            facts += count
        state = opened.execute("SELECT incarnation FROM journal_node_state").fetchone()
    return findings, facts, int(state[0]) if state else 0


def _check_feed(
    opened: sqlite3.Connection, key: FeedKey, row: tuple[int, bytes], head_seq: int, head: bytes
) -> tuple[list[Finding], int]:
    bad: list[Finding] = []

    def verify(suite: int, public: bytes, message: bytes, signature: bytes, place: Place) -> None:
        if not signing.SUITES[suite].is_valid(public, message, signature):
            bad.append(signature_finding(place))

    checker = FeedChecker(key, row[1], verify)
    count = 0
    for header, body, signature in facts_of(opened, row[0], -1):
        checker.fact(header, body, signature)
        checker.erased.clear()
        count += 1
    checker.finish(head_seq, head)
    return checker.findings + bad, count


def feeds_of(opened: sqlite3.Connection) -> Iterator[tuple[FeedKey, tuple[int, bytes], int, bytes]]:
    """Every feed of a database at rest: key, (row, feed id), head number, head hash."""
    rows = opened.execute(
        "SELECT id, feed_id, suite, public_key, incarnation, fact_class, audience, head_seq,"
        " head_hash FROM journal_feed ORDER BY id"
    ).fetchall()
    for row in rows:
        key = FeedKey(row[2], bytes(row[3]), row[4], row[5], row[6])
        yield key, (row[0], bytes(row[1])), row[7], bytes(row[8])


def facts_of(
    opened: sqlite3.Connection, feed_row: int, after: int
) -> Iterator[tuple[bytes, bytes, bytes | None]]:
    """Header, body and signature of the facts of a feed after a number, in order."""
    while True:
        page = opened.execute(
            "SELECT seq, header, body, signature FROM journal_fact WHERE feed_id = ? AND seq > ?"
            " ORDER BY seq LIMIT ?",
            (feed_row, after, _PAGE),
        ).fetchall()
        for seq, header, body, signature in page:
            yield header, body, signature
            after = seq
        if len(page) < _PAGE:
            return


# --- putting back -----------------------------------------------------------------------------


def put_back(home: Path, backup: Path, now: datetime) -> Path:
    """Puts a checked backup in the place of the node's database. The node must not run.

    Returns the folder to which everything that stood there was moved: its facts are taken in
    afterwards, as from a neighbour. The companion file is left so that a new incarnation begins,
    above every one that this folder or the backup knows.
    """
    check(backup)
    replaced = home / "replaced" / stamp(now)
    replaced.mkdir(mode=0o700, parents=True)
    known = _incarnation_known(home / "incarnation.json")
    for name in (DATABASE, "incarnation.json"):
        for end in _RELATED:
            if (home / (name + end)).exists():
                os.replace(home / (name + end), replaced / (name + end))
    shutil.copy2(backup / DATABASE, home / DATABASE)
    if not (home / LOCAL).exists() and (backup / LOCAL).exists():
        shutil.copy2(backup / LOCAL, home / LOCAL)
    for name in SMALL:
        if (backup / name).exists():
            if (home / name).exists():
                os.replace(home / name, replaced / name)
            copy_small(backup / name, home / name)
    erased = erasures.blobs(home, backup.parent)
    blobpool.put_back(backup, home, erased)
    companion = {"nonces": [], "facts": 0, "incarnation": known}
    (home / "incarnation.json").write_text(json.dumps(companion))
    _make_durable(home)
    return replaced


def _incarnation_known(path: Path) -> int:
    try:
        return int(json.loads(path.read_text())["incarnation"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def recent(folder: Path, now: datetime, within: timedelta) -> bool:
    """Whether the newest backup in a folder is younger than that."""
    newest = all_in(folder)[:1]
    moment = moment_of(newest[0].name) if newest else None
    return moment is not None and timedelta(0) <= now - moment < within


def plain(backup: Path) -> dict[str, Any]:
    """A backup for lists: {"name", "made_at", "facts", "bytes"}."""
    manifest = Manifest.read(backup)
    size = sum(path.stat().st_size for path in backup.rglob("*") if path.is_file())
    return {
        "name": backup.name,
        "made_at": manifest.made_at,
        "facts": manifest.facts,
        "bytes": size,
    }
