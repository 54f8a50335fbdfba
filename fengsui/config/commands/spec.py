"""`fengsui spec facts`: write what is generated under spec/."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from fengsui.foundation.journal import spec

FACTS = Path("spec") / "facts.json"


def add_arguments(subparsers: Any) -> None:
    parser = subparsers.add_parser("spec", help="生成规格文件 / write the generated files of spec/")
    documents = parser.add_subparsers(dest="document", required=True, metavar="DOCUMENT")
    facts = documents.add_parser("facts", help="the catalogue of fact kinds")
    facts.add_argument("--check", action="store_true", help="only say whether it is up to date")


def run(args: argparse.Namespace) -> int:
    text = spec.facts_document()
    if args.check:
        is_current = FACTS.exists() and FACTS.read_text() == text
        sys.stdout.write("up to date\n" if is_current else f"{FACTS} is out of date\n")
        return 0 if is_current else 1
    FACTS.write_text(text)
    sys.stdout.write(f"{FACTS}\n")
    return 0
