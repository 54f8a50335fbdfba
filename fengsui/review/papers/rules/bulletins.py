"""The numbers and the first draft of a 值班快报. Pure.

Numbers never decrease silently: a smaller number than the one reported before carries a 更正说明.
What falls because the work goes on (未应, 未转, 未处置求救) is no correction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fengsui.review.papers.states import MAY_FALL, NUMBER_WORDS, TOLD
from fengsui.standards.divisions import scope_prefix
from fengsui.standards.instants import BEIJING

NUMBER_MAX = 10_000_000


@dataclass(frozen=True, slots=True)
class Change:
    """A number as reported before and as it is now."""

    name: str
    before: int
    after: int

    @property
    def needs_note(self) -> bool:
        return self.after < self.before and self.name not in MAY_FALL


def changes(before: Mapping[str, int], after: Mapping[str, int]) -> list[Change]:
    """Every number that differs from the last report, in the order of the form.

    A number that was reported and is left out now counts as zero.
    """
    return [
        Change(name, before.get(name, 0), after.get(name, 0))
        for name in NUMBER_WORDS
        if name in before and before.get(name, 0) != after.get(name, 0)
    ]


def without_note(found: Iterable[Change], notes: Mapping[str, str]) -> list[Change]:
    """The decreases for which nobody has given a reason."""
    return [one for one in found if one.needs_note and not notes.get(one.name, "").strip()]


def reported_once(reports: Iterable[tuple[str, str, Mapping[str, int]]]) -> dict[str, int]:
    """(place, disaster, numbers) of the newest reports, added up without counting a village twice.

    A township's figure holds its villages': of the two the greater counts, number by number.
    """
    above: dict[tuple[str, str], dict[str, int]] = {}
    below: dict[tuple[str, str], dict[str, int]] = {}
    for place, disaster, numbers in reports:
        prefix = scope_prefix(place)
        target = above if len(prefix) <= 9 else below
        held = target.setdefault((prefix[:9], disaster), {})
        for name in TOLD:
            held[name] = held.get(name, 0) + int(numbers.get(name, 0))
    return {
        name: sum(
            max(above.get(key, {}).get(name, 0), below.get(key, {}).get(name, 0))
            for key in above.keys() | below.keys()
        )
        for name in TOLD
    }


@dataclass(frozen=True, slots=True)
class Known:
    """What the record knows at `now`; of it the draft is written."""

    now: datetime
    headline: str
    issuer: str
    issued_at: datetime
    received_at: datetime
    area: str
    opened_at: datetime | None
    numbers: Mapping[str, int]
    silent_units: tuple[str, ...] = ()
    out_of_contact: tuple[str, ...] = ()
    moved_first: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    roads: tuple[str, ...] = field(default=())


def draft(known: Known) -> list[dict[str, str]]:
    """[{key, title, text}]: sections that say what is known and claim nothing else."""
    sections = [
        ("source", "信息来源", f"{known.issuer}，{_at(known.received_at)}收到。"),
        ("situation", "基本情况", _situation(known)),
        ("calls", "叫应情况", _calls(known)),
        ("moved", "转移避险", _moved(known)),
        ("losses", "人员和灾情", _losses(known)),
        ("measures", "已采取措施", "；".join(known.measures) + "。" if known.measures else ""),
        ("next", "发展趋势和请求事项", ""),
    ]
    return [{"key": key, "title": title, "text": text} for key, title, text in sections]


def _at(moment: datetime) -> str:
    local = moment.astimezone(BEIJING)
    return f"{local.month}月{local.day}日{local:%H:%M}"


def _situation(known: Known) -> str:
    return f"{_at(known.issued_at)}，{known.issuer}发布：{known.headline}。影响范围：{known.area}。"


def _calls(known: Known) -> str:
    n = known.numbers
    if known.opened_at is None:
        return "本预警没有启动叫应。"
    text = (
        f"{_at(known.opened_at)}启动叫应，应叫{n['called']}人。截至{_at(known.now)}，"
        f"已应{n['answered']}人，当面叫到{n['reached_in_person']}人，未应{n['unanswered']}人。"
    )
    if n["units_called"]:
        text += f"应到单位{n['units_called']}个，已到{n['units_acted']}个。"
    if known.silent_units:
        text += f"尚未应到：{_named(known.silent_units)}。"
    if known.out_of_contact:
        text += f"失联：{_named(known.out_of_contact)}。"
    return text


def _moved(known: Known) -> str:
    n = known.numbers
    first = f"村级先行转移：{_named(known.moved_first)}。" if known.moved_first else ""
    if not n["should_move"]:
        return first or "没有需要转移的住户名单。"
    return (
        f"应转{n['should_move']}人，已转{n['moved']}人，外出{n['away']}人，未转{n['not_moved']}人。"
        + first
    )


def _losses(known: Known) -> str:
    n = known.numbers
    told = [
        f"{NUMBER_WORDS[one][0].replace('（', '').replace('）', '')}{n[one]}"
        for one in TOLD
        if n[one]
    ]
    text = (
        "各地报告：" + "，".join(told) + "。"
        if told
        else f"截至{_at(known.now)}，未接到人员伤亡和灾情报告。"
    )
    if known.roads:
        text += "；".join(known.roads) + "。"
    if n["sos_open"]:
        text += f"未处置求救{n['sos_open']}起。"
    return text


NAMES_SHOWN_MAX = 12


def _named(names: tuple[str, ...]) -> str:
    shown = "、".join(names[:NAMES_SHOWN_MAX])
    more = len(names) - NAMES_SHOWN_MAX
    return f"{shown}等{len(names)}个" if more > 0 else shown


def number_in_words(year: int, issue: int) -> str:
    """文号: 〔2026〕第3期."""
    return f"〔{year}〕第{issue}期"


def clean_numbers(told: Mapping[str, Any]) -> dict[str, int]:
    """The numbers that people may type, whole and in bounds; anything else raises ValueError."""
    found = {}
    for name, value in told.items():
        if name not in TOLD or isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(name)
        if not 0 <= value <= NUMBER_MAX:
            raise ValueError(name)
        found[name] = value
    return found
