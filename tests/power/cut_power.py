"""Cuts the power at every write and every sync of a night, and looks at what is left.

`python -m tests.power.cut_power --seed S [--groups N] [--checks N]` runs a night on a disk that
forgets (`faulty_disk`), keeps what the disk may hold at each point together with what people had
been told by then, and then opens each of these images with the production writer: is everything
there that somebody was told is saved, once, whole, and does the node go on? Prints one JSON line.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from tests.power import night
from tests.power.faulty_disk import FaultyDisk, leave

SMALL_FILES = ("incarnation.json", "secret.key")


@dataclass
class Image:
    """What one cut leaves: the folder, what had been told, what had been sent."""

    home: Path
    point: str
    saved: dict[bytes, dict[str, Any]]
    sent: list[night.Sent]
    has_companion: bool


class Camera:
    """Takes an image at every `every`-th point."""

    def __init__(self, disk: FaultyDisk, home: Path, folder: Path, chance: random.Random) -> None:
        self.disk, self.home, self.folder, self.chance = disk, home, folder, chance
        self.images: list[Image] = []
        self.sent: list[night.Sent] = []
        self.told = night.Told()
        self.share = 1.0
        disk.look_on = self.look

    def look(self, what: str, path: str) -> None:
        if self.chance.random() >= (self.share if what == "write" else self.share * 3):
            return
        home = self.folder / f"{len(self.images):05}"
        home.mkdir()
        shutil.copytree(self.home / "keys", home / "keys")
        for name in SMALL_FILES:
            if (self.home / name).exists():
                shutil.copy(self.home / name, home / name)
        # Written without fsync while the node runs: a cut may leave it empty, or not at all.
        companion = home / "incarnation.json"
        fate = self.chance.random()
        if fate < 0.1:
            companion.write_bytes(b"")
        elif fate < 0.2:
            companion.unlink(missing_ok=True)
        for where, content in self.disk.survivors(self.chance).items():
            if content is not None:
                (home / Path(where).name).write_bytes(content)
        point = f"{what} {Path(path).name} {self.disk.points}"
        saved = dict(self.told.saved)
        self.images.append(Image(home, point, saved, list(self.sent), fate >= 0.2))


def live(seed: int, groups: int, checks: int, folder: Path, synchronous: str) -> list[Image]:
    """A night on the forgetful disk; returns the images."""
    chance = random.Random(seed)
    home = folder / "home"
    home.mkdir()
    disk = FaultyDisk()
    disk.install()
    night.set_up(home)
    box = night.Box(home, synchronous)
    camera = Camera(disk, home, folder, chance)
    camera.told = box.told
    # A group makes some thirty points, about a third of them syncs.
    camera.share = min(1.0, checks / (groups * 25))
    for number, group in enumerate(night.night(chance, groups)):
        camera.sent += group
        box.group(group)
        box.writer.step_job()
        if number % 7 == 6:
            box.erase_one()
        if number % 5 == 4:
            from fengsui.foundation.journal import incarnation

            incarnation.note_progress(at_end=True)
    disk.look_on = lambda what, path: None
    box.close()
    return camera.images


def examine(image: Image) -> list[str]:
    """What is wrong with what this cut left; [] where everything holds."""
    from django.db import connection
    from django.db.models import Max

    from fengsui.foundation.journal import replay, verify
    from fengsui.foundation.journal.models import Feed, NodeState, StoredFact

    before = _raw_state(image.home)
    night.move_to(image.home)
    box = night.Box(image.home)
    wrong: list[str] = []
    try:
        wrong += _lost(image)
        wrong += [str(finding) for finding in verify.check_database(processes=1).findings]
        wrong += [f"rebuild changes {table}" for table in replay.rebuild_and_compare()]
        state = NodeState.objects.get(id=1)
        newest = StoredFact.objects.aggregate(newest=Max("hlc"))["newest"] or 0
        if state.hlc < newest:
            wrong.append("the clock of the record stands before its newest fact")
        if image.has_companion and before is not None and state.incarnation != before:
            wrong.append("a new incarnation though nothing was put back")
        # Everything is sent again, as a phone does that was not told.
        box.group(image.sent, is_retry=True)
        wrong += _not_once(image, box.told)
        wrong += [str(finding) for finding in verify.check_database(processes=1).findings]
        wrong += [f"rebuild changes {table}" for table in replay.rebuild_and_compare()]
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            if cursor.fetchone()[0] != "ok":
                wrong.append("the database is not whole")
        if Feed.objects.filter(is_own=True).values("incarnation").distinct().count() > 2:
            wrong.append("more incarnations than starts")
    finally:
        box.close()
    return wrong


def _raw_state(home: Path) -> int | None:
    """The incarnation that the image itself holds, read without the program."""
    import sqlite3

    copy = Path(tempfile.mkdtemp(prefix="fengsui-image-"))
    try:
        for name in ("node.db", "node.db-wal"):
            if (home / name).exists():
                shutil.copy(home / name, copy / name)
        connection = sqlite3.connect(copy / "node.db")
        row = connection.execute("SELECT incarnation FROM journal_node_state").fetchone()
        connection.close()
        return None if row is None else int(row[0])
    finally:
        shutil.rmtree(copy)


def _lost(image: Image) -> list[str]:
    from fengsui.foundation.journal.models import StoredFact
    from tests.beacon.models import Beacon, Sighting

    facts = {bytes(one) for one in StoredFact.objects.values_list("fact_id", flat=True)}
    lit = Counter(Beacon.objects.values_list("name", flat=True))
    seen = Counter(Sighting.objects.values_list("note", flat=True))
    wrong = []
    for sent in image.sent:
        told = image.saved.get(sent.id)
        if told is not None and (told["fact_id"] not in facts or not lit[sent.beacon]):
            wrong.append(f"lost: {sent.beacon} was told to be saved")
        if sent.name.endswith("light_and_see") and lit[sent.beacon] != seen[sent.beacon]:
            wrong.append(f"half: {sent.beacon} lit {lit[sent.beacon]}, seen {seen[sent.beacon]}")
    return wrong


def _not_once(image: Image, told: night.Told) -> list[str]:
    from tests.beacon.models import Beacon

    lit = Counter(Beacon.objects.values_list("name", flat=True))
    wrong = []
    for sent in image.sent:
        due = 0 if sent.arguments.get("height_metres", 0) < 0 else 1
        if lit[sent.beacon] != due:
            wrong.append(f"{sent.beacon}: {lit[sent.beacon]} times after it was sent again")
        if sent.id in image.saved and told.saved.get(sent.id) != image.saved[sent.id]:
            wrong.append(f"{sent.beacon}: another answer than the first time")
    return wrong


def run(seed: int, groups: int, checks: int, synchronous: str = "FULL") -> dict[str, Any]:
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="fengsui-power-"))
    try:
        images = live(seed, groups, checks, folder, synchronous)
        wrong = {}
        for image in images:
            try:
                found = examine(image)
            except Exception as error:  # a database that cannot be opened is a finding too
                found = [repr(error)]
            if found:
                wrong[image.point] = found[:5]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "seed": seed,
        "cuts": len(images),
        "cuts_at_sync": sum(image.point.startswith("sync") for image in images),
        "told_saved": max((len(image.saved) for image in images), default=0),
        "without_companion": sum(not image.has_companion for image in images),
        "seconds": round(time.monotonic() - began, 1),
        "wrong": wrong,
    }


def main() -> NoReturn:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--groups", type=int, default=20)
    parser.add_argument("--checks", type=int, default=60)
    parser.add_argument("--synchronous", default="FULL", help="OFF plants the bug to be found")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)  # a new incarnation is what many of these images call for
    report = run(arguments.seed, arguments.groups, arguments.checks, arguments.synchronous)
    sys.stdout.write(json.dumps(report, ensure_ascii=False) + "\n")
    leave(1 if report["wrong"] else 0)


if __name__ == "__main__":
    main()
