"""Why a bundle is not written or not read, each with what to do about it."""

from fengsui.foundation.access.problems import ProblemKind

NOT_A_BUNDLE = ProblemKind(
    "bundles.not_a_bundle",
    422,
    "这不是烽燧数据包。请核对选的文件。",
    "This is no Fengsui bundle. Check which file you chose.",
)
NEWER_VERSION = ProblemKind(
    "bundles.newer_version",
    422,
    "数据包由较新的程序制作（{detail}）。请先升级本节点，再读入。",
    "A newer program made this bundle ({detail}). Update this node, then read it.",
)
CUT_SHORT = ProblemKind(
    "bundles.cut_short",
    422,
    "数据包不完整：复制时中断了。什么都没有读入，请重新复制整个文件。",
    "The bundle is incomplete: the copy was interrupted. Nothing was read; copy the file again.",
)
ALTERED = ProblemKind(
    "bundles.altered",
    422,
    "数据包损坏或被改动（{detail}）。什么都没有读入，已记下是谁送来的。请让对方重新导出。",
    "The bundle is damaged or was altered ({detail}). Nothing was read, and who brought it was "
    "recorded. Ask the sender to export it again.",
)
TOO_LARGE = ProblemKind(
    "bundles.too_large",
    413,
    "数据包超出允许的大小（{detail}）。什么都没有读入。请分几次导出。",
    "The bundle is larger than allowed ({detail}). Nothing was read. Export it in several parts.",
)
WRONG_RECEIVER = ProblemKind(
    "bundles.wrong_receiver",
    409,
    "这个数据包是给 {receiver} 的，不是给本节点的。请送到那里。什么都没有读入。",
    "This bundle is for {receiver}, not for this node. Carry it there. Nothing was read.",
)
UNKNOWN_SENDER = ProblemKind(
    "bundles.unknown_sender",
    403,
    "不认识做这个数据包的节点（{sender}），或它的证书已吊销、过期。什么都没有读入，已记下是谁送来的。",
    "The node that made this bundle ({sender}) is unknown here, or its certificate was revoked or "
    "has expired. Nothing was read, and who brought it was recorded.",
)
NO_SUCH_NODE = ProblemKind(
    "bundles.no_such_node",
    404,
    "没有“{node}”这个节点。可以写名称、12 位区划代码或公钥。",
    "There is no node “{node}”. Give a name, a division code of 12 digits or a public key.",
)
SEVERAL_NODES = ProblemKind(
    "bundles.several_nodes",
    409,
    "“{node}”对应几个节点，请写公钥：{keys}",
    "“{node}” may be several nodes; give the public key: {keys}",
)
SAME_NODE = ProblemKind(
    "bundles.same_node",
    409,
    "这是本节点自己。数据包要给别的节点。",
    "This is this node itself. A bundle is for another node.",
)
NOT_WRITTEN = ProblemKind(
    "bundles.not_written",
    507,
    "没有写成：{detail}。原有的文件没有动。请换一个 U 盘或目录。",
    "Not written: {detail}. Nothing that was there has changed. Try another stick or folder.",
)
NO_FILE = ProblemKind(
    "bundles.no_file",
    404,
    "找不到或不能读取文件（{detail}）。",
    "The file is not there or cannot be read ({detail}).",
)
UPLOAD_BROKEN = ProblemKind(
    "bundles.upload_broken",
    409,
    "上传不连续：已收到 {held} 字节。请从那里接着传。",
    "The upload has a hole: {held} bytes are here. Go on from there.",
)
NO_SUCH_READING = ProblemKind(
    "bundles.no_such_reading",
    404,
    "这个文件不在本节点上，请重新上传。",
    "That file is not at this node. Upload it again.",
)

TOO_LONG_FOR_A_STRIP = ProblemKind(
    "bundles.too_long_for_a_strip",
    413,
    "内容太多，二维码条放不下（最多 {kib} KiB）。请用文件导出。",
    "Too much for a strip of codes (at most {kib} KiB). Export it as a file.",
)

OF_FAULT = {
    "not_a_bundle": NOT_A_BUNDLE,
    "newer_version": NEWER_VERSION,
    "cut_short": CUT_SHORT,
    "altered": ALTERED,
    "too_large": TOO_LARGE,
}
