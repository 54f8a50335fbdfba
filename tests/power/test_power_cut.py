"""Power cuts and failing disks under the production writer (failure cases 1, 2 and 3).

Each story runs in a process of its own, since it replaces the disk under SQLite.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 240


def told(home: Path, module: str, *arguments: str) -> dict[str, Any]:
    """What the story printed, and its exit code as `code`."""
    finished = subprocess.run(
        [sys.executable, "-m", f"tests.power.{module}", *arguments],
        cwd=ROOT,
        env={**os.environ, "FENGSUI_HOME": str(home)},
        stdout=subprocess.PIPE,
        timeout=SECONDS,
        check=False,
    )
    report: dict[str, Any] = json.loads(finished.stdout)
    return {**report, "code": finished.returncode}


@pytest.mark.parametrize("seed", [1, 2])
def test_case_01_power_cut_at_every_write_and_sync(tmp_path: Path, seed: int) -> None:
    """What was told to be saved is there; nothing is half there; the node goes on."""
    report = told(tmp_path, "cut_power", "--seed", str(seed), "--checks", "30")
    assert report["wrong"] == {}, report
    assert report["cuts"] > 40, report
    assert report["cuts_at_sync"] > 8, report
    assert report["told_saved"] > 20, report


def test_case_02_power_cut_between_saving_and_telling(tmp_path: Path) -> None:
    """Everything is sent again after every cut, told or not: it is carried out once."""
    report = told(tmp_path, "cut_power", "--seed", "7", "--groups", "8", "--checks", "30")
    assert report["wrong"] == {}, report
    assert report["cuts"] > 30, report


def test_a_disk_that_is_never_synced_is_found_out(tmp_path: Path) -> None:
    """The harness can see the fault it is there for."""
    report = told(tmp_path, "cut_power", "--groups", "6", "--checks", "20", "--synchronous", "OFF")
    assert report["code"] == 1
    assert report["wrong"] != {}


@pytest.mark.parametrize("seed", [1, 2])
def test_case_03_full_and_failing_disk(tmp_path: Path, seed: int) -> None:
    """Refused in words, nothing lost, reads answer, and writing goes on by itself afterwards."""
    report = told(tmp_path, "fail_disk", "--seed", str(seed))
    assert report["wrong"] == [], report
    assert {"full", "write error", "fsync error"} <= set(report["failures"]), report
