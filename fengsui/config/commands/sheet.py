"""`fengsui sheet print|type`: paper out, paper in."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from fengsui.config.commands.county import a_writer
from fengsui.exchange.sheets import queries, services
from fengsui.exchange.sheets.errors import NO_HOUSEHOLDS
from fengsui.exchange.sheets.listing import source_of_evacuation
from fengsui.foundation.access.viewer import node_viewer
from fengsui.response.evacuations.queries import open_evacuations
from fengsui.response.evacuations.states import WORDS, HouseholdStatus
from fengsui.standards.instants import BEIJING

EXIT_FAULTS = 2


def add_arguments(subparsers: Any) -> None:
    parser = subparsers.add_parser("sheet", help="纸质名单 / household sheets on paper")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    out = verbs.add_parser("print", help="印出 / write the PDF of a village or township")
    out.add_argument("--village", required=True, metavar="CODE", help="12 位区划代码 / place code")
    out.add_argument("--evacuation", type=int, metavar="ID", help="default: the newest open one")
    out.add_argument("--out", type=Path, metavar="FILE", help="default: sheets-CODE.pdf")
    out.add_argument(
        "--address", default="", metavar="URL", help="手机打开本节点的地址 / for the QR"
    )
    typed = verbs.add_parser("type", help="录入 / record what was ticked; reads lines from stdin")
    typed.add_argument("lines", nargs="*", metavar="LINE", help='e.g. "41730 02:40" "037 1 4"')
    typed.add_argument("--record", action="store_true",
                       help="记入；不写只看 / record; without it only shown")  # fmt: skip
    typed.add_argument("--seen-at", type=_moment, metavar="TIME",
                       help="勾选时间 / when it was ticked, e.g. 2026-07-17T02:40")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    with a_writer():
        return _print(args) if args.verb == "print" else _type(args)


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=BEIJING)


def _print(args: argparse.Namespace) -> int:
    evacuation_id = args.evacuation
    if evacuation_id is None:
        found = open_evacuations(viewer=node_viewer())
        if not found:
            raise NO_HOUSEHOLDS()
        evacuation_id = found[0].pk
    pdf = services.sheets_as_pdf(
        viewer=node_viewer(),
        evacuation_id=evacuation_id,
        place_code=args.village,
        origin=args.address,
    )
    path = args.out or Path(f"sheets-{args.village}.pdf")
    path.write_bytes(pdf)
    source = source_of_evacuation(evacuation_id)
    assert source is not None, "it has just been printed"
    for sheet in queries.sheets_of(source, args.village, viewer=node_viewer()):
        _say(f"{sheet.number}  {sheet.place_code}")
    _say(f"已写好 written: {path}")
    return 0


def _type(args: argparse.Namespace) -> int:
    text = "\n".join(args.lines) if args.lines else sys.stdin.read()
    if args.record:
        rows = services.record_typed(viewer=node_viewer(), text=text, seen_at=args.seen_at)
    else:
        found = queries.typed(text, viewer=node_viewer(), seen_at=args.seen_at)
        rows = [services.row_to_plain(row) for row in found]
    for row in rows:
        _say(_line(row))
    wrong = sum(row["outcome"] in ("fault", "refused", "needs_time") for row in rows)
    if not args.record:
        _say("还没有记入；加 --record 记入。 Nothing recorded yet; add --record.")
    return EXIT_FAULTS if wrong else 0


def _line(row: dict[str, Any]) -> str:
    if row["outcome"] in ("fault", "refused"):
        return f"第 {row['row']} 行 line {row['row']}: {row['text']}  {row['zh']} / {row['en']}"
    status = WORDS[HouseholdStatus(row["status"])][0]
    people = "" if row["people"] is None else f" {row['people']} 人"
    told = f"第 {row['row']} 行 line {row['row']}: {row['code']} {row['label']} {status}{people}"
    standing = row["standing"]
    if standing is not None:
        at = standing["observed_at"].astimezone(BEIJING).strftime("%H:%M")
        other = WORDS[HouseholdStatus(standing["status"])][0]
        told += f"  ↔ {at} {standing['person_name']} {other} {standing['people_moved']}"
    return f"{told}  [{row['outcome']}]"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
