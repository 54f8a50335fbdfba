"""The words of the field: needs, signs of danger, paths by which word comes."""

from __future__ import annotations

from enum import StrEnum

from fengsui.foundation.journal.facts import Words

HEADCOUNT_NUMBERS = (
    "should",
    "moved",
    "away",
    "not_yet",
    "needs_help",
    "sheltered",
    "injured",
    "missing",
    "dead",
)
REPORT_NUMBERS = (
    "affected",
    "moved",
    "injured",
    "missing",
    "dead",
    "trapped",
    "houses_collapsed",
    "houses_damaged",
)
REPORT_CUTS = ("road_cut", "power_cut", "network_cut")
NEEDS: Words = {
    "rescue": ("营救", "rescue"),
    "medical": ("医疗", "medical help"),
    "boat": ("舟艇", "a boat"),
    "stretcher": ("担架", "a stretcher"),
    "food": ("食品", "food"),
    "water": ("饮水", "water"),
    "shelter": ("安置", "shelter"),
    "power": ("供电", "power"),
    "signal": ("通信", "a signal"),
    "machinery": ("抢险机械", "machinery"),
}


class SosOutcome(StrEnum):
    """How an SOS ended."""

    RESCUED = "rescued"
    SAFE = "safe"
    MISTAKE = "mistake"
    DUPLICATE = "duplicate"


SOS_OUTCOMES: Words = {
    "rescued": ("已救出", "rescued"),
    "safe": ("已安全", "safe"),
    "mistake": ("误报", "a mistake"),
    "duplicate": ("重复报告", "said already"),
}


class Sign(StrEnum):
    """What made a village move before anybody told it to."""

    GAUGE = "gauge"  # 简易雨量筒·水位尺, with its value
    MARK = "mark"  # 预案里的警戒标记
    SOUND = "sound"  # 听见山响、水声变大
    ORDER = "order"  # 带班人员口头决定


SIGNS: Words = {
    "gauge": ("雨量筒或水位尺读数", "a gauge"),
    "mark": ("警戒标记", "a mark in the village plan"),
    "sound": ("异响或征兆", "a sound or sign"),
    "order": ("口头决定", "somebody's word"),
}


class ContactState(StrEnum):
    """What is known of a village tonight."""

    QUIET = "quiet"  # nothing is expected of it
    IN_CONTACT = "in_contact"
    SILENT = "silent"  # something is expected and nothing has been heard for a while
    LOST = "lost"  # named as out of contact


class RelayKind(StrEnum):
    """The five messages of thin links."""

    EVACUATION_INSTRUCTION = "evacuation_instruction"
    ACKNOWLEDGEMENT = "acknowledgement"
    HEADCOUNT = "headcount"
    SOS = "sos"
    QUICK_REPORT = "quick_report"


RELAY_KINDS: Words = {
    "evacuation_instruction": ("转移指令", "evacuation instruction"),
    "acknowledgement": ("回执", "acknowledgement"),
    "headcount": ("清点人数", "headcount"),
    "sos": ("求救", "SOS"),
    "quick_report": ("灾情快报", "quick report"),
}
RELAY_PATHS: Words = {
    "beidou": ("北斗短报文", "BeiDou"),
    "radio": ("电台数据报", "radio datagram"),
    "sms": ("短信", "text message"),
    "paper": ("纸质名单", "paper"),
    "voice": ("口头转述", "word of mouth"),
}
CONTACT_PATHS: Words = {
    **RELAY_PATHS,
    "": ("从未", "never"),
    "session": ("网络", "session"),
    "bundle": ("存储介质", "bundle"),
    "answer": ("应答叫应", "an answered call"),
    "tick": ("入户记录", "a household record"),
    "report": ("上报", "a report"),
}
