"""What is wrong or doubtful about a cell, where, and what to do about it. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Choice:
    """One way to settle a finding with one tap: `text` goes into the cell."""

    text: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault (the row cannot go in) or a doubt (a person has to say which is meant)."""

    column: str
    zh: str
    en: str
    fix_zh: str = "请核对后重填"
    fix_en: str = "check it and type it again"
    choices: tuple[Choice, ...] = ()
    is_doubt: bool = False

    def said(self, row: int, header: str) -> tuple[str, str]:
        """第 14 行“联系电话”：少一位数字，应为 11 位。请核对后重填。"""
        place_zh, place_en = f"第 {row} 行", f"Row {row}"
        if header:
            place_zh, place_en = f"{place_zh}“{header}”", f"{place_en}, “{header}”"
        return f"{place_zh}：{self.zh}。{self.fix_zh}。", f"{place_en}: {self.en}; {self.fix_en}."

    def to_plain(self) -> dict[str, Any]:
        return asdict(self)


def finding_of(plain: dict[str, Any]) -> Finding:
    choices = tuple(Choice(**one) for one in plain.pop("choices"))
    return Finding(**plain, choices=choices)
