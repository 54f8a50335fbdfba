"""The core of the exchange and the judge know no clock, dice, thread, socket, disk or database.

That is what lets the simulator run them as they are: whatever they need comes in as an argument.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
JUDGE = (
    "codec",
    "facts",
    "generations",
    "hlc",
    "judging",
    "merging",
    "rules",
    "signing",
    "standing",
)
PURE = {
    *(f"fengsui.foundation.journal.{name}" for name in JUDGE),
    *(
        f"fengsui.exchange.replication.{path.stem}"
        for path in (ROOT / "fengsui/exchange/replication").glob("*.py")
        if path.stem != "__init__"
    ),
}
# Pure third-party and standard modules; everything else needs a reason.
MAY_IMPORT = {
    "__future__", "base64", "bisect", "collections", "contextlib", "contextvars", "dataclasses",
    "datetime", "enum", "functools", "hashlib", "itertools", "json", "logging", "re", "types",
    "typing",
    "cbor2", "cryptography", "gmalg", "nacl",
}  # fmt: skip
CALLS = {"open", "print", "input", "hash", "id"}
STANDARDS = "fengsui.standards"
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today")}


def path_of(module: str) -> Path:
    return ROOT / (module.replace(".", "/") + ".py")


def imports_of(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None
            submodules = {f"{node.module}.{alias.name}" for alias in node.names}
            inside = {name for name in submodules if path_of(name).exists()}
            found |= inside or {node.module}
    return found


def faults_of(tree: ast.Module) -> list[str]:
    faults = [
        f"imports {name}"
        for name in sorted(imports_of(tree))
        if name not in PURE
        and not name.startswith(STANDARDS)
        and name.split(".")[0] not in MAY_IMPORT
    ]
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=owner), attr=name) if (owner, name) in CLOCKS:
                faults.append(f"asks the clock: {owner}.{name}")
            case ast.Call(func=ast.Name(id=name)) if name in CALLS:
                faults.append(f"calls {name}")
    return faults


@pytest.mark.parametrize("module", sorted(PURE))
def test_nothing_from_outside_comes_in_but_by_argument(module: str) -> None:
    assert faults_of(ast.parse(path_of(module).read_text())) == []


@pytest.mark.parametrize(
    "line",
    [
        "import time",
        "import uuid",
        "from random import Random",
        "import secrets",
        "import threading",
        "import socket",
        "import asyncio",
        "import os",
        "from pathlib import Path",
        "from django.db import connection",
        "from fengsui.foundation.journal import clock",
        "from fengsui.foundation.journal.models import Feed",
        "x = datetime.now(UTC)",
        "x = open('f')",
    ],
)
def test_what_is_forbidden_is_noticed(line: str) -> None:
    assert faults_of(ast.parse(line))
