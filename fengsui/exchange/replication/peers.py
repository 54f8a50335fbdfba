"""The node at the other end of a link that is up, and what waits to be said to it. Pure.

On a thin link every minute has so many bytes. What is to be said waits in three lanes (life
safety, command, the rest), newer news takes the place of older about the same feed, and the order
in which lanes leave is weighted so that commands are not starved by life safety.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from fengsui.exchange.replication.messages import Head
from fengsui.foundation.journal.facts import FactClass

PATIENCE = timedelta(seconds=10)  # without an answer, ask again
PATIENCE_THIN = timedelta(minutes=5)
ROUND = timedelta(seconds=60)  # state is compared this often even when nothing happens
ROUND_THIN = timedelta(minutes=30)
LANES = (0, 1, 2)
LIFE_SAFETY_TURNS = 4  # so many life-safety messages, then one command

Subject = tuple[str, bytes]  # what kind of message about which feed


def lane_of(fact_class: int) -> int:
    return min(fact_class, LANES[-1])


@dataclass(slots=True)
class Budget:
    """A bucket of bytes that fills by the minute and holds one minute. May run into debt once."""

    bytes_a_minute: int
    left: float
    at: datetime

    def earn(self, now: datetime) -> None:
        gained = max(0.0, (now - self.at).total_seconds()) * self.bytes_a_minute / 60
        self.left = min(float(self.bytes_a_minute), self.left + gained)
        self.at = now

    def allows(self, size: int) -> bool:
        """Whole messages only: one larger than a minute waits for a full bucket."""
        return self.left >= min(size, self.bytes_a_minute) and self.bytes_a_minute > 0


@dataclass(slots=True)
class Asked:
    """A range that is under way."""

    lane: int
    at: datetime


@dataclass(slots=True)
class Peer:
    """What is known of the other end, for as long as the link is up."""

    link: str
    name: bytes = b""
    scope: str = ""
    is_known: bool = False
    is_vouched: bool = False  # the shell says who it is; what it says itself does not count
    classes_max: int = FactClass.BULK  # what the link is for: up to this class
    facts_per_want: int = 64
    budget: Budget | None = None
    ahead: dict[bytes, Head] = field(default_factory=dict)  # feeds of which it has more
    failures: dict[bytes, int] = field(default_factory=dict)
    refused: set[bytes] = field(default_factory=set)  # feeds that are not asked for again
    wanted: dict[bytes, Asked] = field(default_factory=dict)
    compared_at: datetime | None = None
    greeted_at: datetime | None = None
    waiting: dict[Subject, tuple[int, bytes]] = field(default_factory=dict)  # thin links only
    turns: int = 0

    @property
    def patience(self) -> timedelta:
        return PATIENCE if self.budget is None else PATIENCE_THIN

    @property
    def round(self) -> timedelta:
        return ROUND if self.budget is None else ROUND_THIN

    def enqueue(self, subject: Subject, lane: int, data: bytes) -> None:
        self.waiting[subject] = (lane, data)

    def leaving(self, now: datetime) -> list[bytes]:
        """What the budget lets go now, in the order of the lanes."""
        assert self.budget is not None
        self.budget.earn(now)
        out: list[bytes] = []
        while self.waiting:
            subject = self._next()
            lane, data = self.waiting[subject]
            if not self.budget.allows(len(data)):
                break
            del self.waiting[subject]
            self.turns = self.turns + 1 if lane == 0 else 0
            self.budget.left -= len(data)
            out.append(data)
        return out

    def _next(self) -> Subject:
        lanes = {lane for lane, _ in self.waiting.values()}
        lane = min(lanes)
        if lane == 0 and 1 in lanes and self.turns >= LIFE_SAFETY_TURNS:
            lane = 1
        return next(subject for subject, (of, _) in self.waiting.items() if of == lane)
