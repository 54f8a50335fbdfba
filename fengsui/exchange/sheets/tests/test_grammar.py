"""What is typed from paper, at night, by somebody with cold fingers."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.exchange.sheets import codes, rules
from fengsui.exchange.sheets.grammar import Fault, Tick, parse
from fengsui.response.evacuations.states import HouseholdStatus as S

N = 41_730
L3 = codes.line_code(N, 3)


def one(text: str) -> Tick:
    ticks, faults = parse(f"{N}\n{text}")
    assert faults == []
    (tick,) = ticks
    return tick


def fault(text: str) -> Fault:
    ticks, faults = parse(f"{N}\n{text}")
    assert ticks == []
    (found,) = faults
    return found


@pytest.mark.parametrize(
    ("typed", "status", "people"),
    [
        (f"{L3} 1 4", S.MOVED_CENTRAL, 4),
        (f"{L3} 已转 4", S.MOVED_CENTRAL, 4),
        (f"{L3} 已转", S.MOVED_CENTRAL, None),
        (f"{L3}，投亲，2人", S.MOVED_RELATIVES, 2),
        (f"　{L3}　２　０", S.MOVED_RELATIVES, 0),
        (f"{L3} 4", S.KNOCKED_NO_ANSWER, None),
        (f"{L3} 需协助", S.NEEDS_HELP, None),
        (f"{L3} 6", S.REFUSES, None),
        (f"{L3} 6 0", S.REFUSES, None),
        (f"{L3} 0", S.NOT_YET, None),
        (f"{L3} 通知", S.TOLD, None),
        (f"{N}-{L3} 1 4", S.MOVED_CENTRAL, 4),
    ],
)
def test_digits_and_words_say_the_same(typed: str, status: S, people: int | None) -> None:
    tick = one(typed)
    assert (tick.number, tick.line, tick.status, tick.people) == (N, 3, status, people)


def test_away_says_who_confirmed_it_and_how() -> None:
    for typed in (f"{L3} 3 2 示意甲", f"{L3} 外出 邻居 示意甲"):
        tick = one(typed)
        assert (tick.confirmed_how, tick.confirmed_by) == ("neighbour", "示意甲")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ("03 1 4", "line"),
        ("户三 1", "line"),
        (f"{L3[:2]}{(int(L3[2]) + 1) % 10} 1 4", "check"),
        (f"{L3}", "status"),
        (f"{L3} 9", "status"),
        (f"{L3} 搬走", "status"),
        (f"{L3} 1 四", "people"),
        (f"{L3} 1 201", "people"),
        (f"{L3} 1 4 5", "people"),
        (f"{L3} 6 2", "people"),
        (f"{L3} 3", "how"),
        (f"{L3} 3 9 示意甲", "how"),
        (f"{L3} 3 2", "who"),
        ("52918 25:00", "time"),
        ("4173", "sheet"),
        (f"4173-{L3} 1", "sheet"),
        (f"{L3} 1 " + "4" * 200, "length"),
    ],
)
def test_a_fault_names_the_line_and_the_field(typed: str, field: str) -> None:
    assert (fault(typed).row, fault(typed).field) == (2, field)


def test_a_line_without_a_sheet_is_a_fault_and_takes_no_other_with_it() -> None:
    ticks, faults = parse(f"{L3} 1\n{N} 02:40\n{L3} 1\n\n# 备注\n4173\n{L3} 2")
    assert [(tick.row, tick.ticked_at) for tick in ticks] == [(3, time(2, 40))]
    assert [(one.row, one.field) for one in faults] == [(1, "sheet"), (6, "sheet"), (7, "sheet")]


def test_a_line_under_the_wrong_sheet_is_found_by_its_check_digit() -> None:
    other = next(n for n in range(N + 1, N + 50) if codes.line_code(n, 3) != L3)
    _, faults = parse(f"{other}\n{L3} 1")
    assert [one.field for one in faults] == ["check"]


def test_more_lines_than_allowed_are_said_and_not_read() -> None:
    ticks, faults = parse("\n".join([str(N), *[f"{L3} 1"] * 500]))
    assert len(ticks) == 399
    assert [one.field for one in faults] == ["more"]


def test_a_line_of_separators_alone_is_refused_in_words() -> None:
    ticks, faults = parse(f"{N}\n：\n{L3} 1")
    assert len(ticks) == 1
    assert [(one.row, one.field) for one in faults] == [(2, "line")]


@given(st.text(max_size=80))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    ticks, faults = parse(text)
    assert len(ticks) + len(faults) <= len(text.splitlines())


def test_a_time_of_day_is_the_last_such_moment() -> None:
    now = datetime(2026, 7, 16, 18, 10, tzinfo=UTC)  # 02:10 in Beijing
    assert rules.moment_of(time(2, 10), now) == now
    assert rules.moment_of(time(1, 0), now) == datetime(2026, 7, 16, 17, 0, tzinfo=UTC)
    assert rules.moment_of(time(23, 0), now) == datetime(2026, 7, 16, 15, 0, tzinfo=UTC)


def test_two_nodes_apart_give_one_group_one_number_and_taken_ones_are_passed_over() -> None:
    first = rules.number_for("a", set())
    assert first == rules.number_for("a", {first + 5})
    assert rules.number_for("a", {first}) not in (first,)
