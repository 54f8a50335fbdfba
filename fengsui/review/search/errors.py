"""What the search box refuses."""

from __future__ import annotations

from fengsui.foundation.access.problems import ProblemKind

QUESTION_TOO_SHORT = ProblemKind(
    "search.question_too_short",
    422,
    "请再多输一点：至少两个字、两个拼音字母，或号码的后四位。",
    "Type a little more: two characters, two letters of pinyin, or the last four digits.",
)
