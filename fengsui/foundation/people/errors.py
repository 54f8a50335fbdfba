"""What the people registers refuse, and what to do about it."""

from __future__ import annotations

from fengsui.foundation.access.problems import ProblemKind

ROWS_REFUSED = ProblemKind(
    "people.rows_refused",
    422,
    "有 {count} 处错误，未写入任何数据。第一处：{table} 第 {row} 行 {field}：{fault}。"
    "请改正后重新导入。",
    "{count} faults; nothing was written. The first: {table} row {row}, {field}: {fault}. "
    "Correct them and load again.",
)
UNKNOWN_REFERENCE = ProblemKind(
    "people.unknown_reference",
    422,
    "{table} 第 {row} 行的 {field} 指向不存在的“{reference}”。请先登记被引用的人员或岗位。",
    "{table} row {row}: {field} refers to {reference!r}, which is not there. Register it first.",
)
REASON_NEEDED = ProblemKind(
    "people.reason_needed",
    422,
    "请写明查看或更改的理由（{least} 至 {most} 字），理由会被记录。",
    "Give a reason of {least} to {most} characters; it will be recorded.",
)
UNKNOWN_FIELD = ProblemKind(
    "people.unknown_field",
    422,
    "“{field}”不能更改，或值不合适：{fault}。",
    "{field} cannot be changed, or the value does not fit: {fault}.",
)
PERIOD_NOT_VALID = ProblemKind(
    "people.period_not_valid",
    422,
    "结束时间须晚于现在和开始时间，且不超过 {days} 天。",
    "The end must be later than now and than the beginning, and at most {days} days on.",
)
PHONE_NOT_VALID = ProblemKind(
    "people.phone_not_valid",
    422,
    "电话号码应为 {least} 至 {most} 位数字，请检查后重填。",
    "A number has {least} to {most} digits. Check it and type it again.",
)
NAME_NEEDED = ProblemKind(
    "people.name_needed",
    422,
    "请填写姓名（1 至 {most} 字）。",
    "Give a name of 1 to {most} characters.",
)
ALREADY_ENDED = ProblemKind(
    "people.already_ended",
    409,
    "已经结束，不用再操作。",
    "It has ended already; nothing is left to do.",
)
NOT_IN_SLOT = ProblemKind(
    "people.not_a_holder",
    422,
    "“{name}”不在这个岗位上，请从该岗位的人员里选择被顶岗人。",
    "{name} does not hold this post. Choose one of its holders to be stood in for.",
)
SAME_PERSON = ProblemKind(
    "people.same_person",
    422,
    "顶岗人不能就是本人，请另选一人。",
    "Nobody stands in for themselves. Choose somebody else.",
)
STANDS_IN_ALREADY = ProblemKind(
    "people.stands_in_already",
    409,
    "这段时间已有人顶岗：{name}。请先结束原来的顶岗。",
    "{name} already stands in then. End that first.",
)
TOO_MANY_AWAY = ProblemKind(
    "people.too_many_away",
    422,
    "外出人数须为 1 至 {most} 人。",
    "Between 1 and {most} people can be away.",
)
WHO_SAID_SO = ProblemKind(
    "people.who_said_so",
    422,
    "请写明是谁说的、怎么知道的。",
    "Say who said so, and how it is known.",
)
RULE_OUT_OF_RANGE = ProblemKind(
    "people.rule_out_of_range",
    422,
    "天数须为 {least} 至 {most}。",
    "Between {least} and {most} days.",
)
NOT_TWO_PERSONS = ProblemKind(
    "people.not_two_persons",
    422,
    "请选择两个不同的、仍在册的人。",
    "Choose two different persons who are both in the register.",
)
STANDS_IN_NOW = ProblemKind(
    "people.stands_in_now",
    409,
    "“{name}”正在顶岗、被顶岗或已报离岗，请先结束，再合并。",
    "{name} stands in, is stood in for, or is absent now. End that first, then merge.",
)
HAS_ACCOUNT = ProblemKind(
    "people.has_account",
    409,
    "“{name}”有登录账号，请保留这一个，把另一个并进来。",
    "{name} can sign in. Keep this one and merge the other into it.",
)
