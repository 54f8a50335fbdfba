"""How long a node with a county of 40,000 households takes from nothing to a working page.

`python bench/restart.py [--households N]` fills a node, kills every process of it with kill -9, and
starts it again; then cuts the power (what the database had not yet synced is torn off) and starts
from what is left. "Working" is: the sign-in page comes, and the writer answers. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.world.running_node import RunningNode, start, until
from tests.world.shared_data import shared

ROOT = Path(__file__).parents[1]
FLOOR_SECONDS = 5.0


def fill(home: Path, households: int) -> None:
    environment = {name: value for name, value in os.environ.items() if "FENGSUI" not in name}
    for arguments in (
        ["county", "import", str(shared("admin/guzhang_433126"))],
        ["county", "generate", "--seed", "5", "--households", str(households)],
    ):
        subprocess.run(
            [sys.executable, "-m", "fengsui.config.cli", *arguments],
            env={**environment, "FENGSUI_HOME": str(home)},
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )


def works(node: RunningNode) -> bool:
    """The page comes and the writer answers."""
    return node.is_healthy() and node.get("/sign-in/")[0] in (200, 503)


def started(home: Path) -> tuple[RunningNode, float]:
    """A node that works, and the seconds that took."""
    began = time.monotonic()
    node = start(home)
    until(lambda: works(node), "the node to work", 120)
    return node, round(time.monotonic() - began, 2)


def kill_everything(node: RunningNode) -> None:
    for pid in node.pids().values():
        os.kill(pid, signal.SIGKILL)
    node.wait()


def tear(home: Path) -> None:
    """The last third of the log never reached the disk, and its end is torn."""
    log = home / "node.db-wal"
    if log.exists():
        size = log.stat().st_size
        with log.open("r+b") as handle:
            handle.truncate(max(0, size * 2 // 3 - 700))
    (home / "node.db-shm").unlink(missing_ok=True)


def measure(households: int) -> dict[str, Any]:
    folder = Path(tempfile.mkdtemp(prefix="fengsui-restart-"))
    home = folder / "home"
    try:
        fill(home, households)
        node, first = started(home)
        kill_everything(node)
        node, after_kill = started(home)
        kill_everything(node)
        tear(home)
        node, after_cut = started(home)
        node.stop()
        database = (home / "node.db").stat().st_size
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "households": households,
        "database_mib": round(database / 1024**2, 1),
        "first_start_s": first,
        "after_kill_s": after_kill,
        "after_power_cut_s": after_cut,
        "floor_s": FLOOR_SECONDS,
        "ok": max(after_kill, after_cut) <= FLOOR_SECONDS,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=40_000)
    report = measure(parser.parse_args().households)
    sys.stdout.write(json.dumps(report) + "\n")
    return 0 if report["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
