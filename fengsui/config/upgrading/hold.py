"""Stopping a node and keeping it stopped, whoever looks after it; and starting it again."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fengsui.config.releases import Installation
from fengsui.config.upgrading.swap import UpgradeError, environment

STOP_SECONDS = 90.0
LOOK_SECONDS = 0.05
_KEPT = ("FENGSUI_", "LANG", "LC_", "HOME", "USER", "TZ", "SSL_", "PYTHONWARNINGS")


@dataclass(frozen=True, slots=True)
class Running:
    """How the node ran: the words after `fengsui up`, and who starts it again."""

    pid: int
    words: tuple[str, ...] = ()
    has_manager: bool = False
    release: str = ""
    variables: dict[str, str] = field(default_factory=dict)

    def asked(self) -> argparse.Namespace:
        """The words as `fengsui up` understands them."""
        from fengsui.config.commands import up

        parser = argparse.ArgumentParser()
        up.add_arguments(parser.add_subparsers(dest="command"))
        return parser.parse_args(["up", *self.words])


def running(home: Path) -> Running | None:
    """The supervisor of the node in `home`; None where it does not run."""
    try:
        pid = int(json.loads((home / "processes.json").read_text())["supervisor"])
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[:-1]
        pairs = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    except (OSError, ValueError, KeyError):
        return None
    if "up" not in words or not any("fengsui" in word for word in words):
        return None  # another process has that number now
    variables = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    kept = {name: value for name, value in variables.items() if name.startswith(_KEPT)}
    after = tuple(words[words.index("up") + 1 :])
    return Running(pid, after, _has_manager(pid, variables), _release(words[0]), kept)


def _release(python: str) -> str:
    """Which release an interpreter belongs to: …/releases/<version>/venv/bin/python; or ""."""
    folder = Path(python).parent.parent
    try:
        release = folder.resolve().parent
    except OSError:
        return ""
    return release.name if release.parent.name == "releases" else ""


def _has_manager(pid: int, variables: dict[str, str]) -> bool:
    """Whether systemd started this very process (systemd.exec(5); before 248 by its socket)."""
    if "SYSTEMD_EXEC_PID" in variables:
        return variables["SYSTEMD_EXEC_PID"] == str(pid)
    status = Path(f"/proc/{pid}/status").read_text()
    return "NOTIFY_SOCKET" in variables and "\nPPid:\t1\n" in status


@contextlib.contextmanager
def held(home: Path) -> Iterator[Running | None]:
    """The node is stopped and cannot start until this ends. Raises UpgradeError.

    A service manager may try again meanwhile: `fengsui up` then finds the lock taken, and ends.
    """
    found = running(home)
    if found is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(found.pid, signal.SIGTERM)
    until = time.monotonic() + STOP_SECONDS
    with (home / "up.lock").open("a") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except OSError:
                if time.monotonic() > until:
                    raise UpgradeError(
                        f"节点 {STOP_SECONDS:.0f} 秒内没有停下来，没有升级。",
                        f"the node did not stop within {STOP_SECONDS:.0f} s.",
                    ) from None
                time.sleep(LOOK_SECONDS)
        _wait_for_the_writer(home, until)
        yield found


def _wait_for_the_writer(home: Path, until: float) -> None:
    with (home / "writer.lock").open("a") as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except OSError:
                if time.monotonic() > until:
                    raise UpgradeError(
                        "写入进程没有停下来，没有升级。", "the writer did not stop."
                    ) from None
                time.sleep(LOOK_SECONDS)


def start(home: Path, how: Running, installation: Installation) -> None:
    """Starts what was running, with the same words; a service manager does that by itself."""
    if how.has_manager:
        return
    (home / "logs").mkdir(mode=0o700, exist_ok=True)
    python = installation.python(installation.current())
    with (home / "logs" / "up.out").open("ab") as out:
        subprocess.Popen(  # noqa: S603 - the release that was laid here
            [str(python), "-m", "fengsui.config.cli", "up", *how.words],
            env={**environment(), **how.variables, "FENGSUI_HOME": str(home)},
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
