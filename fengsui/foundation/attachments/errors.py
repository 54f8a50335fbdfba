"""Why a file is not taken or not given, each with what to do about it."""

from __future__ import annotations

from fengsui.foundation.access.problems import ProblemKind

_NOT_CLASSIFIED_ZH = "本系统为非涉密系统，严禁上传秘密级及以上内容。"
_NOT_CLASSIFIED_EN = "This system is not for state secrets; nothing classified may be uploaded."

MARKED_SECRET = ProblemKind(
    "attachments.marked_secret",
    422,
    f"文件带有密级标志“{{mark}}”，没有保存。{_NOT_CLASSIFIED_ZH}如确属误标，请经定密责任人确认、"
    "改正标志后再传；如确属涉密，请立即报告保密工作机构。",
    f"The file bears the mark {{mark}} and was not kept. {_NOT_CLASSIFIED_EN}",
)
NOT_TAKEN = ProblemKind(
    "attachments.not_taken",
    415,
    "这种文件不能上传。可以上传：图片（JPEG、PNG、WebP、HEIC）、PDF、Word、Excel、短视频（MP4）和"
    "录音（M4A、AMR、OGG）。文件类型按内容判断，改后缀没有用。",
    "This kind of file is not taken: pictures, PDF, docx, xlsx, mp4, m4a, amr and ogg are. The "
    "content decides, not the name.",
)
ACTIVE = ProblemKind(
    "attachments.active",
    415,
    "文件里带有会自动运行的程序（宏、脚本或嵌入文件），没有保存。请另存为不带宏的文件再传。",
    "The file holds programs that run by themselves. Save it without macros or scripts.",
)
BOMB = ProblemKind(
    "attachments.bomb",
    422,
    "文件展开后过大（图片像素过多或压缩比异常），没有保存。请缩小后再传。",
    "Unpacked, the file would be far too large. Make it smaller.",
)
BROKEN = ProblemKind(
    "attachments.broken",
    422,
    "文件打不开，可能没有传完整或已损坏。请在原设备上打开确认后再传。",
    "The file cannot be read. Open it on the device it came from, then send it again.",
)
LOCKED = ProblemKind(
    "attachments.locked",
    422,
    "文件设了密码，无法检查，没有保存。请去掉密码后再传。",
    "The file is locked with a password and could not be checked. Remove the password.",
)
TOO_LARGE = ProblemKind(
    "attachments.too_large",
    413,
    "文件过大：这类文件最多 {megabytes} MB。请压缩或截短后再传。",
    "The file is too large: at most {megabytes} MB of this kind.",
)
NO_ROOM_DISK = ProblemKind(
    "attachments.no_room_disk",
    507,
    "本节点磁盘快满了，只留给处置记录，暂不收附件。请通知管理员清理或换盘。",
    "The disk of this node is nearly full and is kept for the record. Tell the administrator.",
)
NO_ROOM_NODE = ProblemKind(
    "attachments.no_room_node",
    507,
    "本节点附件总量已到上限（{gigabytes} GB）。请先撤下不再需要的附件。",
    "Attachments of this node have reached their limit of {gigabytes} GB.",
)
NO_ROOM_PERSON = ProblemKind(
    "attachments.no_room_person",
    429,
    "您今天上传的附件已到上限（{megabytes} MB），明天可以继续；急用请换用同事的账号或联系管理员。",
    "You have reached today's limit of {megabytes} MB.",
)
TOO_MANY_UPLOADS = ProblemKind(
    "attachments.too_many_uploads",
    429,
    "您有 {most} 个附件还没传完。请先传完或等它们过期（24 小时）。",
    "You have {most} uploads that are not finished. Finish them first.",
)
ROW_IS_FULL = ProblemKind(
    "attachments.row_is_full",
    409,
    "这一行的附件已有 {most} 个。请先撤下不需要的。",
    "This row has {most} attachments already.",
)
BAD_REQUEST = ProblemKind(
    "attachments.bad_request",
    422,
    "上传请求不完整（{field}）。请刷新页面后重试。",
    "The upload is not well described ({field}). Reload the page.",
)
OUT_OF_STEP = ProblemKind(
    "attachments.out_of_step",
    409,
    "这一段接不上：已收到 {received} 字节，请从那里继续。",
    "This part does not follow: {received} bytes are here; go on from there.",
)
DIFFERS = ProblemKind(
    "attachments.differs",
    422,
    "收到的内容与原文件不一致，没有保存。请重新上传。",
    "What arrived differs from the file that was announced. Upload it again.",
)
NOT_HERE = ProblemKind(
    "attachments.not_here",
    404,
    "附件已登记，但内容还在添加它的节点，未到本节点。请到上级或添加它的单位查看。",
    "The attachment is registered, but its content has not come to this node.",
)
NO_COPY = ProblemKind(
    "attachments.no_copy",
    404,
    "这类文件没有去除位置信息的副本，只能下载原件。",
    "There is no copy without metadata of this kind of file.",
)
GONE = ProblemKind(
    "attachments.gone",
    410,
    "附件已撤下或已按规定清除。",
    "The attachment was withdrawn or erased.",
)
BAD_RANGE = ProblemKind(
    "attachments.bad_range", 416, "所要的部分不在文件里。", "No such part of the file."
)
REASON_NEEDED = ProblemKind(
    "attachments.reason_needed",
    422,
    "请写明理由（{least} 至 {most} 个字）。",
    "Give a reason of {least} to {most} characters.",
)
BUSY = ProblemKind(
    "attachments.busy",
    503,
    "检查文件用时过长，没有保存。请稍后再试。",
    "Looking into the file took too long. Try again later.",
)
