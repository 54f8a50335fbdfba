"""`fengsui sim --seed S`: a few nodes, an invented storm, and whether every promise was kept."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from fengsui.exchange.simulator import NODES_MAX, Weather, World

EXIT_BROKEN = 1
SECONDS_AN_HOUR = 3_600


def add_arguments(subparsers: Any) -> None:
    parser = subparsers.add_parser("sim", help="同步演算：同一种子同一结果 / simulate the exchange")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same digest")
    parser.add_argument(
        "--seeds", type=int, default=1, metavar="N", help="so many from the seed on"
    )
    parser.add_argument("--nodes", type=int, default=2, choices=range(2, NODES_MAX + 1))
    parser.add_argument("--hours", type=float, default=0.25, help="length of the storm")


def run(args: argparse.Namespace) -> int:
    """One JSON line a seed; the exit code is 0 when every promise was kept."""
    weather = Weather(fault_seconds=args.hours * SECONDS_AN_HOUR)
    is_broken = False
    for seed in range(args.seed, args.seed + args.seeds):
        outcome = World(seed, nodes=args.nodes, weather=weather).run()
        is_broken = is_broken or outcome.verdict != "ok"
        line = {
            "seed": outcome.seed,
            "facts": outcome.facts,
            "digest": outcome.digest,
            "verdict": outcome.verdict,
            "counts": dict(outcome.counts),
        }
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    return EXIT_BROKEN if is_broken else 0
