"""Refusals of thin links, with the way out."""

from fengsui.foundation.access.problems import ProblemKind

BAD_ADDRESS = ProblemKind(
    "telegrams.bad_address",
    422,
    "链路地址不对：{address}。写成 serial:/dev/ttyUSB0 或 udp:地址:端口。",
    "No link address: {address}. Write serial:/dev/ttyUSB0 or udp:host:port.",
)
NO_SUCH_LINK = ProblemKind(
    "telegrams.no_such_link", 404, "没有这条链路：{name}。", "There is no such link: {name}."
)
LINK_EXISTS = ProblemKind(
    "telegrams.link_exists",
    409,
    "已有同名链路：{name}。先删除，或换一个名字。",
    "There is a link of that name already: {name}. Remove it or choose another name.",
)
UNKNOWN_PEER = ProblemKind(
    "telegrams.unknown_peer",
    404,
    "对方节点没有有效证书：{peer}。先在本机收下它的证书（fengsui node）。",
    "The other node has no valid certificate here: {peer}. Accept its certificate first.",
)
NO_OWN_CERTIFICATE = ProblemKind(
    "telegrams.no_own_certificate",
    409,
    "本节点没有证书，电报无法署名。先登记入网（fengsui node）。",
    "This node has no certificate, so telegrams cannot be sealed. Enrol it first.",
)
BAD_TEXT = ProblemKind(
    "telegrams.bad_text", 422, "短信看不懂：{zh}", "The text cannot be read: {en}"
)
UNKNOWN_NUMBER = ProblemKind(
    "telegrams.unknown_number",
    404,
    "号码 {number} 没有登记，不知道是谁、在哪个村。核对号码，或用 --place 指明地点。",
    "The number {number} is not in the register. Check it, or name the place.",
)
NO_SUCH_INSTRUCTION = ProblemKind(
    "telegrams.no_such_instruction",
    404,
    "没有这条电报指令，或已有正式预警。",
    "There is no such instruction by telegram, or the full alert has come.",
)
