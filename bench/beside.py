"""A county's 40,000 households taken in while a thousand answers a second are recorded.

    python -m bench.beside [--rows 400 4000 40000] [--answers 1000]    one line of JSON

A whole node (`fengsui up`), its one writer. The load generator is a process of its own on the
writer's socket (`bench/night.py`'s): it offers `record_answer` at a fixed pace without waiting for
replies, and measures from the moment at which an answer was to be sent to its reply, which the
writer sends after the commit. Beside it, in two ways, one after the other:

- `register`: rows that are in memory already, through the register's own command, from before the
  first command to the reply of the last (durable, with their facts, applied);
- `sheet`: an office's xlsx through the whole production way of `bench/imports.py` (read in the
  sandbox, checked and previewed, then written), step by step; 40,000 others, beside those of the
  first way, which are in the register already.

Floors of the same run: the answers alone, nothing imported; and the same rows by one raw
`executemany` and one durable commit, without record, checks or answers. Nobody called has a number
to ring, so the engine is quiet meanwhile. Importer and generator share the machine with the writer;
their processor shares are given.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.imports import COUNTY, PERSONS, TOWNSHIPS, VILLAGES, _check, _places, _sheet
from bench.night import IMPORTS_S, generate
from bench.served import apart, calls_of, node_with_county, open_callout, party, processor_s, spread

TARGET_S, TARGET_P99_MS = 10.0, 50.0
ALONE_S = 5.0
CALLS_MAX = 60_000


class Answers:
    """The generator, from `begin` to `end`."""

    def __init__(self, path: str, call_ids: list[int], per_s: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.begin, self.stop = context.Event(), context.Event()
        self.told = context.Queue()
        self.process = context.Process(
            target=generate,
            args=(path, call_ids, per_s, self.begin, self.stop, self.told),
            daemon=True,
        )
        self.process.start()
        time.sleep(IMPORTS_S)

    def beside(self, work: Callable[[], Any]) -> tuple[float, dict[str, Any]]:
        """Seconds that the work took, and what became of the answers meanwhile."""
        self.begin.set()
        began = time.perf_counter()
        work()
        took = time.perf_counter() - began
        self.stop.set()
        said = self.told.get(timeout=120)
        self.process.join(30)
        return took, {
            "offered_for_s": round(said["took"], 2),
            "sent": said["sent"],
            "failed": said["failed"],
            "done_share": round(len(said["waits"]) / max(1, said["sent"]), 3),
            "wait": spread(said["waits"] or [0.0]),
            "generator_processor_share": round(said["busy"] / max(said["took"], 0.001), 2),
        }


def households(count: int) -> list[dict[str, Any]]:
    villages = [row["code"] for row in _places() if not row["code"].endswith("000")]
    return [
        {
            "place_code": villages[n * len(villages) // count],
            "label": f"示意旧{n:05d}户",
            "people_count": 1 + n % 6,
            "relative_name": f"示意亲{n % 977}",
            "relative_phone": f"0003{n:07d}",
        }
        for n in range(count)
    ]


def floor_s(home: Path, rows: list[dict[str, Any]]) -> float:
    """The same rows into a table of the same shape by one statement and one commit."""
    source = sqlite3.connect(f"file:{home}/node.db?mode=ro", uri=True)
    made = source.execute(
        "SELECT sql FROM sqlite_master WHERE tbl_name = 'people_household' AND sql IS NOT NULL"
        " ORDER BY type DESC"
    ).fetchall()
    columns = [row[1] for row in source.execute("PRAGMA table_info(people_household)")]
    source.close()
    opened = sqlite3.connect(home / "floor.db", isolation_level=None)
    opened.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
    for (statement,) in made:
        opened.execute(statement)
    fill = {
        "assist_level": 0, "assist_people": 0, "tonight_people": 3, "is_invented": 1,
        "is_withdrawn": 0, "field_clock": "{}",
    }  # fmt: skip
    wanted = [one for one in columns if one in {*fill, *rows[0]}]
    statement = (
        f"INSERT INTO people_household ({','.join(wanted)}) VALUES ({','.join('?' * len(wanted))})"
    )
    values = [[(row | fill)[one] for one in wanted] for row in rows]
    began = time.perf_counter()
    opened.execute("BEGIN IMMEDIATE")
    opened.executemany(statement, values)
    opened.execute("COMMIT")
    took = time.perf_counter() - began
    opened.close()
    (home / "floor.db").unlink()
    return took


def _county() -> None:
    from fengsui.foundation.access.viewer import node_viewer
    from fengsui.foundation.people import services as people
    from fengsui.foundation.places import services as places

    viewer = node_viewer("bench")
    places.register_places(viewer=viewer, county_code=COUNTY, places=_places())
    people.register_people(
        viewer=viewer,
        persons=[
            {"ref": f"p{n}", "name": f"示意员{n:04d}", "place_code": COUNTY} for n in range(PERSONS)
        ],
        contact_points=[
            {"person": f"p{n}", "kind": "phone", "value": f"0002{n:07d}"} for n in range(PERSONS)
        ],
    )


def _register(count: int) -> None:
    from fengsui.foundation.access.viewer import node_viewer
    from fengsui.foundation.people import services

    services.register_households(
        viewer=node_viewer("bench"), households=households(count), is_invented=True
    )


def _take_in(file: Path, steps: dict[str, float]) -> None:
    from fengsui.config.commands.register import receive
    from fengsui.config.processes import collect_rarely
    from fengsui.foundation.access.viewer import node_viewer
    from fengsui.foundation.imports import services
    from fengsui.foundation.imports.services import registers

    collect_rarely()  # as the process does that works on an import
    viewer, at = node_viewer(), time.perf_counter()

    def note(name: str) -> None:
        nonlocal at
        steps[name], at = round(time.perf_counter() - at, 2), time.perf_counter()

    one = receive(viewer, "households", file)
    note("read")
    _check(one)
    note("check and preview")
    with services.Staging(one.id) as staging:
        services.begin(one, staging, registers.get("households", viewer=viewer), viewer)
    services.work(one.id)
    note("write")
    one.refresh_from_db()
    if one.state != "done":
        raise SystemExit(f"the import ended as {one.state}: {one.problem}")


def measure(count: int, per_s: int) -> dict[str, Any]:
    with node_with_county(villages=0, households=0) as node:
        from fengsui.config.wiring import wire
        from fengsui.foundation.journal import place

        wire()
        _county()
        called = min(CALLS_MAX, round(per_s * (ALONE_S + 15 + count / 800)))
        codes = [f"4399011{n % TOWNSHIPS:02d}2{n % VILLAGES:02d}" for n in range(called)]
        parties = [party(7_000_000 + n, code) for n, code in enumerate(codes)]
        ids = calls_of(open_callout(parties, COUNTY), called)
        path = str(place.socket_path(node.home))
        pids = node.pids()
        alone = round(per_s * ALONE_S)

        def answers(first: int, last: int) -> Answers:
            return Answers(path, ids[first:last], per_s)

        half = (called + alone) // 2
        _, alone_said = answers(0, alone).beside(lambda: time.sleep(ALONE_S))
        used = processor_s([pids["writer"]]), time.process_time()
        took, said = answers(alone, half).beside(lambda: _register(count))
        used = processor_s([pids["writer"]]) - used[0], time.process_time() - used[1]
        steps: dict[str, float] = {}
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "sheet.xlsx"
            _sheet(count, file)
            whole, sheet_said = answers(half, called).beside(lambda: _take_in(file, steps))
        least = floor_s(node.home, households(count))
    return {
        "rows": count,
        "answers_offered_per_s": per_s,
        "answers_alone": alone_said,
        "register": {
            "seconds": round(took, 2),
            "rows_per_s": round(count / took),
            "writer_processor_s": round(used[0], 2),
            "importer_processor_s": round(used[1], 2),
            "answers": said,
        },
        "sheet": {"seconds": round(whole, 2), "steps_s": steps, "answers": sheet_said},
        "floor_s": round(least, 3),
        "is_met": took <= TARGET_S and said["wait"]["p99_ms"] <= TARGET_P99_MS,
        "is_met_by_the_sheet": whole <= TARGET_S and sheet_said["wait"]["p99_ms"] <= TARGET_P99_MS,
        "load": round(os.getloadavg()[0], 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[400, 4_000, 40_000])
    parser.add_argument("--answers", type=int, default=1_000)
    parser.add_argument("--one", type=int)
    wanted = parser.parse_args()
    if wanted.one:
        found = measure(wanted.one, wanted.answers)
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
        return 0
    result = {
        "bench": "beside",
        "machine": {"processors": os.cpu_count(), "python": platform.python_version()},
        "target": {"seconds": TARGET_S, "answers_p99_ms": TARGET_P99_MS},
        "runs": [
            apart("beside", "--one", count, "--answers", wanted.answers) for count in wanted.rows
        ],
    }
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
