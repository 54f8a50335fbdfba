"""What setting up a link can refuse."""

from fengsui.foundation.access.problems import ProblemKind

BAD_ADDRESS = ProblemKind(
    "links.bad_address",
    422,
    "“{url}”不是节点地址。应为 https://主机名:端口。",
    "“{url}” is no address of a node. It looks like https://host:port.",
)
PLAIN_ADDRESS = ProblemKind(
    "links.plain_address",
    422,
    "“{url}”不加密：同一网络上的人能看到名单。请用 https；确需明文时设 FENGSUI_UPSTREAM_PLAIN=1。",
    "“{url}” is not encrypted: anyone on the network could read the lists. Use https, or set "
    "FENGSUI_UPSTREAM_PLAIN=1 to accept that.",
)
