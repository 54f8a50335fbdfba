"""The `fengsui` command: every module in `commands/` is one subcommand."""

from __future__ import annotations

import argparse
import os
import pkgutil
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

import fengsui
from fengsui.config import commands
from fengsui.foundation.access.problems import Problem

# These talk to the node from outside and must start fast; they do without Django.
WITHOUT_DJANGO = frozenset({"up", "backup", "ca", "upgrade"})
EXIT_REFUSED = 1


class Subparsers(Protocol):
    def add_parser(self, name: str, *, help: str = ...) -> argparse.ArgumentParser: ...


class Command(Protocol):
    def add_arguments(self, subparsers: Subparsers) -> None: ...
    def run(self, args: argparse.Namespace) -> int: ...


def command_names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(commands.__path__))


def load(name: str) -> Command:
    if name not in WITHOUT_DJANGO:
        _set_up_django()
    return cast(Command, import_module(f"{commands.__name__}.{name}"))


def _set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fengsui.config.settings")
    import django

    django.setup()


def parser_for(names: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fengsui",
        description="烽燧 Fengsui: wake a county, move its people, account for every one.",
    )
    parser.add_argument("--version", action="version", version=f"fengsui {fengsui.__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name in names:
        load(name).add_arguments(cast(Subparsers, subparsers))
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    arguments = list(sys.argv[1:] if argv is None else argv)
    names = command_names()
    # Only the command that was asked for is loaded: `fengsui up` must not wait for the others.
    asked = [arguments[0]] if arguments and arguments[0] in names else names
    args = parser_for(asked).parse_args(arguments)
    try:
        return load(args.command).run(args)
    except Problem as problem:
        plain = problem.to_plain()
        sys.stderr.write(f"{plain['zh']}\n{plain['en']}\n({plain['code']})\n")
        return EXIT_REFUSED
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
