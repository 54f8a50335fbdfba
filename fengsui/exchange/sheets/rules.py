"""Which number a sheet gets, when a tick was seen, and what becomes of it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime, time, timedelta

from fengsui.exchange.sheets.codes import NUMBER_MAX, NUMBER_MIN
from fengsui.standards.instants import BEIJING

_NUMBERS = NUMBER_MAX - NUMBER_MIN + 1


def number_for(seed: str, taken: Collection[int]) -> int:
    """A free number. The same seed gives the same one on two nodes that do not hear each other."""
    start = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big") % _NUMBERS
    for step in range(_NUMBERS):
        number = NUMBER_MIN + (start + step) % _NUMBERS
        if number not in taken:
            return number
    raise ValueError("every number is taken")


def moment_of(ticked_at: time, now: datetime) -> datetime:
    """The last time that a clock in Beijing showed this; a tick is never seen in the future."""
    local = now.astimezone(BEIJING)
    seen = local.replace(hour=ticked_at.hour, minute=ticked_at.minute, second=0, microsecond=0)
    return seen if seen <= local else seen - timedelta(days=1)


def client_id(
    sheet_id: int, line: int, status: str, people: int | None, seen_at: datetime | None
) -> str:
    """The same line typed twice, here or on another node, is one observation."""
    moment = f"-{seen_at.astimezone(BEIJING):%m%d%H%M}" if seen_at else ""
    return f"sheet-{sheet_id}-{line}-{status}-{'' if people is None else people}{moment}"
