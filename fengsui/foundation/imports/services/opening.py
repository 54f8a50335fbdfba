"""From a file to plain cells: the sandbox is started, waited for, and never trusted."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from typing import Any

from fengsui.foundation.imports.rules import tables
from fengsui.foundation.imports.services.staging import SheetHead, Staging
from fengsui.standards.secrecy import mark_in_name, mark_in_text

SECONDS_MAX = 90
log = logging.getLogger("fengsui.imports")


class Refused(Exception):
    """The file stays out. `problem` is {"zh", "en"}; `is_secret`: it has to be deleted at once."""

    def __init__(self, zh: str, en: str, *, mark: str = "") -> None:
        super().__init__(en)
        self.problem: dict[str, Any] = {"zh": zh, "en": en, "mark": mark}


def open_file(staging: Staging, file_name: str) -> list[SheetHead]:
    """The sheets of the file, taken over into the staging. Raises Refused."""
    mark = mark_in_name(file_name)
    if mark:
        raise Refused("", "", mark=mark)
    _read_apart(staging, file_name)
    _look_for_marks(staging)
    return [one for one in staging.take_table() if one.rows]


def _read_apart(staging: Staging, file_name: str) -> None:
    command = [sys.executable, "-m", "fengsui.foundation.imports.sandbox"]
    arguments = [str(staging.upload), file_name, str(staging.table)]
    # Nothing of this process's surroundings goes along: no settings, no keys, no addresses.
    surroundings = {
        name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG") if name in os.environ
    }
    surroundings["PYTHONUTF8"] = "1"
    try:
        done = subprocess.run(  # noqa: S603 - our own program
            [*command, *arguments],
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=SECONDS_MAX,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Refused("打开表格用时过长", "Opening it takes too long") from error
    if done.returncode != 0:
        # What it says may quote the file, so only how it ended is kept.
        log.warning("the sandbox ended with %d", done.returncode)
        bomb = tables.too_large("表格展开后过大或已损坏", "It unpacks to too much, or is damaged")
        raise Refused(bomb.zh, bomb.en)
    with staging.table.open(encoding="utf-8") as handle:
        first = handle.readline()
    answer = json.loads(first) if first.startswith("{") else {}
    if "zh" in answer:
        raise Refused(answer["zh"], answer["en"])
    if "sheet" not in answer:
        raise Refused("表格里没有内容", "There is nothing in it")


def _look_for_marks(staging: Staging) -> None:
    """Every cell, before anything is kept: this system is not for classified matter."""
    with staging.table.open(encoding="utf-8") as lines:
        for line in lines:
            if "密" not in line and "classif" not in line.lower():
                continue
            parsed = json.loads(line)
            texts = [parsed["sheet"]] if isinstance(parsed, dict) else parsed[1]
            for text in texts:
                mark = mark_in_text(text)
                if mark:
                    raise Refused("", "", mark=mark)
