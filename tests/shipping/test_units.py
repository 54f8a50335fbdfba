"""The systemd units: what systemd itself says of them, and what they promise."""

from __future__ import annotations

import configparser
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from fengsui.config import notify

ROOT = Path(__file__).parents[2]
UNITS = ("fengsui.service", "fengsui-backup.service", "fengsui-backup.timer")


def unit(name: str) -> configparser.ConfigParser:
    read = configparser.ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read(ROOT / "deploy" / name)
    return read


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_systemd_understands_every_line(tmp_path: Path) -> None:
    """In a place of its own, where the program it starts exists."""
    program = tmp_path / "opt" / "bin" / "fengsui"
    program.parent.mkdir(parents=True)
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for name in UNITS:
        text = (ROOT / "deploy" / name).read_text()
        text = text.replace("/opt/fengsui", str(tmp_path / "opt"))
        # The user is made by the installer.
        (tmp_path / name).write_text(re.sub(r"^User=.*$", "User=root", text, flags=re.M))
    finished = subprocess.run(
        ["systemd-analyze", "verify", *(str(tmp_path / name) for name in UNITS)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    ours = [line for line in finished.stderr.splitlines() if "fengsui" in line]
    assert ours == []


@pytest.mark.parametrize("name", UNITS[:2])
def test_a_service_runs_with_nothing_it_does_not_need(name: str) -> None:
    service = unit(name)["Service"]
    assert service["User"] == "fengsui"
    assert service["NoNewPrivileges"] == "yes"
    assert service["CapabilityBoundingSet"] == ""
    assert service["ProtectSystem"] == "strict"
    # The program's own folder is not among them: what breaks in cannot stay.
    assert service["ReadWritePaths"] == "/var/lib/fengsui"
    assert service["UMask"] == "0077"


def test_a_box_without_hands_tries_for_ever_and_finishes_upgrades_first() -> None:
    read = unit("fengsui.service")
    assert read["Unit"]["StartLimitIntervalSec"] == "0"
    assert read["Service"]["Restart"] == "always"
    assert read["Service"]["ExecStartPre"].endswith("upgrade --finish")


def test_the_watchdog_hears_more_often_than_it_asks() -> None:
    asked = float(unit("fengsui.service")["Service"]["WatchdogSec"])
    assert asked > notify.ALIVE_EVERY_SECONDS * 2


def test_systemd_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
        door.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setattr(notify, "_last", -1000.0)
        notify.ready()
        notify.alive()
        notify.alive()
        notify.stopping()
        door.settimeout(1)
        heard = [door.recv(64) for _ in range(3)]
    assert heard == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]


def test_nobody_listens_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    notify.ready()
    monkeypatch.delenv("NOTIFY_SOCKET")
    notify.ready()
