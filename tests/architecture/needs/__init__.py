"""What every endpoint needs: one file per part of the product, one line per endpoint.

A file has `NEEDS` and, where its paths and bodies have parameters:
`KNOWN` {parameter of a path or a query: value}, `known(county)` for objects of the
village 石滩村 that must be made first, `WORDS` {field of a body: value that its service takes},
`HOLLOW` (what is not there on this night, so that the right answer is a refusal),
`ANSWERS_PER_ITEM` (judges each line by itself and answers 200 with the refusals in the body), and
`COUNTY_WIDE` (lists and objects of the whole county that every place of it may read).
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

from fengsui.foundation.access.viewer import Permission

P = Permission
PUBLIC, SIGNED_IN = "public", "signed in"
# A set: any one of these permissions opens the endpoint.
Needs = dict[str, str | set[Permission]]


def _files() -> Iterator[ModuleType]:
    for each in pkgutil.iter_modules(__path__):
        yield import_module(f"{__name__}.{each.name}")


def needs() -> Needs:
    """Every line of every file; two files never speak for one endpoint."""
    found: Needs = {}
    for file in _files():
        twice = found.keys() & file.NEEDS.keys()
        assert not twice, f"said twice: {sorted(twice)}"
        found |= file.NEEDS
    return found


def merged(name: str) -> dict[str, Any]:
    """KNOWN or WORDS of all files."""
    return {key: value for file in _files() for key, value in getattr(file, name, {}).items()}


def named(name: str) -> set[str]:
    """HOLLOW, ANSWERS_PER_ITEM or COUNTY_WIDE of all files."""
    return {one for file in _files() for one in getattr(file, name, ())}


def makers() -> list[Callable[[Any], dict[str, str]]]:
    return [file.known for file in _files() if hasattr(file, "known")]
