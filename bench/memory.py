"""Memory of a node's processes through a long night: resident sets over time, and their slope.

    python -m bench.memory [--minutes 60] [--people 200] [--every-s 240]    one line of JSON

A whole node (`fengsui up`, its real clock) with an invented county. Every `--every-s` seconds a
practice callout of so many people is opened (rung by the simulated carrier, with its silences,
wrong keys and lost messages); the duty room writes down answers through HTTP at a steady pace
(two every `--step-s`), reads the board and the list of who has not answered, and follows the live
stream. Each 10 s the resident set of each process is read from /proc. The slope is the
least-squares line over all samples, and apart over those after `--settle-minutes`, when caches are
full; MiB an hour. What the record itself grows by on the disk stands beside it. The floor is a
process that does nothing: the supervisor, in the same run. SQLite keeps up to 64 MiB of the record
in the writer and 4 MiB in each reading thread: FENGSUI_WRITER_CACHE_KIB and
FENGSUI_READER_CACHE_KIB in the environment make it less, which shows what grows besides.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import resource
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import Any

from bench.served import (
    Line,
    county_code,
    node_with_county,
    officer,
    open_callout,
    party,
    processor_s,
)

SAMPLE_S = 10.0
AGAIN_S = 1.0
WATCHED = ("writer", "web", "supervisor")
_KIB = 1024


def resident_mib(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / _KIB
    return 0.0


def slope(samples: list[tuple[float, float]]) -> float:
    """MiB an hour of the least-squares line; samples are (seconds, MiB)."""
    if len(samples) < 2:
        return 0.0
    return statistics.linear_regression(*zip(*samples, strict=True)).slope * 3600


def parties(number: int, people: int, county: str) -> list[dict[str, Any]]:
    """Others every time: what grows with the number of people must show."""
    stem = county[:6]
    return [
        party(
            7_000_000 + number * people + one,
            f"{stem}{1 + one % 9:03d}{200 + one // 9 % 12:03d}",
            f"000{one:08d}",
        )
        for one in range(people)
    ]


class Night(threading.Thread):
    """The duty room at its steady pace, and the callouts that come."""

    def __init__(self, port: int, session: str, wanted: argparse.Namespace) -> None:
        super().__init__(daemon=True)
        self.line = Line(port, session)
        self.people, self.every_s, self.step_s = wanted.people, wanted.every_s, wanted.step_s
        self.stopped = threading.Event()
        self.callouts: list[str] = []
        self.answers = 0
        self.requests = 0
        self.failure = ""

    def run(self) -> None:
        county, opens_at, began = county_code(), 0.0, time.monotonic()
        try:
            while not self.stopped.wait(self.step_s):
                if time.monotonic() - began >= opens_at:
                    called = parties(len(self.callouts), self.people, county)
                    self.callouts.append(str(open_callout(called, county)))
                    opens_at += self.every_s
                    continue
                self._look()
        except BaseException as error:
            self.failure = repr(error)
            raise

    def _look(self) -> None:
        latest = self.callouts[-1]
        self.line.ask("GET", f"/api/v1/callouts/{latest}/board")
        listed = self.line.ask("GET", f"/api/v1/callouts/{latest}/unanswered?limit=50")["items"]
        self.requests += 2
        for one in listed[-2:]:
            said = {"answer_kind": "on_it", "heard_from": "示意", "note": "", "client_id": ""}
            self.line.ask("POST", f"/api/v1/calls/{one['call_id']}/answer-for", said)
            self.answers += 1


def follow(port: int, session: str) -> None:
    """A page that follows the live stream and is opened anew when that ends."""
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        try:
            headers = {"Cookie": f"sessionid={session}"}
            connection.request("GET", "/api/v1/live?topics=alerts", headers=headers)
            for _ in connection.getresponse():
                pass
        except (OSError, http.client.HTTPException):
            time.sleep(AGAIN_S)


def measure(wanted: argparse.Namespace) -> dict[str, Any]:
    with node_with_county(villages=60, households=3_000) as node:
        session = officer(county_code())
        night = Night(node.port, session, wanted)
        pids = {name: pid for name, pid in node.pids().items() if name in WATCHED}
        record = node.home / "node.db"
        size_before = record.stat().st_size
        threading.Thread(target=follow, args=(node.port, session), daemon=True).start()
        night.start()
        began = time.monotonic()
        samples: dict[str, list[tuple[float, float]]] = {name: [] for name in pids}
        while (at := time.monotonic() - began) < wanted.minutes * 60 and night.is_alive():
            for name, pid in pids.items():
                samples[name].append((at, resident_mib(pid)))
            time.sleep(SAMPLE_S)
        night.stopped.set()
        night.join(30)
        if night.failure:
            raise SystemExit(night.failure)
        if pids != {name: pid for name, pid in node.pids().items() if name in WATCHED}:
            raise SystemExit("a process was started anew meanwhile")
        cpu = {name: processor_s([pid]) for name, pid in pids.items()}
        grown = (record.stat().st_size - size_before) / _KIB**2
    return {
        "minutes": round(samples["writer"][-1][0] / 60, 1),
        "callouts": len(night.callouts),
        "people": len(night.callouts) * wanted.people,
        "answers": night.answers,
        "reads": night.requests,
        "record_grew_mib": round(grown, 1),
        "processor_s": cpu,
        "resident_mib": {name: _told(found, wanted) for name, found in samples.items()},
    }


def _told(found: list[tuple[float, float]], wanted: argparse.Namespace) -> dict[str, Any]:
    settled = [one for one in found if one[0] >= wanted.settle_minutes * 60]
    return {
        "first": round(found[0][1], 1),
        "last": round(found[-1][1], 1),
        "most": round(max(it for _, it in found), 1),
        "slope_mib_an_hour": round(slope(found), 2),
        "slope_settled_mib_an_hour": round(slope(settled), 2),
        "each_five_minutes": [round(it, 1) for _, it in found[:: round(300 / SAMPLE_S)]],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--settle-minutes", type=float, default=15.0)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--every-s", type=float, default=240.0)
    parser.add_argument("--step-s", type=float, default=3.0)
    wanted = parser.parse_args()
    began = time.monotonic()
    result = {
        "bench": "memory",
        "machine": {"processors": os.cpu_count(), "python": platform.python_version()},
        **measure(wanted),
        "load": round(os.getloadavg()[0], 1),
    }
    used = resource.getrusage(resource.RUSAGE_SELF)
    share = (used.ru_utime + used.ru_stime) / (time.monotonic() - began)
    result["load_generator_processor_share"] = round(share, 3)
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
