"""What the people registers refuse, and what to do about it."""

from __future__ import annotations

from fengsui.foundation.access.problems import ProblemKind

ROWS_REFUSED = ProblemKind(
    "people.rows_refused",
    422,
    "有 {count} 处错误，未写入任何数据。第一处：{table} 第 {row} 行 {field}：{fault}。"
    "请改正后重新导入。",
    "{count} faults; nothing was written. The first: {table} row {row}, {field}: {fault}. "
    "Correct them and load again.",
)
UNKNOWN_REFERENCE = ProblemKind(
    "people.unknown_reference",
    422,
    "{table} 第 {row} 行的 {field} 指向不存在的“{reference}”。请先登记被引用的人员或岗位。",
    "{table} row {row}: {field} refers to {reference!r}, which is not there. Register it first.",
)
REASON_NEEDED = ProblemKind(
    "people.reason_needed",
    422,
    "请写明查看或更改的理由（{least} 至 {most} 字），理由会被记录。",
    "Give a reason of {least} to {most} characters; it will be recorded.",
)
UNKNOWN_FIELD = ProblemKind(
    "people.unknown_field",
    422,
    "“{field}”不能更改，或值不合适：{fault}。",
    "{field} cannot be changed, or the value does not fit: {fault}.",
)
