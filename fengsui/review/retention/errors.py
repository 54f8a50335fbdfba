"""Why something is not erased or not set, each with what to do about it."""

from __future__ import annotations

from fengsui.foundation.access.problems import ProblemKind

REASON_NEEDED = ProblemKind(
    "retention.reason_needed",
    422,
    "请写明理由（{least} 至 {most} 个字），不要写姓名或号码。",
    "Give a reason of {least} to {most} characters, without names or numbers.",
)
NOT_EDITABLE = ProblemKind(
    "retention.not_editable",
    409,
    "这一类的期限由法律或程序规定，不能在本地改。",
    "The term of this class is fixed by law or by the program.",
)
OUT_OF_RANGE = ProblemKind(
    "retention.out_of_range",
    422,
    "期限只能设为 {least} 至 {most} 天。",
    "The term may be {least} to {most} days.",
)
EVENT_OPEN = ProblemKind(
    "retention.event_open",
    409,
    "事件还没有结束，应急工作仍需要这些信息。结束后再清除。",
    "The event is not over; the data is still needed. Erase it afterwards.",
)
STILL_NEEDED = ProblemKind(
    "retention.still_needed",
    409,
    "这个人现在还在岗，或仍是正在进行的叫应或转移的一方。请先办理离任或等事件结束。",
    "This person still holds a post, or is part of an event that is running. End that first.",
)
KEPT_TOO_LONG = ProblemKind(
    "retention.kept_too_long",
    422,
    "暂缓清除最长 {days} 天。到期再评估。",
    "Data can be kept for at most {days} days more; decide anew then.",
)
NOTHING_LEFT = ProblemKind(
    "retention.nothing_left",
    409,
    "没有可清除的个人信息，可能已经清除。",
    "There is no personal data left; it may have been erased already.",
)
