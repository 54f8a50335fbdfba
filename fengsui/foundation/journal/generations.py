"""When a database must begin a new incarnation, and which number it gets. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fengsui.foundation.journal import hlc

RANDOM_BITS = 31


def next_incarnation(previous: int, random_bits: int) -> int:
    """A number above `previous`; `random_bits` (31 bits) keep two restores of one backup apart."""
    generation = (previous >> RANDOM_BITS) + 1
    return generation << RANDOM_BITS | random_bits


def reason_for_new(
    *,
    nonce: str,
    facts: int,
    last_hlc: int,
    seen: tuple[Sequence[str], int] | None,
    now: datetime,
) -> str | None:
    """Why this database must begin a new incarnation, or None.

    `seen` is what the companion file beside the database knows: the nonces of the last two
    starts and the number of facts that had been acknowledged.
    """
    if seen is None:
        return "database without its companion file"
    nonces, facts_seen = seen
    if nonce not in nonces:
        return "database put back from elsewhere"
    if facts < facts_seen:
        return "database put back from a backup"
    if not hlc.is_within_bound(last_hlc, now):
        return "the clock had been far ahead"
    return None
