"""What the journal refuses, in words."""

from fengsui.foundation.access.problems import ProblemKind

WRITER_AWAY = ProblemKind(
    "journal.writer_away",
    503,
    "写入进程暂时没有响应，尚未确认保存。请稍候重试；同一操作不会执行两次。",
    "The writing process does not answer; nothing is confirmed as saved. Try again shortly: "
    "the same action is not carried out twice.",
)
SECOND_WRITER = ProblemKind(
    "journal.second_writer",
    409,
    "本节点已有一个写入进程在运行（进程号 {pid}）。请先停止它。",
    "This node already has a running writer (process {pid}). Stop that one first.",
)
NOT_STORED = ProblemKind(
    "journal.not_stored",
    507,
    "没有保存：磁盘写入失败。请检查磁盘空间和磁盘状态，然后重试。",
    "Not saved: writing to the disk failed. Check its space and its health, then try again.",
)
DISK_FULL = ProblemKind(
    "journal.disk_full",
    507,
    "没有保存：本节点磁盘已满，暂时只能查看。请先记在纸上，通知管理员清理磁盘，然后重试。",
    "Not saved: this node's disk is full; for now it can only be read. Write it on paper, have "
    "room made on the disk, then try again.",
)
READ_ONLY = ProblemKind(
    "journal.read_only",
    507,
    "没有保存：本节点磁盘只能读不能写（可能已损坏）。请先记在纸上，通知管理员更换磁盘。",
    "Not saved: this node's disk can be read but not written (it may be failing). Write it on "
    "paper and have the disk replaced.",
)
FAILED = ProblemKind(
    "journal.failed",
    500,
    "程序出错，没有保存。请把请求编号告诉管理员。",
    "The program failed; nothing was saved. Give the request id to your administrator.",
)
UNKNOWN_COMMAND = ProblemKind(
    "journal.unknown_command",
    400,
    "写入进程不认识命令 {name}。请确认各进程为同一版本并重新启动。",
    "The writer does not know the command {name}. Make sure that all processes are of one "
    "version and start them again.",
)
FRAME_TOO_LARGE = ProblemKind(
    "journal.frame_too_large",
    413,
    "一次提交的内容过大（最多 {limit} 字节）。请分批提交。",
    "Too much at once (at most {limit} bytes). Send it in parts.",
)
NO_SUCH_FACT = ProblemKind(
    "journal.no_such_fact",
    404,
    "日志中没有这条记录，或不在您的管辖范围内。",
    "The journal has no such fact, or it is outside your jurisdiction.",
)
NOT_ERASABLE = ProblemKind(
    "journal.not_erasable",
    409,
    "这条记录没有可抹去的个人信息，或已被抹去。",
    "This fact has no personal data that can be erased, or it is erased already.",
)
