"""Kill -9 of the writer under load: what was acknowledged is there afterwards, and verifies.

`python -m tests.simulation.kill_nine --times N [--seed S]` starts the real writer process on a
folder of its own, sends commands from several threads, kills it at a random moment, starts it
again, and at the end checks every acknowledged fact, the chain, and that no command ran twice.
A process crash keeps the page cache: this says nothing of power cuts (see SECURITY and the ADR).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from tests.simulation.real_node import SETTINGS, RealNode, environment

THREADS = 4
LONGEST_LIFE_SECONDS = 0.25
VILLAGE = "433126101201"


class Load:
    """Threads that send commands without end and remember what was acknowledged."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self.acknowledged: list[tuple[str, bytes]] = []
        self.refused: list[str] = []
        self.threads = [
            threading.Thread(target=self._work, args=(number,), daemon=True)
            for number in range(THREADS)
        ]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join(60)

    def _work(self, number: int) -> None:
        from fengsui.foundation.access.problems import Problem
        from fengsui.foundation.access.viewer import node_viewer
        from tests.beacon import services as beacons

        viewer = node_viewer()
        turn = 0
        while not self.stopped.is_set():
            turn += 1
            note = f"{number}-{turn}"
            try:
                if turn % 3:
                    made: dict[str, Any] = beacons.light(
                        viewer=viewer, place_code=VILLAGE, name=note
                    )
                else:
                    made = beacons.light_and_see(viewer=viewer, place_code=VILLAGE, name=note)
                self.acknowledged.append((note, made["fact_id"]))
            except Problem as problem:
                self.refused.append(problem.kind.code)


def run(times: int, seed: int) -> dict[str, Any]:
    """Kills the writer `times` times; returns what was found. `lost` must be 0."""
    chance = random.Random(seed)
    home = Path(tempfile.mkdtemp(prefix="fengsui-kill-"))
    os.environ.update(environment(home))
    import django

    django.setup()
    began = time.monotonic()
    node = RealNode(home)
    node.start()
    node.wait_until_ready()
    load = Load()
    load.start()
    for _ in range(times):
        time.sleep(chance.uniform(0, LONGEST_LIFE_SECONDS))
        node.kill()
        node.start()
        if chance.random() < 0.8:  # sometimes it is killed again while it starts
            node.wait_until_ready()
    node.wait_until_ready()
    load.stop()
    node.stop()
    report = {
        "kills": times,
        "seed": seed,
        "acknowledged": len(load.acknowledged),
        "refused": len(load.refused),
        "seconds": round(time.monotonic() - began, 1),
        **examine(load.acknowledged),
    }
    wrong = ("lost", "twice", "without_row", "findings")
    report["ok"] = not any(report[name] for name in wrong)
    if report["ok"]:
        shutil.rmtree(home)
    else:
        report["home"] = str(home)
    return report


def examine(acknowledged: list[tuple[str, bytes]]) -> dict[str, Any]:
    """Compares what was acknowledged with what is on the disk."""
    from django.db import connections

    from fengsui.foundation.journal import verify
    from fengsui.foundation.journal.models import Feed, StoredFact
    from tests.beacon.models import Beacon

    present = {bytes(one) for one in StoredFact.objects.values_list("fact_id", flat=True)}
    names = list(Beacon.objects.values_list("name", flat=True))
    report = verify.check_database(processes=1)
    found = {
        "lost": sum(1 for _, fact_id in acknowledged if fact_id not in present),
        "twice": len(names) - len(set(names)),
        "without_row": len({name for name, _ in acknowledged} - set(names)),
        "facts": report.facts,
        "incarnations": Feed.objects.values("incarnation").distinct().count(),
        "findings": [str(finding) for finding in report.findings[:10]],
    }
    connections.close_all()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(2**32)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    report = run(arguments.times, seed)
    sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    return 0 if report["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
