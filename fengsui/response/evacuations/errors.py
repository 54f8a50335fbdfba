"""What recording a household can refuse."""

from fengsui.foundation.access.problems import ProblemKind

WHO_CONFIRMED = ProblemKind(
    "evacuations.who_confirmed",
    422,
    "“外出不在村”要写明谁确认的、怎么确认的（{field}）。",
    "“Away” needs who confirmed it and how ({field}).",
)
UNKNOWN_STATUS = ProblemKind(
    "evacuations.unknown_status", 422, "没有“{status}”这种情况。", "There is no status “{status}”."
)
NOT_IN_EVACUATION = ProblemKind(
    "evacuations.not_in_evacuation",
    404,
    "这一户不在今晚的转移名单里，或不归您管。",
    "This household is not on tonight's list, or not yours.",
)
BAD_COUNT = ProblemKind(
    "evacuations.bad_count",
    422,
    "人数要在 0 到 {limit} 之间。",
    "The number of people must be between 0 and {limit}.",
)
BAD_ENTRY = ProblemKind(
    "evacuations.bad_entry", 422, "这一条读不懂：{detail}", "This entry cannot be read: {detail}"
)
TOO_MANY_ENTRIES = ProblemKind(
    "evacuations.too_many_entries",
    413,
    "一次最多送 {limit} 条，请分几次送。",
    "Send at most {limit} entries at a time.",
)
ALREADY_ONE = ProblemKind(
    "evacuations.already_one",
    409,
    "这两条已经合并为同一户。",
    "These two are one household already.",
)
