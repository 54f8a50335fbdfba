"""Durable append and verification of the journal, with their floors in the same run.

`python -m bench.journal [--base N]` prints one JSON object. Append: facts recorded through the
journal in groups, each group committed with synchronous=FULL before the next. Its floor: rows
of the same bytes through executemany in transactions of the same size on the same disk. Verify:
the whole check of the journal. Its floor: libsodium verifying the same signatures, or SHA-256
over the same bytes where only heads are signed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

GROUP = 200
SCALES = (1, 10, 100)
VILLAGES = 20


def _set_up(home: str) -> None:
    os.environ["FENGSUI_HOME"] = home
    os.environ["FENGSUI_ROLE"] = "writer"
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.simulation.node_settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _kinds() -> tuple[Any, Any]:
    from fengsui.foundation.journal import dispatch, ledger
    from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge

    def kind(number: int, name: str, fact_class: FactClass) -> FactKind:
        fields = ("callout_id", "ordinal", "kind", "how")
        return FactKind(number, name, 1, fact_class, Audience.VILLAGE, Merge.APPEND, fields)

    each = kind(996, "bench.each", FactClass.LIFE_SAFETY)
    head = kind(997, "bench.head", FactClass.ROUTINE)
    known = dispatch.catalogue()
    extended = dispatch.Catalogue(
        {**known.by_number, 996: each, 997: head},
        {**known.by_name, each.name: each, head.name: head},
        known.apply,
        known.apply_many,
        known.judge,
    )
    ledger.catalogue = lambda: extended  # type: ignore[assignment]
    return each, head


def _seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def append(kind: Any, count: int) -> float:
    from fengsui.foundation.journal import ledger

    book = ledger.current()

    def work() -> None:
        for start in range(0, count, GROUP):
            with book.group():
                for turn in range(start, min(start + GROUP, count)):
                    book.record(
                        kind,
                        fields={"callout_id": 2**60, "ordinal": turn, "kind": "on_it", "how": 1},
                        personal=None,
                        items=(),
                        scope=f"4331261012{turn % VILLAGES:02d}",
                        actor=77,
                        cause=None,
                        about=(),
                    )

    return _seconds(work)


def append_floor(folder: Path, count: int) -> float:
    """The same bytes into a table with the same two indexes, without a journal."""
    path = folder / "floor.db"
    path.unlink(missing_ok=True)
    opened = sqlite3.connect(path, isolation_level=None)
    opened.execute("PRAGMA journal_mode=WAL")
    opened.execute("PRAGMA synchronous=FULL")
    opened.execute(
        "CREATE TABLE f (arrival INTEGER PRIMARY KEY, feed INTEGER, seq INTEGER, id BLOB UNIQUE,"
        " kind INTEGER, hlc INTEGER, scope TEXT, header BLOB, body BLOB, signature BLOB,"
        " UNIQUE (feed, seq))"
    )
    rows = [
        (None, 1, turn, os.urandom(16), 1, turn, "433126101201", bytes(150), bytes(30), bytes(64))
        for turn in range(count)
    ]

    def work() -> None:
        for start in range(0, count, GROUP):
            opened.execute("BEGIN IMMEDIATE")
            opened.executemany(
                "INSERT INTO f VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows[start : start + GROUP]
            )
            opened.execute("COMMIT")

    seconds = _seconds(work)
    opened.close()
    return seconds


def verify_floor(is_each: bool, count: int) -> float:
    """Only the signatures of the same facts, or only the two hashes of each."""
    import hashlib

    from nacl.signing import SigningKey

    if is_each:
        key = SigningKey(bytes(32))
        verifier = key.verify_key
        signed = key.sign(bytes(165))
        return _seconds(lambda: [verifier.verify(signed) for _ in range(count)])
    data = bytes(150)
    return _seconds(lambda: [hashlib.sha256(data).digest() for _ in range(2 * count)])


def measure(kind: Any, count: int, folder: Path) -> dict[str, Any]:
    from fengsui.foundation.journal import verify
    from fengsui.foundation.journal.models import Feed, StoredFact

    StoredFact.objects.all().delete()
    Feed.objects.all().delete()
    from fengsui.foundation.journal import ledger

    ledger.current().heads.clear()
    floor = append_floor(folder, count)
    busy = time.process_time()
    seconds = append(kind, count)
    busy = time.process_time() - busy
    row: dict[str, Any] = {
        "facts": count,
        "append_per_second": round(count / seconds),
        "append_floor_per_second": round(count / floor),
        "append_share_of_floor": round(floor / seconds, 2),
        # What other programs on the machine do not change.
        "append_processor_microseconds_per_fact": round(busy / count * 1e6, 1),
    }
    is_each = kind.fact_class.signs_each
    verify_floor_seconds = verify_floor(is_each, count)
    row["verify_floor_per_second"] = round(count / verify_floor_seconds)
    busy = time.process_time()
    for processes in (1, 2):
        began = time.perf_counter()
        report = verify.check(verify.chains_of_database(), processes=processes)
        row[f"verify_per_second_{processes}_processes"] = round(
            count / (time.perf_counter() - began)
        )
        if processes == 1:
            used = (time.process_time() - busy) / count
            row["verify_processor_microseconds_per_fact"] = round(used * 1e6, 1)
        if not report.is_whole:
            raise SystemExit(f"the journal is broken: {report.findings[:3]}")
    return row


def fdatasync_milliseconds(folder: Path) -> float:
    times = []
    with (folder / "sync").open("wb") as handle:
        for _ in range(50):
            handle.write(bytes(4096))
            handle.flush()
            times.append(_seconds(lambda: os.fdatasync(handle.fileno())))
    return round(statistics.median(times) * 1000, 3)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=int, default=500, help="facts at scale 1")
    base = parser.parse_args().base
    with tempfile.TemporaryDirectory(prefix="fengsui-bench-") as home:
        _set_up(home)
        each, head = _kinds()
        result = {
            "bench": "journal",
            "machine": {"processors": os.cpu_count(), "python": platform.python_version()},
            "fdatasync_milliseconds_median": fdatasync_milliseconds(Path(home)),
            "group": GROUP,
            "feeds": VILLAGES,
            "each_signed": [measure(each, base * scale, Path(home)) for scale in SCALES],
            "head_signed": [measure(head, base * scale, Path(home)) for scale in SCALES],
        }
    sys.stdout.write(json.dumps(result) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
