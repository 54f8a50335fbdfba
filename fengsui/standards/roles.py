"""The builtin roles and what each permission means in plain words.

Source: the `source` of each role in roles.json. None is prescribed by a standard in this form;
`is_verified` false marks a local default. A county adds its own roles as facts.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class PermissionWords:
    """What a permission is called; `key_may_hold`: a machine may have it, no person is needed."""

    code: str
    zh: str
    en: str
    shows_personal: bool
    key_may_hold: bool


@dataclass(frozen=True, slots=True)
class RoleWords:
    """A builtin role. `stands_alone`: one of the three separated administrators (三员)."""

    code: str
    zh: str
    en: str
    permissions: tuple[str, ...]
    granted_by: tuple[str, ...]
    stands_alone: bool
    source: str
    is_verified: bool


@cache
def _document() -> dict[str, Any]:
    text = files("fengsui.standards").joinpath("roles.json").read_text("utf-8")
    plain: dict[str, Any] = json.loads(text)
    return plain


@cache
def permission_words() -> MappingProxyType[str, PermissionWords]:
    """Every permission's words by its code, in the order in which pages list them."""
    rows = _document()["permissions"]
    return MappingProxyType({row["code"]: PermissionWords(**row) for row in rows})


@cache
def role_words() -> MappingProxyType[str, RoleWords]:
    """Every builtin role by its code, in the order in which pages list them."""
    return MappingProxyType(
        {
            row["code"]: RoleWords(
                **{**row, "permissions": tuple(row["permissions"])}
                | {"granted_by": tuple(row["granted_by"])}
            )
            for row in _document()["roles"]
        }
    )
