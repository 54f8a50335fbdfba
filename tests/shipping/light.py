"""Releases that are laid in a second: the wheel of a commit over the test environment's packages.

Only the installation of the packages is left out; `test_bundle.py` does that for real.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import signal
import subprocess
import sys
import sysconfig
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fengsui.config.releases import Installation
from tests.world.postgres import free_port
from tests.world.running_node import until
from tools.release import wheel

ROOT = Path(__file__).parents[2]
COMMAND_SECONDS = 300
RESTART_SECONDS = 1.0


def commit_of(name: str) -> str | None:
    """The full hash of a commit that this clone holds, or None."""
    finished = subprocess.run(
        ["git", "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return finished.stdout.strip() or None


def wheel_of_commit(commit: str, version: str, folder: Path) -> Path:
    """The wheel of an earlier commit, without pages: nobody looks at them in these tests."""
    tree = folder / f"tree-{version}"
    tree.mkdir()
    packed = subprocess.run(
        ["git", "archive", commit, "fengsui", *wheel.PACKAGING], cwd=ROOT, capture_output=True,
        check=True,
    )  # fmt: skip
    subprocess.run(["tar", "x", "-C", str(tree)], input=packed.stdout, check=True)
    return wheel.build(tree, folder / "wheels", version, with_pages=False)


def wheel_of_now(version: str, folder: Path) -> Path:
    return wheel.build(ROOT, folder / "wheels", version)


def sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def lay(root: Path, made: Path, version: str) -> Path:
    """releases/<version> with this wheel; returns the folder of the program in it."""
    release = Installation(root).release(version)
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(release / "venv")], check=True
    )
    site = next((release / "venv" / "lib").glob("python*/site-packages"))
    # A plain path: the editable program of the test environment does not come along with it.
    (site / "packages.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    with zipfile.ZipFile(made) as opened:
        opened.extractall(site)
    (release / "release.json").write_text(json.dumps({"version": version}))
    return site / "fengsui"


@dataclass
class Site:
    """An installation with its node, as on a machine of its own."""

    root: Path
    home: Path
    port: int

    @classmethod
    def make(cls, folder: Path) -> Site:
        (folder / "home").mkdir(mode=0o700)
        (folder / "opt").mkdir()
        return cls(folder / "opt", folder / "home", free_port())

    @property
    def installation(self) -> Installation:
        return Installation(self.root)

    def environment(self) -> dict[str, str]:
        kept = {
            name: value
            for name, value in os.environ.items()
            if "FENGSUI" not in name and name not in ("DJANGO_SETTINGS_MODULE", "PYTHONPATH")
        }
        return {**kept, "FENGSUI_HOME": str(self.home), "FENGSUI_CONSOLE_LEVEL": "ERROR"}

    def words(self, version: str, *arguments: str) -> list[str]:
        python = self.installation.python(version or self.installation.current())
        return [str(python), "-m", "fengsui.config.cli", *arguments]

    def run(self, *arguments: str, version: str = "") -> subprocess.CompletedProcess[str]:
        """A `fengsui` command of a release, the current one by default."""
        return subprocess.run(
            self.words(version, *arguments), env=self.environment(), cwd=self.home,
            capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS,
        )  # fmt: skip

    def ask(self, code: str, version: str = "") -> Any:
        """What `code` leaves in `answer`, run in a release with Django set up; node stopped."""
        python = str(self.installation.python(version or self.installation.current()))
        finished = subprocess.run(
            [python, "-c", _ASK.format(code=code)], env=self.environment() | _DJANGO,
            cwd=self.home, capture_output=True, text=True, check=False, timeout=COMMAND_SECONDS,
        )  # fmt: skip
        assert finished.returncode == 0, finished.stderr
        return json.loads(finished.stdout)

    def start(self) -> None:
        """`fengsui up` of the current release, until it is well."""
        self._start_once()
        until(lambda: self.is_well(), "the node to be well")

    def _start_once(self) -> None:
        with (self.home / "up.out").open("ab") as out:
            # Nobody's child, as a service manager's or a closed terminal's.
            subprocess.run(
                ["setsid", "--fork", *self.words("", "up", "--port", str(self.port))],
                env=self.environment(), cwd=self.home, stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, check=True,
            )  # fmt: skip

    @contextlib.contextmanager
    def service_manager(self) -> Iterator[None]:
        """Starts the node again whenever it has ended, as systemd does with Restart=always."""
        enough = threading.Event()

        def look() -> None:
            waiter: subprocess.Popen[bytes] | None = None
            while not enough.wait(RESTART_SECONDS):
                # One start at a time: the next one only after the last has ended.
                if waiter is not None and waiter.poll() is None:
                    continue
                # 0.1.0 does not look again once it has the lock; it was never under systemd.
                if not self.pid() and not self._is_held():
                    waiter = self._waiter()
            if waiter is not None:
                waiter.kill()  # only who waits; the node is in a session of its own
                waiter.wait()

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            enough.set()
            thread.join()

    def _is_held(self) -> bool:
        with (self.home / "up.lock").open("a") as handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return True
        return False

    def _waiter(self) -> subprocess.Popen[bytes]:
        with (self.home / "up.out").open("ab") as out:
            return subprocess.Popen(
                ["setsid", "--fork", "--wait", *self.words("", "up", "--port", str(self.port))],
                env=self.environment(), cwd=self.home, stdin=subprocess.DEVNULL,
                stdout=out, stderr=out,
            )  # fmt: skip

    def is_well(self) -> bool:
        from fengsui.config.commands import up

        return up.is_healthy("127.0.0.1", self.port) and bool(self.pid())

    def pid(self) -> int:
        """The supervisor's process number; 0 where the node does not run."""
        try:
            found = int(json.loads((self.home / "processes.json").read_text())["supervisor"])
            os.kill(found, 0)
            return found
        except (OSError, ValueError, KeyError):
            return 0

    def stop(self) -> None:
        pid = self.pid()
        if pid:
            os.kill(pid, signal.SIGTERM)
            until(lambda: not self.pid(), "the node to stop", 60)


_DJANGO = {"DJANGO_SETTINGS_MODULE": "fengsui.config.settings"}
_ASK = """
import json, sys
import django
django.setup()
{code}
sys.stdout.write(json.dumps(answer))
"""
