"""The county's call policies as data, and how they are read. Defaults, not law."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources

from fengsui.engines.calls.rules import Policy, policy_from_plain


@lru_cache(maxsize=1)
def default_policies() -> dict[str, Policy]:
    """By name (a colour, or "cancelled"). Each carries its label, source and clause."""
    text = resources.files(__name__).joinpath("default.json").read_text(encoding="utf-8")
    table = json.loads(text)
    shared = {name: table[name] for name in ("label_zh", "source", "clause", "verified")}
    return {row["name"]: policy_from_plain({**shared, **row}) for row in table["policies"]}
