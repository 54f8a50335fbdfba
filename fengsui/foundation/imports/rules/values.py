"""A cell becomes a value of its column, or says what is wrong with it and how to mend it. Pure."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from fengsui.foundation.imports.rules import phones
from fengsui.foundation.imports.rules.findings import Choice, Finding
from fengsui.foundation.imports.rules.text import chinese_number, folded
from fengsui.foundation.ledgers.rules import Choice as ColumnChoice
from fengsui.foundation.ledgers.rules import Column
from fengsui.foundation.ledgers.states import ColumnKind

BEIJING = timezone(timedelta(hours=8))
TEXT_LENGTH_MAX = 200
NEAR_RATIO = 0.5
NEAR_SHOWN_MAX = 3
_NOTHING = frozenset({"", "-", "—", "——", "/", "无", "空", "n/a", "null", "none", "nan"})
_YES = frozenset({"是", "有", "√", "✓", "✔", "对", "y", "yes", "true", "1", "需", "需要"})
_NO = frozenset({"否", "无", "×", "✗", "✘", "x", "n", "no", "false", "0", "没有", "不需要", "不"})
_ERRORS = frozenset(
    {"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#GETTING_DATA"}
)
_COUNTERS = "人户个名口位处只条项"
_WHOLE = re.compile(rf"([+-]?\d{{1,15}})(?:\.0+)?\s*[{_COUNTERS}]?")
_INSIDE = re.compile(r"\d+")
_EXCEL_DAYS = re.compile(r"\d{5}(\.\d+)?")
_EXCEL_EPOCH = datetime(1899, 12, 30, tzinfo=BEIJING)
_MOMENT = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T ]*(\d{1,2})[:时](\d{1,2})?(?:[:分](\d{1,2})?(?:\.\d+)?秒?)?)?(Z|[+-]\d\d:?\d\d)?"
)


@dataclass(frozen=True, slots=True)
class Value:
    """What a cell means; `finding` where it is not that plain. `is_unchanged`: it says nothing."""

    value: Any = None
    finding: Finding | None = None
    is_unchanged: bool = False


def fault(column: Column, zh: str, en: str, *fix: str, choices: tuple[Choice, ...] = ()) -> Value:
    texts = fix or ("请核对后重填", "check it and type it again")
    return Value(finding=Finding(column.name, zh, en, texts[0], texts[1], choices))


def doubt(column: Column, zh: str, en: str, choices: tuple[Choice, ...]) -> Value:
    fix = ("请点选其中一个", "choose one of them")
    if len(choices) == 1:
        fix = (f"是否“{choices[0].zh}”？请确认", f"is it “{choices[0].en}”? Please confirm")
    return Value(finding=Finding(column.name, zh, en, *fix, choices, is_doubt=True))


def read_text(column: Column, text: str) -> Value:
    longest = column.length_max or TEXT_LENGTH_MAX
    if len(text) > longest:
        return fault(
            column,
            f"有 {len(text)} 个字，最多 {longest} 个",
            f"has {len(text)} characters, at most {longest}",
            "请写短些，或核对是否错列",
            "shorten it, or see whether the columns have slipped",
        )
    return Value(text)


def read_whole(column: Column, text: str) -> Value:
    bare = text.replace(",", "").replace("，", "").strip()
    if column.unit:
        bare = bare.removesuffix(column.unit).strip()
    found = _WHOLE.fullmatch(bare)
    if found is None:
        return _no_number(column, text)
    return _in_bounds(column, int(found[1]))


def _no_number(column: Column, text: str) -> Value:
    spelt = chinese_number(text.rstrip(_COUNTERS))
    inside = {int(one) for one in _INSIDE.findall(text) if len(one) < 10}
    meant = [spelt] if spelt is not None else sorted(inside)
    choices = tuple(
        Choice(str(one), str(one), str(one)) for one in meant[:NEAR_SHOWN_MAX] if one is not None
    )
    if choices:
        return doubt(column, f"“{text[:20]}”不是整数", f"“{text[:20]}” is no whole number", choices)
    return fault(
        column,
        f"“{text[:20]}”不是数字",
        f"“{text[:20]}” is no number",
        "请填整数",
        "type a whole number",
    )


def _in_bounds(column: Column, number: int) -> Value:
    least, most = column.least, column.most
    if (least is not None and number < least) or (most is not None and number > most):
        low = "" if least is None else str(least)
        high = "" if most is None else str(most)
        if not high:
            return fault(column, f"{number} 太小，至少 {low}", f"{number} is less than {low}")
        if not low:
            return fault(column, f"{number} 太大，至多 {high}", f"{number} is more than {high}")
        return fault(
            column,
            f"{number} 不在 {low} 至 {high} 之间",
            f"{number} is not between {low} and {high}",
        )
    return Value(number)


def read_flag(column: Column, text: str) -> Value:
    word = text.casefold()
    if word in _YES:
        return Value(True)
    if word in _NO:
        return Value(False)
    return doubt(
        column,
        f"“{text[:20]}”看不出是“是”还是“否”",
        f"“{text[:20]}” is neither yes nor no",
        (Choice("是", "是", "yes"), Choice("否", "否", "no")),
    )


def read_choice(column: Column, text: str) -> Value:
    wanted = folded(text)
    forms: dict[str, ColumnChoice] = {}
    for one in column.choices:
        for form in (one.value, one.zh, one.en):
            forms.setdefault(folded(form), one)
    if wanted in forms:
        return Value(forms[wanted].value)
    near = difflib.get_close_matches(wanted, list(forms), n=NEAR_SHOWN_MAX, cutoff=NEAR_RATIO)
    near += [form for form in forms if wanted and (wanted in form or form in wanted)]
    found = list(dict.fromkeys(forms[form] for form in near))[:NEAR_SHOWN_MAX]
    choices = tuple(Choice(one.zh, one.zh, one.en) for one in found)
    said_zh, said_en = f"没有“{text[:20]}”这一项", f"there is no “{text[:20]}”"
    if choices:
        return doubt(column, said_zh, said_en, choices)
    listed = column.choices[:12]
    return fault(
        column,
        said_zh,
        said_en,
        "可填：" + "、".join(one.zh for one in listed),
        "one of: " + ", ".join(one.en for one in listed),
        choices=tuple(Choice(one.zh, one.zh, one.en) for one in listed),
    )


def read_phone(column: Column, text: str) -> Value:
    reading = phones.read(text)
    if reading.choices:
        choices = tuple(Choice(one, one, one) for one in reading.choices[:NEAR_SHOWN_MAX])
        return doubt(column, reading.zh, reading.en, choices)
    if reading.zh:
        return fault(column, reading.zh, reading.en)
    return Value(reading.number)


def read_moment(column: Column, text: str) -> Value:
    """Seconds UTC of a Beijing time; a spreadsheet's serial number of days is one, too."""
    if _EXCEL_DAYS.fullmatch(text):
        moment = _EXCEL_EPOCH + timedelta(seconds=round(float(text) * 86_400))
        return Value(int(moment.timestamp()))
    found = _MOMENT.fullmatch(text.replace("：", ":").strip())
    try:
        if found is None:
            raise ValueError
        parts = [int(part or 0) for part in found.groups()[:6]]
        zone = found[7]
        aware = datetime(*parts, tzinfo=BEIJING)  # type: ignore[misc, arg-type]
        if zone:
            offset = datetime.strptime(zone.replace("Z", "+0000"), "%z").tzinfo
            aware = aware.replace(tzinfo=offset)
    except (ValueError, OverflowError):
        return fault(
            column,
            f"“{text[:20]}”不是认得的时间",
            f"“{text[:20]}” is no time that is understood",
            "请写成 2026-07-16 18:30",
            "write it as 2026-07-16 18:30",
        )
    return Value(int(aware.timestamp()))


def read_outline(column: Column, text: str) -> Value:
    """GeoJSON text in degrees; deeper checks are the register's own."""
    try:
        shape = json.loads(text)
        kind = shape["type"]
        if kind not in ("Polygon", "MultiPolygon", "LineString", "MultiLineString"):
            raise ValueError
        shape["coordinates"][0][0]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return fault(
            column,
            "不是认得的图形",
            "is no shape that is understood",
            "请用 GeoJSON 文件导入，或在地图上画",
            "import it as a GeoJSON file, or draw it on the map",
        )
    return Value({"type": kind, "coordinates": shape["coordinates"]})


READERS: Mapping[ColumnKind, Callable[[Column, str], Value]] = {
    ColumnKind.TEXT: read_text,
    ColumnKind.WHOLE: read_whole,
    ColumnKind.CHOICE: read_choice,
    ColumnKind.PHONE: read_phone,
    ColumnKind.OUTLINE: read_outline,
    ColumnKind.MOMENT: read_moment,
    ColumnKind.FLAG: read_flag,
}


def is_nothing(column: Column, text: str) -> bool:
    """An empty cell, or one that says so. 无 is an answer where the question is yes or no."""
    if text.casefold() not in _NOTHING:
        return False
    if column.kind is ColumnKind.FLAG:
        return text != "无"
    return not any(text == one.zh for one in column.choices)


def broken_formula(column: Column, text: str) -> Value | None:
    """A cell that shows #REF! holds nothing that could be taken over."""
    if text not in _ERRORS:
        return None
    return fault(
        column,
        f"公式出错（{text}）",
        f"the formula is broken ({text})",
        "请在表格中改正公式，或直接填写",
        "correct the formula in the sheet, or type the value",
    )
