"""What the alert desk can refuse."""

from fengsui.foundation.access.problems import ProblemKind

AUTHOR_MAY_NOT_APPROVE = ProblemKind(
    "alerts.author_may_not_approve",
    409,
    "起草人不能自己批准。可以批准的人：{names}。",
    "The author may not approve. These persons may: {names}.",
)
WRONG_STATE = ProblemKind(
    "alerts.wrong_state",
    409,
    "这条信息现在是“{state}”，不能{verb}。刷新后再看。",
    "This alert is “{state}” now and cannot be {verb}. Refresh and look again.",
)
MISSING_STATUTORY = ProblemKind(
    "alerts.missing_statutory",
    422,
    "法定八项缺少：{fields}（突发事件应对法第六十四条）。补全后再提交。",
    "Statutory fields are missing: {fields} (Emergency Response Law, article 64).",
)
CLASSIFIED = ProblemKind(
    "alerts.classified",
    422,
    "这条信息标有密级，本系统是非涉密系统，没有保存。请按保密规定处理。",
    "This message is marked classified. This system is unclassified; nothing was stored.",
)
NOTHING_READABLE = ProblemKind(
    "alerts.nothing_readable",
    422,
    "没有读出预警：{detail}",
    "No warning could be read: {detail}",
)
REASON_NEEDED = ProblemKind("alerts.reason_needed", 422, "请写明原因。", "Please give a reason.")
BAD_AUTHORISATION = ProblemKind(
    "alerts.bad_authorisation",
    422,
    "预先授权只能用于橙色、红色官方预警，并写明先后的起止时间。",
    "A standing authorisation is for orange or red official warnings, from one time to a later.",
)
BAD_AREA = ProblemKind(
    "alerts.bad_area", 422, "范围不对：{detail}", "The area is not right: {detail}"
)
SHORT_TEXT_TOO_LONG = ProblemKind(
    "alerts.short_text_too_long",
    422,
    "短句最多 {limit} 个字，现在 {length} 个。",
    "The short text holds {limit} characters, this has {length}.",
)
VERBATIM_ONLY = ProblemKind(
    "alerts.verbatim_only",
    422,
    "官方预警原文转发，不能改动发布单位、级别、时间和内容。",
    "An official warning is relayed verbatim: issuer, level, time and text cannot be changed.",
)
NO_COUNTY = ProblemKind(
    "alerts.no_county",
    409,
    "本机还没有导入行政区划，先运行 fengsui county import。",
    "No county has been loaded on this node; run fengsui county import first.",
)
ALREADY_RECEIVED = ProblemKind(
    "alerts.already_received",
    409,
    "这条预警已经收到过（{identifier}）。",
    "This warning was received before ({identifier}).",
)
IS_OWN = ProblemKind(
    "alerts.is_own",
    409,
    "这是本节点自己的预警，无需接续。",
    "This alert is this node's own already.",
)
CALL_LIST_IS_HERE = ProblemKind(
    "alerts.call_list_is_here",
    409,
    "上级的叫应名单已在本节点，请接管叫应，不要另开一次。",
    "The call list is here: take the calls over instead of opening another callout.",
)
NOT_OUR_GROUND = ProblemKind(
    "alerts.not_our_ground",
    422,
    "这条预警不涉及本节点的辖区。",
    "This alert does not concern the ground of this node.",
)
