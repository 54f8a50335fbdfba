"""The merge policy `field`: each field keeps the value said last by clock. Pure.

Facts come in any order and perhaps twice; whatever the order, the same values win.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fengsui.foundation.journal.facts import Fact

NEVER = ""
NO_CLOCKS = "{}"


def clock_of(fact: Fact) -> str:
    """The clock of a fact as text that sorts by time; ties between nodes are broken by feed."""
    return f"{fact.hlc:016x}{fact.feed.hex()}"


def merge(clocks: str, clock: str, values: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """The values that win over what a row holds, and the row's new clocks.

    `clocks` is the row's JSON of field -> clock ("{}" for a row that no fact has changed).
    A fact that is applied again wins over itself: its personal values may have been erased.
    """
    held: dict[str, str] = json.loads(clocks)
    winning = {name: value for name, value in values.items() if clock >= held.get(name, NEVER)}
    if not winning:
        return {}, clocks
    held.update(dict.fromkeys(winning, clock))
    return winning, json.dumps(held, sort_keys=True, separators=(",", ":"))
