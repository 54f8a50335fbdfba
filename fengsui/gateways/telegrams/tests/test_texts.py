"""Texts typed by hand on a bad night: what is read, what is refused and in which words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.gateways.telegrams import texts, wording
from fengsui.gateways.telegrams.examples import NOW_MS, VILLAGE
from fengsui.gateways.telegrams.messages import (
    Acknowledgement,
    EvacuationInstruction,
    Headcount,
    Message,
    Numbers,
    QuickReport,
    Sos,
)
from fengsui.gateways.telegrams.texts import Sender, TextError

SECRETARY = Sender(VILLAGE, 77)


def read(text: str, sender: Sender = SECRETARY) -> Message:
    return texts.parse(text, sender=sender, now_ms=NOW_MS)


@pytest.mark.parametrize(
    "text",
    [
        "ZY 32/35",
        "zy32/35",
        "ＺＹ　３２／３５",
        "转移32/35",
        "已转 32-35。",
        "清点：32/35",
        "ZY 已转32 应转35",
        "zy 32 / 35 人",
    ],
)
def test_a_headcount_in_many_hands(text: str) -> None:
    assert read(text) == Headcount(VILLAGE, NOW_MS, Numbers(should=35, moved=32, not_yet=3))


def test_a_headcount_with_everything() -> None:
    message = read("ZY 280/312 外20 助7 安240 伤3 失1 亡0")
    assert message == Headcount(VILLAGE, NOW_MS, Numbers(312, 280, 20, 12, 7, 240, 3, 1, 0))


@pytest.mark.parametrize(
    ("text", "people", "injured", "needs"),
    [
        ("SOS 6人 伤2 要船", 6, 2, ("boat",)),
        ("sos", 0, 0, ()),
        ("求救！三人被困，要医生", 3, 0, ("medical", "rescue")),
        ("救命 房子塌了 埋了两个人", 2, 0, ("rescue",)),
        ("SOS伤４", 4, 4, ()),
    ],
)
def test_a_call_for_help(text: str, people: int, injured: int, needs: tuple[str, ...]) -> None:
    message = read(text)
    assert isinstance(message, Sos)
    assert (message.people, message.injured) == (people, injured)
    assert set(message.needs) == set(needs)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("SD", "on_it"),
        ("收到", "on_it"),
        ("SD 收到", "on_it"),
        ("sd 1", "on_it"),
        ("SD 支援", "need_support"),
        ("SD2", "need_support"),
        ("SD 不在村", "away_pass_to_b"),
        ("收到，转B岗", "away_pass_to_b"),
    ],
)
def test_an_answer(text: str, answer: str) -> None:
    message = read(text)
    assert isinstance(message, Acknowledgement)
    assert (message.answer, message.person) == (answer, 77)


def test_a_quick_report() -> None:
    message = read("KB 泥石流 受灾860 转移292 伤5 失2 困14 倒9间 损41 断路 断电 要帐篷60 被子240")
    assert message == QuickReport(
        VILLAGE,
        NOW_MS,
        "泥石流",
        860,
        292,
        5,
        2,
        0,
        14,
        9,
        41,
        True,
        True,
        False,
        (("tent", 60), ("quilt", 240)),
    )


def test_an_instruction() -> None:
    message = read("ZL 106201 106202 红 立即转移 3:30前 #51234")
    assert isinstance(message, EvacuationInstruction)
    assert message.areas == ("510822106201", "510822106202")
    assert (message.level, message.action, message.alert) == ("red", "move", 51_234)
    assert message.leave_by_ms is not None
    assert message.leave_by_ms - NOW_MS == 80 * 60_000


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("", "texts.empty", "空"),
        ("你好", "texts.unknown_word", "你好"),
        ("ZY 32", "texts.headcount_needs_two_numbers", "ZY 32/35"),
        ("ZY 35/32", "texts.moved_more_than_should", "已转 35"),
        ("ZY 30/32 外5", "texts.away_too_many", "外出 5"),
        ("ZY 32/35 7", "texts.number_without_a_word", "7"),
        ("ZY 32/35 伤999999", "texts.number_too_large", "999999"),
        ("KB 大家好", "texts.report_is_empty", "KB"),
        ("ZL 红 转移", "texts.instruction_needs_places", "代码"),
        ("ZL 106201 转移 27:80前", "texts.bad_time", "27:80"),
    ],
)
def test_what_is_wrong_is_named(text: str, code: str, said: str) -> None:
    with pytest.raises(TextError) as refused:
        read(text)
    assert refused.value.code == code
    assert said in refused.value.zh


def test_an_answer_needs_somebody() -> None:
    with pytest.raises(TextError) as refused:
        read("SD", Sender(VILLAGE))
    assert refused.value.code == "texts.unknown_number"


@pytest.mark.parametrize(
    "text",
    ["ZY 32/35 外2 助1", "SOS 6人 伤2 要船", "SD 支援", "KB 泥石流 受灾860 伤5 断路 要帐篷60"],
)
def test_what_is_written_can_be_read_again(text: str) -> None:
    message = read(text)
    assert read(wording.typed(message)) == message
    assert wording.preview(message).startswith("已收：")


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ZYSODKBL 转移收到求救0123456789/人伤外：，要船断路红前\n", max_size=40))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    said = ""
    try:
        said = wording.preview(read(text))
    except TextError as refused:
        said = refused.zh
    assert said
