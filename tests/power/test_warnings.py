"""What is wrong with the machine reaches every screen, in words (failure cases 3 and 9)."""

from __future__ import annotations

import shutil
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from fengsui.foundation.accounts.api import session as sessions
from fengsui.foundation.journal import queries as journal
from fengsui.foundation.journal.errors import WRITER_AWAY
from fengsui.foundation.machine import backups, queries, rules

TODAY = datetime(2026, 7, 17, 2, 10, tzinfo=UTC)
WELL: dict[str, Any] = {
    "storage": {"finding": ""},
    "clock": {"finding": "", "proposed": None, "source": "", "machine": TODAY.isoformat()},
}


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> dict[str, Any]:
    """What the writer says of itself; a disk with room; no backup, no certificate."""
    status = {name: dict(part) for name, part in WELL.items()}
    settings.HOME = tmp_path
    usage = shutil.disk_usage(tmp_path)._replace(free=50 * 1024**3)
    monkeypatch.setattr(queries.shutil, "disk_usage", lambda path: usage)
    monkeypatch.setattr(journal, "writer_status", lambda: status)
    return status


def said() -> list[str]:
    return [one.code for one in queries.warnings()]


def test_nothing_is_said_where_all_is_well(machine: dict[str, Any]) -> None:
    assert said() == []


@pytest.mark.parametrize(
    ("finding", "code", "words"),
    [
        ("journal.disk_full", "disk_full", "磁盘已满"),
        ("journal.read_only", "read_only", "只能读不能写"),
        ("journal.not_stored", "not_stored", "磁盘出错"),
    ],
)
def test_case_03_a_disk_that_refuses_is_said(
    machine: dict[str, Any], finding: str, code: str, words: str
) -> None:
    machine["storage"]["finding"] = finding
    (one,) = queries.warnings()
    assert (one.code, one.level) == (code, "bad")
    assert words in one.zh
    assert "记在纸上" in one.zh, "it says what to do"


def test_case_09_a_dead_clock_is_said_with_a_better_time(machine: dict[str, Any]) -> None:
    machine["clock"] = {
        "finding": "dead",
        "proposed": TODAY.isoformat(),
        "source": "record",
        "machine": datetime(1970, 1, 1, tzinfo=UTC).isoformat(),
    }
    (one,) = queries.warnings()
    assert one.code == "clock_dead"
    assert "1970-01-01 08:00" in one.zh
    assert "2026-07-17 10:10" in one.zh, "in Beijing time"
    assert "请校准时间" in one.zh


def test_the_worst_comes_first_and_a_silent_writer_is_said(
    machine: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def away() -> dict[str, Any]:
        raise WRITER_AWAY()

    monkeypatch.setattr(journal, "writer_status", away)
    backups.folder(tmp_path).mkdir()
    backups.State(began=TODAY, why="备份盘空间不足").write(backups.folder(tmp_path))
    assert said() == ["writer_away", "backup_failed"]


def test_case_03_a_page_that_cannot_write_its_session_says_why(
    machine: dict[str, Any], node: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        cause = sqlite3.OperationalError("database or disk is full")
        cause.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise OperationalError("database or disk is full") from cause

    monkeypatch.setattr(sessions, "session_of", full)
    answer = Client().get("/api/v1/session")
    assert answer.status_code == 507
    assert answer.json()["code"] == "journal.disk_full"


def test_every_finding_of_the_clock_has_words() -> None:
    for finding in ("dead", "behind", "ahead", "set_back", "set_ahead"):
        for source in ("neighbour", "record", ""):
            one = rules.of_clock(finding, TODAY, TODAY if source else None, source)
            assert one is not None
            assert "{" not in one.zh + one.en


def test_the_session_of_every_page_carries_it(machine: dict[str, Any], node: Any) -> None:
    machine["storage"]["finding"] = "journal.disk_full"
    answer = Client().get("/api/v1/session").json()["node"]
    assert answer["warnings"][0]["code"] == "disk_full"
    assert set(answer["warnings"][0]) == {"code", "level", "zh", "en"}
    assert answer["incarnation"] == str(node.incarnation)
