"""A real writer process on a folder of its own, for tests that kill it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from types import TracebackType
from urllib.parse import urlparse, urlunparse

import psycopg
from psycopg.sql import SQL, Identifier

ROOT = Path(__file__).resolve().parents[2]
READY_SECONDS = 60.0
STOP_SECONDS = 10.0
_LOOK_SECONDS = 0.01
SETTINGS = "tests.simulation.node_settings"
CALLING_SETTINGS = "tests.simulation.calling_settings"


def environment(home: Path, role: str = "", settings: str = SETTINGS) -> dict[str, str]:
    found = {
        **os.environ,
        "FENGSUI_HOME": str(home),
        "FENGSUI_ROLE": role,
        "DJANGO_SETTINGS_MODULE": settings,
        "PYTHONPATH": str(ROOT),
    }
    server = os.environ.get("FENGSUI_DATABASE_URL", "")
    if server:
        found["FENGSUI_DATABASE_URL"] = database_of(home, server)
    return found


@cache
def database_of(home: Path, server: str) -> str:
    """A database of its own on the test server for the node in `home`: its address."""
    name = f"node_{hashlib.sha256(str(home).encode()).hexdigest()[:16]}"
    parts = urlparse(server)
    with psycopg.connect(server, autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if known.fetchone() is None:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    return urlunparse(parts._replace(path=f"/{name}"))


class RealNode:
    """Starts `processes writer`; `kill` is SIGKILL, `stop` is SIGTERM."""

    def __init__(self, home: Path, settings: str = SETTINGS) -> None:
        self.home = home
        self.settings = settings
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        (self.home / "writer.sock").unlink(missing_ok=True)
        with (self.home / "writer.err").open("ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "fengsui.config.processes", "writer"],
                env=environment(self.home, settings=self.settings),
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not (self.home / "writer.sock").exists():
            if self.process is None or self.process.poll() is not None:
                raise RuntimeError((self.home / "writer.err").read_text()[-4000:])
            if time.monotonic() > deadline:
                raise TimeoutError("the writer does not come up")
            time.sleep(_LOOK_SECONDS)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self._wait()

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        return self._wait()

    def _wait(self) -> int:
        assert self.process is not None
        code = self.process.wait(STOP_SECONDS)
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process = None
        return code

    def __enter__(self) -> RealNode:
        self.start()
        self.wait_until_ready()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process is not None:
            self.stop()
