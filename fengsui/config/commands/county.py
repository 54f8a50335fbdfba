"""`fengsui county`: load a real county's register of places, or make up an invented one."""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fengsui.config import schema
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import client, writer
from fengsui.foundation.places import services as places
from fengsui.review.demonstration import services as demonstration
from fengsui.standards.divisions import is_division_code

FILE_BYTES_MAX = 64 * 1024 * 1024
LISTED_MAX = 400


def add_arguments(subparsers: Any) -> None:
    parser = subparsers.add_parser("county", help="行政区划 / load or make up a county")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    load = verbs.add_parser("import", help="导入一个县 / load a county's folder")
    load.add_argument("directory", type=Path, metavar="DIR")
    make = verbs.add_parser("generate", help="生成示意人员住户 / make up people, or a whole county")
    make.add_argument("--seed", type=int, default=7)
    make.add_argument("--townships", type=int, default=9, help="with --whole: 7 to 12")
    make.add_argument("--villages", type=int, default=96, help="with --whole: how many")
    make.add_argument("--households", type=int, default=6_000)
    what = make.add_mutually_exclusive_group()
    what.add_argument(
        "--fill",
        metavar="DIR_OR_CODE",
        help="an imported county's code, or a folder to import first; default: the node's county",
    )
    what.add_argument("--whole", action="store_true", help="make up the county as well")


def run(args: argparse.Namespace) -> int:
    with a_writer():
        if args.verb == "import":
            load_directory(args.directory)
            return 0
        return generate(args)


def generate(args: argparse.Namespace) -> int:
    """Fills the county that is there (or that DIR holds) with invented people, or makes one up."""
    code = None
    if args.fill is not None:
        code = args.fill if is_division_code(args.fill) else load_directory(Path(args.fill))
    began = time.monotonic()
    if args.whole:
        sizes = demonstration.generate_county(
            viewer=node_viewer(),
            seed=args.seed,
            townships=args.townships,
            villages=args.villages,
            households=args.households,
            progress=_progress,
        )
    else:
        sizes = demonstration.fill_county(
            viewer=node_viewer(),
            seed=args.seed,
            households=args.households,
            county_code=code,
            progress=_progress,
        )
    seconds = time.monotonic() - began
    told = "  ".join(f"{name} {count}" for name, count in sizes.items())
    _say(f"示意 invented: {told}  ({seconds:.1f} s)")
    return 0


def _progress(what: str, count: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{what} {count}        ")


@contextlib.contextmanager
def a_writer() -> Iterator[None]:
    """The running node's writer, or, where no node runs, this process for a while."""
    try:
        client.status()
    except Problem:
        if not schema.is_current():
            _make_tables()
        with writer.holding_the_pen():
            yield
    else:
        yield


def _make_tables() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "fengsui.config.processes", "migrate"], stdin=subprocess.PIPE
    ) as child:
        if child.wait() != 0:
            raise SystemExit(child.returncode)


def load_directory(directory: Path) -> str:
    """Loads a folder, says what was loaded and what is missing; returns the county's code.

    Raises places.import_refused after naming every fault.
    """
    try:
        report = places.import_county(
            viewer=node_viewer(), files=_read(directory), source=directory.name
        )
    except Problem as problem:
        for fault in problem.data.get("faults", ()):
            row = f":{fault['row']}" if fault["row"] else ""
            _say(f"{fault['file']}{row} {fault['field']}  {fault['zh']} {fault['en']}")
        raise
    _tell(report)
    return str(report["county"]["code"])


def _read(directory: Path) -> dict[str, bytes]:
    names = places.county_file_names()
    return {name: (directory / name).read_bytes() for name in names if (directory / name).is_file()}


def _tell(report: dict[str, Any]) -> None:
    found, recorded, missing = report["found"], report["recorded"], report["missing"]
    _say(f"{report['county']['name']} {report['county']['code']}")
    _say(
        f"  乡镇 townships {found['townships']}（推算范围 derived outlines "
        f"{found['township_outlines']}）  村 villages {found['villages']}（有点位 with a point "
        f"{found['villages_with_point']}）  河流 rivers {found['rivers']}"
    )
    if recorded["facts"]:
        _say(
            f"  新写入 recorded: {recorded['places_recorded']} 地点 places, "
            f"{recorded['features_recorded']} 图形 shapes"
        )
    else:
        _say("  与已有登记一致，未写入新记录 / nothing new, nothing recorded")
    for warning in report["warnings"]:
        row = f":{warning['row']}" if warning["row"] else ""
        _say(f"  注意 note: {warning['file']}{row} {warning['zh']} {warning['en']}")
    for key, words in (
        ("files", "缺少文件 files missing"),
        ("townships_without_point", "无点位的乡镇 townships without a point"),
        ("villages_without_point", "无点位的村 villages without a point"),
    ):
        rows = missing[key]
        if rows:
            _say(f"  {words}: {len(rows)}")
            for row in rows[:LISTED_MAX]:
                _say(f"    {row if isinstance(row, str) else row['code'] + ' ' + row['name']}")
    for text in report["attributions"]:
        _say(f"  © {text}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
