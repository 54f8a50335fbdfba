"""Attachments lie outside the database; a backup holds them all the same."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fengsui.foundation.journal import backups, blobpool
from fengsui.foundation.machine import backups as rounds
from tests.power.test_backup import ask, home_of, run
from tests.simulation.real_node import RealNode

NOW = datetime(2026, 7, 17, 2, 0, tzinfo=UTC)


def put(home: Path, content: bytes) -> str:
    name = hashlib.sha256(content).hexdigest()
    path = blobpool.path_in(home, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return name


def erase(folder: Path, name: str) -> None:
    with (folder / "erasures.jsonl").open("a") as register:
        register.write(json.dumps({"blob": name, "at": "2026-07-17T03:00:00+00:00"}) + "\n")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = home_of(tmp_path)
    with RealNode(made):
        ask(made, "answer = str(light('示意台'))")
    return made


def test_a_lost_attachment_comes_back_and_an_erased_one_does_not(home: Path) -> None:
    kept, erased = put(home, "照片".encode()), put(home, "要抹去的".encode())
    state = rounds.one_round(home, NOW, "test")
    assert state.why == ""
    (backup,) = backups.all_in(rounds.folder(home))
    assert sorted(blobpool.named_by(backup)) == sorted([kept, erased])
    shutil.rmtree(home / "blobs")
    erase(home, erased)
    finished = run(home, "restore", str(backup))
    assert finished.returncode == 0, finished.stderr
    assert list(blobpool.names_in(home)) == [kept]
    assert blobpool.path_in(home, kept).read_bytes() == "照片".encode()


def test_what_was_erased_leaves_the_pool_with_the_next_round(home: Path) -> None:
    erased = put(home, "要抹去的".encode())
    rounds.one_round(home, NOW, "test")
    folder = rounds.folder(home)
    assert list(blobpool.names_in(folder)) == [erased]
    blobpool.path_in(home, erased).unlink()
    erase(home, erased)
    rounds.one_round(home, NOW + timedelta(hours=6), "test")
    assert list(blobpool.names_in(folder)) == []
    # The older backup is still whole: what it lacks was erased, not lost.
    for backup in backups.all_in(folder):
        backups.check(backup)


def test_what_no_backup_names_leaves_with_the_last_one(home: Path) -> None:
    first = put(home, b"first")
    rounds.one_round(home, NOW - timedelta(days=90), "test")
    blobpool.path_in(home, first).unlink()
    second = put(home, b"second")
    folder = rounds.folder(home)
    for days in range(60, 0, -1):
        shutil.copytree(
            backups.all_in(folder)[0], folder / backups.stamp(NOW - timedelta(days=days))
        )
        (folder / backups.stamp(NOW - timedelta(days=days)) / blobpool.LIST).write_text("")
    rounds.one_round(home, NOW, "test")
    assert list(blobpool.names_in(folder)) == [second]


def test_the_second_medium_holds_them_too_and_a_damaged_one_is_named(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = put(home, b"a picture")
    stick = tmp_path / "stick"
    stick.mkdir()
    monkeypatch.setenv("FENGSUI_BACKUPS_SECOND", str(stick))
    assert rounds.one_round(home, NOW, "test").second_why == ""
    (copy,) = backups.all_in(stick)
    backups.check(copy)
    path = blobpool.path_in(stick, name)
    path.unlink()
    path.write_bytes(b"another")
    with pytest.raises(backups.BackupError, match="附件"):
        backups.check(copy)


def test_what_stood_before_an_upgrade_goes_after_four_weeks(home: Path) -> None:
    """It holds people whose data may have been erased since."""
    old, young = (home / "upgrades" / backups.stamp(NOW - timedelta(days=days)) for days in (40, 2))
    for folder in (old, young):
        (folder / "before").mkdir(parents=True)
    rounds.one_round(home, NOW, "test")
    assert not old.exists()
    assert young.exists()
