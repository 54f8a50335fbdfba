"""`fengsui up` as it really runs: processes die, come back, and end together."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from fengsui.config.commands.up import CannotStart, check, is_loopback
from fengsui.config.supervisor import BACKOFF_MAX_SECONDS, backoff_seconds
from tests.world.postgres import free_port
from tests.world.running_node import RunningNode, running, start, until


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_the_pause_before_another_start_doubles_up_to_a_limit() -> None:
    pauses = [backoff_seconds(failures) for failures in range(12)]
    assert pauses[:4] == [0.0, 0.4, 0.8, 1.6]
    assert max(pauses) == BACKOFF_MAX_SECONDS


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.5", "::", "example.org"])
def test_a_demonstration_stays_on_this_machine(host: str) -> None:
    with pytest.raises(CannotStart, match="must be 127"):
        check(True, host, free_port())


def test_a_demonstration_refuses_real_channels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENGSUI_SMTP_URL", "smtp://mail.example.org")
    with pytest.raises(CannotStart, match="FENGSUI_SMTP_URL"):
        check(True, "127.0.0.1", free_port())
    check(False, "127.0.0.1", free_port())


def test_loopback_is_told_from_the_network() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost")] == [True] * 3
    assert [is_loopback(host) for host in ("0.0.0.0", "192.168.1.2", "")] == [False] * 3


@pytest.mark.slow
def test_what_dies_comes_back_and_all_end_together() -> None:
    with running() as node:
        _comes_back(node, "web")
        _comes_back(node, "writer")
        second = start(node.home, port=free_port())
        assert second.wait() == 1
        until(lambda: any("already running" in line for line in second.lines), "the refusal")
        pids = node.pids()
        assert node.stop(signal.SIGTERM) == 0
        assert not any(is_alive(pid) for pid in pids.values())
        assert node.pids() == {}


def _comes_back(node: RunningNode, name: str) -> None:
    before = node.pids()[name]
    os.kill(before, signal.SIGKILL)
    until(lambda: node.pids().get(name, before) != before, f"another {name}", 30)
    until(node.is_healthy, f"the node to be healthy without its first {name}", 30)


@pytest.mark.slow
def test_no_process_outlives_a_supervisor_that_was_killed() -> None:
    with running() as node:
        pids = node.pids()
        node.stop(signal.SIGKILL)
        until(
            lambda: not any(is_alive(pid) for pid in pids.values()), "the others to end", seconds=30
        )
        again = start(node.home, port=node.port)
        until(again.is_healthy, "a new start in the same folder")
        assert again.stop() == 0


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        node = start(tmp_path, port=port)
        assert node.wait() == 1
        until(lambda: any(str(port) in line for line in node.lines), "the reason")


def test_the_command_knows_its_version() -> None:
    import sys

    said = subprocess.run(
        [sys.executable, "-m", "fengsui.config.cli", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.startswith("fengsui 0.")
