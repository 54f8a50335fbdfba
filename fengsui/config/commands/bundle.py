"""`fengsui bundle export|import|list`: the record on a USB stick."""

from __future__ import annotations

import argparse
import getpass
import sys
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from fengsui.config.commands.county import a_writer
from fengsui.exchange.bundles import paper, queries, services
from fengsui.exchange.bundles.errors import NO_FILE
from fengsui.exchange.bundles.scanning import strips_of, whole_of
from fengsui.exchange.bundles.strips import gather
from fengsui.foundation.access.viewer import node_viewer
from fengsui.standards.instants import BEIJING

EXIT_NOT_ALL = 2


def add_arguments(subparsers: Any) -> None:
    parser = subparsers.add_parser("bundle", help="数据包（U 盘）/ the record on a USB stick")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    out = verbs.add_parser("export", help="写给一个节点 / write one for a node")
    out.add_argument("--for", dest="node", required=True, metavar="NODE",
                     help="名称、12 位区划代码或公钥 / name, place code or public key")  # fmt: skip
    out.add_argument("--out", type=Path, metavar="FILE", help="file or folder; default: here")
    out.add_argument("--all", action="store_true", dest="everything",
                     help="全部，不只是对方缺的 / everything, not only what it lacks")  # fmt: skip
    out.add_argument("--strip", type=Path, metavar="PDF",
                     help="印成二维码条 / as QR codes on A4 instead of a file")  # fmt: skip
    read = verbs.add_parser("import", help="读入 / read one in")
    read.add_argument("file", type=Path, metavar="FILE")
    read.add_argument("--frames", action="store_true",
                      help="FILE 是扫码所得文字行 / scanned codes, one a line")  # fmt: skip
    read.add_argument("--carried-by", default="", metavar="NAME",
                      help="谁送来的 / who brought it; default: this computer's user")  # fmt: skip
    verbs.add_parser("list", help="写过和读过的 / what was written and read here")


def run(args: argparse.Namespace) -> int:
    if args.verb == "list":
        return _list()
    with a_writer():
        return _export(args) if args.verb == "export" else _import(args)


def _export(args: argparse.Namespace) -> int:
    if args.strip is not None:
        return _export_strip(args)
    path = args.out or Path()
    if path.is_dir():
        scope = queries.receiver(args.node).scope or "node"
        path = path / queries.file_name(scope)
    written = services.export_to_file(
        node_viewer(), args.node, path, everything=args.everything, progress=_progress
    )
    _end_progress()
    _say(f"已写好并核对 written and checked: {path}")
    _say(f"给 for {written.receiver_name}: {written.facts} 条 facts, {written.size} bytes")
    _say("对方读入并带回回包之前，不算送达。")
    _say("Not delivered until the node has read it and its own bundle has come back.")
    return 0


def _export_strip(args: argparse.Namespace) -> int:
    out = BytesIO()
    written = services.export_bundle(node_viewer(), args.node, out, everything=args.everything)
    frames = strips_of(out.getvalue())
    args.strip.write_bytes(paper.strip_pdf(frames, f"数据包 → {written.receiver_name}"))
    _say(f"{len(frames)} 个码 codes, {written.facts} 条 facts: {args.strip}")
    return 0


def _opened(args: argparse.Namespace) -> IO[bytes]:
    if not args.frames:
        file: IO[bytes] = args.file.open("rb")
        return file
    strip, wrong = gather(args.file.read_text(encoding="utf-8").splitlines())
    for number, why in wrong:
        _say(f"第 {number} 行 line {number}: {why}")
    if strip.missing:
        _say(f"还缺 missing: {', '.join(map(str, strip.missing))}  (共 of {strip.total})")
    return BytesIO(whole_of(strip))


def _import(args: argparse.Namespace) -> int:
    try:
        with _opened(args) as file:
            report = services.import_bundle(
                node_viewer(), file, args.carried_by or getpass.getuser(), progress=_progress
            )
    except OSError as error:
        raise NO_FILE(detail=error.strerror or str(error)) from error
    _end_progress()
    _say(f"来自 from {report.sender_name}: {report.facts} 条 facts")
    _say(
        f"新读入 taken {report.taken}, 已有 known {report.known}, "
        f"拒收 refused {report.refused + report.broken}, "
        f"较新版本 kept for a newer program {report.kept}, "
        f"等证书 waiting for a certificate {report.held}, "
        f"不归本节点 not for here {report.not_for_us}"
    )
    _say(f"对方已收到本节点 acknowledged by it: {report.acknowledges} 条 facts")
    if report.is_repeated:
        _say("这个文件以前读过。 This file was read before.")
    elif report.is_older:
        _say("这是较早的数据包。 This is an older bundle; a newer one was read before.")
    if report.gap:
        _say(
            f"有 {report.gap} 条接不上：前面还有数据包没送到。请让对方用 --all 重新导出。\n"
            f"{report.gap} facts do not join on: an earlier bundle is missing. "
            "Ask for an export with --all."
        )
    return EXIT_NOT_ALL if report.gap or report.quarantined else 0


def _list() -> int:
    for row in queries.passages(node_viewer()):
        at = row["at"].astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
        _say(
            f"{at}  {row['direction']:8} {row['state']:8} {row['digest'][:8]}  "
            f"{row['node_name']}  {row['facts']} facts  {row['carried_by']}  {row['fault']}"
        )
    return 0


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done} / {total}        ")


def _end_progress() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\n")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
