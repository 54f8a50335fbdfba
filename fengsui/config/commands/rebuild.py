"""`fengsui rebuild`: empty the tables, replay the journal, say whether anything differs."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

from fengsui.foundation.journal import replay, writer


def add_arguments(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "rebuild", help="由记录重建全部数据表 / rebuild every table from the journal"
    )
    parser.add_argument(
        "--check", action="store_true", help="exit with 1 where the tables differed before"
    )


def run(args: argparse.Namespace) -> int:
    with writer.holding_the_pen():
        before = replay.digest()
        began = time.monotonic()
        facts = replay.rebuild()
        seconds = time.monotonic() - began
        after = replay.digest()
    changed = [table for table in after if before[table] != after[table]]
    sys.stdout.write(
        f"已由 {facts} 条记录重建，用时 {seconds:.1f} 秒。 "
        f"Rebuilt from {facts} facts in {seconds:.1f} s.\n"
    )
    for table in changed:
        sys.stdout.write(f"重建前后不同 / differed before: {table}\n")
    return 1 if changed and args.check else 0
