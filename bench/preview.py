"""What an approver looks at before anything is sent, through HTTP: a county of 40,000 households.

    python -m bench.preview [--households 400 4000 40000] [--runs 30]    one line of JSON

A whole node (`fengsui up`) with an invented county; a signed-in officer asks over one kept
connection, from before the request is written until its answer has been read as JSON. `alert`: GET
/alerts/{id}/concerned of a warning over the whole county, as it is drafted (households in danger
areas are called, others counted) and with every household ticked. `paper`: POST /policies/dry-run
of the red policy over the whole county, everybody included: who, in what order, who has no number.
The first answer of each, with cold caches, stands apart; `web_processor_ms` is what the web process
took for one, whatever else the machine did. Floors of the same run: the same rows (households with
their contact and number) read by raw SQL, only counted by township for `alert` and all of them
fetched for `paper`; and a GET of /healthz. Everything is on one machine; the load generator's
processor share is given.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sqlite3
import sys
import time
from typing import Any

from bench.served import Line, apart, county_code, node_with_county, officer, processor_s, spread

TARGET_MS = 200.0
_ROWS = (
    "FROM people_household h LEFT JOIN people_contactpoint c ON c.person_id = h.contact_person_id"
    " WHERE NOT h.is_withdrawn"
)
_COUNTED = f"SELECT substr(h.place_code, 1, 9), COUNT(*), SUM(c.value <> '') {_ROWS} GROUP BY 1"
_FETCHED = f"SELECT h.id, h.label, h.place_code, h.contact_person_id, c.value {_ROWS} ORDER BY 3, 1"


def timed(ask: Any, runs: int, pid: int | None = None) -> dict[str, Any]:
    """Waits of `runs` questions after a first one; `pid`: what that process took for each."""
    times, used = [], processor_s([pid]) if pid else 0.0
    for _ in range(runs + 1):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    found: dict[str, Any] = {"first_ms": round(times[0], 1), **spread(times[1:])}
    if pid:
        found["web_processor_ms"] = round((processor_s([pid]) - used) / len(times) * 1000, 1)
    return found


def measure(households: int, runs: int) -> dict[str, Any]:
    villages = max(20, min(300, households // 130))
    with node_with_county(villages=villages, households=households) as node:
        county = county_code()
        line = Line(node.port, officer(county))
        draft = {
            "kind": "monitoring_alarm", "category_name": "暴雨", "level": "red",
            "text": "示意：请立即转移。", "area_codes": [county], "exercise": True,
        }  # fmt: skip
        alert = line.ask("POST", "/api/v1/alerts/draft", draft)
        policy = next(
            one["policy"] for one in line.ask("GET", "/api/v1/policies")["items"]
            if one["name"] == "red"
        )  # fmt: skip
        paper = {
            "policy": policy, "codes": [county], "include_other_households": True,
            "exercise": True, "lines": 30, "seconds_a_call": 40,
        }  # fmt: skip
        seen: dict[str, Any] = {}

        def ask(name: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
            def once() -> None:
                seen[name] = line.ask(method, path, body)

            return timed(once, runs, node.pids()["web"])

        address = f"/api/v1/alerts/{alert['id']}"
        found = {"alert, as drafted": ask("danger", "GET", f"{address}/concerned")}
        line.ask("PATCH", address, {"include_other_households": True})
        found["alert, every household"] = ask("all", "GET", f"{address}/concerned")
        found["paper, every household"] = ask("paper", "POST", "/api/v1/policies/dry-run", paper)
        opened = sqlite3.connect(f"file:{node.home}/node.db?mode=ro", uri=True)
        floor = {
            "counted by raw SQL": timed(lambda: opened.execute(_COUNTED).fetchall(), runs),
            "fetched by raw SQL": timed(lambda: opened.execute(_FETCHED).fetchall(), runs),
            "GET /healthz": timed(lambda: line.ask("GET", "/healthz"), runs),
        }
        opened.close()
    return {
        "households": households,
        "danger_households": seen["danger"]["danger_households"],
        "others": seen["all"]["other_households"]["count"],
        "parties": seen["all"]["parties"],
        "people_on_paper": seen["paper"]["people"],
        "asked": found,
        "floor": floor,
        "is_met": all(one["p99_ms"] <= TARGET_MS for one in found.values()),
        "load": round(os.getloadavg()[0], 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--households", type=int, nargs="+", default=[400, 4_000, 40_000])
    parser.add_argument("--one", type=int)
    parser.add_argument("--runs", type=int, default=30)
    wanted = parser.parse_args()
    began = time.monotonic()
    if wanted.one:
        found = measure(wanted.one, wanted.runs)
        used = resource.getrusage(resource.RUSAGE_SELF)
        share = (used.ru_utime + used.ru_stime) / (time.monotonic() - began)
        found["load_generator_processor_share"] = round(share, 2)
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
        return 0
    runs = [apart("preview", "--one", it, "--runs", wanted.runs) for it in wanted.households]
    result = {
        "bench": "preview",
        "machine": {"processors": os.cpu_count(), "python": platform.python_version()},
        "target_ms": TARGET_MS,
        "runs": runs,
    }
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
