"""Checks of what people will hear and read: eight elements, forty characters, SMS, seconds."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fengsui.readiness.policies.states import Found
from fengsui.standards.text_messages import encoding_of, segments

SHORT_FORM_CHARACTERS = 40  # what a village secretary reads at a glance
TEMPLATE_CHARACTERS_MAX = 500
FILLED_CHARACTERS_MAX = 1900  # a callout takes 2000, with what marks an exercise
LANGUAGES_MAX = 8
REASON_CHARACTERS_MAX = 300
NAME_CHARACTERS_MAX = 40
NOTE_CHARACTERS_MAX = 200
LINES_MAX = 2000
SECONDS_A_CALL_MAX = 600
ROUTES_PER_PAGE = 200
# A trial older than this is no proof for the next flood season: a default, not law.
TRIED_WITHIN_DAYS = 365

# Spoken Chinese of announcements, 240 characters a minute: a default, to be measured locally.
CHARACTERS_PER_SECOND = 4.0
PAUSE_S = 0.4
STOP_PAUSE_S = 0.7
LATIN_WORD_S = 0.5
TIMES_READ = 2  # 一遍听不清: every call says it twice
READ_ALOUD_S_MAX = 60  # of one reading; longer than anybody listens at 3 a.m.


@dataclass(frozen=True, slots=True)
class Slot:
    """A blank in a template, filled in from the warning each time."""

    name: str
    zh: str
    en: str
    example: str


# In the order of 突发事件应对法(2024) §64; then what a call adds.
ELEMENTS: tuple[Slot, ...] = (
    Slot("category", "预警类别", "kind of hazard", "暴雨"),
    Slot("level", "预警级别", "level", "红色"),
    Slot("starts_at", "起始时间", "from when", "17日2时起"),
    Slot("area", "可能影响的范围", "where", "示意县石滩镇"),
    Slot("caution", "警示事项", "what may happen", "3小时内雨量将达100毫米以上"),
    Slot("measures", "应当采取的措施", "what to do", "危险区群众立即转移"),
    Slot("issuer", "发布单位", "who issued it", "示意县气象台"),
    Slot("issued_at", "发布时间", "when it was issued", "17日1时40分"),
)
FURTHER: tuple[Slot, ...] = (
    Slot("shelter", "安置点", "shelter", "示意小学"),
    Slot("people", "转移人数", "people to move", "36"),
    Slot("phone", "值班电话", "duty phone", "00012345678"),
    Slot(
        "short",
        "四十字短文",
        "the forty characters",
        "3小时内雨量将达100毫米以上，危险区群众现在转移。",
    ),
)
SLOTS: Mapping[str, Slot] = {one.name: one for one in (*ELEMENTS, *FURTHER)}
_SLOT = re.compile(r"\{([^{}]*)\}")
_SAYS: Mapping[str, re.Pattern[str]] = {
    "category": re.compile(
        r"暴雨|山洪|洪水|地质灾害|滑坡|泥石流|台风|大风|雷电|冰雹|暴雪|寒潮|大雾|高温|干旱"
        r"|森林火险|强对流|内涝|低温|道路结冰"
    ),
    "level": re.compile(r"[红橙黄蓝]色|[一二三四]级|[ⅠⅡⅢⅣ]级"),
    "starts_at": re.compile(
        r"(\d{1,2}[日时点]|今[天晚夜]|现在|即刻|目前).{0,8}(起|开始)|未来\d+小时|自\d"
    ),
    "area": re.compile(r"[县区乡镇村组]|街道|社区|沿河|沟口"),
    "caution": re.compile(r"可能|将达|预计|易发|引发|风险|危险|毫米|上涨|注意"),
    "measures": re.compile(
        r"转移|撤离|撤到|避险|停止|远离|关闭|值守|巡查|做好|备好|减少外出|不要|请到"
    ),
    "issuer": re.compile(
        r"气象[台局]|指挥部|应急(管理)?局|水利局|自然资源局|人民政府|值班室|预警发布中心"
    ),
    "issued_at": re.compile(r"\d{1,2}[日时点:：]\d{0,2}分?.{0,6}发布|发布于|发布时间"),
}
_LATIN = re.compile(r"[A-Za-z]+")


def round_s(phones: int, lines: int, seconds_a_call: int) -> int:
    """Seconds until every one of `phones` has rung once over `lines` telephone lines."""
    return -(-phones // max(1, lines)) * seconds_a_call


def slots_in(text: str) -> list[str]:
    """The names of the blanks, each once, in order; what stands in {…}, known or not."""
    return list(dict.fromkeys(_SLOT.findall(text)))


def unknown_slots(text: str) -> list[str]:
    return [name for name in slots_in(text) if name not in SLOTS]


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its blanks filled; one without a value is left out."""
    return _SLOT.sub(lambda match: values.get(match[1], ""), text)


def example(text: str) -> str:
    """The text as it may look one night, for lengths and seconds."""
    return filled(text, {name: slot.example for name, slot in SLOTS.items()})


def elements(text: str) -> dict[str, Found]:
    """Which of the eight elements of 突发事件应对法(2024) §64 a template has, and how.

    Words are looked for by what they usually are: a person reads it once more.
    """
    named = set(slots_in(text))
    bare = _SLOT.sub("", text)
    return {
        one.name: Found.SLOT
        if one.name in named
        else Found.WORDS
        if _SAYS[one.name].search(bare)
        else Found.MISSING
        for one in ELEMENTS
    }


def read_aloud_s(text: str) -> float:
    """Seconds to read a text aloud once: characters, figures one by one, pauses at marks."""
    words = len(_LATIN.findall(text))
    rest = _LATIN.sub("", text)
    spoken = sum(1 for one in rest if one.isalnum())
    stops = sum(1 for one in rest if one in "。！？!?;；")
    pauses = sum(1 for one in rest if one in "，、,：:")
    seconds = spoken / CHARACTERS_PER_SECOND + words * LATIN_WORD_S
    return round(seconds + stops * STOP_PAUSE_S + pauses * PAUSE_S, 1)


def check_text(text: str) -> dict[str, object]:
    """All that is known of one text before anybody hears it. Lengths are of an example."""
    shown = example(text)
    found = elements(text)
    seconds = read_aloud_s(shown)
    return {
        "example": shown,
        "characters": len(shown),
        "is_short_form": len(shown) <= SHORT_FORM_CHARACTERS,
        "elements": [
            {"name": one.name, "zh": one.zh, "en": one.en, "found": found[one.name].value}
            for one in ELEMENTS
        ],
        "missing": [one.name for one in ELEMENTS if found[one.name] is Found.MISSING],
        "unknown_slots": unknown_slots(text),
        "sms_encoding": encoding_of(shown),
        "sms_segments": len(segments(shown)),
        "read_aloud_s": seconds,
        "call_s": round(seconds * TIMES_READ + STOP_PAUSE_S, 1),
        "is_too_long_to_hear": seconds > READ_ALOUD_S_MAX,
    }


def complete(texts: Sequence[str]) -> list[str]:
    """The elements that none of several texts of one message says: names, in the law's order."""
    said: set[str] = set()
    for text in texts:
        said |= {name for name, found in elements(text).items() if found is not Found.MISSING}
    return [one.name for one in ELEMENTS if one.name not in said]


def can_be_said(text: str, values: Mapping[str, str], *, needs_all: bool = True) -> bool:
    """Whether one language's text stands by itself: nobody hears the others. Every blank has a
    value tonight, it is not longer than a callout takes and, where `needs_all`, each of the eight
    elements is there."""
    has_values = all(values.get(name) for name in slots_in(text))
    is_short = len(filled(text, values)) <= FILLED_CHARACTERS_MAX
    return has_values and is_short and not (needs_all and complete([text]))


# What is said until the county has words of its own: Chinese, with the eight elements. The forms
# in dialect are the county's to record.
DEFAULT_TEXTS: Mapping[str, tuple[tuple[str, str, bool, str], ...]] = {
    "warning": (
        (
            "zh",
            "普通话",
            False,
            "{issuer}{issued_at}发布{category}{level}预警：{starts_at}，{area}{caution}，{measures}。"
            "收到请按1，需要支援按2，不在村按3。",
        ),
    ),
    "evacuation": (
        (
            "zh",
            "普通话",
            False,
            "{issuer}{issued_at}转移令（{category}{level}）：{starts_at}，{area}{caution}，"
            "{people}人现在转到{shelter}，{measures}。收到请按1，需要支援按2。",
        ),
    ),
    "lifted": (
        (
            "zh",
            "普通话",
            False,
            "{issuer}{issued_at}：{area}{category}{level}预警解除。",
        ),
    ),
}
