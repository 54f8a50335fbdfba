"""What the search box refuses."""

from __future__ import annotations

from fengsui.foundation.access.problems import ProblemKind

TOO_MANY_NUMBERS = ProblemKind(
    "search.too_many_numbers",
    429,
    "一小时内查了太多没有登记的号码（最多 {most} 个），请稍后再查，或改用姓名、后四位。",
    "Too many unregistered numbers were asked for within an hour (at most {most}). Try later, or "
    "ask by name or the last four digits.",
)
QUESTION_TOO_SHORT = ProblemKind(
    "search.question_too_short",
    422,
    "请再多输一点：至少两个字、两个拼音字母，或号码的后四位。",
    "Type a little more: two characters, two letters of pinyin, or the last four digits.",
)
