"""Backups made while the node works, and put back with everything that was told (case 5)."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fengsui.foundation.journal import backups
from fengsui.foundation.machine import backups as rounds
from fengsui.foundation.machine import rules
from tests.simulation.real_node import ROOT, RealNode, environment

SECRET = "示意庚的电话零零零"


def home_of(tmp_path: Path, name: str = "home") -> Path:
    home = tmp_path / name
    home.mkdir(mode=0o700)
    return home


def run(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """A `fengsui` command on this home, with the journal and the beacon app."""
    settings = {**environment(home), **more}
    settings.pop("FENGSUI_DATABASE_URL", None)
    return subprocess.run(
        [sys.executable, "-m", "fengsui.config.cli", *arguments],
        env=settings, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def ask(home: Path, code: str) -> Any:
    """Runs `code` in a client of this home's writer; what it leaves in `answer` comes back."""
    settings = environment(home)
    settings.pop("FENGSUI_DATABASE_URL", None)
    finished = subprocess.run(
        [sys.executable, "-c", _ASK.format(code=code)],
        env=settings, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


_ASK = """
import json, sys
import django
django.setup()
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import services, verify, writer, replay
from fengsui.foundation.journal.models import StoredFact, Feed
from tests.beacon import services as beacons
from tests.beacon.models import Beacon
V = "433126101201"
def light(name, keeper="示意甲"):
    return beacons.light(viewer=node_viewer(), place_code=V, name=name, keeper=keeper)
{code}
sys.stdout.write(json.dumps(answer))
"""

EXAMINE = """
with writer.holding_the_pen():
    report = verify.check_database(processes=1)
    answer = {
        "names": sorted(Beacon.objects.values_list("name", flat=True)),
        "keepers": sorted(Beacon.objects.values_list("keeper", flat=True)),
        "findings": [str(one) for one in report.findings],
        "incarnations": sorted(set(Feed.objects.values_list("incarnation", flat=True))),
        "rebuild": replay.rebuild_and_compare(),
    }
"""


def holds(home: Path, text: str) -> list[str]:
    """The database files in which these bytes stand."""
    found = [path for path in home.glob("node.db*") if text.encode() in path.read_bytes()]
    return [path.name for path in found]


@pytest.fixture
def worked(tmp_path: Path) -> tuple[Path, Path]:
    """A node that was backed up while it worked, then erased, went on, and lost its power."""
    home = home_of(tmp_path)
    with RealNode(home) as node:
        ask(home, f'light("甲"); light("乙", {SECRET!r}); answer = 1')
        made = run(home, "backup")
        assert made.returncode == 0, made.stderr
        ask(
            home,
            "fact = StoredFact.objects.order_by('arrival')[1]\n"
            "services.erase_leaves(viewer=node_viewer(), fact_id=bytes(fact.fact_id), reason='-')\n"
            'light("丙"); light("丁"); answer = 1',
        )
        node.kill()
    (backup,) = backups.all_in(home / "backups")
    assert backups.check(backup).facts == 2
    return home, backup


def test_case_05_restore_in_place_keeps_what_was_told_and_what_was_erased(
    worked: tuple[Path, Path],
) -> None:
    home, backup = worked
    assert SECRET.encode() in (backup / "node.db").read_bytes()
    finished = run(home, "restore", str(backup))
    assert finished.returncode == 0, finished.stderr
    found = ask(home, EXAMINE)
    assert found["names"] == sorted("甲乙丙丁")
    assert SECRET not in found["keepers"]
    assert holds(home, SECRET) == [], "erased data came back with the backup"
    assert found["findings"] == []
    assert found["rebuild"] == []
    assert len(found["incarnations"]) == 2
    with RealNode(home):
        ask(home, 'light("戊"); answer = 1')
    found = ask(home, EXAMINE)
    assert found["names"] == sorted("甲乙丙丁戊")
    assert found["findings"] == []
    assert len(found["incarnations"]) == 2, "an ordinary start is no restore"


def test_case_05_a_new_machine_gets_its_tail_from_a_neighbour(
    worked: tuple[Path, Path], tmp_path: Path
) -> None:
    """Only the stick is left. What came after it is with the neighbours: facts, erasures, order."""
    home, backup = worked
    run(home, "rebuild")  # writes the log into the database, as a neighbour would hold it
    fresh = home_of(tmp_path, "fresh")
    finished = run(fresh, "restore", str(backup))
    assert finished.returncode == 0, finished.stderr
    before = ask(fresh, EXAMINE)
    assert before["names"] == sorted("甲乙")
    with contextlib.closing(sqlite3.connect(home / "node.db")) as opened:
        feeds = [
            [
                [key.suite, key.public_key.hex(), key.incarnation, key.fact_class, key.audience],
                [
                    [header.hex(), body.hex(), None if signature is None else signature.hex()]
                    for header, body, signature in backups.facts_of(opened, row[0], -1)
                ],
            ]
            for key, row, _, _ in backups.feeds_of(opened)
        ]
    ask(
        fresh,
        f"""
raw = lambda value: None if value is None else bytes.fromhex(value)
with writer.holding_the_pen():
    for key, facts in {feeds!r}:
        key[1] = raw(key[1])
        services.receive(
            feed=key, facts=[[raw(one) for one in fact] for fact in facts], carrier="neighbour"
        )
answer = 1
""",
    )
    found = ask(fresh, EXAMINE)
    assert found["names"] == sorted("甲乙丙丁")
    assert SECRET not in found["keepers"]
    assert holds(fresh, SECRET) == []
    assert found["findings"] == []
    assert found["rebuild"] == []
    assert max(found["incarnations"]) > min(found["incarnations"])


def test_a_damaged_backup_is_not_put_back(worked: tuple[Path, Path]) -> None:
    home, backup = worked
    before = (home / "node.db").read_bytes()
    content = bytearray((backup / "node.db").read_bytes())
    content[len(content) // 2] ^= 1
    (backup / "node.db").write_bytes(content)
    finished = run(home, "restore", str(backup))
    assert finished.returncode == 1
    assert "没有恢复" in finished.stderr
    assert (home / "node.db").read_bytes() == before
    assert run(home, "backup", "--check", str(backup)).returncode == 1


def test_case_04_a_damaged_record_does_not_count_as_a_backup(worked: tuple[Path, Path]) -> None:
    """The good backup stays, and it is said that the new one failed."""
    home, backup = worked
    with contextlib.closing(sqlite3.connect(home / "node.db")) as opened:
        (body,) = opened.execute("SELECT body FROM journal_fact WHERE arrival = 1").fetchone()
        opened.execute(
            "UPDATE journal_fact SET body = ? WHERE arrival = 1",
            (body[:-1] + bytes([body[-1] ^ 4]),),
        )
        opened.commit()
    finished = run(home, "backup")
    assert finished.returncode == 1
    assert "记录核验不通过" in finished.stderr
    assert backups.all_in(home / "backups") == [backup]


def test_nothing_is_restored_under_a_running_writer(tmp_path: Path) -> None:
    home = home_of(tmp_path)
    with RealNode(home):
        ask(home, 'light("甲"); answer = 1')
        run(home, "backup")
        (backup,) = backups.all_in(home / "backups")
        finished = run(home, "restore", str(backup))
        assert finished.returncode == 1
        ask(home, 'light("乙"); answer = 1')


def test_a_backup_without_room_is_refused_and_said(
    worked: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    home, _ = worked
    usage = shutil.disk_usage(home)._replace(free=1024)
    monkeypatch.setattr(backups.shutil, "disk_usage", lambda path: usage)
    now = datetime.now(UTC)
    state = rounds.one_round(home, now, "test")
    assert "空间不足" in state.why
    assert not list((home / "backups").glob("*.partial"))
    (said,) = rules.of_backup(state.last, state.began, state.why, now)
    assert "空间不足" in said.zh


def test_the_second_medium(worked: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    home, _ = worked
    stick = home / "stick"
    monkeypatch.setenv("FENGSUI_BACKUPS_SECOND", str(stick))
    now = datetime.now(UTC) + timedelta(hours=7)
    assert rounds.one_round(home, now, "test").second_why != ""
    stick.mkdir()
    assert rounds.one_round(home, now + timedelta(hours=7), "test").second_why == ""
    (copied,) = backups.all_in(stick)
    assert backups.check(copied).facts == 5


def days(numbers: Sequence[float]) -> list[datetime]:
    start = datetime(2026, 7, 1, tzinfo=UTC)
    return [start + timedelta(days=number) for number in numbers]


def test_which_backups_are_kept() -> None:
    """Four a day for sixty days: the newest four, seven days' last, four weeks' last."""
    moments = days([number / 4 for number in range(240)])
    kept = set(moments) - backups.to_drop(moments)
    assert set(moments[-4:]) <= kept
    assert len(kept) <= backups.KEEP_NEWEST + backups.KEEP_DAYS + backups.KEEP_WEEKS
    oldest = min(kept)
    assert moments[-1] - oldest >= timedelta(days=20)
    assert not backups.to_drop(sorted(kept)), "what was kept is not dropped the next time"


def test_a_late_backup_is_said_once_there_should_be_one() -> None:
    now = datetime(2026, 7, 17, tzinfo=UTC)
    assert rules.of_backup(now - timedelta(hours=20), now - timedelta(days=9), "", now) == []
    (late,) = rules.of_backup(now - timedelta(hours=50), now - timedelta(days=9), "", now)
    assert late.code == "backup_late"
    assert os.sep not in late.zh
