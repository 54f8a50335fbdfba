"""What the call engine asserts. Engine facts are batched by cycle and township, ordinals packed.

Engine groups name calls by (batch id, packed offsets in the batch); outcomes name tries by
(plan id, packed offsets in the plan). Times inside a body are milliseconds since 1970 UTC.
"""

from __future__ import annotations

from fengsui.foundation.journal.facts import Audience, FactClass, FactKind, Merge, Words

FIELD_WORDS: dict[str, Words] = {
    "answer_kind": {
        "on_it": ("收到，正在落实", "received, on it"),
        "need_support": ("需支援", "needs support"),
        "away_pass_to_b": ("不在村，转 B 岗", "away, pass to slot B"),
    },
    "channel": {
        "voice": ("语音", "voice"),
        "email": ("邮件", "e-mail"),
        "in_app": ("应用内", "in-app"),
    },
    "who": {
        "deputy": ("B 岗", "slot B"),
        "duty_phone": ("值班电话", "the unit's duty phone"),
        "substitute": ("副职或补位", "substitute"),
        "superior_duty_room": ("上一级值班室", "duty room above"),
        "in_person": ("上门", "at the door"),
    },
}


def _kind(
    number: int,
    name: str,
    fact_class: FactClass,
    fields: tuple[str, ...],
    *,
    zh: str,
    en: str,
    audience: Audience = Audience.TOWNSHIP,
    merge: Merge = Merge.APPEND,
    personal: tuple[str, ...] = (),
    item: tuple[str, ...] = (),
    words: dict[str, Words] | None = None,
    version: int = 1,
) -> FactKind:
    return FactKind(
        number=number,
        name=name,
        version=version,
        fact_class=fact_class,
        audience=audience,
        merge=merge,
        fields=fields,
        personal=personal,
        item=item,
        item_is_personal=bool(item),
        zh=zh,
        en=en,
        words={name: FIELD_WORDS[name] for name in fields if name in FIELD_WORDS} | (words or {}),
    )


CALLOUT_OPENED = _kind(
    400,
    "callout.opened",
    FactClass.COMMAND,
    (
        "subject_kind",
        "subject_id",
        "level",
        "text",
        "exercise",
        "policy",
        "expected",
        "follows",
        "texts",  # 2: in other languages, [[code, language, spoken only, text], …]
    ),
    version=2,
    audience=Audience.COUNTY,
    merge=Merge.OWNER,
    zh="启动叫应，应叫 {expected} 人",
    en="Callout opened for {expected} people",
)
PARTIES_ADDED = _kind(
    401,
    "callout.parties_added",
    FactClass.COMMAND,
    (
        "callout_id",
        "first_ordinal",
        "place_codes",
        "unit_codes",
        "post_titles",
        "person_ids",
        "household_ids",
        "next_at_ms",
        "more_units",  # 2: of each, the further units in which the person holds a post
        "level",  # 3: of all of them, see levels.Level
    ),
    version=4,
    item=("name", "contacts", "deputies", "superiors", "language"),  # 4: what they understand
    zh="列入叫应名单",
    en="People were put on the call list",
)
# groups: [[batch_id, lap, rung, try, channel, next_at_ms, packed offsets], ...]
ATTEMPTS_PLANNED = _kind(
    402,
    "calls.attempts_planned",
    FactClass.ROUTINE,
    ("groups", "count"),
    zh="呼叫 {count} 人次",
    en="{count} tries",
)
# groups: [[plan_id, step, word, heard_s, next_at_ms or None, packed offsets], ...]
OUTCOMES_RECORDED = _kind(
    403,
    "calls.outcomes_recorded",
    FactClass.ROUTINE,
    ("groups", "count"),
    zh="呼叫结果 {count} 条",
    en="{count} outcomes",
)
# groups: [[batch_id, lap, rung, next_at_ms, packed offsets], ...]
KNOCKS_NEEDED = _kind(
    404,
    "calls.knocks_needed",
    FactClass.ROUTINE,
    ("groups", "count"),
    zh="{count} 人叫不应，需派人上门",
    en="No answer from {count}; somebody must knock",
)
# groups: [[batch_id, lap, rung, packed offsets], ...]
NAMED_UNREACHED = _kind(
    405,
    "calls.named_unreached",
    FactClass.COMMAND,
    ("groups", "count"),
    zh="{count} 人始终未应，已点名",
    en="Never reached, named: {count}",
)
ANSWERED = _kind(
    406,
    "call.answered",
    FactClass.LIFE_SAFETY,
    ("call_id", "answer_kind", "how", "rung", "client_id"),
    zh="应答：{answer_kind}",
    en="Answered: {answer_kind}",
)
ANSWERED_FOR = _kind(
    407,
    "call.answered_for",
    FactClass.LIFE_SAFETY,
    ("call_id", "answer_kind", "rung", "heard_at_ms", "client_id"),
    personal=("heard_from", "note"),
    zh="上级代录应答：{answer_kind}",
    en="Answer recorded by the level above: {answer_kind}",
)
REACHED_IN_PERSON = _kind(
    408,
    "call.reached_in_person",
    FactClass.LIFE_SAFETY,
    ("call_id", "rung"),
    personal=("note",),
    zh="当面叫到",
    en="Reached in person",
)
STOOD_IN = _kind(
    409,
    "call.stood_in",
    FactClass.LIFE_SAFETY,
    # 2: unit_codes, the units of the person called for whom this one stands in; 3: who that is,
    # since a deputy may be rung together with the person called, on the same rung
    ("call_id", "answer_kind", "how", "rung", "client_id", "person_id", "unit_codes", "who"),
    version=3,
    zh="由他人代为接应（本人仍未应）",
    en="Somebody else stood in; the person called is still owed an answer",
)
RUNG_RESOLVED = _kind(
    410,
    "calls.rung_resolved",
    FactClass.COMMAND,
    ("batch_id", "lap", "rung", "who", "offsets", "person_ids"),
    item=("name", "contacts"),
    zh="确定接替人：{who}",
    en="Found who holds the next rung: {who}",
)
NUMBER_REPLACED = _kind(
    411,
    "call.number_replaced",
    FactClass.COMMAND,
    ("call_id", "lap", "next_at_ms", "contact_kind", "reason"),
    personal=("value",),
    zh="更换号码：{reason}",
    en="Number replaced: {reason}",
)
# groups: [[batch_id, lap, to rung, next_at_ms, packed offsets], ...]
RUNG_SKIPPED = _kind(
    412,
    "calls.rung_skipped",
    FactClass.COMMAND,
    ("callout_id", "rung", "groups", "reason"),
    audience=Audience.COUNTY,
    zh="跳过一级：{reason}",
    en="A rung was skipped: {reason}",
)
CHANNEL_PAUSED = _kind(
    413,
    "callout.channel_paused",
    FactClass.COMMAND,
    ("callout_id", "channel", "is_paused", "reason"),
    audience=Audience.COUNTY,
    merge=Merge.FIELD,
    zh="通道 {channel} 暂停或恢复：{reason}",
    en="Channel {channel} paused or resumed: {reason}",
)
CALLOUT_STOPPED = _kind(
    414,
    "callout.stopped",
    FactClass.COMMAND,
    ("callout_id", "reason"),
    audience=Audience.COUNTY,
    merge=Merge.OWNER,
    zh="停止叫应：{reason}",
    en="Callout stopped: {reason}",
)
CALLOUT_FINISHED = _kind(
    415,
    "callout.finished",
    FactClass.COMMAND,
    ("callout_id", "answered", "reached_in_person", "unreached_named", "notified"),
    audience=Audience.COUNTY,
    merge=Merge.OWNER,
    zh="叫应结束：已应 {answered}，当面叫到 {reached_in_person}，未应点名 {unreached_named}",
    en="Callout ended: {answered} answered, {reached_in_person} in person, "
    "{unreached_named} named as unreached",
)
FIRST_ACTION_RECORDED = _kind(
    416,
    "unit.first_action_recorded",
    FactClass.LIFE_SAFETY,
    ("callout_id", "unit_code", "how", "client_id"),
    personal=("heard_from", "note"),
    zh="首次行动已反馈",
    en="First action reported",
)
PROMISE_AT_RISK = _kind(
    417,
    "calls.promise_at_risk",
    FactClass.COMMAND,
    ("callout_id", "what", "overdue", "oldest_s"),
    audience=Audience.COUNTY,
    zh="叫应承诺有风险：{overdue} 人逾期 {oldest_s} 秒",
    en="The promise is at risk: {overdue} people overdue by {oldest_s} s",
)
NUMBER_REVEALED = _kind(
    418,
    "call.number_revealed",
    FactClass.COMMAND,
    ("call_id", "reason"),
    zh="查看了号码：{reason}",
    en="A number was looked at: {reason}",
)

CALLOUT_TAKEN_OVER = _kind(
    419,
    "callout.taken_over",
    FactClass.COMMAND,
    ("callout_id", "reason", "contact"),
    zh="接管叫应：{reason}",
    en="Calls taken over: {reason}",
    words={
        "contact": {
            "cut_off": ("与发起节点失联", "the owner is out of contact"),
            "in_contact": ("与发起节点仍有联系", "the owner is still in contact"),
            "not_known": ("联系情况不明", "contact unknown"),
        }
    },
)
CALLOUT_HANDED_BACK = _kind(
    420,
    "callout.handed_back",
    FactClass.COMMAND,
    ("callout_id", "takeover_id", "reason"),
    zh="交还叫应：{reason}",
    en="Calls handed back: {reason}",
)
# groups: [[batch_id, next_at_ms, packed offsets], ...] of calls whose turn comes earlier by this
LEVEL_HANDED_ON = _kind(
    430,
    "callout.level_handed_on",
    FactClass.COMMAND,
    ("callout_id", "level", "place_codes", "how", "groups", "reason"),
    zh="交由下一级叫应：{how}",
    en="The next level is called: {how}",
    words={
        "how": {
            "answered": ("本级已应", "this level has answered"),
            "deadline": ("本级逾时未应", "this level was silent too long"),
            "by_hand": ("值班室不再等待", "the duty room did not wait"),
            "at_once": ("一呼到底", "everybody at once"),
        }
    },
)
# groups: [[batch_id, lap, rung, tries, next_at_ms, packed offsets], ...]
RUNG_ELSEWHERE = _kind(
    432,
    "calls.rung_elsewhere",
    FactClass.COMMAND,
    ("callout_id", "office", "rung_at_ms", "has_answered", "groups", "count", "client_id"),
    personal=("note",),
    zh="{office} 已叫过 {count} 人",
    en="{office} has rung {count} people",
)
UNIT_ACKNOWLEDGED = _kind(
    433,
    "unit.acknowledged",
    FactClass.LIFE_SAFETY,
    ("callout_id", "unit_code", "call_id", "acknowledged_at_ms"),
    zh="本单位责任人在外乡镇名单上应答",
    en="A post-holder of this unit answered on another township's list",
)
UNITS_CALLED = _kind(
    434,
    "callout.units_called",
    FactClass.COMMAND,
    ("callout_id", "unit_codes"),
    zh="本乡镇单位由外乡镇名单上的责任人应答",
    en="Units here are answered for by people on another township's list",
)

# groups: [[batch_id, lap, rung, try, who, channel, packed offsets, party ids, person ids], ...]
COMPANIONS_PLANNED = _kind(
    421,
    "calls.companions_planned",
    FactClass.ROUTINE,
    ("groups", "count"),
    zh="同时呼叫 {count} 人次（B 岗、值班电话）",
    en="{count} tries at the same moment: slot B, duty phones",
)
# groups: [[plan_id, word, heard_s, packed offsets], ...]
COMPANIONS_HEARD = _kind(
    422,
    "calls.companions_heard",
    FactClass.ROUTINE,
    ("groups", "count"),
    zh="同时呼叫的结果 {count} 条",
    en="{count} outcomes of tries at the same moment",
)
# groups: [[batch_id, lap, rung, try, channel, packed offsets], ...]
NIGHT_MARKED = _kind(
    423,
    "calls.night_marked",
    FactClass.ROUTINE,
    ("groups", "count"),
    zh="夜间没有电话可用，{count} 人仅发应用内或邮件，不算叫应",
    en="No telephone at night: {count} people had in-app or e-mail only, which does not count",
)

KINDS: tuple[FactKind, ...] = (
    CALLOUT_OPENED,
    PARTIES_ADDED,
    ATTEMPTS_PLANNED,
    OUTCOMES_RECORDED,
    KNOCKS_NEEDED,
    NAMED_UNREACHED,
    ANSWERED,
    ANSWERED_FOR,
    REACHED_IN_PERSON,
    STOOD_IN,
    RUNG_RESOLVED,
    NUMBER_REPLACED,
    RUNG_SKIPPED,
    CHANNEL_PAUSED,
    CALLOUT_STOPPED,
    CALLOUT_FINISHED,
    FIRST_ACTION_RECORDED,
    PROMISE_AT_RISK,
    NUMBER_REVEALED,
    CALLOUT_TAKEN_OVER,
    CALLOUT_HANDED_BACK,
    COMPANIONS_PLANNED,
    COMPANIONS_HEARD,
    NIGHT_MARKED,
    LEVEL_HANDED_ON,
    RUNG_ELSEWHERE,
    UNIT_ACKNOWLEDGED,
    UNITS_CALLED,
)
