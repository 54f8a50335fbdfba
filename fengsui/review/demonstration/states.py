"""The states of the three-minute night."""

from __future__ import annotations

from enum import StrEnum


class NightState(StrEnum):
    """IDLE is what a node says that has never told the night."""

    IDLE = "idle"
    RUNNING = "running"
    FINISHED = "finished"  # told to its end: everyone accounted for or named
    STOPPED = "stopped"  # a person stopped it


ENDED = frozenset({NightState.FINISHED, NightState.STOPPED})
