"""Files that are generated from the code: `make spec` writes them, the tests compare them.

`python -m tests.architecture.generated [--check]`
"""

from __future__ import annotations

import argparse
import ast
import json
import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "fengsui"
BEGIN, END = "<!-- generated: {name} -->", "<!-- end of generated -->"
TIER_WORDS = {
    "config": "wiring",
    "web": "HTTP edge",
    "exchange": "between nodes",
    "review": "looks at everything",
    "response": "when something happens",
    "registers": "what exists",
    "engines": "orders and calls",
    "foundation": "place, people, record",
    "gateways": "translators",
    "standards": "code tables",
}


def openapi() -> str:
    from fengsui.web.api import api

    return json.dumps(api.get_openapi_schema(), ensure_ascii=False, indent=1, default=str) + "\n"


def units() -> Iterator[str]:
    """The rooms of the house: "engines.calls" inside a tier of apps, else the tier itself."""
    for tier in TIER_WORDS:
        apps = sorted(
            path.name
            for path in (PACKAGE / tier).glob("*")
            if (path / "__init__.py").is_file() and path.name not in ("tests", "commands")
        )
        if tier in ("config", "web", "exchange", "standards", "gateways"):
            yield tier
        else:
            yield from (f"{tier}.{app}" for app in apps)


def dependency_picture() -> str:
    """A mermaid drawing of who imports whom. An edge that a longer way implies is left out."""
    import grimp

    graph = grimp.build_graph("fengsui", cache_dir=None)
    names = list(units())

    def unit_of(module: str) -> str | None:
        parts = module.split(".")[1:]
        for name in names:
            if parts[: name.count(".") + 1] == name.split("."):
                return name
        return None

    edges: dict[str, set[str]] = {name: set() for name in names}
    for module in graph.modules:
        if ".tests" in module:
            continue
        source = unit_of(module)
        for imported in graph.find_modules_directly_imported_by(module):
            target = unit_of(imported)
            if source and target and source != target:
                edges[source].add(target)
    lines = ["```mermaid", "flowchart TD"]
    for tier, words in TIER_WORDS.items():
        inside = [name for name in names if name.split(".")[0] == tier]
        if not inside:
            continue
        lines.append(f'  subgraph {tier}_["{tier} · {words}"]')
        lines += [f"    {name.replace('.', '_')}[{name.split('.')[-1]}]" for name in inside]
        lines.append("  end")
    for source in names:
        for target in sorted(edges[source]):
            if not _implied(edges, source, target):
                lines.append(f"  {source.replace('.', '_')} --> {target.replace('.', '_')}")
    return "\n".join([*lines, "```"])


def _implied(edges: dict[str, set[str]], source: str, target: str) -> bool:
    seen: set[str] = set()
    todo = [name for name in edges[source] if name != target]
    while todo:
        name = todo.pop()
        if name == target:
            return True
        if name not in seen:
            seen.add(name)
            todo += edges[name]
    return False


def problem_kinds() -> list[Any]:
    """Every ProblemKind that any module of the package defines, by code."""
    from fengsui.foundation.access.problems import ProblemKind

    found: dict[str, ProblemKind] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if path.name in ("errors.py", "problems.py") and "tests" not in path.parts:
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for value in vars(import_module(name)).values():
                if isinstance(value, ProblemKind):
                    other = found.setdefault(value.code, value)
                    if other is not value:
                        raise ValueError(f"{value.code} is defined twice")
    return [found[code] for code in sorted(found)]


def errors_page() -> str:
    lines = [
        "# Errors 错误",
        "",
        "Every refusal carries `code`, `zh`, `en`, `data` and `request_id`. Names in braces come",
        "from `data`. Generated from the apps' `errors.py` by `make spec`.",
        "",
        "| Code | HTTP | 中文 | English |",
        "|---|--:|---|---|",
    ]
    lines += [
        f"| `{kind.code}` | {kind.status} | {_cell(kind.zh)} | {_cell(kind.en)} |"
        for kind in problem_kinds()
    ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def commands_page() -> str:
    from fengsui.config import cli

    lines = [
        "# Commands 命令",
        "",
        "Everything `fengsui` can be told on the command line. `FENGSUI_HOME` names the node's",
        "folder. Generated from the commands' own help by `make spec`.",
        "",
    ]
    parser = cli.parser_for(cli.command_names())
    for name, sub in sorted(_subcommands(parser).items()):
        lines += _describe(f"fengsui {name}", sub)
    return "\n".join(lines).rstrip() + "\n"


def _subcommands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return dict(action.choices)
    return {}


def _helps(parser: argparse.ArgumentParser) -> dict[str, str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return {choice.dest: choice.help or "" for choice in action._choices_actions}
    return {}


def _describe(name: str, parser: argparse.ArgumentParser) -> list[str]:
    module = sys.modules.get(f"fengsui.config.commands.{name.split()[1]}")
    lines = [f"## `{name}`" if name.count(" ") == 1 else f"### `{name}`", ""]
    if name.count(" ") == 1 and module and module.__doc__:
        lines += [" ".join(module.__doc__.split()), ""]
    options = [
        action
        for action in parser._actions
        if not isinstance(action, argparse._HelpAction | argparse._SubParsersAction)
    ]
    if options:
        lines += ["| Argument | Default | Meaning |", "|---|---|---|"]
        for action in options:
            shown = ", ".join(action.option_strings) or action.metavar or action.dest
            plain = isinstance(action.default, int | str) and not isinstance(action.default, bool)
            default = f"`{action.default}`" if plain and action.default != "" else ""
            lines.append(f"| `{shown}` | {default} | {_cell(action.help or '')} |")
        lines.append("")
    helps = _helps(parser)
    for child, sub in sorted(_subcommands(parser).items()):
        described = _describe(f"{name} {child}", sub)
        if helps.get(child):
            described[2:2] = [helps[child], ""]
        lines += described
    return lines


def settings_in_code() -> set[str]:
    """The FENGSUI_* environment variables that the program reads."""
    found: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            text = node.value if isinstance(node, ast.Constant) else None
            if isinstance(text, str) and re.fullmatch(r"FENGSUI_[A-Z_]+", text):
                found.add(text)
    return found


def architecture_page() -> str:
    path = ROOT / "ARCHITECTURE.md"
    begin = BEGIN.format(name="dependencies")
    before, _, rest = path.read_text().partition(begin)
    _, _, after = rest.partition(END)
    return f"{before}{begin}\n{dependency_picture()}\n{END}{after}"


def telegram_schema() -> str:
    from fengsui.gateways.telegrams.coding import schema_text

    return schema_text()


GENERATED: dict[str, Callable[[], str]] = {
    "spec/openapi.json": openapi,
    "docs/interfaces/errors.md": errors_page,
    "docs/interfaces/commands.md": commands_page,
    "ARCHITECTURE.md": architecture_page,
    "spec/telegrams.asn1": telegram_schema,
}


def stale() -> list[str]:
    """The generated files that no longer say what the code says."""
    return [
        name
        for name, make in GENERATED.items()
        if not (ROOT / name).is_file() or (ROOT / name).read_text() != make()
    ]


def main(arguments: list[str]) -> int:
    import django

    django.setup()
    if "--check" in arguments:
        old = stale()
        for name in old:
            sys.stderr.write(f"{name} is stale: run `make spec` and commit it\n")
        return 1 if old else 0
    for name, make in GENERATED.items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
