"""Words of thin links: what travels, how urgent it is, where it stands."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from fengsui.foundation.journal.facts import Words


class Priority(IntEnum):
    """P0 goes before P1, four to one; an SOS goes before everything."""

    SOS = 0
    P0 = 1  # evacuation instruction, acknowledgement
    P1 = 2  # headcount, quick report, total


class Kind(StrEnum):
    """The messages of thin links; the words are those of the situation's relays."""

    EVACUATION_INSTRUCTION = "evacuation_instruction"
    ACKNOWLEDGEMENT = "acknowledgement"
    HEADCOUNT = "headcount"
    SOS = "sos"
    QUICK_REPORT = "quick_report"
    TOTAL = "headcount_total"
    TEST = "test"  # says nothing; its receipt shows that the link works


PRIORITY_OF: dict[Kind, Priority] = {
    Kind.SOS: Priority.SOS,
    Kind.EVACUATION_INSTRUCTION: Priority.P0,
    Kind.ACKNOWLEDGEMENT: Priority.P0,
    Kind.HEADCOUNT: Priority.P1,
    Kind.QUICK_REPORT: Priority.P1,
    Kind.TOTAL: Priority.P1,
    Kind.TEST: Priority.P0,
}


class Carrier(StrEnum):
    """What a thin link is made of."""

    BEIDOU = "beidou"
    RADIO = "radio"


class Standing(StrEnum):
    """Where an outgoing telegram stands."""

    QUEUED = "queued"
    ACKNOWLEDGED = "acknowledged"  # the other side has it on its disk
    OVERTAKEN = "overtaken"  # the full fact got there by another carrier
    SUPERSEDED = "superseded"  # a newer one of the same place took its slot
    EXPIRED = "expired"


KIND_WORDS: Words = {
    "evacuation_instruction": ("转移指令", "evacuation instruction"),
    "acknowledgement": ("应答", "acknowledgement"),
    "headcount": ("清点人数", "headcount"),
    "sos": ("求救", "SOS"),
    "quick_report": ("灾情快报", "quick report"),
    "headcount_total": ("清点合计", "sum of headcounts"),
}
PATH_WORDS: Words = {
    "beidou": ("北斗短报文", "BeiDou"),
    "radio": ("电台数据报", "radio datagram"),
    "sms": ("短信", "text message"),
}
