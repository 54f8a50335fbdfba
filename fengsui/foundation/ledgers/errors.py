"""What a ledger refuses, and what to do about it."""

from __future__ import annotations

from fengsui.foundation.access.problems import ProblemKind

ROW_REFUSED = ProblemKind(
    "ledgers.row_refused",
    422,
    "有 {count} 处填写有误，未写入任何数据。第一处：{first_zh}。",
    "{count} faults; nothing was written. The first: {first_en}.",
)
CHANGED_MEANWHILE = ProblemKind(
    "ledgers.changed_meanwhile",
    409,
    "您打开之后，别人已更改了“{column_zh}”。请核对两边的内容后再保存。",
    "Somebody changed {column_en} since you opened it. Compare both values, then save again.",
)
TOO_MANY_ROWS = ProblemKind(
    "ledgers.too_many_rows",
    422,
    "一次最多 {most} 行，请分几次进行。",
    "At most {most} rows at a time; do it in several steps.",
)
BAD_QUERY = ProblemKind(
    "ledgers.bad_query",
    422,
    "筛选或排序有误：{zh}。请清除筛选后重试。",
    "The filter or the order is wrong: {en}. Clear the filter and try again.",
)
REASON_NEEDED = ProblemKind(
    "ledgers.reason_needed",
    422,
    "请写明理由（{least} 至 {most} 字），理由会被记录。",
    "Give a reason of {least} to {most} characters; it will be recorded.",
)
MARKED_SECRET = ProblemKind(
    "ledgers.marked_secret",
    422,
    "理由带有密级标志“{mark}”，没有保存。本系统为非涉密系统，严禁填写秘密级及以上内容。",
    "The reason bears the mark {mark} and was not kept. This system is not for state secrets.",
)
NOT_PERSONAL = ProblemKind(
    "ledgers.not_personal",
    422,
    "这一栏本来就没有隐藏。",
    "This column is not hidden.",
)
ALREADY_UNDONE = ProblemKind(
    "ledgers.already_undone",
    409,
    "这一步已经撤销过了。要恢复，请撤销那次撤销。",
    "This step has been undone already. Undo that undo to bring it back.",
)
CANNOT_RESTORE = ProblemKind(
    "ledgers.cannot_restore",
    422,
    "这个台账的行不能恢复，请重新登记。",
    "Rows of this ledger cannot be put back; register them anew.",
)
TOO_MANY_VIEWS = ProblemKind(
    "ledgers.too_many_views",
    422,
    "最多保存 {most} 个视图，请先删去不用的。",
    "At most {most} views can be kept; delete some first.",
)
