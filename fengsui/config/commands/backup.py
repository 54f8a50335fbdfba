"""`fengsui backup`: a checked copy of this node now; list what there is; check one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import fengsui
from fengsui.config.home import home_folder
from fengsui.foundation.journal import backups, clock
from fengsui.foundation.machine import backups as rounds

EXIT_FAILED = 1


def add_arguments(subparsers: Any) -> None:
    parser = subparsers.add_parser("backup", help="立即备份本节点 / back this node up now")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--to", type=Path, help="another folder, for example on a stick")
    group.add_argument("--list", action="store_true", help="列出已有备份 / what there is")
    group.add_argument("--check", type=Path, help="核验一份备份 / check one backup")


def run(args: argparse.Namespace) -> int:
    try:
        if args.list:
            return _list()
        if args.check:
            manifest = backups.check(args.check)
            _say(
                f"备份完整，共 {manifest.facts} 条记录。",
                f"The backup is whole: {manifest.facts} facts.",
            )
            return 0
        return _make(args.to)
    except backups.BackupError as error:
        sys.stderr.write(f"没有成功：{error.zh}。\nIt failed: {error.en}.\n")
        return EXIT_FAILED


def _make(to: Path | None) -> int:
    home, now = home_folder(), clock.machine_now()
    if to is not None:
        made = backups.make(home, to, now, fengsui.__version__)
    else:
        state = rounds.one_round(home, now, fengsui.__version__)
        if state.why:
            raise backups.BackupError(state.why, "see logs/backup.log")
        if state.second_why:
            _say(f"注意：{state.second_why}。", "The second medium was not written.")
        made = backups.all_in(rounds.folder(home))[0]
    facts = backups.Manifest.read(made).facts
    _say(
        f"已备份并核验 {facts} 条记录：{made}",
        f"Backed up and checked {facts} facts: {made}",
    )
    return 0


def _list() -> int:
    found = backups.all_in(rounds.folder(home_folder()))
    for backup in found:
        plain = backups.plain(backup)
        sys.stdout.write(f"{backup}  {plain['facts']}  {plain['bytes'] / 1024**2:.1f} MiB\n")
    if not found:
        _say("还没有备份。", "There is no backup yet.")
    return 0


def _say(zh: str, en: str) -> None:
    sys.stdout.write(f"{zh}\n{en}\n")
