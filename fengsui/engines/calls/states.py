"""The states of a call, a unit and a callout, what is known about a try, and the legal moves."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class CalloutState(StrEnum):
    """One request to many."""

    OPEN = "open"  # 叫应中
    FINISHED = "finished"  # 全部有着落: every call has ended
    STOPPED = "stopped"  # 已停止: a person stopped it, with a reason


class CallState(StrEnum):
    """One person in one callout. The last four end the call."""

    WAITING = "waiting"  # 待叫: the next decision is due at `next_at`
    PLANNED = "planned"  # 呼叫中: a try is written down; its channel is about to be called
    RINGING = "ringing"  # 呼叫中: a channel has taken the message; no answer so far
    KNOCK = "knock"  # 待上门: named as needing someone at the door
    ANSWERED = "answered"  # 已应: this very person answered, or the superior recorded it
    REACHED_IN_PERSON = "reached_in_person"  # 当面叫到
    UNREACHED_NAMED = "unreached_named"  # 未应，已点名
    NOTIFIED = "notified"  # 已通知: only where the policy asks for no answer


ENDED = frozenset(
    {
        CallState.ANSWERED,
        CallState.REACHED_IN_PERSON,
        CallState.UNREACHED_NAMED,
        CallState.NOTIFIED,
    }
)
# A later fact may only raise the rank, so the order in which facts arrive does not matter.
END_RANK: Mapping[str, int] = MappingProxyType(
    {
        "": 0,
        CallState.UNREACHED_NAMED.value: 1,
        CallState.NOTIFIED.value: 2,
        CallState.REACHED_IN_PERSON.value: 3,
        CallState.ANSWERED.value: 4,
    }
)
_OPEN = frozenset(CallState) - ENDED
MOVES: Mapping[CallState, frozenset[CallState]] = MappingProxyType(
    {
        CallState.WAITING: frozenset({CallState.PLANNED, CallState.KNOCK}) | ENDED,
        CallState.PLANNED: _OPEN | ENDED,
        CallState.RINGING: _OPEN | ENDED,
        CallState.KNOCK: frozenset({CallState.WAITING}) | ENDED,  # a replaced number rings anew
        CallState.UNREACHED_NAMED: ENDED - {CallState.UNREACHED_NAMED},  # late answers count
        CallState.NOTIFIED: frozenset({CallState.ANSWERED, CallState.REACHED_IN_PERSON}),
        CallState.REACHED_IN_PERSON: frozenset({CallState.ANSWERED}),
        CallState.ANSWERED: frozenset(),
    }
)


def may_move(before: CallState, after: CallState) -> bool:
    return before == after or after in MOVES[before]


class UnitState(StrEnum):
    """A village or township. 应到 needs an acknowledgement and a first action."""

    WAITING = "waiting"  # 未应
    ACKNOWLEDGED = "acknowledged"  # 已叫到: a post-holder acknowledged
    ACTED = "acted"  # 应到: and a first action is recorded


class Word(StrEnum):
    """What is known about one try, and no more than that."""

    PLANNED = "planned"
    WITHDRAWN = "withdrawn"  # never sent: the call had ended by then
    HANDED_OVER = "handed_over"  # the channel took it
    SENT = "sent"  # the carrier says it left
    DELIVERED = "delivered"  # the device says it arrived
    HEARD = "heard"  # n seconds were heard; nobody acknowledged
    WRONG_KEY = "wrong_key"
    HUNG_UP = "hung_up"
    NO_ANSWER = "no_answer"
    POWERED_OFF = "powered_off"
    REFUSED = "refused"  # failed for now: the channel or carrier would not take it
    UNKNOWN = "unknown"  # the program or the line broke while it was being sent
    STOPPED = "stopped"  # rung together with others, when one of them answered or it was over
    WRONG_NUMBER = "wrong_number"  # failed for good
    NO_CONTACT = "no_contact"  # failed for good: nothing to reach the person by
    FAILED_FOR_GOOD = "failed_for_good"
    ACKNOWLEDGED = "acknowledged"


# Later words of one try replace earlier ones; ties do not occur within one try's life.
WORD_RANK: Mapping[str, int] = MappingProxyType(
    {word.value: index for index, word in enumerate(Word, start=1)}
)
FAILED_FOR_GOOD = frozenset({Word.WRONG_NUMBER, Word.NO_CONTACT, Word.FAILED_FOR_GOOD})
FAILED_FOR_NOW = frozenset(
    {Word.WRONG_KEY, Word.HUNG_UP, Word.NO_ANSWER, Word.POWERED_OFF, Word.REFUSED, Word.UNKNOWN}
)
# It came to the person's phone, whether or not a key was pressed.
ARRIVED = frozenset({Word.DELIVERED, Word.HEARD, Word.ACKNOWLEDGED})
ON_ITS_WAY = frozenset({Word.HANDED_OVER, Word.SENT, Word.DELIVERED, Word.HEARD})
# A phone that may be ringing at this moment.
MAY_RING = frozenset({Word.PLANNED, *ON_ITS_WAY})

WORDS_ZH: Mapping[str, str] = MappingProxyType(
    {
        "": "尚未呼叫",
        "planned": "正在呼叫",
        "withdrawn": "未发出（已无需呼叫）",
        "handed_over": "已交通道",
        "sent": "已发出",
        "delivered": "已送达",
        "heard": "已收听 {heard_s} 秒，未确认",
        "wrong_key": "按错键，未确认",
        "hung_up": "收听 {heard_s} 秒后挂断",
        "no_answer": "无人接听",
        "powered_off": "关机",
        "refused": "暂时发送失败",
        "unknown": "可能已发，可能重复",
        "stopped": "已停止振铃（他人已应，或叫应已停止）",
        "wrong_number": "空号",
        "no_contact": "没有可用的联系方式",
        "failed_for_good": "无法送达",
        "acknowledged": "已确认",
    }
)
WORDS_EN: Mapping[str, str] = MappingProxyType(
    {
        "": "not called yet",
        "planned": "being called",
        "withdrawn": "not sent, no longer needed",
        "handed_over": "handed over",
        "sent": "sent",
        "delivered": "delivered",
        "heard": "heard {heard_s} s, not acknowledged",
        "wrong_key": "pressed a wrong key",
        "hung_up": "hung up after {heard_s} s",
        "no_answer": "no answer",
        "powered_off": "powered off",
        "refused": "failed for now",
        "unknown": "may have been sent, may come twice",
        "stopped": "ringing stopped: somebody else answered, or the callout was stopped",
        "wrong_number": "no such number",
        "no_contact": "no way to reach this person",
        "failed_for_good": "failed for good",
        "acknowledged": "acknowledged",
    }
)
STATE_ZH: Mapping[str, str] = MappingProxyType(
    {
        "waiting": "待叫",
        "planned": "呼叫中",
        "ringing": "呼叫中",
        "knock": "待上门",
        "answered": "已应",
        "reached_in_person": "当面叫到",
        "unreached_named": "未应（已点名）",
        "notified": "已通知",
    }
)


class AnswerKind(StrEnum):
    """What a person says: 收到正在落实 / 需支援 / 不在村转B岗."""

    ON_IT = "on_it"
    NEED_SUPPORT = "need_support"
    AWAY_PASS_TO_B = "away_pass_to_b"  # noqa: S105 - no password


# An answer of these kinds acknowledges for the unit; somebody away cannot.
ACKNOWLEDGES = frozenset({AnswerKind.ON_IT, AnswerKind.NEED_SUPPORT})
