"""What stating the situation can refuse."""

from fengsui.foundation.access.problems import ProblemKind

UNREADABLE = ProblemKind(
    "situation.unreadable", 422, "这一项读不懂：{field}。", "This cannot be read: {field}."
)
NO_SUCH_SOS = ProblemKind(
    "situation.no_such_sos",
    404,
    "没有这条求救，或不在您的管辖范围内。",
    "There is no such SOS, or it is outside your jurisdiction.",
)
UNKNOWN_OUTCOME = ProblemKind(
    "situation.unknown_outcome",
    422,
    "要写明求救如何结束：已救出、已安全、误报或重复。",
    "Say how the SOS ended: rescued, safe, mistake or duplicate.",
)
UNKNOWN_KIND = ProblemKind(
    "situation.unknown_kind", 422, "没有“{kind}”这种报文。", "There is no message kind “{kind}”."
)
UNKNOWN_SIGN = ProblemKind(
    "situation.unknown_sign",
    422,
    "要写明凭什么先转移：读数、标记、征兆或口头决定。",
    "Say on what sign people were moved: a gauge, a mark, a sound or somebody's word.",
)
GAUGE_NEEDS_VALUE = ProblemKind(
    "situation.gauge_needs_value",
    422,
    "凭雨量筒或水位尺先转移，要写读数（毫米）。",
    "A move on a gauge needs its value in millimetres.",
)
NOT_IN_THIS_VILLAGE = ProblemKind(
    "situation.not_in_this_village",
    422,
    "所选危险区不在该村。",
    "A danger area that was chosen is not in this village.",
)
