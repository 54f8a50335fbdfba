"""`fengsui doctor` says what is wrong, in words, and nothing else."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from fengsui.config.commands import doctor
from fengsui.config.commands.doctor import BAD, GOOD, LOOK
from tests.world.postgres import free_port
from tests.world.running_node import running

ARGUMENTS = argparse.Namespace(host="127.0.0.1", port=1, json=False)


def level(check: Any, arguments: argparse.Namespace = ARGUMENTS) -> list[str]:
    return [finding.level for finding in check(arguments)]


def test_a_folder_that_others_can_read_is_bad(tmp_path: Path, settings: Any) -> None:
    settings.HOME = tmp_path
    tmp_path.chmod(0o755)
    assert level(doctor.check_home) == [BAD]
    tmp_path.chmod(0o700)
    assert level(doctor.check_home) == [GOOD]


@pytest.mark.parametrize(("free", "expected"), [(10**8, BAD), (10**9, LOOK), (10**11, GOOD)])
def test_the_disk_is_named_before_it_is_full(
    free: int, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(2 * free, free, free))
    assert level(doctor.check_disk) == [expected]


def test_a_missing_writer_and_a_silent_port_are_bad() -> None:
    assert level(doctor.check_writer) == [BAD]
    quiet = argparse.Namespace(host="127.0.0.1", port=free_port(), https=False)
    assert level(doctor.check_port, quiet) == [BAD]


def test_pages_that_are_not_built_are_named(tmp_path: Path, settings: Any) -> None:
    settings.FRONTEND = tmp_path
    (finding,) = doctor.check_pages(ARGUMENTS)
    assert finding.level == BAD
    assert "desk, field, public" in finding.en


def test_a_clock_before_this_program_was_made_is_bad(clock: Any) -> None:
    assert level(doctor.check_clock) == [GOOD]
    clock.wind(to=doctor.BUILT_AFTER.replace(year=2020))
    assert level(doctor.check_clock) == [BAD]


def test_a_check_that_fails_is_itself_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    def check_thing(_: argparse.Namespace) -> Any:
        raise OSError("broken")
        yield

    monkeypatch.setattr(doctor, "CHECKS", (check_thing,))
    (finding,) = doctor.findings(ARGUMENTS)
    assert finding.level == BAD
    assert "thing" in finding.en


@pytest.mark.slow
def test_a_running_node_is_found_well(tmp_path: Path) -> None:
    for app in ("desk", "field", "public"):
        (tmp_path / app / "dist").mkdir(parents=True)
        (tmp_path / app / "dist" / "index.html").write_text("<title>")
    with running() as node:
        told = subprocess.run(
            [sys.executable, "-m", "fengsui.config.cli", "doctor", "--port", str(node.port)],
            env={
                **os.environ,
                "FENGSUI_HOME": str(node.home),
                "FENGSUI_FRONTEND": str(tmp_path),
                "FENGSUI_ROLE": "",
                "DJANGO_SETTINGS_MODULE": "fengsui.config.settings",
            },
            capture_output=True,
            text=True,
            check=False,
        )
    assert told.returncode == 0, told.stdout
    assert "✗" not in told.stdout
    assert "The writer works" in told.stdout
