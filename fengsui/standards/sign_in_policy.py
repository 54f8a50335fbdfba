"""The rules for signing in as data: a value, the bounds within which an office may change it.

Source: column `source` of sign_in_policy.json. The standard names no numbers; where `is_verified`
is false the number is a default to be checked against the office's own rules.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class SignInRule:
    """One number with its unit and the least and most that may be set."""

    name: str
    zh: str
    en: str
    unit_zh: str
    unit_en: str
    value: int
    least: int
    most: int
    source: str
    is_verified: bool


@cache
def _document() -> dict[str, Any]:
    text = files("fengsui.standards").joinpath("sign_in_policy.json").read_text("utf-8")
    plain: dict[str, Any] = json.loads(text)
    return plain


@cache
def sign_in_rules() -> MappingProxyType[str, SignInRule]:
    """Every rule by its name, in the order in which the page lists them."""
    return MappingProxyType({row["name"]: SignInRule(**row) for row in _document()["rules"]})


@cache
def factor_roles() -> MappingProxyType[str, Any]:
    """Which roles must use a second factor: {"value", "zh", "en", "source", "is_verified"}."""
    return MappingProxyType(_document()["factor_roles"])
