"""Which telegram takes the next slot of a thin link, and when it is tried again. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from fengsui.exchange.telegrams.states import Carrier, Kind, Priority

# Of five slots that both want, four go to P0: repeated alarms never starve the headcounts.
P0_IN_A_ROW = 4
MINUTE_MS = 60_000
RETRY_FIRST_SLOTS = 2
RETRY_FIRST_MS_MIN = 4_000
RETRY_MS_MAX = 15 * MINUTE_MS
P1_GRACE_MS = 30_000  # a session that is alive brings the full fact sooner than a telegram
TTL_MS: dict[Kind, int] = {
    Kind.SOS: 24 * 60 * MINUTE_MS,
    Kind.EVACUATION_INSTRUCTION: 6 * 60 * MINUTE_MS,
    Kind.ACKNOWLEDGEMENT: 12 * 60 * MINUTE_MS,
    Kind.HEADCOUNT: 3 * 60 * MINUTE_MS,
    Kind.QUICK_REPORT: 24 * 60 * MINUTE_MS,
    Kind.TOTAL: 60 * MINUTE_MS,
    Kind.TEST: 60 * MINUTE_MS,
}
TOTAL_FROM_PLACES = 3  # so many villages waiting for a slot are worth a sum


@dataclass(frozen=True, slots=True)
class Waiting:
    """An outgoing telegram that may leave now. `order` grows with time."""

    id: int
    priority: int
    tries: int
    order: int
    is_total: bool = False


def choose(waiting: Sequence[Waiting], *, p0_in_a_row: int) -> Waiting | None:
    """The one that takes the next slot.

    An SOS that was never sent comes first whatever is queued. Then P0 (repeated SOS among it) and
    P1 share four to one; inside a class the least tried goes first, so that all take their turn.
    """
    fresh = [one for one in waiting if one.priority == Priority.SOS and one.tries == 0]
    if fresh:
        return min(fresh, key=lambda one: one.order)
    urgent = [one for one in waiting if one.priority <= Priority.P0]
    others = [one for one in waiting if one.priority > Priority.P0]
    chosen = others if others and (not urgent or p0_in_a_row >= P0_IN_A_ROW) else urgent
    return min(chosen, key=_turn, default=None)


def _turn(one: Waiting) -> tuple[int, int, int, int]:
    return one.tries, one.priority, not one.is_total, one.order


def count_in_a_row(p0_in_a_row: int, priority: int) -> int:
    """How many P0 have gone since the last P1; an SOS in its first slot costs nobody a turn."""
    return min(p0_in_a_row + 1, P0_IN_A_ROW) if priority <= Priority.P0 else 0


def retry_ms(tries: int, pace_ms: int) -> int:
    """How long to wait for a receipt after the n-th try: twice as long each time, to 15 min."""
    first = max(RETRY_FIRST_MS_MIN, RETRY_FIRST_SLOTS * pace_ms)
    return int(min(RETRY_MS_MAX, first * 2 ** min(tries - 1, 10)))


def is_in_budget(size: int, spent_in_last_minute: int, bytes_per_minute: int | None) -> bool:
    """A link without a budget has only its pace. One frame a minute is always allowed."""
    if bytes_per_minute is None or spent_in_last_minute == 0:
        return True
    return spent_in_last_minute + size <= bytes_per_minute


@dataclass(frozen=True, slots=True)
class LinkAddress:
    """A thin link as written: `serial:/dev/ttyUSB0?dialect=bds3` or `udp:0.0.0.0:9300`."""

    carrier: Carrier
    place: str
    options: dict[str, str]


def read_address(text: str) -> LinkAddress | None:
    """None where it is neither `serial:PATH` nor `udp:HOST:PORT`."""
    parts = urlsplit(text)
    options = dict(parse_qsl(parts.query))
    if parts.scheme == "serial" and parts.path:
        return LinkAddress(Carrier.BEIDOU, parts.path, options)
    if parts.scheme == "udp":
        host, _, port = (parts.path or parts.netloc).strip("/").rpartition(":")
        if host and port.isdigit() and 0 <= int(port) < 65536:
            return LinkAddress(Carrier.RADIO, f"{host}:{port}", options)
    return None
