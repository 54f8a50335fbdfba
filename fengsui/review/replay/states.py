"""Where a person or a unit may stand in a replay, as the numbers that the score is written in."""

from __future__ import annotations

from enum import IntEnum


class Stand(IntEnum):
    """One person of a callout. The numbers stand in docs/interfaces/replay.md: never reuse one."""

    NOT_LISTED = 0
    WAITING = 1
    CALLING = 2
    KNOCK = 3
    NAMED = 4
    NOTIFIED = 5
    IN_PERSON = 6
    ANSWERED = 7

    @classmethod
    def of(cls, state: str) -> Stand:
        """Of a `CallState`; one that this program does not know counts as waiting."""
        return _STANDS.get(state, cls.WAITING)


_STANDS = {
    "waiting": Stand.WAITING,
    "planned": Stand.CALLING,
    "ringing": Stand.CALLING,
    "knock": Stand.KNOCK,
    "unreached_named": Stand.NAMED,
    "notified": Stand.NOTIFIED,
    "reached_in_person": Stand.IN_PERSON,
    "answered": Stand.ANSWERED,
}


class UnitStand(IntEnum):
    """A village or township of a callout."""

    NOT_LISTED = 0
    WAITING = 1
    ACKNOWLEDGED = 2
    ACTED = 3

    @classmethod
    def of(cls, state: str) -> UnitStand:
        return {"waiting": cls.WAITING, "acknowledged": cls.ACKNOWLEDGED}.get(state, cls.ACTED)
