"""Facts whose clock was far ahead: by which clock they merge, the same on every node.

Being far ahead depends on when a fact is received; that it was is therefore a fact itself
(`journal.clock_doubted`), and everybody goes by that fact and not by their own clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from fengsui.foundation.journal import hlc
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.models import ClockWord
from fengsui.standards.divisions import scope_prefix

_DRIFT_MS = int(hlc.DRIFT_BOUND.total_seconds() * 1000)


class Word(NamedTuple):
    """One statement about a stretch of a feed; `shift_ms` is None for a doubt."""

    from_seq: int
    to_seq: int
    hlc: int
    witnessed_ms: int | None
    shift_ms: int | None
    scope: str


def merges_at(words: Iterable[Word], *, seq: int, clock: int, scope: str) -> int | None:
    """The clock by which a fact merges, or None for its own. Pure.

    The latest setting-right counts; a doubt makes it lower than every true clock, in the order
    of its feed. A doubt counts only where its author's own clock had been sound.
    """
    shift: tuple[int, int] | None = None
    is_doubted = False
    for word in words:
        if not word.from_seq <= seq <= word.to_seq:
            continue
        if word.shift_ms is not None:
            if scope.startswith(scope_prefix(word.scope)):
                shift = max(shift or (0, 0), (word.hlc, word.shift_ms))
        elif word.witnessed_ms is not None:
            own_ms = word.hlc >> hlc.COUNTER_BITS
            is_sound = abs(own_ms - word.witnessed_ms) <= _DRIFT_MS
            is_doubted |= is_sound and clock >> hlc.COUNTER_BITS > word.witnessed_ms + _DRIFT_MS
    if shift is not None:
        return max(0, clock - (shift[1] << hlc.COUNTER_BITS))
    return seq if is_doubted else None


def timed(fact: Fact) -> Fact:
    """The fact with the clock by which it merges here and everywhere."""
    words = words_of(fact.feed)
    if not words:
        return fact
    at = merges_at(words, seq=fact.seq, clock=fact.hlc, scope=fact.scope)
    return fact if at == fact.merges_at else replace(fact, merges_at=at)


def words_of(feed: bytes) -> list[Word]:
    if feed not in _feeds():
        return []
    rows = ClockWord.objects.filter(feed_id=feed)
    return [
        Word(row.from_seq, row.to_seq, row.hlc, row.witnessed_ms, row.shift_ms, row.scope)
        for row in rows
    ]


# Feeds of which anything was said: hardly ever one, and asked for with every fact that is applied.
_known: set[bytes] | None = None


def _feeds() -> set[bytes]:
    global _known
    if _known is None:
        rows = ClockWord.objects.values_list("feed_id", flat=True).distinct()
        _known = {bytes(feed) for feed in rows}
    return _known


def forget() -> None:
    """What was read is read again: a transaction was rolled back, or a word was added."""
    global _known
    _known = None
