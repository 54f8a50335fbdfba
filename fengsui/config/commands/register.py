"""`fengsui register`: an office's sheet into a register, and a register out as a sheet."""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fengsui.config.commands.county import a_writer
from fengsui.config.wiring import wire
from fengsui.foundation.access.viewer import Viewer, node_viewer
from fengsui.foundation.imports import services
from fengsui.foundation.imports.models import Import
from fengsui.foundation.imports.rules import districts
from fengsui.foundation.imports.rules.tables import Unreadable
from fengsui.foundation.imports.services import registers
from fengsui.foundation.imports.services.receiving import PIECE_BYTES_MAX
from fengsui.foundation.imports.states import ImportState, RowKind, RowState
from fengsui.foundation.ledgers import queries as ledgers
from fengsui.foundation.places import services as places
from fengsui.standards.divisions import full_code, level_of

FINDINGS_SHOWN_MAX = 50
_WORDS = {
    "rows": "共 rows",
    "new": "新增 new",
    "changed": "更改 changed",
    "same": "一致 same",
    "faulty": "有误 faulty",
    "doubtful": "待确认 doubtful",
}


def add_arguments(subparsers: Any) -> None:
    parser = subparsers.add_parser(
        "register", help="台账导入导出 / sheets into and out of registers"
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("list", help="有哪些台账 / which registers there are")
    load = verbs.add_parser("import", help="导入表格 / take a sheet in")
    load.add_argument("ledger", help="name from `register list`")
    load.add_argument("file", type=Path)
    load.add_argument("--under", default="", help="code of the place that bare names are below")
    load.add_argument("--crs", default="wgs84", choices=("wgs84", "cgcs2000", "gcj02", "bd09"))
    load.add_argument("--column", action="append", default=[], metavar="HEADER=COLUMN")
    load.add_argument("--write", action="store_true", help="without it, only the preview is shown")
    out = verbs.add_parser("export", help="导出表格 / write a sheet")
    out.add_argument("ledger")
    out.add_argument("file", type=Path, help="ends in .xlsx, .csv or .geojson")
    out.add_argument("--recipient", required=True, help="for whom; it is recorded")
    out.add_argument("--reason", default="", help="needed with --in-full; it is recorded")
    out.add_argument("--in-full", action="store_true", help="names and numbers unmasked")
    out.add_argument("--under", default="", help="code of a place; everything below it")
    away = verbs.add_parser("district", help="导入外国的三级区划 / a district that has no codes")
    away.add_argument("directory", type=Path, metavar="DIR", help=", ".join(districts.FILES))
    away.add_argument("--code", required=True, help="six digits from 9; see tables.md")
    away.add_argument("--write", action="store_true", help="without it, only the preview is shown")
    work = verbs.add_parser("work", help="续做一次导入（由系统自动启动）/ go on with an import")
    work.add_argument("import_id")


def run(args: argparse.Namespace) -> int:
    wire()
    if args.verb == "work":
        return _work(args)
    if args.verb == "list":
        for one in ledgers.all_ledgers().values():
            sys.stdout.write(f"{one.name:<16}{one.zh}  {one.en}\n")
        return 0
    verbs = {"import": _load, "export": _export, "district": _district}
    with a_writer():
        return verbs[args.verb](args)


def _work(args: argparse.Namespace) -> int:
    from fengsui.config.processes import collect_rarely
    from fengsui.foundation.imports.services.working import NICENESS

    collect_rarely()
    with contextlib.suppress(OSError):
        os.nice(NICENESS)
    services.work(args.import_id)
    return 0


def _district(args: argparse.Namespace) -> int:
    """The three levels as one sheet of places, and then the ordinary way in."""
    files = {
        name: (args.directory / name).read_bytes()
        for name in districts.FILES
        if (args.directory / name).is_file()
    }
    try:
        document = districts.places_of(files, args.code)
    except Unreadable as refusal:
        sys.stderr.write(f"{refusal.zh}\n{refusal.en}\n")
        return 1
    levels: dict[str, int] = {}
    for one in document["features"]:
        level = level_of(one["properties"]["代码"]).value
        levels[level] = levels.get(level, 0) + 1
        sys.stdout.write(f"  {one['properties']['代码']}  {one['properties']['名称']}\n")
    told = "  ".join(f"{level} {count}" for level, count in levels.items())
    everything = [one["properties"] for one in document["features"]]
    wards = [one for one in everything if not one["代码"].endswith("000")]
    households = sum(one["户数"] for one in wards)
    people = sum(one["人口"] for one in wards)
    sys.stdout.write(f"{told}  户 households {households}  人 people {people}\n")
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / f"{args.directory.name}.geojson"
        sheet.write_text(json.dumps(document, ensure_ascii=False))
        done = _take_in("places", sheet, {}, {}, "wgs84", is_writing=args.write)
    if args.write and done == 0:
        places.register_places(
            viewer=node_viewer(),
            county_code=full_code(args.code),
            places=(),
            attributions=(districts.ATTRIBUTION,),
            source=args.directory.name,
        )
    return done


def _load(args: argparse.Namespace) -> int:
    columns = dict(_pair(text) for text in args.column)
    defaults = {"under": args.under} if args.under else {}
    return _take_in(args.ledger, args.file, columns, defaults, args.crs, is_writing=args.write)


def _take_in(
    ledger_name: str,
    file: Path,
    chosen: Mapping[str, str | None],
    defaults: Mapping[str, str],
    system: str,
    *,
    is_writing: bool,
) -> int:
    viewer = node_viewer()
    ledger = registers.get(ledger_name, viewer=viewer)
    one = receive(viewer, ledger.name, file)
    if one.state != ImportState.READ:
        return _refused(one)
    columns = dict(zip(one.plan["headers"], one.plan["targets"], strict=True)) | dict(chosen)
    check(viewer, one, columns, defaults, system)
    _tell(one, ledger.name)
    if not is_writing:
        services.cancel(one, services.Staging(one.id))
        sys.stdout.write("未写入；加 --write 写入 / not written; --write writes it\n")
        return 0
    with services.Staging(one.id) as staging:
        services.begin(one, staging, ledger, viewer)
    services.work(one.id)
    one.refresh_from_db()
    outcome = one.counts.get("outcome", {})
    sys.stdout.write(
        f"已写入 written: 新增 new {outcome.get('created')}  更改 changed {outcome.get('changed')}"
        f"  未写入 left out {outcome.get('left_out')}  change set {registers.set_id(one.cause)}\n"
    )
    return 0 if one.state == ImportState.DONE else 1


def receive(viewer: Viewer, ledger: str, file: Path) -> Import:
    """The file taken in whole and read, by this process."""
    content = file.read_bytes()
    one = services.announce(
        viewer=viewer,
        ledger=ledger,
        file_name=file.name,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    for offset in range(0, len(content), PIECE_BYTES_MAX):
        piece = content[offset : offset + PIECE_BYTES_MAX]
        services.take_piece(viewer=viewer, import_id=one.id, offset=offset, piece=piece)
    services.work(one.id)
    one.refresh_from_db()
    return one


def check(
    viewer: Viewer,
    one: Import,
    columns: Mapping[str, str | None],
    defaults: Mapping[str, str],
    system: str,
) -> None:
    ledger = registers.get(one.ledger, viewer=viewer)
    with services.Staging(one.id) as staging:
        plan = services.choose(
            one,
            staging,
            ledger,
            sheet=one.plan["sheet"],
            header_row=one.plan["header_row"],
            columns=columns,
            defaults=defaults,
            system=system,
        )
    services.note(one, plan=plan, state=ImportState.CHECKING)
    services.work(one.id)
    one.refresh_from_db()


def _pair(text: str) -> tuple[str, str | None]:
    header, _, column = text.partition("=")
    return header, column or None


def _refused(one: Import) -> int:
    problem = one.problem or {}
    mark = problem.get("mark")
    said = f"带有密级标志“{mark}”，非涉密系统不得导入" if mark else problem.get("zh", one.state)
    sys.stderr.write(f"{one.file_name}: {said} {problem.get('en', '')}\n")
    return 1


def _tell(one: Import, ledger_name: str) -> None:
    ledger = registers.get(ledger_name, viewer=node_viewer())
    sys.stdout.write(f"{one.file_name} → {ledger.zh}\n")
    for header, target in zip(one.plan["headers"], one.plan["targets"], strict=True):
        if header:
            sys.stdout.write(f"  {header} → {target or '（不导入 left out）'}\n")
    counts = "  ".join(f"{word} {one.counts.get(name, 0)}" for name, word in _WORDS.items())
    sys.stdout.write(counts + "\n")
    with services.Staging(one.id) as staging:
        for kind in (RowKind.FAULTY, RowKind.DOUBTFUL):
            for row in staging.page(kind, 0, FINDINGS_SHOWN_MAX, RowState.WAITING):
                for said in services.said_of(row.findings, one, row.n, ledger):
                    sys.stdout.write(f"  {said['said_zh']} {said['said_en']}\n")


def _export(args: argparse.Namespace) -> int:
    made = services.export(
        viewer=node_viewer("命令行"),
        ledger=args.ledger,
        file_format=args.file.suffix.lstrip(".").lower(),
        query={"under": args.under},
        with_personal=args.in_full,
        reason=args.reason,
        recipient=args.recipient,
    )
    args.file.write_bytes(made.content)
    sys.stdout.write(f"{args.file}  {made.number}\n")
    return 0
