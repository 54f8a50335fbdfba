"""What the room of policies refuses, with the sentence that says what to do."""

from __future__ import annotations

from fengsui.foundation.access.problems import ProblemKind

NO_SUCH_POLICY = ProblemKind(
    "policies.no_such_policy",
    404,
    "没有名为“{name}”的叫应规则。可用：红色、橙色、黄色、蓝色、解除告知。",
    "There is no call policy named {name}. Use red, orange, yellow, blue or cancelled.",
)
LEVEL_WITHOUT_TIME = ProblemKind(
    "policies.level_without_time",
    422,
    "{colour}规则“逐级时限”表的“{row}”一行是空的（hand_on_s.{field}）：只有红色预警和转移可以一呼到底，"
    "请写明这一级几分钟不应答就叫下一级。",
    "The row {field} of the {colour_en} rule's levels is empty (hand_on_s.{field}): only red and "
    "orders to move call everybody at once. Say after how many minutes of silence the next level "
    "is rung.",
)
REASON_REQUIRED = ProblemKind(
    "policies.reason_required",
    422,
    "请写明为什么改，会写入处置记录（最多 {limit} 字）。",
    "Say why; it becomes part of the record ({limit} characters at most).",
)
CHANGED_MEANWHILE = ProblemKind(
    "policies.changed_meanwhile",
    409,
    "这条规则刚被别人改过。请先看新的版本，再决定怎么改。",
    "Somebody changed this policy meanwhile. Look at the new version first.",
)
NOTHING_CHANGED = ProblemKind(
    "policies.nothing_changed",
    409,
    "和现在用的规则一样，没有什么要保存。",
    "This is the policy in force; there is nothing to save.",
)
LINES_OUT_OF_RANGE = ProblemKind(
    "policies.lines_out_of_range",
    422,
    "线路数要在 1 到 {lines} 之间，每通占用秒数要在 5 到 {seconds} 之间。",
    "1 to {lines} lines, and 5 to {seconds} seconds a call.",
)
TEMPLATE_REFUSED = ProblemKind(
    "policies.template_refused",
    422,
    "这段话术不能用：{why}。",
    "These words cannot be used: {why}.",
)
ROUTE_REFUSED = ProblemKind(
    "policies.route_refused",
    422,
    "人工叫应办法没有写全：{why}。",
    "The way to this household is incomplete: {why}.",
)
NOTHING_TO_TRY = ProblemKind(
    "policies.nothing_to_try",
    409,
    "这户还没有登记人工叫应办法。请先写明由谁去、怎么叫。",
    "No way to this household is written down. Say first who goes, and how.",
)
TOO_WIDE = ProblemKind(
    "policies.too_wide",
    422,
    "请选一条预警，或 1 到 {limit} 个乡镇、村来试算。",
    "Choose a warning, or 1 to {limit} townships or villages.",
)

PROBLEMS = (
    NO_SUCH_POLICY,
    LEVEL_WITHOUT_TIME,
    REASON_REQUIRED,
    CHANGED_MEANWHILE,
    NOTHING_CHANGED,
    LINES_OUT_OF_RANGE,
    TEMPLATE_REFUSED,
    ROUTE_REFUSED,
    NOTHING_TO_TRY,
    TOO_WIDE,
)
