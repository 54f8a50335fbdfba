"""What the venue register refuses, and what to do about it."""

from __future__ import annotations

from fengsui.foundation.access.problems import ProblemKind

VENUES_REFUSED = ProblemKind(
    "venues.refused",
    422,
    "场所第 {row} 行的 {field} 有误：{fault}。未写入任何数据，请改正后重新导入。",
    "Venue row {row}, {field}: {fault}. Nothing was written; correct it and load again.",
)
UNKNOWN_REFERENCE = ProblemKind(
    "venues.unknown_reference",
    422,
    "场所第 {row} 行的预警接收人“{reference}”不存在，请先登记该人员。",
    "Venue row {row}: warning contact {reference!r} is not there. Register the person first.",
)
BAD_HEADCOUNT = ProblemKind(
    "venues.bad_headcount",
    422,
    "人数须为 0 至 {most} 的整数。",
    "The headcount must be a whole number from 0 to {most}.",
)
