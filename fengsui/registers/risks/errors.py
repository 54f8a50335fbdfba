"""What the danger-area register refuses, and what to do about it."""

from __future__ import annotations

from fengsui.foundation.access.problems import ProblemKind

AREAS_REFUSED = ProblemKind(
    "risks.refused",
    422,
    "危险区第 {row} 行的 {field} 有误：{fault}。未写入任何数据，请改正后重新导入。",
    "Danger area row {row}, {field}: {fault}. Nothing was written; correct it and load again.",
)
UNKNOWN_REFERENCE = ProblemKind(
    "risks.unknown_reference",
    422,
    "危险区第 {row} 行的住户“{reference}”不存在，请先登记该住户。",
    "Danger area row {row}: household {reference!r} is not there. Register it first.",
)
REASON_NEEDED = ProblemKind(
    "risks.reason_needed",
    422,
    "请写明理由（至少 {least} 字），理由会被记录。",
    "Give a reason of at least {least} characters; it will be recorded.",
)
BAD_AREA = ProblemKind(
    "risks.bad_area",
    422,
    "预警范围有误：{fault}。请核对行政区划代码和多边形。",
    "The warning area is wrong: {fault}. Check its codes and polygons.",
)
OUTLINE_REFUSED = ProblemKind(
    "risks.outline_refused",
    422,
    "这个范围不能保存：{fault_zh}",
    "This outline cannot be kept: {fault_en}",
)
OUTLINE_CHANGED = ProblemKind(
    "risks.outline_changed",
    409,
    "别人刚刚改过这处危险区的范围。请重新打开，看过后再改。",
    "Somebody has just changed this outline. Open it again, look, and then change it.",
)
