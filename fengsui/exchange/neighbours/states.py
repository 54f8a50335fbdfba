"""How a node stands with the others. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

# A live session is heard every 30 s at least; three missed and a person should know.
CUT_OFF_AFTER = timedelta(seconds=90)
# A village that carries a stick once an hour is in contact; one that was silent longer is not.
OUT_OF_CONTACT_AFTER = timedelta(minutes=10)


class Role(StrEnum):
    PARENT = "parent"
    CHILD = "child"
    SIDE = "side"


class UpstreamState(StrEnum):
    """What the screen says about the node above."""

    NO_UPSTREAM = "no_upstream"
    BOOTSTRAPPING = "bootstrapping"
    LEVEL = "level"
    BEHIND = "behind"
    CUT_OFF = "cut_off"


def upstream_state(
    *, facts: int, last_heard_at: datetime | None, is_bootstrapping: bool, now: datetime
) -> UpstreamState:
    """The state of a node that has an upstream."""
    if is_bootstrapping:
        return UpstreamState.BOOTSTRAPPING
    if last_heard_at is None or now - last_heard_at > CUT_OFF_AFTER:
        return UpstreamState.CUT_OFF
    return UpstreamState.BEHIND if facts else UpstreamState.LEVEL


def is_out_of_contact(last_heard_at: datetime | None, now: datetime) -> bool:
    return last_heard_at is None or now - last_heard_at > OUT_OF_CONTACT_AFTER
