"""Whether this machine's clock can be believed, from what the record and the neighbours say.

The hybrid clock never follows a dead clock back, and never a wrong one far ahead; this module says
which of the two it is, so that a person can set the clock, and proposes a time.
"""

from __future__ import annotations

import logging
import statistics
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection

from fengsui.foundation.journal import clock, hlc

# No clock that is right can be before this: the program did not exist.
PROGRAM_MADE = datetime(2026, 1, 1, tzinfo=UTC)
APART_BOUND = timedelta(minutes=2)
LOOK_SECONDS = 5.0
PEER_FRESH_SECONDS = 6 * 3600.0
_HEADS_OF_OTHERS = (
    "SELECT max(fact.hlc) FROM journal_feed feed JOIN journal_fact fact"
    " ON fact.feed_id = feed.id AND fact.seq = feed.head_seq"
    " WHERE NOT feed.is_own GROUP BY feed.public_key"
)

DEAD, BEHIND, AHEAD, SET_BACK, SET_AHEAD = "dead", "behind", "ahead", "set_back", "set_ahead"
log = logging.getLogger("fengsui.clock")


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` is "" where nothing is wrong; `proposed` is a better guess of the time.

    `source` of the guess: "neighbour" (the clocks of other nodes), or "record" (the newest fact:
    it cannot be earlier than that).
    """

    code: str = ""
    proposed: datetime | None = None
    source: str = ""


def judge(
    now: datetime,
    *,
    peers: Collection[timedelta],
    others: Collection[datetime],
    own: datetime | None,
) -> Finding:
    """What is wrong with the clock that says `now`. Pure.

    `peers`: how far the clocks of other nodes are ahead of ours, each one recently compared.
    `others`: the time of the newest fact of each other node. `own`: of our own newest fact.
    """
    if peers:
        offset = statistics.median_low(sorted(peers))
        if abs(offset) > APART_BOUND:
            code = DEAD if now < PROGRAM_MADE else BEHIND if offset > timedelta(0) else AHEAD
            return Finding(code, now + offset, "neighbour")
        return Finding()
    typical = statistics.median_low(sorted(others)) if others else None
    if now < PROGRAM_MADE:
        known = max((one for one in (typical, own) if one is not None), default=None)
        return Finding(DEAD, known, "record" if known else "")
    if typical is not None and typical > now + hlc.DRIFT_BOUND:
        return Finding(BEHIND, typical, "record")
    return Finding()


def believed_now(now: datetime, own_hlc: int) -> datetime:
    """`now`, or the time of the own record where `now` is known to be too early.

    It decides whether the record is ahead of the clock because the clock *was* wrong (then a new
    incarnation leaves the wrong times behind) or because it *is* wrong (then time goes on).
    """
    finding = judge(now, peers=_fresh_peers(), others=newest_of_others(), own=hlc.to_time(own_hlc))
    return max(now, hlc.to_time(own_hlc)) if finding.code in (DEAD, BEHIND) else now


def newest_of_others() -> list[datetime]:
    """The time of the newest fact of every other node."""
    with connection.cursor() as cursor:
        cursor.execute(_HEADS_OF_OTHERS)
        return [hlc.to_time(row[0]) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class Peer:
    offset: timedelta
    heard_at: float  # by the monotonic clock


_peers: dict[str, Peer] = {}


def note_peer(name: str, offset: timedelta) -> None:
    """How far the clock of another node is ahead of ours. Forgotten at a restart."""
    _peers[name] = Peer(offset, time.monotonic())


def forget_peers() -> None:
    """Once this machine's clock was set, what was compared with it says nothing any more."""
    _peers.clear()


def _fresh_peers() -> list[timedelta]:
    oldest = time.monotonic() - PEER_FRESH_SECONDS
    return [peer.offset for peer in _peers.values() if peer.heard_at >= oldest]


@dataclass
class Timekeeper:
    """Looks at the clock now and then, in the writer's loop."""

    watch: clock.Watch = field(default_factory=clock.Watch)
    finding: Finding = field(default_factory=Finding)
    jumped: str = ""
    looked_at: float = float("-inf")

    def look(self, own_hlc: int) -> str:
        """Returns the jump that was noticed just now: "", "set_back" or "set_ahead"."""
        jump = self.watch.look()
        if jump:
            self.jumped = jump
            forget_peers()
        now = time.monotonic()
        if jump or now - self.looked_at >= LOOK_SECONDS:
            self.looked_at = now
            self._judge(own_hlc)
        return jump

    def _judge(self, own_hlc: int) -> None:
        if settings.IS_DEMONSTRATION:
            return  # its night is next July's: the machine's own clock says nothing about it
        before = self.finding.code
        self.finding = judge(
            clock.machine_now(),
            peers=_fresh_peers(),
            others=newest_of_others(),
            own=hlc.to_time(own_hlc) if own_hlc else None,
        )
        if self.finding.code and self.finding.code != before:
            log.warning("this machine's clock seems wrong: %s", self.finding.code)

    def plain(self) -> dict[str, str | None]:
        """For the screens; a jump is said only where nothing worse is known."""
        proposed = self.finding.proposed
        return {
            "finding": self.finding.code or self.jumped,
            "proposed": proposed.isoformat() if proposed else None,
            "source": self.finding.source,
            "machine": clock.machine_now().isoformat(),
        }
