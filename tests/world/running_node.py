"""A whole node as a user starts it: `fengsui up` as a process of its own, on a free port."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.world.postgres import free_port

START_SECONDS = 120.0
LOOK_SECONDS = 0.05
_LINK = re.compile(r"https?://\S+/link/(\S+)")


@dataclass
class RunningNode:
    """One `fengsui up` with its output."""

    home: Path
    port: int
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    reader: threading.Thread | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def pids(self) -> dict[str, int]:
        """Process ids by name: supervisor, writer, web. {} before and after."""
        with contextlib.suppress(FileNotFoundError, json.JSONDecodeError):
            found: dict[str, int] = json.loads((self.home / "processes.json").read_text())
            return found
        return {}

    def links(self) -> list[dict[str, str]]:
        """[{"title", "name", "url"}] in the order printed."""
        found = []
        for index, line in enumerate(self.lines):
            if _LINK.search(line):
                title, _, name = self.lines[index - 1].strip().rpartition("  ")
                found.append({"title": title, "name": name, "url": line.strip()})
        return found

    def get(self, path: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def is_healthy(self) -> bool:
        try:
            return self.get("/healthz")[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """The exit code, once it has ended and everything it said has been read."""
        code = self.process.wait(30)
        if self.reader is not None:
            self.reader.join(30)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


def until(condition: Any, what: str, seconds: float = START_SECONDS) -> None:
    """Waits for a real process to get somewhere; there is no clock to wind in another process."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds:.0f} s for: {what}"
        time.sleep(LOOK_SECONDS)


def start(
    home: Path,
    *arguments: str,
    port: int | None = None,
    environment: Mapping[str, str] | None = None,
) -> RunningNode:
    chosen = port or free_port()
    if environment is None:
        environment = {name: value for name, value in os.environ.items() if "FENGSUI" not in name}
        environment.pop("DJANGO_SETTINGS_MODULE", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "fengsui.config.cli", "up", "--port", str(chosen), *arguments],
        env={**environment, "FENGSUI_HOME": str(home), "PYTHONWARNINGS": "default"},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    node = RunningNode(home, chosen, process)
    assert process.stdout is not None
    output = process.stdout

    def read() -> None:
        for line in output:
            node.lines.append(line.rstrip("\n"))

    node.reader = threading.Thread(target=read, daemon=True)
    node.reader.start()
    return node


@contextlib.contextmanager
def running(*arguments: str) -> Iterator[RunningNode]:
    """A node that is ready, in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="fengsui-node-") as folder:
        node = start(Path(folder), *arguments)
        try:
            said = "Ctrl-C" if "--demo" in arguments else node.address
            until(
                lambda: node.process.poll() is not None or any(said in one for one in node.lines),
                "the node to say that it is ready",
            )
            assert node.process.poll() is None, "\n".join(node.lines)
            yield node
        finally:
            node.stop()
