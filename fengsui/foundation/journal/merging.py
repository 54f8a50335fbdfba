"""The merge policy `field`: each field keeps the value said last by clock. Pure.

Facts come in any order and perhaps twice; whatever the order, the same values win.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from fengsui.foundation.journal.facts import Fact

NEVER = ""
NO_CLOCKS = "{}"


def clock_of(fact: Fact) -> str:
    """The clock of a fact as text that sorts by time; ties between nodes are broken by feed.

    A fact whose clock is doubted comes before every other, so that it loses.
    """
    clock = fact.hlc if fact.merges_at is None else fact.merges_at
    return f"{clock:016x}{fact.feed.hex()}"


class Loss(NamedTuple):
    """A value that came and did not win: of which entity and field, against which clock."""

    entity: int | str
    field: str
    kept_clock: str
    lost_clock: str


_losses: list[Loss] | None = None


@contextmanager
def noting_losses() -> Iterator[list[Loss]]:
    """While this is open, values that lose are put into the list it gives."""
    global _losses
    outer, _losses = _losses, []
    try:
        yield _losses
    finally:
        _losses = outer


def merge(
    clocks: str, clock: str, values: Mapping[str, Any], *, entity: int | str | None = None
) -> tuple[dict[str, Any], str]:
    """The values that win over what a row holds, and the row's new clocks.

    `clocks` is the row's JSON of field -> clock ("{}" for a row that no fact has changed).
    A fact that is applied again wins over itself: its personal values may have been erased.
    """
    held: dict[str, str] = json.loads(clocks)
    winning = {name: value for name, value in values.items() if clock >= held.get(name, NEVER)}
    if _losses is not None and entity is not None and len(winning) < len(values):
        lost = values.keys() - winning.keys()
        _losses.extend(Loss(entity, name, held[name], clock) for name in sorted(lost))
    if not winning:
        return {}, clocks
    held.update(dict.fromkeys(winning, clock))
    return winning, json.dumps(held, sort_keys=True, separators=(",", ":"))
