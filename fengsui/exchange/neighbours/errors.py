"""What the neighbours' verbs can refuse."""

from fengsui.foundation.access.problems import ProblemKind

NO_BOOTSTRAP = ProblemKind(
    "neighbours.no_bootstrap",
    409,
    "本节点没有正在进行的首次同步。",
    "This node is not fetching its record for the first time.",
)
UNKNOWN_NODE = ProblemKind(
    "neighbours.unknown_node",
    404,
    "不认识这个节点：没有它的证书。",
    "This node is not known here: there is no certificate of it.",
)
