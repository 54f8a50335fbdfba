"""`fengsui sim --seed S`: a county of nodes, an invented storm, and whether promises were kept."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

from fengsui.exchange.simulator import Outcome, World, plan_for

EXIT_BROKEN = 1
TOWNSHIPS, VILLAGES, HOURS = 2, 4, 8.0
TOWNSHIPS_MAX, VILLAGES_MAX = 99, 700


def add_arguments(subparsers: Any) -> None:
    parser = subparsers.add_parser("sim", help="同步演算：同一种子同一结果 / simulate the exchange")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same digest")
    parser.add_argument(
        "--seeds", type=int, default=1, metavar="N", help="so many from the seed on"
    )
    parser.add_argument("--townships", type=int, default=TOWNSHIPS, metavar="N", help="乡镇数")
    parser.add_argument("--villages", type=int, default=VILLAGES, metavar="N", help="村数")
    parser.add_argument("--hours", type=float, default=HOURS, help="length of the storm")


def run(args: argparse.Namespace) -> int:
    """A JSON line a seed with what happened, then one line: seed, facts, digest, verdict."""
    if not (0 < args.townships <= TOWNSHIPS_MAX and 0 < args.villages <= VILLAGES_MAX):
        sys.stderr.write(f"at most {TOWNSHIPS_MAX} townships and {VILLAGES_MAX} villages\n")
        return EXIT_BROKEN
    plan = plan_for(args.townships, args.villages, args.hours)
    is_broken = False
    for seed in range(args.seed, args.seed + args.seeds):
        began = time.monotonic()
        outcome = World(seed, plan).run()
        took = time.monotonic() - began
        is_broken = is_broken or outcome.verdict != "ok"
        sys.stdout.write(_details(outcome, took) + "\n" + _line(outcome, args) + "\n")
        sys.stdout.flush()
    return EXIT_BROKEN if is_broken else 0


def _details(outcome: Outcome, seconds: float) -> str:
    plain = {
        "seed": outcome.seed,
        "seconds": round(seconds, 2),
        "events": outcome.events,
        "counts": dict(outcome.counts),
    }
    return json.dumps(plain, ensure_ascii=False)


def _line(outcome: Outcome, args: argparse.Namespace) -> str:
    line = (
        f"seed {outcome.seed} facts {outcome.facts} digest {outcome.digest} "
        f"verdict {outcome.verdict}"
    )
    if outcome.verdict == "ok":
        return line
    again = (
        f"fengsui sim --seed {outcome.seed} --townships {args.townships} "
        f"--villages {args.villages} --hours {args.hours:g}"
    )
    return f"{line} again: {again}"
