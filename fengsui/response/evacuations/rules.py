"""The arithmetic of an evacuation: 应转 = 已转 + 外出 + 未转, always, in people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from fengsui.response.evacuations.states import MOVED, HouseholdStatus

PHONE_CLOCK_AHEAD_MAX = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Share:
    """People of one household: should = moved + away + not_yet."""

    should: int
    moved: int
    away: int
    not_yet: int


def share_of(*, people: int, status: str, people_moved: int) -> Share:
    """More people may leave a house than the list knew of; then more should have."""
    moved = people_moved if HouseholdStatus(status) in MOVED else 0
    should = max(people, moved)
    away = should if status == HouseholdStatus.AWAY else 0
    return Share(should, moved, away, should - moved - away)


def one_of_each(
    winners: Mapping[int, str], links: Iterable[tuple[int, int]]
) -> tuple[set[int], set[int]]:
    """Of households that are linked (in chains, too): those that count and those that do not.

    `winners`: household → what orders its newest observation. The one seen last counts; where
    nothing was seen of any, the lowest id.
    """
    leader: dict[int, int] = {}

    def find(one: int) -> int:
        while leader.setdefault(one, one) != one:
            one = leader[one]
        return one

    for first, second in links:
        low, high = sorted((find(first), find(second)))
        leader[high] = low
    groups: dict[int, list[int]] = {}
    for one in leader:
        if one in winners:
            groups.setdefault(find(one), []).append(one)
    counting = {max(group, key=lambda one: (winners[one], -one)) for group in groups.values()}
    return counting, {one for group in groups.values() for one in group} - counting


def observed_at(*, phone_says: datetime, received: datetime) -> datetime:
    """When it was seen. A phone whose clock runs ahead is not believed beyond five minutes."""
    return phone_says if phone_says <= received + PHONE_CLOCK_AHEAD_MAX else received


def missing_for(*, status: str, confirmed_by: str, confirmed_how: str) -> str | None:
    """What an entry still needs: 外出不在村 counts only with who confirmed it and how."""
    if status == HouseholdStatus.AWAY:
        if not confirmed_by.strip():
            return "confirmed_by"
        if not confirmed_how:
            return "confirmed_how"
    return None
