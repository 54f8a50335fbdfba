"""How many invented storms a minute one core gets through.

`python -m bench.simulation [--large N] [--small N]` prints one JSON object: whole counties (321
nodes, 72 hours, 160 power cuts, 160 partitions) and small ones (7 nodes, 8 hours), seeds a minute,
events a second and memory. Its floor: 1 large seed a minute on one core.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import sys
import time
from typing import Any

from fengsui.exchange.simulator import Plan, World, plan_for

LARGE = plan_for(20, 300, 72.0)
SMALL = Plan()
SEED = 1_000
FLOOR_LARGE_PER_MINUTE = 1.0


def measure(plan: Plan, seeds: int) -> dict[str, Any]:
    began = time.process_time()
    outcomes = [World(SEED + number, plan).run() for number in range(seeds)]
    seconds = time.process_time() - began
    carried = sum(dict(outcome.counts).get("facts carried", 0) for outcome in outcomes)
    return {
        "nodes": 1 + plan.townships + plan.villages,
        "hours": plan.hours,
        "seeds": seeds,
        "broken": [outcome.seed for outcome in outcomes if outcome.verdict != "ok"],
        "cpu_seconds": round(seconds, 2),
        "seeds_per_minute_per_core": round(60 * seeds / seconds, 2),
        "events_per_second": round(sum(outcome.events for outcome in outcomes) / seconds),
        "facts_written": sum(outcome.facts for outcome in outcomes),
        "facts_carried": carried,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", type=int, default=1, metavar="N")
    parser.add_argument("--small", type=int, default=10, metavar="N")
    arguments = parser.parse_args()
    result: dict[str, Any] = {"python": platform.python_version()}
    if arguments.small:
        result["small"] = measure(SMALL, arguments.small)
    if arguments.large:
        result["large"] = measure(LARGE, arguments.large)
    result["memory_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sizes = [result[name] for name in ("small", "large") if name in result]
    is_fast = (
        not arguments.large
        or result["large"]["seeds_per_minute_per_core"] >= FLOOR_LARGE_PER_MINUTE
    )
    result["ok"] = is_fast and not any(size["broken"] for size in sizes)
    sys.stdout.write(json.dumps(result) + "\n")
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
