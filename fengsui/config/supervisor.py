"""Starts a node's processes, starts again what dies, and stops all of them cleanly.

Imports no Django: this process is the one that must not fall over, and it idles in a few MB.
A child reads its standard input only to see it close, so children end even if this process is
killed without a chance to tell them.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from fengsui.config import notify

log = logging.getLogger("fengsui.supervisor")

BACKOFF_FIRST_SECONDS = 0.2
BACKOFF_MAX_SECONDS = 10.0
STEADY_SECONDS = 60.0  # a child that lived this long starts again without delay
STOP_SECONDS = 10.0
LOOK_SECONDS = 0.1


def backoff_seconds(failures: int) -> float:
    """How long to wait before the next start, after `failures` quick deaths in a row."""
    doubled = BACKOFF_FIRST_SECONDS * 2.0 ** min(failures, 10)
    return min(BACKOFF_MAX_SECONDS, doubled) if failures else 0.0


@dataclass
class Child:
    """One supervised process."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    failures: int = 0
    starts: int = 0

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "fengsui.config.processes", *self.arguments],
            env={**os.environ, **self.environment},
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C reaches the supervisor, which stops them in order
        )
        self.started_at = time.monotonic()
        self.starts += 1
        log.info("started %s", self.name, extra={"child": self.name, "pid": self.process.pid})

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def let_go(self) -> None:
        """Closes its standard input, which says to it that nobody is there any more."""
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()

    def died(self, now: float) -> None:
        """Note a death and set when to start again."""
        code = self.process.returncode if self.process else None
        quick = now - self.started_at < STEADY_SECONDS
        self.failures = self.failures + 1 if quick else 0
        pause = backoff_seconds(self.failures - 1 if quick else 0)
        self.start_again_at = now + pause
        self.let_go()
        self.process = None
        log.warning(
            "%s ended (%s); starting it again in %.1f s",
            self.name,
            _ending(code),
            pause,
            extra={"child": self.name},
        )


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"


class Supervisor:
    """Keeps `children` running until told to stop. They stop in reverse order of starting."""

    def __init__(self, children: Sequence[Child], state_file: Path) -> None:
        self.children = list(children)
        self.state_file = state_file
        self.stopping = threading.Event()

    def start(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        for child in self.children:
            child.start()
        self._write_state()

    def watch(self) -> None:
        """Returns once a signal asked for the end and every child has ended."""
        while not self.stopping.wait(LOOK_SECONDS):
            self.look()
            notify.alive()
        notify.stopping()
        self.stop()

    def look(self) -> None:
        """One round: notice deaths, start what is due."""
        now = time.monotonic()
        changed = False
        for child in self.children:
            if child.process is not None and not child.is_running():
                child.died(now)
            if child.process is None and now >= child.start_again_at:
                child.start()
                changed = True
        if changed:
            self._write_state()

    def stop(self) -> None:
        self.stopping.set()
        for child in reversed(self.children):
            if child.process is None or not child.is_running():
                child.let_go()
                continue
            child.process.send_signal(signal.SIGTERM)
            try:
                child.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                log.warning("%s did not stop in %.0f s", child.name, STOP_SECONDS)
                child.process.kill()
                child.process.wait()
            child.let_go()
            log.info("stopped %s", child.name, extra={"child": child.name})
        self.state_file.unlink(missing_ok=True)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.stopping.set()

    def _write_state(self) -> None:
        """Who runs as which process: for `fengsui doctor` and for the tests that kill them."""
        state = {child.name: child.process.pid for child in self.children if child.process}
        state["supervisor"] = os.getpid()
        part = self.state_file.with_suffix(".part")
        part.write_text(json.dumps(state))
        part.replace(self.state_file)
