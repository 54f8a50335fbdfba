"""`fengsui journal verify|show|key|export|incarnate`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from django.conf import settings

from fengsui.foundation.access.viewer import node_viewer
from fengsui.foundation.journal import keys, queries, services, verify, writer
from fengsui.standards.instants import BEIJING

EXIT_BROKEN = 1
EXIT_UNREADABLE = 2
_SHOWN_FINDINGS = 50


def add_arguments(subparsers: Any) -> None:
    parser = subparsers.add_parser("journal", help="处置记录 / the journal: verify, export")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("verify", help="核验全部记录 / check every chain and signature")
    check.add_argument("--file", type=Path, help="an exported journal instead of this node's")
    actions.add_parser("key", help="本节点的公钥 / this node's public key, for the verifier")
    out = actions.add_parser("export", help="导出记录 / write the journal to a file")
    out.add_argument("file", type=Path)
    shown = actions.add_parser(
        "show", help="某次请求留下的记录 / what one request led to, in sentences"
    )
    shown.add_argument("--request", required=True, help="编号，见回复和日志 / X-Request-Id")
    fresh = actions.add_parser(
        "incarnate", help="从备份恢复后使用 / begin a new incarnation after restoring a backup"
    )
    fresh.add_argument("--reason", required=True)


def run(args: argparse.Namespace) -> int:
    if args.action == "verify":
        return _verify(args.file)
    if args.action == "key":
        return _key()
    if args.action == "export":
        return _export(args.file)
    if args.action == "show":
        return _show(args.request)
    return _incarnate(args.reason)


def _verify(path: Path | None) -> int:
    try:
        report = verify.check_database() if path is None else verify.check_file(path)
    except (verify.UnreadableFileError, OSError) as error:
        sys.stderr.write(f"文件无法读取：{error}\nThe file cannot be read: {error}\n")
        return EXIT_UNREADABLE
    for finding in report.findings[:_SHOWN_FINDINGS]:
        sys.stdout.write(f"{finding}\n")
    if len(report.findings) > _SHOWN_FINDINGS:
        rest = len(report.findings) - _SHOWN_FINDINGS
        sys.stdout.write(f"……另有 {rest} 处 / and {rest} more\n")
    counts = (
        f"{report.feeds} feeds, {report.facts} facts, {report.signatures} signatures, "
        f"{report.erased_leaves} erased leaves"
    )
    if report.is_whole:
        sys.stdout.write(f"记录完整。 The journal is whole. ({counts})\n")
        return 0
    sys.stdout.write(
        f"发现 {len(report.findings)} 处问题。 {len(report.findings)} findings. ({counts})\n"
    )
    return EXIT_BROKEN


def _key() -> int:
    key = keys.load_or_make(settings.HOME)
    sys.stdout.write(f"{key.suite.number} {key.public.hex()}\n")
    return 0


def _export(path: Path) -> int:
    with path.open("wb") as target:
        count = verify.export(target)
    sys.stdout.write(f"已导出 {count} 条记录。 Exported {count} facts to {path}.\n")
    return 0


def _show(request_id: str) -> int:
    found = queries.facts_of_request(node_viewer(), request_id)
    if not found:
        sys.stderr.write("该编号没有留下记录。 No fact of this machine has that request id.\n")
        return EXIT_BROKEN
    for row in found:
        fact = row["fact"]
        at = fact.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")
        sys.stdout.write(f"{at}  {fact.scope}  {fact.kind}  {row['zh']} / {row['en']}\n")
    return 0


def _incarnate(reason: str) -> int:
    with writer.holding_the_pen():
        made = services.begin_incarnation(viewer=node_viewer(), reason=reason)
    sys.stdout.write(f"新的一世 / new incarnation: {made['incarnation']}\n")
    return 0
