"""The words of the county's calling rules: names, needs, what a check found."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

# The policies a callout may ask for, by name; "cancelled" tells that it is over.
POLICY_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "red": ("红色", "red"),
        "orange": ("橙色", "orange"),
        "yellow": ("黄色", "yellow"),
        "blue": ("蓝色", "blue"),
        "cancelled": ("解除告知", "all-clear notice"),
    }
)


# Levels of a callout that answer for the next one, in the order in which they are rung.
LEVEL_ROWS: Mapping[str, str] = MappingProxyType(
    {"county": "县", "township": "乡镇", "village": "村", "group": "网格、中心户"}
)
# 一呼到底 is for red and for whoever is told that it is over.
ALL_AT_ONCE = frozenset({"red", "cancelled"})


class TemplateName(StrEnum):
    """What a message template is for."""

    WARNING = "warning"
    EVACUATION = "evacuation"
    LIFTED = "lifted"


TEMPLATE_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        TemplateName.WARNING: ("预警叫应", "a warning"),
        TemplateName.EVACUATION: ("转移避险", "an order to move"),
        TemplateName.LIFTED: ("解除告知", "all-clear notice"),
    }
)


class Need(StrEnum):
    """Why a telephone call alone does not reach a household. What is needed, never why."""

    DIALECT = "dialect"
    MINORITY_LANGUAGE = "minority_language"
    CANNOT_HEAR = "cannot_hear"
    NO_PHONE = "no_phone"


NEED_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        Need.DIALECT: ("只听得懂方言", "understands the dialect only"),
        Need.MINORITY_LANGUAGE: ("讲少数民族语言", "speaks a minority language"),
        Need.CANNOT_HEAR: ("听不清电话", "cannot hear a telephone"),
        Need.NO_PHONE: ("没有电话", "has no telephone"),
    }
)
# Ringing these is ringing nobody: somebody is sent at once.
NEEDS_SOMEBODY = frozenset({Need.CANNOT_HEAR, Need.NO_PHONE})
# Ringing these says nothing to them, unless there are checked words in their language.
NEEDS_A_LANGUAGE = frozenset({Need.DIALECT, Need.MINORITY_LANGUAGE})


class Way(StrEnum):
    """How somebody gets through to such a household."""

    DOOR = "door"
    NEIGHBOUR = "neighbour"
    RELATIVE = "relative"
    GONG = "gong"
    LIGHT = "light"
    SPEAKER = "speaker"


WAY_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        Way.DOOR: ("敲门当面说", "knocks and tells them"),
        Way.NEIGHBOUR: ("叫邻居带话", "asks a neighbour to tell them"),
        Way.RELATIVE: ("打给亲属", "rings a relative"),
        Way.GONG: ("鸣锣吹哨", "beats the gong, blows the whistle"),
        Way.LIGHT: ("闪灯、拍肩", "flashes a light, taps the shoulder"),
        Way.SPEAKER: ("大喇叭用方言喊", "calls in the dialect over the loudspeaker"),
    }
)


class Found(StrEnum):
    """Where one of the eight elements of a warning stands in a text."""

    SLOT = "slot"  # filled in from the warning each time
    WORDS = "words"  # the text itself says it
    MISSING = "missing"
