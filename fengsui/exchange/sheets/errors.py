"""What printing and typing sheets can refuse, and what is wrong with a typed line."""

from collections.abc import Mapping

from fengsui.foundation.access.problems import ProblemKind

NO_HOUSEHOLDS = ProblemKind(
    "sheets.no_households",
    404,
    "今晚的转移名单里，这里没有住户，或不归您管。",
    "Tonight's list has no households here, or they are not yours.",
)
NOTHING_TYPED = ProblemKind(
    "sheets.nothing_typed", 422, "没有可以读的行。", "There is no line that can be read."
)
NOT_SET = ProblemKind(
    "sheets.not_set",
    500,
    "纸质名单没有排成：{detail}。请改用屏幕上的名单，并告诉管理员。",
    "The sheets could not be set: {detail}. Use the list on the screen and tell the administrator.",
)

# field of a fault -> what is wrong in words
FAULTS: Mapping[str, tuple[str, str]] = {
    "sheet": ("表号不对：要 5 位数字", "sheet: five digits are needed"),
    "line": ("行号不对：要 3 位数字", "line: three digits are needed"),
    "check": (
        "校验位不符：行号或表号输错了，或两位颠倒了",
        "check digit: a digit of line or sheet is wrong, or two are swapped",
    ),
    "status": ("情况看不懂：写 0–7 或“已转、投亲、外出、未应、协助、拒绝”", "status: write 0 to 7"),
    "people": ("人数不对：0 到 200，只有已转才写人数", "people: 0 to 200, only where they moved"),
    "how": (
        "外出要写怎么确认的：1 电话、2 邻居、3 亲属、4 当面",
        "away needs how it is known: 1 phone, 2 neighbour, 3 relative, 4 in person",
    ),
    "who": ("外出要写谁确认的", "away needs who confirmed it"),
    "time": ("时间不对：例如 02:40", "time: for example 02:40"),
    "more": ("一次最多 400 行，其余没有读", "at most 400 lines at once; the rest was not read"),
    "length": ("这一行太长", "the line is too long"),
    "no_sheet": ("没有这个表号，或不归您管", "there is no such sheet, or it is not yours"),
    "no_evacuation": (
        "这张单是提前印的，还没有转移指令；请留好，指令下达后再录",
        "this sheet was printed ahead and nobody has been told to move yet; keep it until then",
    ),
    "no_line": ("这张表上没有这一行", "the sheet has no such line"),
    "several_sheets": (
        "有几张表是这个号，请选一张（sheet_id）",
        "several sheets have this number; choose one (sheet_id)",
    ),
}
