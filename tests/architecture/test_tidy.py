"""House rules that no linter on the shelf knows. Each says what it protects."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "fengsui"
TIERS = ("foundation", "engines", "registers", "readiness", "response", "review")
# What another app may import. models only as the target of a foreign key.
PUBLIC = {"services", "queries", "models", "facts", "states", "errors"}
# The journal is machinery for all apps, so it shows more than tables and verbs.
_MACHINERY = {"clock", "jobs", "fixtures", "place", "replay", "ledger", "merging"}
_MACHINERY |= {"backups", "erasures"}
# The tree of nodes makes requests and chains of the journal's keys, bytes and signatures.
_BYTES = {"codec", "hlc", "keys", "signing", "standing", "stored"}
# Facts that come by the thousand are applied by many rows at once.
_ROWS = {"rowwise"}
# A ledger is declared with the columns of `rules`, a register with the table of `apply`.
_LEDGERS = {"rules", "apply"}
PUBLIC_OF = {"journal": PUBLIC | _MACHINERY | _BYTES | _ROWS, "ledgers": PUBLIC | _LEDGERS}
OPEN_TO_ALL = {"access"}
WRITERS = {"services", "apply"}
# The writer's own process: it keeps the chain and the store of the facts themselves.
APPS_THAT_ARE_THE_WRITER = {"journal"}
WRITES = {
    "create",
    "update",
    "delete",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
}
FORBIDDEN_FOLDERS = {"utils", "common", "core", "base", "helpers", "extras", "misc"}
CLOCKS = {"now", "today", "utcnow", "time", "monotonic", "perf_counter"}
CHANCE = {"random", "secrets", "uuid", "time"}
RATCHET = Path(__file__).parent / "sizes.json"
FILE_LINES = {".py": 400, ".vue": 300, ".ts": 400}
FUNCTION_LINES = 50


@dataclass(frozen=True)
class Module:
    path: Path
    parts: tuple[str, ...]  # ("engines", "calls", "rules")
    tree: ast.Module

    @property
    def app(self) -> tuple[str, ...] | None:
        """("engines", "calls") for a module inside an app, None elsewhere."""
        return self.parts[:2] if self.parts[0] in TIERS and len(self.parts) > 2 else None

    def at(self, node: ast.AST) -> str:
        return f"{self.path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


@lru_cache(maxsize=1)
def modules() -> tuple[Module, ...]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if not {"migrations", "tests", "__init__"}.intersection(parts):
            found.append(Module(path, parts, ast.parse(path.read_text())))
    return tuple(found)


def imports(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield node, f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield node, alias.name


def test_apps_meet_only_through_their_public_modules() -> None:
    """An app stays free to rewrite its rules, jobs and API without asking its neighbours."""
    trespasses = []
    for module in modules():
        if module.app is None:
            continue
        for node, name in imports(module.tree):
            target = tuple(name.split("."))
            if target[0] != "fengsui" or len(target) < 4 or target[1] not in TIERS:
                continue
            app, room = target[2], target[3]
            allowed = PUBLIC_OF.get(app, PUBLIC)
            if app not in OPEN_TO_ALL and target[1:3] != module.app and room not in allowed:
                trespasses.append(f"{module.at(node)} -> {name}")
    assert trespasses == []


def is_a_database_write(node: ast.AST) -> bool:
    """`Model.objects….update(…)`, `rows.update(…)`, `row.save()`. Cheap, not exact."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    verb = node.func.attr
    receiver = ast.unparse(node.func.value)
    if verb == "save":
        return True
    return verb in WRITES and (".objects" in receiver or receiver.startswith("rows"))


def test_only_services_and_apply_write() -> None:
    """A write elsewhere has no transaction, no permission check and no fact."""
    writers = [
        module.at(node)
        for module in modules()
        # Gateways know no Django (import-linter): what they save is a picture or a sheet.
        if module.parts[0] != "gateways"
        and (module.app is None or module.app[1] not in APPS_THAT_ARE_THE_WRITER)
        and not WRITERS.intersection(module.parts)
        for node in ast.walk(module.tree)
        if is_a_database_write(node)
    ]
    assert writers == []


def test_rules_read_no_clock_and_throw_no_dice() -> None:
    """A rule that asks for the time or for chance cannot be replayed, simulated or explained."""
    readers = []
    for module in modules():
        if module.parts[-1] not in ("rules", "states", "facts") and module.parts[0] not in (
            "gateways",
            "standards",
        ):
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                owner = node.value.id in ("datetime", "date", "time", "timezone", "clock")
                if owner and node.attr in CLOCKS:
                    readers.append(module.at(node))
        readers += [
            f"{module.at(node)} imports {name}"
            for node, name in imports(module.tree)
            if name.split(".")[0] in CHANCE and "channels" not in module.parts
        ]
    assert readers == []


def test_nothing_but_the_clock_itself_asks_for_the_time() -> None:
    """Stories wind the clock; a `datetime.now()` anywhere else would not follow."""
    exceptions = {"fengsui/foundation/journal/clock.py"}
    readers = [
        module.at(node)
        for module in modules()
        if module.parts[0] in TIERS and str(module.path.relative_to(ROOT)) not in exceptions
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("datetime", "timezone", "date")
        and node.attr in ("now", "today", "utcnow")
    ]
    assert readers == []


def test_foreign_keys_point_down() -> None:
    """ "calls.Call" in quotes is a dependency that the import linter cannot see."""
    from django.apps import apps

    tiers = (*TIERS, "exchange")

    def height(module: str) -> int:
        parts = module.split(".")
        return tiers.index(parts[1]) if parts[0] == "fengsui" else -1

    climbers = []
    for model in apps.get_models():
        for field in model._meta.get_fields():
            target = field.related_model
            if not (field.concrete and isinstance(target, type)):
                continue
            if height(target.__module__) > height(model.__module__):
                climbers.append(f"{model.__name__}.{field.name} -> {target.__name__}")
    assert climbers == []


def test_every_row_of_the_record_can_be_rebuilt() -> None:
    """A table is what facts add up to, or it is local to this machine; there is no third kind."""
    from django.apps import apps

    from fengsui.config.databases import LOCAL_MODELS

    unclear = [
        model.__name__
        for model in apps.get_models()
        if model.__module__.startswith("fengsui.")
        and model._meta.app_label not in APPS_THAT_ARE_THE_WRITER
        and not getattr(model, "journal_projection", False)
        and (model._meta.app_label, model._meta.model_name) not in LOCAL_MODELS
        and not getattr(model, "engine_bookkeeping", False)
    ]
    assert unclear == []


def test_no_folder_is_called_after_nothing() -> None:
    """“utils” is where things go whose owner nobody looked for."""
    skipped = {"node_modules", "dist", ".venv", ".git"}
    bad = [
        str(path.relative_to(ROOT))
        for top in ("fengsui", "tests", "tools", "bench", "frontend")
        for path in (ROOT / top).rglob("*")
        if path.is_dir()
        and path.name in FORBIDDEN_FOLDERS
        and not skipped.intersection(path.relative_to(ROOT).parts)
    ]
    assert bad == []


def app_folders() -> list[Path]:
    return sorted(
        path
        for tier in TIERS
        for path in (PACKAGE / tier).glob("*")
        if path.is_dir() and (path / "__init__.py").is_file()
    )


@pytest.mark.parametrize("folder", app_folders(), ids=lambda path: path.name)
def test_every_app_has_a_readme_of_one_screen(folder: Path) -> None:
    """Whoever opens the folder learns its purpose and its words before its code."""
    readme = folder / "README.md"
    assert readme.is_file(), f"{readme.relative_to(ROOT)} is missing"
    assert 5 <= len(readme.read_text().splitlines()) <= 120


def sizes() -> dict[str, int]:
    """Files and functions over the guide: "path" or "path:function" -> lines."""
    over: dict[str, int] = {}
    for module in modules():
        name = str(module.path.relative_to(ROOT))
        lines = len(module.path.read_text().splitlines())
        if lines > FILE_LINES[".py"]:
            over[name] = lines
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > FUNCTION_LINES:
                    over[f"{name}:{node.name}"] = length
    for path in (ROOT / "frontend").rglob("*"):
        if path.suffix in (".vue", ".ts") and not {"node_modules", "dist"}.intersection(path.parts):
            lines = len(path.read_text().splitlines())
            if lines > FILE_LINES[path.suffix] and path.name != "schema.d.ts":
                over[str(path.relative_to(ROOT))] = lines
    return over


def test_what_is_long_does_not_grow() -> None:
    """A ratchet: over the guide only what is listed, and it may shrink but not grow.

    Look again before adding a line to sizes.json: most long files are two files.
    """
    allowed: dict[str, int] = json.loads(RATCHET.read_text())
    grown = {name: lines for name, lines in sizes().items() if lines > allowed.get(name, 0)}
    assert grown == {}


def test_a_long_thing_that_shrank_is_let_go() -> None:
    allowed: dict[str, int] = json.loads(RATCHET.read_text())
    now = sizes()
    loose = {name: lines for name, lines in allowed.items() if lines > now.get(name, 0) + 20}
    assert loose == {}, "lower these in sizes.json, or remove them"


def test_lock_files_hold_hashes_and_no_addresses() -> None:
    """Anyone may install from any mirror, and gets the same bytes."""
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text()
        assert "://" not in text, path.name
        assert "--index" not in text, path.name
        assert "--find-links" not in text, path.name
        for line in text.splitlines():
            if line and not line.startswith((" ", "#")):
                assert "==" in line, f"{path.name}: {line}"
        assert text.count("--hash=sha256:") >= text.count("==")
    package_lock = (ROOT / "frontend" / "package-lock.json").read_text()
    assert '"resolved": "http' not in package_lock
