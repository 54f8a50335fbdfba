"""What duty can refuse."""

from fengsui.foundation.access.problems import ProblemKind

PERIOD_NOT_VALID = ProblemKind(
    "watch.period_not_valid",
    422,
    "时段不对：结束要晚于开始，一次最多排 {days} 天。",
    "The period is not valid: it ends after it begins, {days} days at most.",
)
TOO_MANY_SHIFTS = ProblemKind(
    "watch.too_many_shifts",
    422,
    "一次最多排 {limit} 班。",
    "At most {limit} shifts at once.",
)
NOBODY_CHOSEN = ProblemKind(
    "watch.nobody_chosen",
    422,
    "至少选一名值班员，且都在您看得到的人员里。",
    "Choose at least one duty officer, among the people in your sight.",
)
SHIFT_IS_OVER = ProblemKind(
    "watch.shift_is_over",
    409,
    "这一班已经结束，不能再改。",
    "This shift is over and cannot be changed.",
)
SAME_TIME_TWICE = ProblemKind(
    "watch.same_time_twice",
    409,
    "{name}在这段时间已有别的班。",
    "{name} is on another shift at that time.",
)
NOT_ON_THE_ROTA = ProblemKind(
    "watch.not_on_the_rota",
    409,
    "接班签字要由排在这一班的人签。不是您的班时，先在值班表上换班。",
    "Only somebody on this shift's rota signs for it. Change the rota first if it is not yours.",
)
MATTERS_NOT_SIGNED = ProblemKind(
    "watch.matters_not_signed",
    409,
    "还有 {count} 项没有逐项确认（可能是刚出现的）：{titles}。请看过再签。",
    "{count} matters were not confirmed (some may be new): {titles}. Read them, then sign.",
)
RULE_OUT_OF_RANGE = ProblemKind(
    "watch.rule_out_of_range",
    422,
    "这一项要在 {least} 到 {most} 之间。",
    "This must be between {least} and {most}.",
)
TEXT_NEEDED = ProblemKind(
    "watch.text_needed",
    422,
    "要写内容，最多 {most} 字。",
    "Write something, {most} characters at most.",
)
NOTE_IS_CLOSED = ProblemKind(
    "watch.note_is_closed", 409, "这条已经办结。", "This note is closed already."
)
NO_ROOMS = ProblemKind(
    "watch.no_rooms",
    422,
    "所选范围内没有值班室，或都没有人可叫。",
    "There is no duty room in that place, or nobody to ring there.",
)
ROLL_CALL_RUNS = ProblemKind(
    "watch.roll_call_runs",
    409,
    "上一次点名还没结束，请等它结束。",
    "The last roll-call is not over yet.",
)
EVERY_OUT_OF_RANGE = ProblemKind(
    "watch.every_out_of_range",
    422,
    "间隔要在 {least} 到 {most} 分钟之间，总时长不超过 {hours} 小时。",
    "The interval is {least} to {most} minutes, {hours} hours in all at most.",
)
WATCHED_ALREADY = ProblemKind(
    "watch.watched_already",
    409,
    "已经在报平安，先结束那一个。",
    "Check-ins are running already; end those first.",
)
LEADER_NOT_FIT = ProblemKind(
    "watch.leader_not_fit",
    422,
    "到时要叫的带队人不能是本人，也不能是网格员（夜间没有预警不叫网格员）。",
    "The leader to ring is somebody else, and no grid worker (they are not rung at night without "
    "a warning).",
)
CHECK_INS_ENDED = ProblemKind(
    "watch.check_ins_ended", 409, "这次报平安已经结束。", "These check-ins are over."
)
UNKNOWN_OUTCOME = ProblemKind(
    "watch.unknown_outcome",
    422,
    "要写明怎么结束的：已返回、已找到、已转求救或开错了。",
    "Say how it ended: back, found, handed over or a mistake.",
)
POSITION_NOT_VALID = ProblemKind(
    "watch.position_not_valid",
    422,
    "定位读不懂，可以不带定位再报。",
    "The position cannot be read.",
)
CALENDAR_UNREADABLE = ProblemKind(
    "watch.calendar_unreadable",
    422,
    "日历文件读不懂：{why}。",
    "The calendar file cannot be read: {why}.",
)
UNKNOWN_REPORTING_WORD = ProblemKind(
    "watch.unknown_reporting_word",
    422,
    "等级、时限规则或报告种类不对，请从列表里选。",
    "Choose grade, rule and kind of report from the lists.",
)
MOMENT_NOT_VALID = ProblemKind(
    "watch.moment_not_valid",
    422,
    "时间不对：不能晚于现在，报告和结束不能早于获悉，最多往前 {days} 天。",
    "The time is not valid: not after now, no report before the event was known, {days} days back "
    "at most.",
)
PLACE_NOT_OF_ROOM = ProblemKind(
    "watch.place_not_of_room",
    422,
    "事件地点要在这个值班室的范围内。",
    "The event must lie within the places of this duty room.",
)
INCIDENT_OVER = ProblemKind(
    "watch.incident_over",
    409,
    "处置已经结束。",
    "The handling of this event is over already.",
)
NOT_OVER = ProblemKind(
    "watch.not_over",
    409,
    "处置还没有结束，不用收回。",
    "The handling of this event is not over; there is nothing to take back.",
)
FINAL_MADE = ProblemKind(
    "watch.final_made",
    409,
    "终报已经报出，不能再收回；又有情况，另记一件。",
    "The final report was made; if there is more, enter another event.",
)
STILL_HANDLED = ProblemKind(
    "watch.still_handled",
    409,
    "先记下处置结束，再记终报。",
    "Record the end of handling first, then the final report.",
)
TOO_MANY_INCIDENTS = ProblemKind(
    "watch.too_many_incidents",
    409,
    "这个值班室未结的事件已有 {limit} 件，先结掉已处置完的。",
    "This duty room has {limit} open events; end those that are over.",
)
