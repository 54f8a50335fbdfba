"""The four levels of a warning: colour, rank, words, shape.

Source: 突发事件应对法 (2024) §63: levels one to four are red, orange, yellow and blue, one is the
highest. The words 特别严重/严重/较重/一般 are those of 12379 headlines. CAP words: handbook §3.2.
Shapes are this product's: a level must be readable without its colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class WarningLevel:
    """`rank` 1 is the gravest. `colour_hex` is for light backgrounds and print."""

    colour: str
    rank: int
    zh: str
    en: str
    colour_word_zh: str
    ordinal_zh: str
    roman: str
    gravity_zh: str
    cap_severity: str
    colour_hex: str
    bars: int  # of four, drawn beside the word


LEVELS: Final = (
    WarningLevel("red", 1, "红色", "red", "红", "一级", "I", "特别严重", "Extreme", "#e5484d", 4),
    WarningLevel("orange", 2, "橙色", "orange", "橙", "二级", "II", "严重", "Severe", "#f2842b", 3),
    WarningLevel(
        "yellow", 3, "黄色", "yellow", "黄", "三级", "III", "较重", "Moderate", "#f0c000", 2
    ),
    WarningLevel("blue", 4, "蓝色", "blue", "蓝", "四级", "IV", "一般", "Minor", "#3e8ef7", 1),
)
BY_COLOUR: Final = MappingProxyType({level.colour: level for level in LEVELS})
BY_COLOUR_WORD: Final = MappingProxyType({level.colour_word_zh: level for level in LEVELS})
BY_CAP_SEVERITY: Final = MappingProxyType({level.cap_severity: level for level in LEVELS})

# One kind of message never looks like another, whatever its colour.
KIND_SHAPES: Final = MappingProxyType(
    {
        "official_warning": "triangle",  # ▲ 预警信号, relayed
        "monitoring_alarm": "diamond",  # ◆ 监测告警 · 风险提示, our own
        "evacuation_instruction": "square",  # ■ 转移避险指令
    }
)


def colour_of_word(word: str) -> str:
    """红 | 红色 | Red | red | 一级 | I级 → red; "" when it is no level."""
    stripped = word.strip()
    for level in LEVELS:
        spellings = {
            level.colour,
            level.zh,
            level.colour_word_zh,
            level.ordinal_zh,
            f"{level.roman}级",
            level.roman,
        }
        if stripped in spellings or stripped.lower() == level.colour:
            return level.colour
    return ""
