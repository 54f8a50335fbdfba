"""The same messages typed by hand in a text message: short, Chinese or pinyin, forgiving. Pure.

| Word | Means | Example |
|---|---|---|
| ZY 转移 已转 清点 | headcount: moved/should | `ZY 32/35`, `ZY 32/35 外2 助1 伤1` |
| SOS 求救 救命 QJ | call for help | `SOS 6人 伤2 要船 后山二组` |
| SD 收到 | answer to a call | `SD`, `SD 支援`, `SD 不在村` |
| KB 快报 灾情 | quick report | `KB 泥石流 受灾860 伤5 断路 要帐篷60` |
| ZL 指令 撤离 | instruction | `ZL 106201 红 转移 3:30前` |

Full-width digits, missing spaces and any punctuation are read; what is wrong is named.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from fengsui.gateways.telegrams.messages import (
    Acknowledgement,
    EvacuationInstruction,
    Headcount,
    Message,
    Numbers,
    QuickReport,
    Sos,
)
from fengsui.gateways.telegrams.typed_words import (
    DISASTER_WORDS,
    HEADCOUNT_WORDS,
    NEED_WORDS,
    REPORT_WORDS,
    SUPPLY_WORDS,
)
from fengsui.standards.instants import BEIJING, from_ms, to_ms

PEOPLE_MAX = 100_000
TEXT_CHARACTERS_MAX = 200


class TextError(ValueError):
    """A text that cannot be read; `zh` and `en` say to its sender what is wrong and how to type."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(f"{code}: {en}")
        self.code, self.zh, self.en = code, zh, en


@dataclass(frozen=True, slots=True)
class Sender:
    """Who typed it, as the register knows the number: the short id of the person, the place."""

    place_code: str
    person: int | None = None


HELP_ZH = "可发：ZY 已转/应转；SOS 人数 情况；SD 收到；KB 灾种 数字；ZL 指令"
HELP_EN = "Send: ZY moved/should; SOS people what; SD; KB disaster numbers; ZL instruction"

_DIGITS = str.maketrans("〇零一二两三四五六七八九", "001223456789")
_PUNCTUATION = re.compile(r"[,;。、，；!?！？()（）\[\]【】\"'“”<>《》=~|]+")
_NUMBER_WORD = re.compile(r"([〇零一二两三四五六七八九])(?=[人户个名])")


def normalised(text: str) -> str:
    """Half-width, upper case, one space between words."""
    plain = unicodedata.normalize("NFKC", text[:TEXT_CHARACTERS_MAX]).upper()
    plain = _NUMBER_WORD.sub(lambda found: found[1].translate(_DIGITS), plain)
    return " ".join(_PUNCTUATION.sub(" ", plain).split())


_HEADS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("sos", ("SOS", "求救", "救命", "QJ")),
    ("evacuation", ("ZL", "转移指令", "指令", "撤离")),
    ("report", ("KB", "灾情快报", "快报", "灾情")),
    ("headcount", ("ZY", "转移", "已转", "清点", "QD")),
    ("acknowledgement", ("SD", "收到", "OK", "好的", "已收到")),
)


def parse(text: str, *, sender: Sender, now_ms: int) -> Message:
    """The message a text stands for; its facts are not known. Raises TextError."""
    plain = normalised(text)
    if not plain:
        raise TextError("texts.empty", f"短信是空的。{HELP_ZH}", f"The text is empty. {HELP_EN}")
    for kind, heads in _HEADS:
        for head in heads:
            if plain.startswith(head):
                rest = plain[len(head) :].lstrip(" :.-#")
                return _READERS[kind](rest, sender, now_ms)
    word = plain.split()[0][:12]
    raise TextError(
        "texts.unknown_word",
        f"看不懂开头“{word}”。{HELP_ZH}",
        f'The first word "{word}" is not known. {HELP_EN}',
    )


# --- numbers after words ----------------------------------------------------------------------


def _counts(rest: str, words: Mapping[str, str]) -> tuple[dict[str, int], str]:
    """{field: number} for every known word with a number beside it, and what is left over."""
    found: dict[str, int] = {}
    names = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    pattern = re.compile(rf"({names})[:\s]*(\d+)\s*[人户间处]?|(\d+)\s*[人户间处]?({names})")

    def take(match: re.Match[str]) -> str:
        word, number = (match[1] or match[4]), int(match[2] or match[3])
        if number > PEOPLE_MAX:
            raise TextError(
                "texts.number_too_large",
                f"“{word}{number}”数字太大，请核对。",
                f'"{word}{number}" is too large; please check.',
            )
        found[words[word]] = number
        return " "

    return found, " ".join(pattern.sub(take, rest).split())


_PAIR = re.compile(r"(\d+)\s*(?:人)?\s*(?:/|-|\s|OF)\s*(\d+)")


def _headcount(rest: str, sender: Sender, now_ms: int) -> Message:
    pair = _PAIR.match(rest)
    found, left = _counts(rest[pair.end() :] if pair else rest, HEADCOUNT_WORDS)
    if pair:
        found |= {"moved": int(pair[1]), "should": int(pair[2])}
    if "moved" not in found or "should" not in found:
        raise TextError(
            "texts.headcount_needs_two_numbers",
            "清点要两个数：ZY 已转/应转，例如 ZY 32/35。",
            "A headcount needs two numbers: ZY moved/should, for example ZY 32/35.",
        )
    moved, should, away = found["moved"], found["should"], found.get("away", 0)
    if moved > should:
        raise TextError(
            "texts.moved_more_than_should",
            f"已转 {moved} 多于应转 {should}：前面写已转，后面写应转。",
            f"{moved} moved is more than {should} who should: moved comes first.",
        )
    if moved + away > should:
        raise TextError(
            "texts.away_too_many",
            f"已转 {moved} 加外出 {away} 多于应转 {should}，请核对。",
            f"{moved} moved and {away} away are more than {should}; please check.",
        )
    _nothing_left(left, "ZY 32/35 外2 助1 伤1 失1 亡0")
    found["not_yet"] = should - moved - away
    return Headcount(sender.place_code, now_ms, Numbers(**found))


def _nothing_left(left: str, example: str) -> None:
    if re.search(r"\d", left):
        raise TextError(
            "texts.number_without_a_word",
            f"不知道“{left[:20]}”里的数指什么，例如：{example}",
            f'What is the number in "{left[:20]}"? For example: {example}',
        )


_SOS_WORDS = {"受伤": "injured", "伤": "injured", "SS": "injured", "被困": "people", "困": "people"}
_PEOPLE = re.compile(r"(?<!\d)(\d{1,5})\s*(?:个)?人|^(\d{1,5})(?!\d)")


def _sos(rest: str, sender: Sender, now_ms: int) -> Message:
    found, left = _counts(rest, _SOS_WORDS)
    people = _PEOPLE.search(left)
    if people and "people" not in found:
        found["people"] = int(people[1] or people[2])
        left = " ".join((left[: people.start()] + " " + left[people.end() :]).split())
    needs = dict.fromkeys(code for word, code in NEED_WORDS if word in rest)
    asked_for = "|".join(re.escape(word) for word, _ in NEED_WORDS)
    left = " ".join(re.sub(rf"要\w*?(?:{asked_for})\w?(?=\s|$)", " ", left).split())
    injured = found.get("injured", 0)
    return Sos(
        place_code=sender.place_code,
        at_ms=now_ms,
        people=max(found.get("people", 0), injured),
        injured=injured,
        needs=tuple(needs),
        text=left,
    )


def _acknowledgement(rest: str, sender: Sender, now_ms: int) -> Message:
    answer = "on_it"
    if re.search(r"支援|要人|帮|ZC|\b2\b", rest):
        answer = "need_support"
    elif re.search(r"不在|外地|B岗|转B|BZ|\b3\b|^B\b", rest):
        answer = "away_pass_to_b"
    if sender.person is None:
        raise TextError(
            "texts.unknown_number",
            "这个号码没有登记，无法记为谁的应答，请打值班电话。",
            "This number is not in the register; please ring the duty room.",
        )
    number = re.search(r"#?(?<!\d)(\d{2,5})(?!\d)", rest)
    return Acknowledgement(
        of=int(number[1]) & 0xFFFF if number else 0,
        answer=answer,
        at_ms=now_ms,
        person=sender.person,
        place_code=sender.place_code,
    )


def _report(rest: str, sender: Sender, now_ms: int) -> Message:
    disaster = next((code for word, code in DISASTER_WORDS.items() if word in rest), "")
    left = rest
    for word, code in DISASTER_WORDS.items():
        if code == disaster:
            left = left.replace(word, " ")
    supplies, left = _counts(re.sub("[要缺需]", " ", left), SUPPLY_WORDS)
    found, left = _counts(left, REPORT_WORDS)
    cuts = {
        "road_cut": bool(re.search(r"断路|路断|\bDL\b", rest)),
        "power_cut": bool(re.search(r"断电|停电|\bDD\b", rest)),
        "network_cut": bool(re.search(r"断网|没信号|\bDW\b", rest)),
    }
    if not found and not disaster and not any(cuts.values()):
        raise TextError(
            "texts.report_is_empty",
            "快报里没有灾种也没有数字，例如：KB 泥石流 受灾860 伤5 断路 要帐篷60",
            "The report names no disaster and no numbers, e.g. KB 泥石流 受灾860 伤5 断路",
        )
    _nothing_left(left, "KB 泥石流 受灾860 伤5 断路 要帐篷60")
    values: dict[str, Any] = {**found, **cuts, "needs": tuple(supplies.items())}
    return QuickReport(sender.place_code, now_ms, disaster, **values)


_COLOURS = {"红": "red", "橙": "orange", "黄": "yellow", "蓝": "blue"}
_AREA = re.compile(r"(?<!\d)(\d{17}|\d{15}|\d{12}|\d{6})(?!\d)")
_DEADLINE = re.compile(r"(\d{1,2})\s*[:点时]\s*(\d{1,2})?\s*分?\s*(?:前|之前|止)")


def _evacuation(rest: str, sender: Sender, now_ms: int) -> Message:
    county = sender.place_code[:6]
    areas = tuple(
        code if len(code) > 6 else county + code for code in _AREA.findall(_DEADLINE.sub(" ", rest))
    )
    if not areas:
        raise TextError(
            "texts.instruction_needs_places",
            "指令要写地点代码（镇3位村3位），例如：ZL 106201 红 转移 3:30前",
            "An instruction needs place codes (3+3 digits), e.g. ZL 106201 红 转移 3:30前",
        )
    action = "move"
    if re.search(r"准备|待命|ZB", rest):
        action = "prepare"
    elif re.search(r"解除|取消|JC", rest):
        action = "lifted"
    level = next((code for word, code in _COLOURS.items() if word in rest), "unknown")
    numbers = re.search(r"#(\d{1,5})", rest)
    return EvacuationInstruction(
        alert=int(numbers[1]) & 0xFFFF if numbers else 0,
        hazard=next((code for word, code in DISASTER_WORDS.items() if word in rest), ""),
        level=level,
        action=action,
        issued_ms=now_ms,
        areas=areas,
        leave_by_ms=_deadline(rest, now_ms),
        exercise="演练" in rest,
    )


def _deadline(rest: str, now_ms: int) -> int | None:
    """Beijing time; an hour that has passed means tomorrow's."""
    found = _DEADLINE.search(rest)
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if hour > 24 or minute > 59:
        raise TextError(
            "texts.bad_time", f"时间“{found[0]}”不对。", f'"{found[0]}" is no time of day.'
        )
    now = from_ms(now_ms).astimezone(BEIJING)
    at = to_ms(now.replace(hour=hour % 24, minute=minute, second=0, microsecond=0))
    return at if at >= now_ms else at + 86_400_000


_READERS: dict[str, Callable[[str, Sender, int], Message]] = {
    "headcount": _headcount,
    "sos": _sos,
    "acknowledgement": _acknowledgement,
    "report": _report,
    "evacuation": _evacuation,
}


def with_place(message: Message, place_code: str) -> Message:
    """The same message said of another place: a duty officer types for a village."""
    values: dict[str, Any] = {"place_code": place_code}
    return message if isinstance(message, EvacuationInstruction) else replace(message, **values)
