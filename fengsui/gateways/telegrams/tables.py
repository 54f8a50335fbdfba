"""Words that travel as numbers. Rows are only ever appended: a number keeps its meaning."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

LEVELS: Final = ("unknown", "red", "orange", "yellow", "blue")
ACTIONS: Final = ("prepare", "move", "lifted")
ANSWERS: Final = MappingProxyType(
    {"on_it": "onIt", "need_support": "needSupport", "away_pass_to_b": "awayPassToB"}
)
OTHER: Final = "other"

# Bit n of `needs` in an SOS. Bit 15 says: something that this table has no word for.
NEEDS: Final = (
    "rescue",
    "medical",
    "boat",
    "stretcher",
    "food",
    "water",
    "shelter",
    "power",
    "signal",
    "machinery",
)
NEED_OTHER_BIT: Final = 15

# `code` of a need in a quick report: the needs above, then goods of the usual lists; 63: other.
SUPPLIES: Final = (
    *NEEDS,
    "tent",
    "quilt",
    "cot",
    "clothing",
    "rice",
    "instant_noodles",
    "medicine",
    "generator",
    "lamp",
    "pump",
    "life_jacket",
    "sandbag",
    "vehicle",
    "people",
    "satellite_phone",
    "disinfectant",
)
SUPPLY_OTHER: Final = 63

# 灾种 of the loss statistics (应急〔2020〕19号), where no GB/T 35561 code is known.
DISASTERS: Final = (
    "洪涝",
    "干旱",
    "台风",
    "风雹",
    "低温冷冻",
    "雪灾",
    "沙尘暴",
    "地震",
    "崩塌",
    "滑坡",
    "泥石流",
    "风暴潮",
    "海啸",
    "森林草原火灾",
    "重大生物灾害",
)
DISASTER_BASE: Final = 16000
HAZARD_UNKNOWN: Final = 16383
_LETTERS: Final = 26
_NUMBERS: Final = 100


def hazard_number(code: str) -> int:
    """A GB/T 35561 code (11B03) or a 灾种 as 14 bits; what is neither travels as "not said"."""
    if code in DISASTERS:
        return DISASTER_BASE + DISASTERS.index(code)
    group, letter, number = code[:2], code[2:3], code[3:]
    if (
        len(code) == 5
        and group in ("11", "12", "13", "14")
        and "A" <= letter <= "Z"
        and number.isascii()
        and number.isdigit()
    ):
        row = (int(group) - 11) * _LETTERS + ord(letter) - ord("A")
        return row * _NUMBERS + int(number)
    return HAZARD_UNKNOWN


def hazard_code(number: int) -> str:
    """The code again; "" for a number that says nothing."""
    if 0 <= number - DISASTER_BASE < len(DISASTERS):
        return DISASTERS[number - DISASTER_BASE]
    row, within = divmod(number, _NUMBERS)
    group, letter = divmod(row, _LETTERS)
    if not 0 <= group < 4:
        return ""
    return f"{group + 11}{chr(ord('A') + letter)}{within:02d}"


def needs_bits(codes: tuple[str, ...]) -> int:
    bits = 0
    for code in codes:
        bits |= 1 << (NEEDS.index(code) if code in NEEDS else NEED_OTHER_BIT)
    return bits


def needs_codes(bits: int) -> tuple[str, ...]:
    known = tuple(code for place, code in enumerate(NEEDS) if bits >> place & 1)
    return known if bits >> len(NEEDS) == 0 else (*known, OTHER)


def supply_number(code: str) -> int:
    return SUPPLIES.index(code) if code in SUPPLIES else SUPPLY_OTHER


def supply_code(number: int) -> str:
    return SUPPLIES[number] if number < len(SUPPLIES) else OTHER
