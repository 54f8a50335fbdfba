"""Calls opened and first attempts, for many households; the engine's pace; raw SQL as the floor.

`python -m bench.calls [--households 4000 40000]` prints one JSON object. "On the list" is from
the command until every person has a durable call; "first attempts" from the command until every
person's first try has been handed to the (simulated) channel and that is recorded. A transition
is one call changing state once: planned, handed over, passed on. The floor does the same row
changes on a table of the same shape with `executemany` and UPDATE by ids, without facts, in
transactions of the engine's size, synchronous=FULL, on the same disk, in the same run.
Every pace is given by the wall and by processor seconds: on a machine that does other things
besides, only the second can be compared.
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
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench import on_postgres

TOWNSHIPS = 20
CYCLE = 1000


def _set_up(home: str) -> None:
    os.environ["FENGSUI_HOME"] = home
    os.environ["FENGSUI_ROLE"] = "writer"
    os.environ["DJANGO_SETTINGS_MODULE"] = "fengsui.config.settings"
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from fengsui.config.processes import collect_rarely
    from fengsui.foundation.journal import incarnation, ledger

    ledger.use(incarnation.open_ledger())
    collect_rarely()


def _parties(count: int) -> list[dict[str, Any]]:
    return [
        {
            "person_id": 1_000_000 + index,
            "name": f"示意户{index}",
            "place_code": f"9901011{index * TOWNSHIPS // count:02d}2{index % 10:02d}",
            "unit_code": "",
            "post_title": "住户",
            "household_id": 5_000_000 + index,
            "contacts": [{"kind": "phone", "value": f"000{index:08d}"}],
            "deputies": [],
            "superiors": [],
        }
        for index in range(count)
    ]


class Steps:
    """Runs job steps as the writer does, each in its own durable group, and times the holds."""

    def __init__(self) -> None:
        self.holds: dict[str, list[float]] = {}

    def step(self, name: str, job: Callable[[Any], bool | None]) -> bool:
        from fengsui.foundation.journal import clock, ledger

        began = time.perf_counter()
        with ledger.writing(), ledger.current().group():
            more = job(clock.now())
        ledger.current().take_notices()
        self.holds.setdefault(name, []).append((time.perf_counter() - began) * 1000)
        return bool(more)

    def until_done(self, name: str, job: Callable[[Any], bool | None]) -> float:
        began = time.perf_counter()
        while self.step(name, job):
            pass
        return time.perf_counter() - began

    def shown(self) -> dict[str, dict[str, float]]:
        return {
            name: {
                "steps": len(times),
                "median_ms": round(statistics.median(times), 1),
                "p99_ms": round(sorted(times)[int(len(times) * 0.99)], 1),
            }
            for name, times in self.holds.items()
        }


class Watch:
    """Seconds by the wall and by the processor since it was made."""

    def __init__(self) -> None:
        self._wall, self._processor = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        return time.perf_counter() - self._wall, time.process_time() - self._processor


def _silent_people() -> None:
    """A carrier that takes everything and says nothing: what it would need is not measured."""
    from fengsui.engines.calls import channel_register, jobs
    from fengsui.gateways.channels import Delivery, Message, Outcome
    from fengsui.gateways.channels.simulated import SimulatedCarrier

    class Silent(SimulatedCarrier):
        def send(self, message: Message) -> Outcome:
            return Outcome(Delivery.HANDED_OVER)

        def resume(self, message: Message) -> None:
            return None

    channel_register.reset()
    channel_register.register_practice(Silent())
    jobs.restart()


def _open(parties: list[dict[str, Any]]) -> int:
    from fengsui.engines.calls import services
    from fengsui.foundation.access.viewer import node_viewer

    return int(
        services.open_callout(
            viewer=node_viewer("bench"),
            subject_kind="alert",
            subject_id=1,
            place_code="990101000000",
            level="red",
            text="演练",
            exercise=True,
            parties=parties,
        )["callout_id"]
    )


def measure(count: int, folder: Path) -> dict[str, Any]:
    from fengsui.engines.calls import jobs, services
    from fengsui.engines.calls.models import Attempt
    from fengsui.foundation.access.viewer import node_viewer
    from fengsui.foundation.journal import clock

    _silent_people()
    parties, steps = _parties(count), Steps()
    whole = Watch()
    callout_id = _open(parties)
    acknowledged = whole.read()
    steps.until_done("unpack", jobs.unpack)
    listed = whole.read()
    sending = Watch()
    steps.until_done("advance", jobs.advance)
    steps.until_done("dispatch", jobs.dispatch)
    sent, total = sending.read(), whole.read()
    taken = Attempt.objects.filter(callout_id=callout_id, word="handed_over").count()
    if taken != count:
        raise SystemExit(f"{taken} of {count} were called")

    # The engine alone: everybody is silent, so every due call is planned again, cycle by cycle.
    clock.forward(seconds=121)
    engine = Watch()
    while services.advance_calls(viewer=node_viewer("bench"), limit=CYCLE)["more"]:
        pass
    paced = engine.read()
    inserted, planned = floor_of(folder, callout_id, count)
    services.stop_callout(viewer=node_viewer("bench"), callout_id=callout_id, reason="measured")

    def pace(transitions: int, watch: tuple[float, float]) -> dict[str, int]:
        return {
            "per_s": round(transitions / watch[0]),
            "per_processor_s": round(transitions / watch[1]),
        }

    return {
        "households": count,
        "command_acknowledged_s": round(acknowledged[0], 3),
        "on_the_list_s": round(listed[0], 3),
        "on_the_list_processor_s": round(listed[1], 3),
        "on_the_list_floor_processor_s": round(inserted[1], 3),
        "first_attempts_s": round(total[0], 3),
        "first_attempts_processor_s": round(total[1], 3),
        "transitions_first_attempts": pace(2 * count, sent),
        "engine_transitions": pace(count, paced),
        "engine_transitions_floor": pace(count, planned),
        "engine_share_of_floor": round(planned[0] / paced[0], 2),
        "engine_share_of_floor_processor": round(planned[1] / paced[1], 2),
        "holds": steps.shown(),
    }


def floor_of(
    folder: Path, callout_id: int, count: int, *, delay_s: float = 0.0
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Raw SQL on tables of the same shape, filled with the rows the engine has just made."""
    from django.db import connection

    if connection.vendor == "postgresql":
        return on_postgres.floor(callout_id, count, CYCLE, Watch, delay_s=delay_s)
    path = folder / "floor.db"
    path.unlink(missing_ok=True)
    opened = sqlite3.connect(path, isolation_level=None)
    opened.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;"
        "PRAGMA wal_autocheckpoint=4000; PRAGMA temp_store=MEMORY;"
    )
    source = sqlite3.connect(folder / "node.db")
    for (statement,) in source.execute(
        "SELECT sql FROM sqlite_master WHERE tbl_name IN"
        " ('calls_call', 'calls_callparty', 'calls_attempt') AND sql IS NOT NULL"
        " ORDER BY type DESC"
    ):
        opened.execute(statement)
    rows = {
        table: source.execute(
            f"SELECT * FROM {table} WHERE {column} IN"
            " (SELECT id FROM calls_call WHERE callout_id = ?) ORDER BY id LIMIT ?",
            (callout_id, count),
        ).fetchall()
        for table, column in (
            ("calls_call", "id"),
            ("calls_callparty", "call_id"),
            ("calls_attempt", "call_id"),
        )
    }
    source.close()

    def insert(table: str, chunk: list[Any]) -> None:
        marks = ",".join("?" * len(chunk[0]))
        opened.executemany(f"INSERT INTO {table} VALUES ({marks})", chunk)

    inserting = Watch()
    for start in range(0, count, 200):
        opened.execute("BEGIN IMMEDIATE")
        insert("calls_call", rows["calls_call"][start : start + 200])
        insert("calls_callparty", rows["calls_callparty"][start : start + 200])
        opened.execute("COMMIT")
    inserted = inserting.read()

    opened.execute("UPDATE calls_call SET next_at = '2000-01-01 00:00:00'")
    (driver,) = opened.execute("SELECT driver FROM calls_call LIMIT 1").fetchone()
    planning = Watch()
    for start in range(0, count, CYCLE):
        opened.execute("BEGIN IMMEDIATE")
        due = opened.execute(
            "SELECT id, callout_id, batch_id, lap, rung, state, tries, last_outcome, channel,"
            " is_covered FROM calls_call WHERE driver = ? AND next_at <= '2001-01-01'"
            " ORDER BY next_at LIMIT ?",
            (driver, CYCLE),
        ).fetchall()
        opened.execute(
            "UPDATE calls_call SET progress = 301, progress_fact = 1, due_progress = 301,"
            " due_fact = 1, lap = 0, rung = 0, tries = 3, channel = 'voice',"
            " last_outcome = 'planned', heard_s = 0, state = 'planned',"
            " next_at = '2030-01-01 00:00:00'"
            " WHERE id IN (SELECT value FROM json_each(?)) AND progress < 9000",
            (json.dumps([row[0] for row in due]),),
        )
        insert("calls_attempt", rows["calls_attempt"][start : start + CYCLE])
        time.sleep(delay_s)
        opened.execute("COMMIT")
    planned = planning.read()
    opened.close()
    return inserted, planned


def wound_clock(*, at_night: bool) -> Any:
    """Noon or 02:00 in Beijing, whenever the bench runs: at night red rings several together."""
    from fengsui.foundation.journal import clock

    start = clock.now().replace(hour=18 if at_night else 4, minute=0)
    return clock.WoundClock(start if start > clock.now() else start + timedelta(days=1))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, nargs="+", default=[4_000, 40_000])
    parser.add_argument("--at-night", action="store_true")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fengsui-bench-") as home:
        _set_up(home)
        from django.db import connection

        from fengsui.foundation.journal import clock

        clock.use(wound_clock(at_night=wanted.at_night))
        result = {
            "bench": "calls",
            "database": connection.vendor,
            "machine": {"processors": os.cpu_count(), "python": platform.python_version()},
            "townships": TOWNSHIPS,
            "cycle": CYCLE,
            "at_night": wanted.at_night,
            "runs": [measure(size, Path(home)) for size in wanted.households],
        }
    sys.stdout.write(json.dumps(result, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
