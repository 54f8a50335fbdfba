"""Messages in words: the preview that goes back to whoever typed, and the form to type. Pure."""

from __future__ import annotations

from datetime import timedelta

from fengsui.gateways.telegrams import tables
from fengsui.gateways.telegrams.messages import (
    Acknowledgement,
    EvacuationInstruction,
    Headcount,
    HeadcountTotal,
    Message,
    Numbers,
    QuickReport,
    Sos,
)
from fengsui.standards.instants import BEIJING, from_ms

_ANSWERS = {
    "on_it": "收到，正在落实",
    "need_support": "需支援",
    "away_pass_to_b": "不在村，转 B 岗",
}
_ANSWER_WORDS = {"on_it": "", "need_support": " 支援", "away_pass_to_b": " 不在村"}
_ACTIONS = {"prepare": "准备转移", "move": "立即转移", "lifted": "解除"}
_ACTION_WORDS = {"prepare": "准备", "move": "转移", "lifted": "解除"}
_LEVELS = {"red": "红", "orange": "橙", "yellow": "黄", "blue": "蓝", "unknown": ""}
_NUMBER_WORDS = (
    ("away", "外"),
    ("needs_help", "助"),
    ("sheltered", "安"),
    ("injured", "伤"),
    ("missing", "失"),
    ("dead", "亡"),
)
_REPORT_WORDS = (
    ("affected", "受灾"),
    ("moved", "转移"),
    ("injured", "伤"),
    ("missing", "失联"),
    ("dead", "死亡"),
    ("trapped", "被困"),
    ("houses_collapsed", "倒塌"),
    ("houses_damaged", "损坏"),
)
_CUT_WORDS = (("road_cut", "断路"), ("power_cut", "断电"), ("network_cut", "断网"))
NEED_ZH = {
    "rescue": "营救",
    "medical": "医疗",
    "boat": "船",
    "stretcher": "担架",
    "food": "食品",
    "water": "饮水",
    "shelter": "安置",
    "power": "供电",
    "signal": "通信",
    "machinery": "机械",
    "tent": "帐篷",
    "quilt": "被子",
    "cot": "床",
    "clothing": "衣",
    "rice": "大米",
    "instant_noodles": "方便面",
    "medicine": "药",
    "generator": "发电机",
    "lamp": "灯",
    "pump": "水泵",
    "life_jacket": "救生衣",
    "sandbag": "沙袋",
    "vehicle": "车",
    "people": "人手",
    "satellite_phone": "卫星电话",
    "disinfectant": "消毒",
    tables.OTHER: "其他",
}


def preview(message: Message) -> str:
    """What was understood, in Chinese, to be sent back: the sender sees a slip at once."""
    return f"已收：{_said(message)}。不对请重发。"


def _said(message: Message) -> str:
    match message:
        case Headcount() | HeadcountTotal():
            numbers = message.numbers
            more = "".join(
                f"，{word}{getattr(numbers, name)}"
                for name, word in (("away", "外出"), *_NUMBER_WORDS[1:])
                if getattr(numbers, name)
            )
            return f"应转{numbers.should}，已转{numbers.moved}，未转{numbers.not_yet}{more}"
        case Sos():
            needs = "、".join(NEED_ZH.get(one, one) for one in message.needs)
            return "求救 " + "，".join(
                part
                for part in (
                    f"{message.people}人" if message.people else "人数不明",
                    f"伤{message.injured}" if message.injured else "",
                    f"需{needs}" if needs else "",
                    message.text,
                )
                if part
            )
        case Acknowledgement():
            return f"应答 {_ANSWERS[message.answer]}"
        case QuickReport():
            return f"灾情快报 {_report_words(message)}"
        case EvacuationInstruction():
            level = _LEVELS.get(message.level, "")
            places = "、".join(message.areas)
            by = "" if message.leave_by_ms is None else f"，{_hour(message.leave_by_ms)}前"
            exercise = "【演练】" if message.exercise else ""
            colour = f"{level}色 " if level else ""
            return f"{exercise}{colour}{_ACTIONS.get(message.action, '转移')} {places}{by}"


def _report_words(message: QuickReport) -> str:
    words = [message.disaster] if message.disaster else []
    words += [
        f"{word}{getattr(message, name)}" for name, word in _REPORT_WORDS if getattr(message, name)
    ]
    words += [word for name, word in _CUT_WORDS if getattr(message, name)]
    words += [f"要{NEED_ZH.get(code, code)}{amount}" for code, amount in message.needs]
    return " ".join(words)


def _hour(at_ms: int) -> str:
    return (from_ms(at_ms).astimezone(BEIJING) + timedelta(0)).strftime("%H:%M")


def typed(message: Message) -> str:
    """The text that a person would type for a message; `texts.parse` reads it again."""
    match message:
        case Headcount() | HeadcountTotal():
            return f"ZY {message.numbers.moved}/{message.numbers.should}{_more(message.numbers)}"
        case Sos():
            needs = "".join(f" 要{NEED_ZH.get(one, one)}" for one in message.needs)
            return f"SOS {message.people}人 伤{message.injured}{needs} {message.text}".strip()
        case Acknowledgement():
            number = f" #{message.of}" if message.of else ""
            return f"SD{_ANSWER_WORDS[message.answer]}{number}"
        case QuickReport():
            return f"KB {_report_words(message)}"
        case EvacuationInstruction():
            by = "" if message.leave_by_ms is None else f" {_hour(message.leave_by_ms)}前"
            parts = (
                "ZL",
                "演练" if message.exercise else "",
                " ".join(code[6:] if len(code) == 12 else code for code in message.areas),
                _LEVELS.get(message.level, ""),
                _ACTION_WORDS.get(message.action, "转移"),
                by.strip(),
                f"#{message.alert}" if message.alert else "",
            )
            return " ".join(part for part in parts if part)


def _more(numbers: Numbers) -> str:
    return "".join(
        f" {word}{getattr(numbers, name)}" for name, word in _NUMBER_WORDS if getattr(numbers, name)
    )
