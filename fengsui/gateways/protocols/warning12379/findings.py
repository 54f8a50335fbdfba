"""The catalogue of what can be wrong with a 12379 message."""

from __future__ import annotations

from fengsui.gateways.findings import FindingKind

CLASSIFIED = FindingKind(
    "12379.classified",
    "密级标注为“{value}”（不是 None），不得进入本系统，内容未保存。请按保密规定另行处理。",
    "It is classified “{value}”, not None. It must not enter this system; nothing was kept of it.",
)
FIELD_MISSING = FindingKind(
    "12379.field_missing",
    "缺少必需的“{field}”。请联系发布单位更正。",
    "The required “{field}” is missing. Ask the issuer to correct it.",
)
FIELD_REPEATED = FindingKind(
    "12379.field_repeated",
    "“{field}”出现了不止一次，不知以哪个为准。请联系发布单位更正。",
    "“{field}” stands there more than once; which one holds? Ask the issuer to correct it.",
)
FIELD_WRONG = FindingKind(
    "12379.field_wrong",
    "“{field}”的值“{value}”不符合规范（应为：{expected}）。请联系发布单位更正。",
    "“{field}” has the value “{value}”; it should be: {expected}. Ask the issuer to correct it.",
)
FIELD_UNKNOWN = FindingKind(
    "12379.field_unknown",
    "有不认识的字段“{field}”，已忽略。",
    "There is an unknown field “{field}”; it was ignored.",
)
SEVERAL_INFO = FindingKind(
    "12379.several_info",
    "有多个 info，规范只允许一个。请联系发布单位更正。",
    "It has more than one info; the layout allows one. Ask the issuer to correct it.",
)
REFERENCES_MISSING = FindingKind(
    "12379.references_missing",
    "{kind} 类信息没有写明所指的原预警（references），无法知道更新或解除的是哪一条。",
    "A message of type {kind} does not name the earlier message (references) that it is about.",
)
REFERS_TO_ITSELF = FindingKind(
    "12379.refers_to_itself",
    "references 指向自己，已忽略。",
    "The message refers to itself; that reference was ignored.",
)
SENDER_MISMATCH = FindingKind(
    "12379.sender_mismatch",
    "标识的前 14 位与 senderCode“{value}”不一致，请核对来源。",
    "The first 14 digits of the identifier differ from senderCode “{value}”. Check its source.",
)
TIME_MISMATCH = FindingKind(
    "12379.time_mismatch",
    "标识中的时间与 sendTime 相差超过 {hours} 小时，请核对。",
    "The time in the identifier is more than {hours} hours from sendTime. Check it.",
)
LEVEL_MISMATCH = FindingKind(
    "12379.level_mismatch",
    "级别“{value}”与标题“{headline}”里的颜色不一致。请向发布单位核实后再发。",
    "The level “{value}” is not the colour in the headline “{headline}”. Ask the issuer first.",
)
EVENT_CODE_UNKNOWN = FindingKind(
    "12379.event_code_unknown",
    "灾种代码“{value}”不在本机代码表中，按标题中的名称“{name}”处理。",
    "The event code “{value}” is not in our table; the name in the headline, “{name}”, is used.",
)
EXPIRES_BEFORE_START = FindingKind(
    "12379.expires_before_start",
    "失效时间早于生效时间。请联系发布单位更正。",
    "It expires before it takes effect. Ask the issuer to correct it.",
)
EXPIRES_UNKNOWN = FindingKind(
    "12379.expires_unknown",
    "没有写明失效时间，请人工确定。",
    "It does not say when it expires; settle that by hand.",
)
AREA_MISSING = FindingKind(
    "12379.area_missing",
    "没有任何范围（区划代码、图形、文字都为空）。请联系发布单位更正。",
    "It names no area at all: no code, no shape, no words. Ask the issuer to correct it.",
)
MISSPELT_CANCEL = FindingKind(
    "12379.misspelt_cancel",
    "msgType 写成了“Cancle”，按 Cancel（解除）处理。",
    "msgType is misspelt “Cancle”; it is read as Cancel.",
)
NOT_PUBLIC = FindingKind(
    "12379.not_public",
    "这条信息的范围为 {scope}，不得公开转发。",
    "The scope of this message is {scope}; it must not be passed on to the public.",
)
