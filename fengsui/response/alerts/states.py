"""Where an alert stands, and the moves between. `returned` and `cancelled` are words for people."""

from __future__ import annotations

from enum import StrEnum


class AlertKind(StrEnum):
    """Three things that must never be taken for one another."""

    OFFICIAL_WARNING = "official_warning"  # 预警信号, relayed verbatim, never regraded
    MONITORING_ALARM = "monitoring_alarm"  # 监测告警·风险提示 of the county's own stations
    EVACUATION_INSTRUCTION = "evacuation_instruction"  # 转移避险指令 of the holder of the power


class AlertState(StrEnum):
    DRAFT = "draft"  # being written; nobody has been told
    PENDING = "pending"  # waits for a second person
    RETURNED = "returned"  # sent back to its author with a reason
    APPROVED = "approved"  # a second person, or a standing authorisation, said yes
    ACTIVE = "active"  # in force; people are being called
    UPDATED = "updated"  # a later alert took its place
    CANCELLED = "cancelled"  # lifted; everyone who was called is told
    EXPIRED = "expired"  # its time ran out


MOVES: dict[AlertState, frozenset[AlertState]] = {
    AlertState.DRAFT: frozenset({AlertState.PENDING, AlertState.CANCELLED, AlertState.ACTIVE}),
    AlertState.PENDING: frozenset(
        {AlertState.APPROVED, AlertState.RETURNED, AlertState.CANCELLED, AlertState.EXPIRED}
    ),
    AlertState.RETURNED: frozenset({AlertState.PENDING, AlertState.CANCELLED}),
    AlertState.APPROVED: frozenset({AlertState.ACTIVE, AlertState.CANCELLED}),
    AlertState.ACTIVE: frozenset({AlertState.UPDATED, AlertState.CANCELLED, AlertState.EXPIRED}),
    AlertState.UPDATED: frozenset(),
    AlertState.CANCELLED: frozenset(),
    AlertState.EXPIRED: frozenset({AlertState.CANCELLED, AlertState.UPDATED}),
}
# draft → active is only the call for help of a person alone and in danger (自救呼叫).

OPEN_STATES = (
    AlertState.DRAFT,
    AlertState.PENDING,
    AlertState.RETURNED,
    AlertState.APPROVED,
    AlertState.ACTIVE,
)
EDITABLE_STATES = (AlertState.DRAFT, AlertState.PENDING, AlertState.RETURNED)


def may_move(before: str, after: AlertState) -> bool:
    return after in MOVES[AlertState(before)]
