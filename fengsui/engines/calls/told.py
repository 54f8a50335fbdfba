"""What the course of a callout tells of one person, one try and one unit, oldest first. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from fengsui.engines.calls.states import WORD_RANK, UnitState


@dataclass(frozen=True, slots=True)
class Step:
    """From `at` on: the state, the rung, and the last word of a try ("" before the first)."""

    at: datetime
    state: str
    rung: int
    word: str = ""
    heard_s: int = 0


@dataclass(slots=True)
class Person:
    """One person of the callout and everything that became of them, oldest first."""

    call_id: int
    person_id: int
    household_id: int | None
    place_code: str
    units: tuple[str, ...]
    post_title: str
    name: str  # "" once it has been erased
    steps: list[Step] = field(default_factory=list)
    needs_support_at: datetime | None = None
    covered_at: datetime | None = None
    progress: tuple[int, int] = (-1, 0)
    end: str = ""
    stood_in_for: set[str] = field(default_factory=set)

    def move(self, at: datetime, state: str, rung: int, word: str = "", heard_s: int = 0) -> None:
        self.steps.append(Step(at, state, rung, word, heard_s))


@dataclass(slots=True)
class Try:
    """One try on one channel and what became known of it: [(from when, word)], oldest first."""

    call_id: int
    channel: str
    is_beside: bool = False  # of B岗 or a duty phone, rung at the same moment as the person called
    words: list[tuple[datetime, str]] = field(default_factory=list)
    rank: int = 0

    def hear(self, at: datetime, word: str) -> None:
        """A later word replaces an earlier one, whenever it is told."""
        rank = WORD_RANK.get(word, 0)
        if rank > self.rank:
            self.rank = rank
            self.words.append((at, word))


@dataclass(slots=True)
class Unit:
    """A village or township: called, acknowledged (叫到), first action (应到)."""

    called_at: datetime
    acknowledged_at: datetime | None = None
    action_at: datetime | None = None

    def steps(self) -> list[tuple[datetime, str]]:
        """[(from when, state)], oldest first."""
        told = [(self.called_at, UnitState.WAITING.value)]
        if self.acknowledged_at is not None:
            told.append((self.acknowledged_at, UnitState.ACKNOWLEDGED.value))
            if self.action_at is not None:
                acted = max(self.action_at, self.acknowledged_at)
                told.append((acted, UnitState.ACTED.value))
        return told
