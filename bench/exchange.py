"""A new node fetches a county; then a night's facts follow over the session. Two real nodes.

`python -m bench.exchange [--households 4000 40000] [--facts 10000]` prints one JSON object.
Both nodes are `fengsui up` as a user starts it, on loopback; the second calls the first.
Bootstrap: from the moment it began until "complete". Session: a night of four kinds (household
ticks and headcounts, class 0; quick reports, class 1; presence, class 2), from the first of them
on the second node's disk to the last, verified, stored and applied. The floor, in the same run
and one process: libsodium verifying the same signatures, then the same bytes inserted into a
table of the same shape in transactions of 48 rows with synchronous=FULL. Nothing is applied there.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

COUNTY = "439901000000"
TOWNSHIPS, VILLAGES = 20, 10
ALERT = 4_000_000_000_000_000_001
COMMANDS_PER_COMMIT = 20
SESSION_SECONDS_MAX = 600.0
INSERT = (
    "INSERT INTO fact (feed, seq, fact_id, kind, header, body, signature) VALUES (?,?,?,?,?,?,?)"
)


def villages() -> list[str]:
    return [f"4399011{town:02d}2{one:02d}" for town in range(1, 21) for one in range(1, 11)]


# --- filling a node, with nobody else running on its folder ---------------------------------


def fill(home: str, what: str, count: int) -> None:
    """Runs in a process of its own: this one must not open the node's database."""
    subprocess.run(
        [sys.executable, "-m", "bench.exchange", "--fill", home, what, str(count)], check=True
    )


def _fill(home: str, what: str, count: int) -> None:
    os.environ.update(
        FENGSUI_HOME=home, FENGSUI_ROLE="writer", DJANGO_SETTINGS_MODULE="fengsui.config.settings"
    )
    import django
    from django.core.management import call_command

    django.setup()
    for alias in ("default", "local"):
        call_command("migrate", database=alias, verbosity=0)
    from fengsui.foundation.journal import writer

    with writer.holding_the_pen():
        {"county": _county, "night": _night}[what](count)


def _county(households: int) -> None:
    from fengsui.foundation.access.viewer import node_viewer
    from fengsui.foundation.people import services as people
    from fengsui.foundation.places import services as places

    node = node_viewer()
    towns = [f"4399011{town:02d}000" for town in range(1, 21)]
    places.register_places(
        viewer=node,
        county_code=COUNTY,
        places=[
            {"code": code, "name": f"示意{code[6:]}", "lon_e7": None, "lat_e7": None}
            for code in (COUNTY, *towns, *villages())
        ],
    )
    each = households // len(villages())
    for village in villages():
        refs = [f"{village}-{number}" for number in range(each)]
        ids = people.register_people(
            viewer=node,
            persons=[{"ref": one, "name": "示意户主", "place_code": village} for one in refs],
            posts=[],
            holdings=[],
            contact_points=[
                {"person": one, "kind": "phone", "value": f"000{number:08d}"}
                for number, one in enumerate(refs)
            ],
            is_invented=True,
        )
        people.register_households(
            viewer=node,
            households=[
                {
                    "ref": f"h-{one}",
                    "place_code": village,
                    "label": f"示意户{number}",
                    "people_count": 3,
                    "assist_level": number % 3,
                    "contact_person": one,
                    "responsible_person": None,
                    "group_head": None,
                    "relative_name": "示意亲属",
                    "relative_phone": "00030000000",
                    "lon_e7": 1_100_000_000 + number,
                    "lat_e7": 280_000_000 + number,
                }
                for number, one in enumerate(refs)
            ],
            refs=ids,
            is_invented=True,
        )


def _night(facts: int) -> None:
    """40 % ticks, 30 % headcounts, 15 % quick reports, 15 % presence."""
    from fengsui.foundation.access.viewer import node_viewer
    from fengsui.foundation.journal import ledger
    from fengsui.foundation.people import services as people
    from fengsui.foundation.people.models import Household
    from fengsui.response.evacuations import services as evacuations
    from fengsui.response.situation import services as situation

    node = node_viewer()
    rows = list(Household.objects.order_by("id").values_list("id", "place_code")[:2000])
    evacuation = evacuations.open_evacuation(
        viewer=node,
        alert_id=ALERT,
        place_code=COUNTY,
        exercise=True,
        households=[
            {
                "household_id": one,
                "place_code": place,
                "people": 3,
                "assist_level": 0,
                "shelter": "",
            }
            for one, place in rows
        ],
    )["evacuation_id"]

    def write(number: int) -> None:
        household, village = rows[number % len(rows)]
        match number % 20:
            case 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7:
                evacuations.record_household_status(
                    viewer=node,
                    household_id=household,
                    status="moved_central",
                    client_id=f"tick-{number}",
                    evacuation_id=evacuation,
                )
            case 8 | 9 | 10 | 11 | 12 | 13:
                content = {"place_code": village, "series": number % 200, "should": 35, "moved": 30}
                situation.report_headcount(viewer=node, content=content)
            case 14 | 15 | 16:
                content = {"place_code": village, "disaster": "flash_flood", "affected": 40}
                situation.file_quick_report(viewer=node, content=content)
            case _:
                people.record_presence(viewer=node, counts={household: number % 9})

    for start in range(0, facts, COMMANDS_PER_COMMIT):
        with ledger.writing(), ledger.current().group():
            for number in range(start, min(start + COMMANDS_PER_COMMIT, facts)):
                write(number)


# --- measuring -------------------------------------------------------------------------------


def measure(folder: Path, households: int, facts: int) -> dict[str, Any]:
    from tests.world import nodes
    from tests.world.nodes import trust_each_other

    with nodes.places(folder, ("示例县", COUNTY), ("备份节点", COUNTY)) as (first, second):
        fill(str(first.home), "county", households)
        first.start()
        second.start()
        trust_each_other([first, second])
        county_facts = first.facts()
        second.restart(upstream=first.address)
        bootstrap = _bootstrap_seconds(second)
        memory = {one.name: _memory(one) for one in (first, second)}
        second.stop()
        first.stop()
        fill(str(first.home), "night", facts)
        floor = _floor(first.home / "node.db", county_facts)
        first.start()
        wanted = first.facts()
        seconds, count = _session_seconds(second, wanted)
        return {
            "households": households,
            "county_facts": county_facts,
            "county_megabytes": round(_bytes(first) / 1e6, 1),
            "bootstrap_seconds": bootstrap,
            "session_facts": count,
            "session_seconds": round(seconds, 2),
            "session_facts_per_second": round(count / seconds),
            "floor_facts_per_second": floor,
            "resident_megabytes": memory,
        }


def _bootstrap_seconds(node: Any) -> float:
    ended = """
        from fengsui.exchange.neighbours.models import Bootstrap
        row = Bootstrap.objects.first()
        done = row and row.completed_at
        result = (row.completed_at - row.began_at).total_seconds() if done else None
    """
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        seconds = node.run(ended)
        if seconds is not None:
            return round(seconds, 2)
        time.sleep(0.2)
    raise TimeoutError(f"the first fetch does not end: {node.link()}")


def _session_seconds(node: Any, wanted: int) -> tuple[float, int]:
    """Starts the node; from the first new fact on its disk to the last: seconds, facts."""
    table = sqlite3.connect(f"file:{node.home}/node.db?mode=ro", uri=True)
    count = "SELECT count(*) FROM journal_fact"
    base = seen = first = table.execute(count).fetchone()[0]
    began = 0.0
    node.start()
    deadline = time.monotonic() + SESSION_SECONDS_MAX
    while seen < wanted:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{seen} of {wanted} facts: {node.link()}")
        time.sleep(0.02)
        seen = table.execute(count).fetchone()[0]
        if not began and seen > base:
            began, first = time.monotonic(), seen
    return time.monotonic() - began, seen - first


def _memory(place: Any) -> dict[str, float]:
    found = {}
    for name, pid in place.node.pids().items():
        text = Path(f"/proc/{pid}/status").read_text()
        line = next(one for one in text.splitlines() if one.startswith("VmRSS"))
        found[name] = round(int(line.split()[1]) / 1024, 1)
    return found


def _bytes(place: Any) -> int:
    return int(
        place.run(
            """
            from django.db.models import F, Sum
            from django.db.models.functions import Length
            from fengsui.foundation.journal.models import StoredFact
            size = Length("header") + Length("body")
            result = StoredFact.objects.aggregate(size=Sum(size))["size"]
            """
        )
    )


def _floor(database: Path, after: int) -> int:
    """The same facts verified by libsodium and inserted, in one process: facts a second."""
    from nacl.bindings import crypto_sign_open

    from fengsui.foundation.journal.codec import signed_bytes

    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as source:
        rows = source.execute(
            "SELECT f.feed_id, f.seq, f.fact_id, f.kind, f.header, f.body, f.signature,"
            " d.public_key FROM journal_fact f JOIN journal_feed d ON d.id = f.feed_id"
            " WHERE f.arrival > ? ORDER BY f.arrival",
            [after],
        ).fetchall()
    with sqlite3.connect(database.with_name("floor.db"), isolation_level=None) as target:
        target.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
            "CREATE TABLE fact (arrival INTEGER PRIMARY KEY, feed, seq, fact_id UNIQUE, kind,"
            " header, body, signature, UNIQUE (feed, seq));"
        )
        began = time.perf_counter()
        for start in range(0, len(rows), 48):
            piece = rows[start : start + 48]
            for row in piece:
                if row[6] is not None:
                    crypto_sign_open(row[6] + signed_bytes(row[4]), row[7])
            target.execute("BEGIN IMMEDIATE")
            target.executemany(INSERT, [row[:7] for row in piece])
            target.execute("COMMIT")
        return round(len(rows) / (time.perf_counter() - began))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--households", type=int, nargs="*", default=[4_000])
    parser.add_argument("--facts", type=int, default=10_000)
    parser.add_argument("--fill", nargs=3)
    args = parser.parse_args()
    if args.fill:
        _fill(args.fill[0], args.fill[1], int(args.fill[2]))
        return
    results = []
    for households in args.households:
        with tempfile.TemporaryDirectory(prefix="fengsui-bench-") as folder:
            results.append(measure(Path(folder), households, args.facts))
    machine = {"processors": os.cpu_count(), "python": platform.python_version()}
    found = {"bench": "exchange", "machine": machine, "runs": results}
    print(json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main()
