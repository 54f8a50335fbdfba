"""Errors are a catalogue: a code, a Chinese sentence, an English sentence, data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """One entry of an app's `errors.py`. Sentences may use {names} of the data."""

    code: str  # "alerts.author_may_not_approve"
    status: int  # HTTP status
    zh: str
    en: str

    def __call__(self, **data: Any) -> Problem:
        return Problem(self, data)


class Problem(Exception):
    """A refusal with its reason: crosses the writer's socket and the HTTP edge unchanged."""

    def __init__(self, kind: ProblemKind, data: dict[str, Any] | None = None) -> None:
        self.kind = kind
        self.data = data or {}
        super().__init__(f"{kind.code}: {kind.en.format_map(_Blank(self.data))}")

    def to_plain(self) -> dict[str, Any]:
        blank = _Blank(self.data)
        return {
            "code": self.kind.code,
            "status": self.kind.status,
            "zh": self.kind.zh.format_map(blank),
            "en": self.kind.en.format_map(blank),
            "data": self.data,
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> Problem:
        braces = {key: plain[key].replace("{", "{{").replace("}", "}}") for key in ("zh", "en")}
        kind = ProblemKind(plain["code"], plain["status"], braces["zh"], braces["en"])
        return cls(kind, plain["data"])


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


NOT_ALLOWED = ProblemKind(
    "access.not_allowed",
    403,
    "您没有在该地执行此操作的权限。需要时请联系上级值班室。",
    "You may not do this in this place. Ask the duty room above you if you need it.",
)
SIGN_IN_FIRST = ProblemKind("access.sign_in_first", 401, "请先登录。", "Sign in first.")
NOT_FOUND = ProblemKind(
    "access.not_found",
    404,
    "没有找到，或不在您的管辖范围内。",
    "Not found, or outside your jurisdiction.",
)
