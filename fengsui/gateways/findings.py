"""What is wrong with a received document: a code, a Chinese and an English sentence, a place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault or doubt. `line` counts from 1, 0 when the format has no lines."""

    code: str
    zh: str
    en: str
    line: int = 0
    field: str = ""

    def to_plain(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "zh": self.zh,
            "en": self.en,
            "line": self.line,
            "field": self.field,
        }


@dataclass(frozen=True, slots=True)
class FindingKind:
    """One entry of a format's catalogue. Sentences may use {names}; they say what to do."""

    code: str
    zh: str
    en: str

    def __call__(self, *, line: int = 0, field: str = "", **data: object) -> Finding:
        shown = {key: shorten(str(value)) for key, value in data.items()}
        shown.setdefault("field", field)
        return Finding(self.code, self.zh.format_map(shown), self.en.format_map(shown), line, field)


VALUE_SHOWN_MAX = 240


def shorten(value: str) -> str:
    """A value from outside, cut so that a hostile document cannot fill a log or a screen."""
    printable = "".join(letter if letter.isprintable() else "�" for letter in value)
    if len(printable) <= VALUE_SHOWN_MAX:
        return printable
    return printable[: VALUE_SHOWN_MAX - 1] + "…"


class Refused(Exception):
    """The document cannot be read further. Carries every finding made so far."""

    def __init__(self, *findings: Finding) -> None:
        self.findings = findings
        super().__init__("; ".join(finding.code for finding in findings))
