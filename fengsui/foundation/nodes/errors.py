"""What the tree of nodes refuses, in words."""

from fengsui.foundation.access.problems import ProblemKind

UNREADABLE = ProblemKind(
    "nodes.unreadable",
    400,
    "无法读取：{reason}。请重新扫码或重新复制全文。",
    "It cannot be read: {reason}. Scan it again, or copy all of it again.",
)
CODE_DIFFERS = ProblemKind(
    "nodes.code_differs",
    409,
    "核对码不一致：申请的核对码是 {code}。请与新节点屏幕上的逐字核对；仍不一致就不要签发。",
    "The codes differ: the request's is {code}. Compare with the new node's screen, letter by "
    "letter; do not certify it while they differ.",
)
NOT_ITS_PARENT = ProblemKind(
    "nodes.not_its_parent",
    409,
    "本节点的证书不能为 {scope} 的{level}节点签发证书，请到上级节点办理。",
    "This node's certificate does not let it certify a {level} at {scope}. Do it higher up.",
)
NO_CERTIFICATE = ProblemKind(
    "nodes.no_certificate",
    409,
    "本节点还没有证书。请先在上级节点登记（fengsui node request）。",
    "This node has no certificate yet. Enrol it at the node above first (fengsui node request).",
)
KEY_REVOKED = ProblemKind(
    "nodes.key_revoked",
    409,
    "这把密钥已被吊销，不能再用。请在新节点上换一把新密钥后重新申请。",
    "This key was revoked and cannot be used again. Make a new key on the new node and ask again.",
)
ENROLLED_ELSEWHERE = ProblemKind(
    "nodes.enrolled_elsewhere",
    409,
    "这把密钥已登记在 {scope}。如该村改划，请用“迁移”。",
    "This key is enrolled at {scope}. If the place changed hands, move the node instead.",
)
NO_SHORT_ID = ProblemKind(
    "nodes.no_short_id",
    409,
    "本节点可分配的短编号已用完。",
    "This node has no short ids left to give.",
)
NO_SUCH_NODE = ProblemKind(
    "nodes.no_such_node",
    404,
    "没有这个节点，或不在您的管辖范围内。",
    "There is no such node, or it is outside your jurisdiction.",
)
NOT_FOR_THIS_NODE = ProblemKind(
    "nodes.not_for_this_node",
    409,
    "这份证书不是发给本节点的。",
    "This certificate was not made for this node.",
)
ANOTHER_COUNTY = ProblemKind(
    "nodes.another_county",
    409,
    "这份证书属于另一个县的根密钥，本节点已加入别的县。",
    "This certificate hangs from another county's root; this node belongs to another county.",
)
CHAIN_BROKEN = ProblemKind(
    "nodes.chain_broken",
    409,
    "证书链不成立：{reason}。",
    "The chain of certificates does not hold: {reason}.",
)
HAS_ROOT = ProblemKind(
    "nodes.has_root",
    409,
    "本节点已加入一个县，不能重新建立根密钥。",
    "This node belongs to a county already; it cannot be given another root.",
)
TOO_MANY_REQUESTS = ProblemKind(
    "nodes.too_many_requests",
    429,
    "待办的登记申请过多，请先处理或稍后再试。",
    "Too many requests are waiting; decide those first, or try again later.",
)
