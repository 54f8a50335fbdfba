"""What is known of a household tonight."""

from __future__ import annotations

from enum import StrEnum


class HouseholdStatus(StrEnum):
    NOT_YET = "not_yet"  # 未转: nobody has said anything
    TOLD = "told"  # 已当面通知
    MOVED_CENTRAL = "moved_central"  # 已转移·集中安置
    MOVED_RELATIVES = "moved_relatives"  # 已转移·投亲靠友
    AWAY = "away"  # 外出不在村, with who confirmed it and when
    KNOCKED_NO_ANSWER = "knocked_no_answer"  # 敲门无人应: stays unreached
    NEEDS_HELP = "needs_help"  # 需协助转移
    REFUSES = "refuses"  # 拒不转移


MOVED = frozenset({HouseholdStatus.MOVED_CENTRAL, HouseholdStatus.MOVED_RELATIVES})
ACCOUNTED = MOVED | {HouseholdStatus.AWAY}

WORDS: dict[HouseholdStatus, tuple[str, str]] = {
    HouseholdStatus.NOT_YET: ("未转", "Not moved"),
    HouseholdStatus.TOLD: ("已当面通知", "Told in person"),
    HouseholdStatus.MOVED_CENTRAL: ("已转移·集中", "Moved to shelter"),
    HouseholdStatus.MOVED_RELATIVES: ("已转移·投亲", "Moved to relatives"),
    HouseholdStatus.AWAY: ("外出不在村", "Away from the village"),
    HouseholdStatus.KNOCKED_NO_ANSWER: ("敲门无人应", "Knocked, no answer"),
    HouseholdStatus.NEEDS_HELP: ("需协助转移", "Needs help to move"),
    HouseholdStatus.REFUSES: ("拒不转移", "Refuses to move"),
}


class ConfirmedHow(StrEnum):
    """How somebody knows that a household is away."""

    PHONE = "phone"
    NEIGHBOUR = "neighbour"
    RELATIVE = "relative"
    IN_PERSON = "in_person"
