"""What an import or export is refused for."""

from __future__ import annotations

from fengsui.foundation.access.problems import ProblemKind

UNREADABLE = ProblemKind(
    "imports.unreadable",
    422,
    "文件“{file_name}”读不了：{zh}。",
    "“{file_name}” cannot be read: {en}.",
)
TOO_LARGE = ProblemKind(
    "imports.too_large",
    413,
    "文件太大，最多 {megabytes} MB。请分成几个文件。",
    "The file is too large, at most {megabytes} MB. Divide it.",
)
WRONG_OFFSET = ProblemKind(
    "imports.wrong_offset",
    409,
    "已收到 {received} 字节，请从那里接着传。",
    "{received} bytes are here; go on from there.",
)
WRONG_DIGEST = ProblemKind(
    "imports.wrong_digest",
    422,
    "文件在传输中有损坏，请重新选择文件。",
    "The file was damaged on its way. Choose it again.",
)
NOT_NOW = ProblemKind(
    "imports.not_now",
    409,
    "导入正处于“{state}”，现在不能这样做。请刷新页面。",
    "The import is “{state}”; this cannot be done now. Load the page again.",
)
BAD_MAPPING = ProblemKind(
    "imports.bad_mapping",
    422,
    "“{header}”不能对应到“{column}”：{zh}。",
    "“{header}” cannot stand for “{column}”: {en}.",
)
REQUIRED_MISSING = ProblemKind(
    "imports.required_missing",
    422,
    "还没有一列对应“{column}”，此项必填。",
    "No column stands for “{column}” yet, and it is required.",
)
NO_SUCH_ROW = ProblemKind(
    "imports.no_such_row", 404, "预览中没有这一行。", "There is no such row in the preview."
)
REASON_NEEDED = ProblemKind(
    "imports.reason_needed",
    422,
    "导出完整的个人信息须写明理由和给谁（各 {least} 至 {most} 个字）。",
    "Personal data in full needs a reason and a recipient ({least} to {most} characters each).",
)
RECIPIENT_NEEDED = ProblemKind(
    "imports.recipient_needed",
    422,
    "请写明导出给谁（{least} 至 {most} 个字）。",
    "Say for whom it is exported ({least} to {most} characters).",
)
TOO_MANY_ROWS = ProblemKind(
    "imports.too_many_rows",
    422,
    "共 {rows} 行，一次最多导出 {most} 行。请先按地方筛选。",
    "{rows} rows; at most {most} are exported at a time. Narrow them by place first.",
)
SECRET = ProblemKind(
    "imports.secret",
    422,
    "文件带有密级标志“{mark}”。本系统为非涉密系统，严禁上传秘密级及以上。文件已删除。",
    "The file is marked “{mark}”. This system is not for classified matter. It was deleted.",
)
TOO_MANY_OPEN = ProblemKind(
    "imports.too_many_open",
    429,
    "您已有 {most} 个导入没有完成，请先完成或取消。",
    "You have {most} imports that are not finished; finish or cancel one first.",
)
TITLE_NEEDED = ProblemKind(
    "imports.title_needed",
    422,
    "请给这套对应关系起个名字（1 至 {most} 个字）。",
    "Give this mapping a name (1 to {most} characters).",
)
