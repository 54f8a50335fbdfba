"""The figures of a review (复盘). Pure. Shares are whole permille, times whole seconds.

叫应率 = 接通/应叫; 应答率 = 确认/应叫; 及时率 = 在时限内确认/应叫;
行动反馈率 = 已反馈首次行动的单位/应到单位; 到户率 = 已有去向的户/名单上的户.
The time limits are those of the frozen policy of the callout, which
are this county's defaults and no law.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`; nothing of nothing has no share."""

    part: int
    whole: int

    @property
    def permille(self) -> int | None:
        """Rounded down: a review never rounds up to 100 %."""
        return None if self.whole == 0 else self.part * 1000 // self.whole


def percentile(seconds: Sequence[int], percent: int) -> int | None:
    """Nearest rank: the smallest value that at least `percent` of all do not exceed."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]


@dataclass(frozen=True, slots=True)
class Timed:
    """A call as the clock saw it. Seconds count from `added_at`, when it came on the list."""

    added_at: datetime
    answered_at: datetime | None
    reached_at: datetime | None

    @property
    def answer_s(self) -> int | None:
        if self.answered_at is None:
            return None
        return max(0, int((self.answered_at - self.added_at).total_seconds()))


@dataclass(frozen=True, slots=True)
class Answers:
    """What the clock says of all calls."""

    answered: int
    in_time: int
    p50_s: int | None
    p90_s: int | None
    slowest_s: int | None


def answers(calls: Iterable[Timed], *, answer_within_s: int) -> Answers:
    """`answer_within_s`: the policy's limit; an answer in that very second is in time."""
    seconds = [one.answer_s for one in calls if one.answer_s is not None]
    return Answers(
        answered=len(seconds),
        in_time=sum(each <= answer_within_s for each in seconds),
        p50_s=percentile(seconds, 50),
        p90_s=percentile(seconds, 90),
        slowest_s=max(seconds, default=None),
    )


def in_words(permille: int | None) -> str:
    """ "98.7%"; "—" where there is nothing to have a share of."""
    if permille is None:
        return "—"
    whole, tenth = divmod(permille, 10)
    return f"{whole}.{tenth}%"


def minutes_in_words(seconds: int | None) -> str:
    if seconds is None:
        return "—"
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}分{rest:02d}秒" if minutes else f"{rest}秒"
