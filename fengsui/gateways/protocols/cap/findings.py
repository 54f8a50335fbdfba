"""The catalogue of what can be wrong with a CAP message or with the list it comes in."""

from __future__ import annotations

from fengsui.gateways.findings import FindingKind

FINDINGS_MAX = 50  # a wrecked document is not described fault by fault

NOT_CAP = FindingKind(
    "cap.not_a_warning",
    "这不是预警信息（根元素为“{root}”）。请选择预警文件。",
    "This is not a warning (its root element is “{root}”). Choose a file that holds a warning.",
)
NAMESPACE_MISSING = FindingKind(
    "cap.namespace_missing",
    "alert 元素没有 CAP 命名空间，也不是 12379 格式。请联系发送方。",
    "The alert element has no CAP namespace and is not the 12379 layout. Ask the sender.",
)
SCHEMA = FindingKind(
    "cap.schema",
    "不符合 CAP 1.2 规范，字段“{field}”：{message}。请联系发送方更正。",
    "Does not follow the CAP 1.2 schema at “{field}”: {message}. Ask the sender to correct it.",
)
TIME_IMPOSSIBLE = FindingKind(
    "cap.time_impossible",
    "“{field}”的时间“{value}”不存在或没有时区。请联系发送方更正。",
    "The time “{value}” in “{field}” does not exist or has no offset. Ask the sender.",
)
REFERENCES_MISSING = FindingKind(
    "cap.references_missing",
    "类型为 {kind} 的信息没有写明所指的原预警（references），无法知道更新或取消的是哪一条。",
    "A message of type {kind} does not name the earlier message (references) that it is about.",
)
REFERENCE_MALFORMED = FindingKind(
    "cap.reference_malformed",
    "引用“{value}”不是“发送方,标识,时间”的形式。请联系发送方更正。",
    "The reference “{value}” is not “sender,identifier,sent”. Ask the sender to correct it.",
)
IDENTIFIER_MALFORMED = FindingKind(
    "cap.identifier_malformed",
    "“{field}”为空或含有空格、逗号、< 或 &，别的信息无法引用它。请联系发送方更正。",
    "“{field}” is empty or holds a space, a comma, < or &, so nothing can refer to it.",
)
ADDRESSES_MISSING = FindingKind(
    "cap.addresses_missing",
    "范围为 Private 但没有写明收件人（addresses）。请联系发送方更正。",
    "Its scope is Private but it names no addresses. Ask the sender to correct it.",
)
RESTRICTION_MISSING = FindingKind(
    "cap.restriction_missing",
    "范围为 Restricted 但没有写明限制（restriction）。请联系发送方更正。",
    "Its scope is Restricted but it states no restriction. Ask the sender to correct it.",
)
NOT_PUBLIC = FindingKind(
    "cap.not_public",
    "这条信息的范围为 {scope}，不得公开转发。",
    "The scope of this message is {scope}; it must not be passed on to the public.",
)
EXPIRES_BEFORE_START = FindingKind(
    "cap.expires_before_start",
    "失效时间早于“{field}”。请联系发送方更正。",
    "It expires before “{field}”. Ask the sender to correct it.",
)
EFFECTIVE_AFTER_ONSET = FindingKind(
    "cap.effective_after_onset",
    "生效时间晚于开始时间，请人工核对。",
    "It takes effect after its onset; check it by hand.",
)
CIRCLE_EMPTY = FindingKind(
    "cap.circle_empty",
    "圆形半径为 0，只表示一个点，不能据此确定范围。",
    "The circle has radius 0: it is a point and says nothing of the area.",
)
CEILING_WITHOUT_ALTITUDE = FindingKind(
    "cap.ceiling_without_altitude",
    "有上限高度（ceiling）但没有高度（altitude）。",
    "It has a ceiling but no altitude.",
)
AREA_BY_WORDS_ONLY = FindingKind(
    "cap.area_by_words_only",
    "范围只有文字，没有图形或代码，请人工划定。",
    "The area is given in words only, without a shape or a code; draw it by hand.",
)
INFO_MISSING = FindingKind(
    "cap.info_missing",
    "没有任何预警内容（info），请人工核对。",
    "It holds no information at all (no info block); check it by hand.",
)
EXERCISE_WITHOUT_NOTE = FindingKind(
    "cap.exercise_without_note",
    "演练信息没有说明（note）是哪次演练。",
    "An exercise message does not say in its note which exercise it is.",
)
SEVERAL_PARTS = FindingKind(
    "cap.several_parts",
    "这条信息对不同地区说了 {parts} 种不同内容，已分开处理，请逐条核对。",
    "This message says {parts} different things of different areas; they are kept apart.",
)
CLASSIFIED = FindingKind(
    "cap.classified",
    "标有密级“{value}”，不得进入本系统。请按保密规定另行处理。",
    "It is marked “{value}”. Classified material must not enter this system.",
)
MIGRATION_LOSS = FindingKind(
    "cap.migration_changed",
    "由 CAP {version} 转换时改动了“{field}”：{change}。",
    "On the way from CAP {version}, “{field}” was changed: {change}.",
)
SIGNATURE_BROKEN = FindingKind(
    "cap.signature_broken",
    "数字签名与内容不符，内容可能被改动，已拒收。请向发布单位核实。",
    "The digital signature does not fit the content, which may have been altered. Ask the issuer.",
)
SIGNATURE_UNTRUSTED = FindingKind(
    "cap.signature_untrusted",
    "有数字签名，但不能用本机信任的证书验证（{reason}）。请人工核实来源。",
    "It is signed, but no trusted certificate here can verify it ({reason}). Check its source.",
)
ENVELOPE_FIELD_MISSING = FindingKind(
    "envelope.field_missing",
    "缺少必需的“{field}”。请联系发送方更正。",
    "The required “{field}” is missing. Ask the sender to correct it.",
)
ENVELOPE_FIELD_UNKNOWN = FindingKind(
    "envelope.field_unknown",
    "含有规范中没有的“{field}”。请联系发送方更正。",
    "It holds “{field}”, which the standard does not know. Ask the sender to correct it.",
)
ENVELOPE_FIELD_WRONG = FindingKind(
    "envelope.field_wrong",
    "“{field}”的值“{value}”不符合规范。请联系发送方更正。",
    "“{field}” has the value “{value}”, which the standard does not allow.",
)
ENVELOPE_EMPTY = FindingKind(
    "envelope.no_warning",
    "其中没有任何预警。请核对来源。",
    "It holds no warning. Check where it came from.",
)
ATOM_AUTHOR_MISSING = FindingKind(
    "envelope.author_missing",
    "没有写明作者（author）。",
    "It does not name its author.",
)
INDEX_ONLY = FindingKind(
    "envelope.index_only",
    "这是预警目录，只有链接，没有预警全文。请按链接获取全文。",
    "This is a list that only points to warnings. Fetch each warning from its link.",
)
