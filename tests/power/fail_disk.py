"""Fails every n-th write and every n-th fsync of a group, for a moment or for a while.

`python -m tests.power.fail_disk --seed S [--rounds N]`. A round: the disk is made to fail from its
n-th write or sync on; people send commands and are refused in words; the node goes on answering
reads; the disk recovers; what was refused is sent again. At the end, and after a power cut on top
of the failures, everything that anybody was told is saved is there. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

from tests.power import night
from tests.power.cut_power import Image
from tests.power.faulty_disk import (
    SQLITE_FULL,
    SQLITE_IOERR_FSYNC,
    SQLITE_IOERR_WRITE,
    SQLITE_OK,
    FaultyDisk,
    leave,
)

FAILURES = {
    "full": ("write", SQLITE_FULL, "journal.disk_full"),
    "write error": ("write", SQLITE_IOERR_WRITE, "journal.not_stored"),
    "fsync error": ("sync", SQLITE_IOERR_FSYNC, "journal.not_stored"),
}
FURTHEST_WRITE = 24
FURTHEST_SYNC = 4


class Failing:
    """From the n-th write or sync on, every one fails, until `heal`; or that one only."""

    def __init__(self, what: str, code: int, first: int, lasting: bool) -> None:
        self.what, self.code, self.first, self.lasting = what, code, first, lasting
        self.count = 0
        self.hits = 0

    def __call__(self, what: str, path: str) -> int:
        if what != self.what:
            return SQLITE_OK
        self.count += 1
        due = self.count >= self.first if self.lasting else self.count == self.first
        self.hits += due
        return self.code if due else SQLITE_OK


def one_round(
    box: night.Box, disk: FaultyDisk, chance: random.Random, group: list[night.Sent]
) -> tuple[str, list[str]]:
    """Sends `group` on a failing disk, heals it, sends it again. What was wrong."""
    from django.db import connection

    from fengsui.foundation.journal.models import StoredFact

    name = chance.choice(tuple(FAILURES))
    what, code, expected = FAILURES[name]
    first = chance.randint(1, FURTHEST_WRITE if what == "write" else FURTHEST_SYNC)
    failing = Failing(what, code, first, lasting=chance.random() < 0.6)
    known = set(box.told.saved)
    wrong = []
    disk.fault = failing
    box.group(group)
    said = box.writer.storage.finding
    box.writer.step_job()
    refused = [sent for sent in group if box.told.refused.get(sent.id) == expected]
    # On a slow machine the group is several commits: one that works after a failed one, like a
    # job a moment later, is a disk that works again, and rightly said so.
    all_refused = len(refused) == len(group)
    if all_refused and said != expected:
        wrong.append(f"{name}: refused, but the node says nothing of its disk")
    if refused and StoredFact.objects.count() < len(known):
        wrong.append(f"{name}: reads do not answer")
    if refused and failing.lasting:
        box.writer.probe_at = 0.0
        box.writer.probe()
        if not box.writer.storage.finding:
            wrong.append(f"{name}: says that all is well while the disk fails")
    disk.fault = lambda what, path: SQLITE_OK
    box.writer.probe_at = 0.0
    box.writer.probe()
    if box.writer.storage.finding:
        wrong.append(f"{name}: still says {box.writer.storage.finding} after the disk recovered")
    if connection.in_atomic_block:
        wrong.append(f"{name}: a transaction was left open")
    box.group(group, is_retry=True)
    unsaved = [
        sent.beacon
        for sent in group
        if sent.id not in box.told.saved and sent.arguments.get("height_metres", 0) >= 0
    ]
    if unsaved:
        wrong.append(f"{name}: not saved after the disk recovered: {unsaved}")
    return (name if refused else "unnoticed"), wrong


def run(seed: int, rounds: int) -> dict[str, Any]:
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="fengsui-failing-"))
    home = folder / "home"
    home.mkdir()
    chance = random.Random(seed)
    wrong: list[str] = []
    seen: Counter[str] = Counter()
    sent: list[night.Sent] = []
    try:
        disk = FaultyDisk()
        disk.install()
        night.set_up(home)
        box = night.Box(home)
        for group in night.night(chance, rounds):
            sent += group
            name, found = one_round(box, disk, chance, group)
            seen[name] += 1
            wrong += found
        for number in range(5):
            image = folder / f"image-{number}"
            image.mkdir()
            shutil.copytree(home / "keys", image / "keys")
            for where, content in disk.survivors(chance).items():
                if content is not None:
                    (image / Path(where).name).write_bytes(content)
            wrong += _check(Image(image, "end", dict(box.told.saved), sent, False))
        box.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "seed": seed,
        "rounds": rounds,
        "told_saved": len(box.told.saved),
        "failures": dict(seen),
        "seconds": round(time.monotonic() - began, 1),
        "wrong": wrong[:20],
    }


def _check(image: Image) -> list[str]:
    """In a process of its own: this one's writer is still at work in its home."""
    import os
    import pickle
    import subprocess

    finished = subprocess.run(
        [sys.executable, "-c", _CHECK],
        input=pickle.dumps(image),
        stdout=subprocess.PIPE,
        env={**os.environ, "FENGSUI_HOME": str(image.home)},
        check=True,
    )
    found: list[str] = json.loads(finished.stdout)
    return found


_CHECK = """
import json, logging, pickle, sys
image = pickle.load(sys.stdin.buffer)
from tests.power import cut_power, night
logging.disable(logging.WARNING)
night.set_up(image.home)
sys.stdout.write(json.dumps(cut_power.examine(image)))
"""


def main() -> NoReturn:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=60)
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)  # hundreds of failures are made on purpose
    report = run(arguments.seed, arguments.rounds)
    sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    leave(1 if report["wrong"] else 0)


if __name__ == "__main__":
    main()
