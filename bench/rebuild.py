"""The tables of a county's night, added up again from its facts.

`python -m bench.rebuild [--households 40000] [--calls 5] [--answers 0.25]` prints one JSON
object. A callout of every household is opened `--calls` times (40,000 and 5 make 200,000 calls),
everybody is tried once on the first of them, a quarter of its people answer; then every projected
table is emptied and made again from the facts in one transaction, and compared by digest. The floor
copies the same rows of the same tables by raw SQL (INSERT … SELECT from the file before), with one
durable commit, in the same run on the same disk.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sqlite3
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.calls import Steps, Watch, _open, _parties, _set_up, _silent_people


def _night(households: int, calls: int, answers: float) -> dict[str, int]:
    from fengsui.engines.calls import jobs
    from fengsui.engines.calls.models import Answer, Attempt, Call
    from fengsui.engines.calls.services import record_answers
    from fengsui.foundation.access.viewer import node_viewer
    from fengsui.foundation.journal import ledger

    _silent_people()
    steps = Steps()
    parties = _parties(households)
    first = _open(parties)
    for job in (jobs.unpack, jobs.advance, jobs.dispatch):
        steps.until_done(job.__name__, job)
    for _ in range(calls - 1):
        _open(parties)
        steps.until_done("unpack", jobs.unpack)
    ids = list(Call.objects.filter(callout_id=first).values_list("id", flat=True))
    asked = ids[: round(len(ids) * answers)]
    viewer = node_viewer("bench")
    for start in range(0, len(asked), 100):
        with ledger.writing(), ledger.current().group():
            record_answers(
                [
                    {"viewer": viewer, "call_id": pk, "answer_kind": "on_it", "how": "app"}
                    for pk in asked[start : start + 100]
                ]
            )
    return {
        "calls": Call.objects.count(),
        "tries": Attempt.objects.count(),
        "answers": Answer.objects.count(),
    }


def _floor(folder: Path) -> tuple[float, float]:
    """Every row of the same tables, copied into empty ones with the same indexes."""
    from fengsui.foundation.journal.replay import projected_models

    source, copy = folder / "before.db", folder / "floor.db"
    shutil.copy(folder / "node.db", source)
    opened = sqlite3.connect(copy, isolation_level=None)
    opened.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
        "PRAGMA temp_store=MEMORY;"
    )
    opened.execute("ATTACH ? AS source", (str(source),))
    tables = [model._meta.db_table for model in projected_models()]
    marks = ",".join("?" * len(tables))
    for (statement,) in opened.execute(
        f"SELECT sql FROM source.sqlite_master WHERE tbl_name IN ({marks}) AND sql IS NOT NULL"
        " ORDER BY type DESC",
        tables,
    ).fetchall():
        opened.execute(statement)
    watch = Watch()
    opened.execute("BEGIN IMMEDIATE")
    for table in tables:
        opened.execute(f"INSERT INTO main.{table} SELECT * FROM source.{table}")
    opened.execute("COMMIT")
    read = watch.read()
    opened.close()
    return read


def measure(households: int, calls: int, answers: float) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="fengsui-bench-") as home:
        _set_up(home)
        from django.db import connection

        from fengsui.foundation.journal import clock, replay

        clock.use(clock.WoundClock(clock.now()))
        counts = _night(households, calls, answers)
        before = replay.digest()
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        floor = _floor(Path(home))
        watch = Watch()
        facts = replay.rebuild()
        took = watch.read()
        return {
            "households": households,
            **counts,
            "facts": facts,
            "rebuild_s": round(took[0], 2),
            "rebuild_processor_s": round(took[1], 2),
            "floor_s": round(floor[0], 2),
            "floor_processor_s": round(floor[1], 2),
            "digest_equal": replay.digest() == before,
            "load": round(os.getloadavg()[0], 1),
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, default=40_000)
    parser.add_argument("--calls", type=int, default=5)
    parser.add_argument("--answers", type=float, default=0.25)
    wanted = parser.parse_args()
    result = {
        "bench": "rebuild",
        "machine": {"processors": os.cpu_count(), "python": platform.python_version()},
        "run": measure(wanted.households, wanted.calls, wanted.answers),
    }
    sys.stdout.write(json.dumps(result, indent=1) + "\n")
    return 0 if result["run"]["digest_equal"] else 1  # type: ignore[index]


if __name__ == "__main__":
    sys.exit(main())
