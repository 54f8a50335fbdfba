"""Memory of an idle node, all its processes together, as the kernel shares it out (PSS).

A village box has 1 GB for everything. The node runs for real with a small county in it, alone and
with a line to a node above; a page is asked for once, so that what a request loads is counted.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.world.postgres import free_port
from tests.world.running_node import RunningNode, start, until

SETTLE_SECONDS = float(os.environ.get("IDLE_SECONDS", "20"))
PROMISE_MIB = 300
PATHS = ("/healthz", "/public/", "/desk/", "/field/", "/api/v1/session", "/api/v1/openapi.json")
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.M)


def pss_mib(pid: int) -> float:
    found = _PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text())
    return int(found[1]) / 1024 if found else 0.0


def tree(pid: int) -> list[int]:
    """A process and everything below it: children that nobody named count as well."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in tree(int(child)))]


def measure(node: RunningNode) -> dict[str, float]:
    names = {pid: name for name, pid in node.pids().items()}
    found: dict[str, float] = {}
    for pid in tree(node.pids()["supervisor"]):
        name = names.get(pid, "other")
        found[name] = round(found.get(name, 0.0) + pss_mib(pid), 1)
    return found


def run(home: Path, *, with_link: bool) -> dict[str, Any]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if "FENGSUI" not in name and "DJANGO" not in name
    }
    settings = {**kept, "FENGSUI_HOME": str(home)}
    command = [sys.executable, "-m", "fengsui.config.cli"]
    subprocess.run(
        [*command, "county", "generate", "--whole", "--villages", "20", "--households", "1000"],
        env=settings, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    if with_link:
        # Nobody listens there: the line is tried again and again, which is what costs.
        address = f"http://127.0.0.1:{free_port()}"
        subprocess.run([*command, "link", "add", address], env=settings, check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
    node = start(home)
    try:
        until(node.is_healthy, "the node to be well")
        for path in PATHS:
            node.get(path)
        time.sleep(SETTLE_SECONDS)
        found = measure(node)
    finally:
        node.stop(signal.SIGTERM)
    return {"processes": found, "total_mib": round(sum(found.values()), 1)}


def main() -> None:
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        alone = run(Path(first), with_link=False)
        linked = run(Path(second), with_link=True)
    empty = subprocess.run(
        [sys.executable, "-c", "import re; print(re.search(r'Pss:\\s+(\\d+)',"
         " open('/proc/self/smaps_rollup').read())[1])"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    print(
        json.dumps(
            {
                "bench": "idle",
                "alone": alone,
                "with_link": linked,
                "promise_mib": PROMISE_MIB,
                "floor_empty_python_mib": round(int(empty.stdout) / 1024, 1),
            }
        )
    )


if __name__ == "__main__":
    main()
