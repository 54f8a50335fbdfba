"""Durable append of head-signed facts with what they change: facts a second, apply included.

`python -m bench.applied [--base 500] [--groups 200 1000] [--runs 3]` prints one JSON object. Facts
are recorded in groups, each group one durable commit (synchronous=FULL), 20 feeds, as
`bench/journal.py` does without `apply`. Two kinds:

- `lean`: a routine fact of four fields whose apply puts one row into a table of five columns (an
  app that does the least), one row a fact, together for a group as `record_many` applies them;
- `presence`: the production kind `people.presence_recorded` with the production apply: the
  household read, merged field by field, updated, and its history written; one household a fact.

The floor writes the same rows of the journal and of the tables by raw `executemany` in transactions
of the same size on the same disk, in the same run, with nothing encoded, hashed, chained or signed.
Growth: facts at 1, 10, 100 times the base; median of the runs; processor time beside the wall.
Nothing generates load here: one process does it all.
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
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench.calls import Watch, _set_up

SCALES = (1, 10, 100)
VILLAGES = 20
TARGET_PER_S = 25_000
_LEAN = "CREATE TABLE {} (id INTEGER PRIMARY KEY, callout INTEGER, ordinal INTEGER, kind TEXT, how)"
_FACTS = (
    "CREATE TABLE facts (arrival INTEGER PRIMARY KEY, feed INTEGER, seq INTEGER, id BLOB UNIQUE,"
    " kind INTEGER, hlc INTEGER, scope TEXT, header BLOB, body BLOB, signature BLOB,"
    " UNIQUE (feed, seq))"
)
_HEAD = "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def lean_kind() -> Any:
    """A kind whose apply puts one row a fact into a table of its own."""
    from django.db import connection

    from fengsui.foundation.journal import batches, dispatch, ledger
    from fengsui.foundation.journal.facts import Audience, Fact, FactClass, FactKind, Merge

    fields = ("callout_id", "ordinal", "kind", "how")
    kind = FactKind(997, "bench.lean", 1, FactClass.ROUTINE, Audience.VILLAGE, Merge.APPEND, fields)
    with connection.cursor() as cursor:
        cursor.execute(_LEAN.format("bench_lean"))

    def apply_many(facts: Sequence[Fact]) -> list[int | None]:
        rows = [(fact.entity(), *(fact.fields[name] for name in fields)) for fact in facts]
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO bench_lean VALUES (%s, %s, %s, %s, %s)", rows)
        return [None] * len(facts)

    known = dispatch.catalogue()
    extended = dispatch.Catalogue(
        {**known.by_number, kind.number: kind},
        {**known.by_name, kind.name: kind},
        {**known.apply, kind.name: lambda fact: apply_many([fact])[0]},
        {**known.apply_many, kind.name: apply_many},
        known.judge,
    )
    for module in (ledger, batches):
        module.catalogue = lambda: extended  # type: ignore[attr-defined]
    return kind


def lean_facts(count: int) -> list[dict[str, Any]]:
    return [
        {
            "fields": {"callout_id": 2**60, "ordinal": turn, "kind": "on_it", "how": 1},
            "scope": f"4331261012{turn % VILLAGES:02d}",
            "about": (),
        }
        for turn in range(count)
    ]


def presence_facts(count: int, households: list[tuple[int, str]]) -> list[dict[str, Any]]:
    return [
        {
            "fields": {"count": 1},
            "items": [{"household_id": households[turn % len(households)][0], "people": turn % 7}],
            "scope": households[turn % len(households)][1],
            "about": (),
        }
        for turn in range(count)
    ]


def recorded(kind: Any, stated: list[dict[str, Any]], group: int) -> tuple[float, float]:
    """(wall, processor) seconds of recording and applying all of it, group by group."""
    from fengsui.foundation.access.viewer import node_viewer
    from fengsui.foundation.journal import ledger
    from fengsui.foundation.journal.services import record_many

    viewer, book = node_viewer("bench"), ledger.current()
    watch = Watch()
    for start in range(0, len(stated), group):
        with ledger.writing(), book.group():
            record_many(kind, [(viewer, one) for one in stated[start : start + group]])
        book.take_notices()
    return watch.read()


def floor(folder: Path, count: int, group: int, presence: bool) -> tuple[float, float]:
    path = folder / "floor.db"
    path.unlink(missing_ok=True)
    opened = sqlite3.connect(path, isolation_level=None)
    opened.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
        "PRAGMA wal_autocheckpoint=4000; PRAGMA temp_store=MEMORY;"
    )
    opened.execute(_FACTS)
    opened.execute(_LEAN.format("lean"))
    if presence:
        opened.execute(
            "CREATE TABLE home (id INTEGER PRIMARY KEY, people INTEGER, at TEXT, c TEXT)"
        )
        homes = [(one, 0, "2026-01-01", "{}") for one in range(count)]
        opened.executemany("INSERT INTO home VALUES (?, ?, ?, ?)", homes)
    facts = [
        (None, turn % VILLAGES, turn, os.urandom(16), 1, turn, "433126101201", bytes(150),
         bytes(40), None)
        for turn in range(count)
    ]  # fmt: skip
    rows = [(turn, 2**60, turn, "on_it", 1) for turn in range(count)]
    changes = [(3, "2026-11-22 00:00:00", "{}", turn) for turn in range(count)]
    watch = Watch()
    for start in range(0, count, group):
        piece = slice(start, start + group)
        opened.execute("BEGIN IMMEDIATE")
        opened.executemany(_HEAD, facts[piece])
        opened.executemany("INSERT INTO lean VALUES (?, ?, ?, ?, ?)", rows[piece])
        if presence:
            opened.executemany("UPDATE home SET people=?, at=?, c=? WHERE id=?", changes[piece])
        opened.execute("COMMIT")
    read = watch.read()
    opened.close()
    return read


def measure(
    name: str, work: Callable[[], tuple[float, float]], least: Callable[[], tuple[float, float]],
    count: int, runs: int,
) -> dict[str, Any]:  # fmt: skip
    found = [(work(), least()) for _ in range(runs)]

    def pace(which: int, clock: int) -> int:
        return round(count / statistics.median(one[which][clock] for one in found))

    return {
        "kind": name,
        "facts": count,
        "per_s": pace(0, 0),
        "per_processor_s": pace(0, 1),
        "floor_per_s": pace(1, 0),
        "floor_per_processor_s": pace(1, 1),
        "share_of_floor_processor": round(pace(0, 1) / pace(1, 1), 2),
        "is_met": pace(0, 0) >= TARGET_PER_S,
        "load": round(os.getloadavg()[0], 1),
    }


def _county(households: int) -> list[tuple[int, str]]:
    from fengsui.foundation.access.viewer import node_viewer
    from fengsui.foundation.journal import ledger
    from fengsui.foundation.people.models import Household
    from fengsui.review.demonstration import services
    from fengsui.standards.divisions import village_of

    with ledger.writing(), ledger.current().group():
        services.generate_county(
            viewer=node_viewer("bench"), seed=7, townships=9, villages=VILLAGES,
            households=households,
        )  # fmt: skip
    found = Household.objects.order_by("id").values_list("id", "place_code")
    return [(one, village_of(code)) for one, code in found]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=int, default=500, help="facts at scale 1")
    parser.add_argument("--groups", type=int, nargs="+", default=[200, 1_000])
    parser.add_argument("--runs", type=int, default=3)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fengsui-bench-") as home:
        _set_up(home)
        from fengsui.foundation.people.facts import PRESENCE_RECORDED

        folder, rows = Path(home), []
        households, lean = _county(2_000), lean_kind()
        for group in wanted.groups:
            for scale in SCALES:
                count = wanted.base * scale
                kinds = {
                    "lean": (lean, lean_facts(count)),
                    "presence": (PRESENCE_RECORDED, presence_facts(count, households)),
                }
                for name, (kind, stated) in kinds.items():

                    def work(
                        kind: Any = kind, stated: Any = stated, group: int = group
                    ) -> tuple[float, float]:
                        return recorded(kind, stated, group)

                    def least(
                        count: int = count, group: int = group, name: str = name
                    ) -> tuple[float, float]:
                        return floor(folder, count, group, name == "presence")

                    found = measure(name, work, least, count, wanted.runs)
                    rows.append({"group": group, **found})
    result = {
        "bench": "applied",
        "machine": {"processors": os.cpu_count(), "python": platform.python_version()},
        "feeds": VILLAGES,
        "target_per_s": TARGET_PER_S,
        "runs": rows,
    }
    sys.stdout.write(json.dumps(result, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
