"""What the call engine refuses, with the sentence that says what to do."""

from __future__ import annotations

from fengsui.foundation.access.problems import ProblemKind

POLICY_UNREADABLE = ProblemKind(
    "calls.policy_unreadable",
    422,
    "叫应规则有误：{why}。请改正后再启动叫应。",
    "The call policy is wrong: {why}. Correct it, then open the callout again.",
)
GRID_WORKER_AT_NIGHT = ProblemKind(
    "calls.grid_worker_at_night",
    409,
    "夜间没有预警，不叫网格员、中心户长（{count} 人）。等到天亮，或叫村支书、值班室。",
    "Grid workers are not rung at night without a warning ({count}). Wait for the morning, "
    "or ring the village secretary or the duty room.",
)
NO_SUCH_POLICY = ProblemKind(
    "calls.no_such_policy",
    422,
    "没有名为 {name} 的叫应规则。请改用红、橙、黄、蓝之一。",
    "There is no call policy named {name}. Use red, orange, yellow or blue.",
)
NOBODY_TO_CALL = ProblemKind(
    "calls.nobody_to_call",
    422,
    "没有可叫应的责任人。请先核对范围和责任人名册。",
    "There is nobody to call. Check the area and the register of posts first.",
)
TOO_MANY_PARTIES = ProblemKind(
    "calls.too_many_parties",
    422,
    "一次叫应最多 {limit} 人，本次 {count} 人。请按乡镇分开启动。",
    "One callout takes at most {limit} people, this one has {count}. Open one per township.",
)
PARTY_UNREADABLE = ProblemKind(
    "calls.party_unreadable",
    422,
    "第 {index} 位叫应对象资料不全：{why}。请补全后再启动。",
    "Party {index} is incomplete: {why}. Complete it, then open the callout again.",
)
OWNER_IN_CONTACT = ProblemKind(
    "calls.owner_in_contact",
    409,
    "发起节点仍有联系，由它继续叫应。确需接管时请再次确认。",
    "The node that opened this callout is in contact and goes on calling. Confirm once more to "
    "take over nevertheless.",
)
EFFECT_IS_HELD = ProblemKind(
    "calls.effect_is_held",
    409,
    "这类事项宁缺勿重：恢复联系之前不能由别处接办。",
    "This kind is held: better none than twice. Nobody else may do it before contact is back.",
)
ALREADY_DRIVEN_HERE = ProblemKind(
    "calls.already_driven_here",
    409,
    "这些叫应已由本节点负责，无需接管。",
    "This node drives these calls already.",
)
NOTHING_TO_TAKE_OVER = ProblemKind(
    "calls.nothing_to_take_over",
    404,
    "该地没有可接管的叫应对象。",
    "There are no calls in this place to take over.",
)
NO_SUCH_TAKEOVER = ProblemKind(
    "calls.no_such_takeover",
    404,
    "没有这次接管，或已经交还。",
    "There is no such takeover, or it has been handed back.",
)
CALLOUT_CLOSED = ProblemKind(
    "calls.callout_closed",
    409,
    "该叫应已停止，不能再增加或调整。需要时请重新启动。",
    "This callout was stopped and cannot be changed. Open a new one if it is needed.",
)
UNKNOWN_ANSWER = ProblemKind(
    "calls.unknown_answer",
    422,
    "无法识别的应答“{answer}”。请选择：收到正在落实、需支援、不在村转B岗。",
    "The answer “{answer}” is unknown. Choose on_it, need_support or away_pass_to_b.",
)
REASON_REQUIRED = ProblemKind(
    "calls.reason_required",
    422,
    "请填写原因，它会写入处置记录。",
    "Give a reason; it becomes part of the record.",
)
HEARD_FROM_REQUIRED = ProblemKind(
    "calls.heard_from_required",
    422,
    "代录应答必须写明听谁说的。",
    "When you record an answer for somebody, say from whom you heard it.",
)
TEXT_TOO_LONG = ProblemKind(
    "calls.text_too_long",
    422,
    "内容最多 {limit} 字。请缩短。",
    "At most {limit} characters. Shorten the text.",
)
CALL_ENDED = ProblemKind(
    "calls.call_ended",
    409,
    "此人的叫应已经结束，无需再更换号码。",
    "The call to this person has ended; the number needs no replacement.",
)
NO_NUMBER = ProblemKind(
    "calls.no_number",
    404,
    "没有登记电话号码。请派人上门，并补登号码。",
    "No telephone number is registered. Send somebody, and register a number.",
)
NO_SUCH_RUNG = ProblemKind(
    "calls.no_such_rung",
    422,
    "叫应阶梯没有第 {rung} 级可跳过。",
    "The ladder has no rung {rung} that can be skipped.",
)
NO_SUCH_UNIT = ProblemKind(
    "calls.no_such_unit",
    404,
    "该单位不在本次叫应范围内。",
    "This unit is not part of the callout.",
)
NOT_BY_LEVEL = ProblemKind(
    "calls.not_by_level",
    409,
    "本次是一呼到底，所有人已同时在叫，无需逐级交办。",
    "Everybody is being called at once; there is no level to hand on.",
)
NO_SUCH_LEVEL = ProblemKind(
    "calls.no_such_level",
    404,
    "这一级（{level}）在该地没有叫应对象。",
    "Nobody is called on this level ({level}) at this place.",
)
ALL_AT_ONCE_NOT_ALLOWED = ProblemKind(
    "calls.all_at_once_not_allowed",
    409,
    "只有红色预警或转移才一呼到底。请等下一级的时限，或对不应的单位点“不再等待”。",
    "Everybody at once only in red, or where people are moved. Wait for the next level's time, or "
    "hand on where a unit is silent.",
)
OFFICE_REQUIRED = ProblemKind(
    "calls.office_required",
    422,
    "请写明哪个部门叫过、什么时间。",
    "Say which office has rung them, and when.",
)
TOO_MANY_CALLS = ProblemKind(
    "calls.too_many_calls",
    422,
    "一次最多登记 {limit} 人。请分批。",
    "At most {limit} people at a time. Do it in parts.",
)
CALLBACK_UNREADABLE = ProblemKind(
    "calls.callback_unreadable",
    422,
    "无法识别的通道回执：{why}。",
    "This callback cannot be read: {why}.",
)

PROBLEMS = (
    POLICY_UNREADABLE,
    NO_SUCH_POLICY,
    NOBODY_TO_CALL,
    TOO_MANY_PARTIES,
    PARTY_UNREADABLE,
    CALLOUT_CLOSED,
    UNKNOWN_ANSWER,
    REASON_REQUIRED,
    HEARD_FROM_REQUIRED,
    TEXT_TOO_LONG,
    CALL_ENDED,
    NO_NUMBER,
    NO_SUCH_RUNG,
    NO_SUCH_UNIT,
    CALLBACK_UNREADABLE,
    NOT_BY_LEVEL,
    NO_SUCH_LEVEL,
    ALL_AT_ONCE_NOT_ALLOWED,
    OFFICE_REQUIRED,
    TOO_MANY_CALLS,
)
