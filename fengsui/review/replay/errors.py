"""What the replay refuses."""

from __future__ import annotations

from fengsui.foundation.access.problems import ProblemKind

TOO_MANY = ProblemKind(
    "replay.too_many",
    422,
    "这一夜在此范围内叫应 {calls} 人次，超过一次回放的上限 {limit}。请先选一个乡镇。",
    "{calls} people were called here that night, more than the {limit} of one replay. "
    "Choose a township first.",
)
