"""Answers through HTTP: phones to the web process, its door to the writer, the commit, and back.

    python -m bench.answers [--answers 100 1000 3000] [--connections 1 4 16]    one line of JSON

A whole node (`fengsui up`): one web process, one writer, an invented county. The load generator is
a process of its own with so many kept connections; on each the next request goes out when the last
was answered, so the pace is what the node gives. `own`: POST /calls/{id}/answer, every one by
another person with a session of their own, as a phone does. `for`: POST /calls/{id}/answer-for, the
duty room's word, one session. Each is signed, durable and applied before its reply; waits are from
before the request is written until its answer has been read. Nobody called has a number to ring, so
the engine is quiet. Floors of the same run: GET /healthz by the same generator over as many
connections (the web process without a session, a writer, a commit); and one row inserted and
committed durably by raw SQL (synchronous=FULL), one after the other. Processor time of web and
writer an answer, and the generator's share, are given: all share the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

from bench.served import (
    Line,
    calls_of,
    county_code,
    driven,
    node_with_county,
    officer,
    open_callout,
    party,
    people,
    signed_in,
)
from tests.world.running_node import RunningNode

HEALTH_REQUESTS = 1_000
COMMITS = 500


def commits_per_s(folder: Path) -> float:
    opened = sqlite3.connect(folder / "floor.db", isolation_level=None)
    opened.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;")
    opened.execute("CREATE TABLE IF NOT EXISTS a (id INTEGER PRIMARY KEY, body BLOB)")
    began = time.perf_counter()
    for _ in range(COMMITS):
        opened.execute("INSERT INTO a VALUES (NULL, ?)", (bytes(300),))
    took = time.perf_counter() - began
    opened.close()
    (folder / "floor.db").unlink()
    return round(COMMITS / took, 1)


def own_answers(port: int, county: str, count: int) -> list[bytes]:
    """Requests of so many people, all called, each with a session and a call of their own."""
    from fengsui.engines.calls.models import Call

    township = f"{county[:6]}001000"
    persons = people([f"示意{time.monotonic_ns()}之{n}" for n in range(count)], township)
    callout = open_callout([party(one, township) for one in persons], county)
    calls_of(callout, count)
    call_of = dict(Call.objects.filter(callout_id=callout).values_list("person_id", "id"))
    said = {"answer_kind": "on_it", "client_id": ""}
    requests = []
    for one in persons:
        line = Line(port, signed_in(one))
        requests.append(line.request("POST", f"/api/v1/calls/{call_of[one]}/answer", said))
        line.opened.close()
    return requests


def answers_for(line: Line, county: str, count: int) -> list[bytes]:
    township = f"{county[:6]}001000"
    first = 7_000_000 + time.monotonic_ns() % 10**9 * 10_000
    callout = open_callout([party(first + n, township) for n in range(count)], county)
    said = {"answer_kind": "on_it", "heard_from": "示意", "note": "", "client_id": ""}
    return [
        line.request("POST", f"/api/v1/calls/{one}/answer-for", said)
        for one in calls_of(callout, count)
    ]


def measure(
    node: RunningNode, requests: list[bytes], connections: int, what: str
) -> dict[str, Any]:
    pids = {name: pid for name, pid in node.pids().items() if name in ("web", "writer")}
    found = driven(node.port, requests, connections, pids)
    asking = [Line(node.port).request("GET", "/healthz")] * HEALTH_REQUESTS
    health = driven(node.port, asking, connections)
    return {
        "what": what,
        "answers": len(requests),
        **found,
        "floor_healthz": {name: health[name] for name in ("per_s", "p50_ms", "p99_ms")},
        "load": round(os.getloadavg()[0], 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--answers", type=int, nargs="+", default=[100, 1_000, 3_000])
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 4, 16])
    wanted = parser.parse_args()
    runs = []
    with node_with_county(villages=30, households=300) as node:
        county = county_code()
        session = officer(county)
        for connections in wanted.connections:
            for count in wanted.answers:
                own = own_answers(node.port, county, count)
                runs.append(measure(node, own, connections, "own"))
            word = answers_for(Line(node.port, session), county, wanted.answers[-1])
            runs.append(measure(node, word, connections, "for"))
        floor = commits_per_s(node.home)
    result = {
        "bench": "answers",
        "machine": {"processors": os.cpu_count(), "python": platform.python_version()},
        "runs": runs,
        "floor_durable_commits_per_s": floor,
    }
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
