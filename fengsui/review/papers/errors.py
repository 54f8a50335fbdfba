"""What papers can refuse."""

from __future__ import annotations

from fengsui.foundation.access.problems import ProblemKind

REASON_NEEDED = ProblemKind(
    "papers.reason_needed",
    422,
    "要带完整姓名和号码，请写明理由和给谁用（{least} 到 {most} 字），会记录在案。",
    "Full names and numbers need a reason and a recipient ({least} to {most} characters); both "
    "go on record.",
)
RECIPIENT_NEEDED = ProblemKind(
    "papers.recipient_needed",
    422,
    "请写明给谁用（{least} 到 {most} 字），会记录在案。",
    "Say whom it is for ({least} to {most} characters); it goes on record.",
)
TOO_MANY_ROWS = ProblemKind(
    "papers.too_many_rows",
    422,
    "名单有 {rows} 行，一次最多 {most} 行；请按乡镇分开取。",
    "The list has {rows} rows, {most} at most at once; take it township by township.",
)
NOT_SET = ProblemKind(
    "papers.not_set",
    500,
    "这份文件没有排成：{detail}。请改用屏幕，并告诉管理员。",
    "The paper could not be set: {detail}. Use the screen and tell the administrator.",
)
NOTHING_PASTED = ProblemKind(
    "papers.nothing_pasted",
    422,
    "没有读出一行接龙。请把群里的接龙整段复制过来。",
    "No line of a chain was found. Copy the whole chain from the group.",
)
BAD_MOMENT = ProblemKind(
    "papers.bad_moment",
    422,
    "时间不对：要在叫应启动之后、现在之前。",
    "The time is not right: after the callout began and before now.",
)
DECREASE_NEEDS_NOTE = ProblemKind(
    "papers.decrease_needs_note",
    422,
    "比上一期少了：{numbers}。请逐项写更正说明。",
    "Less than reported before: {numbers}. Say why for each.",
)
BAD_NUMBER = ProblemKind(
    "papers.bad_number",
    422,
    "数字不对：{field}。只能填 0 以上的整数，叫应和转移的数由系统统计。",
    "{field} is not right: whole numbers from 0; calls and moves are counted by the program.",
)
NOTHING_WRITTEN = ProblemKind(
    "papers.nothing_written",
    422,
    "快报没有正文，或一段超过 {most} 字。",
    "The report has no text, or a section is longer than {most} characters.",
)
CORRECTION_NEEDS_REASON = ProblemKind(
    "papers.correction_needs_reason",
    422,
    "更正已签发的快报要写理由；原来那一版会保留。",
    "Correcting an issued report needs a reason; the earlier version stays.",
)
NO_SUCH_ISSUE = ProblemKind(
    "papers.no_such_issue",
    404,
    "没有这一期快报。",
    "There is no such issue.",
)
FINAL_ALREADY = ProblemKind(
    "papers.final_already",
    409,
    "终报已经签发；有变化请更正那一期。",
    "The final report is out; correct that issue if something changed.",
)
BAD_EXPIRY = ProblemKind(
    "papers.bad_expiry",
    422,
    "有效期要在 1 小时到 30 天之间。",
    "A link lasts between one hour and thirty days.",
)
NO_PARTS = ProblemKind(
    "papers.no_parts",
    422,
    "请至少选一项给调查组看的内容。",
    "Choose at least one thing that the inquiry may see.",
)
# One answer for a wrong token, a wrong code, an old link and a locked one: nothing to learn from.
LINK_CLOSED = ProblemKind(
    "papers.link_closed",
    404,
    "链接无效、已到期、已收回，或提取码不对（错 5 次即停用）。请向开链接的值班室核实。",
    "The link is not valid, over, withdrawn, or the code is wrong (five wrong codes end it). Ask "
    "the duty room that made it.",
)
PAPER_TOO_LARGE = ProblemKind(
    "papers.paper_too_large",
    413,
    "文件太大，超过 {megabytes} MB，不是这里出的文件。",
    "The file is larger than {megabytes} MB; it was not made here.",
)
