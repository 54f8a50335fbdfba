"""What every channel is: it takes a message, says what it knows, and reads its callbacks. Pure.

A channel is one folder that only translates. It knows no sibling and no database. `hand_over`
is the one way to a channel: an exercise or a demonstration never gets past it to the outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Delivery(StrEnum):
    """What a channel may say of one message; no more than it knows."""

    HANDED_OVER = "handed_over"
    SENT = "sent"
    DELIVERED = "delivered"
    HEARD = "heard"
    WRONG_KEY = "wrong_key"
    HUNG_UP = "hung_up"
    NO_ANSWER = "no_answer"
    POWERED_OFF = "powered_off"
    REFUSED = "refused"  # failed for now
    UNKNOWN = "unknown"
    WRONG_NUMBER = "wrong_number"
    NO_CONTACT = "no_contact"
    FAILED_FOR_GOOD = "failed_for_good"


@dataclass(frozen=True, slots=True)
class Message:
    """One try. `reference` comes back in receipts; `patience_s` is how long to ring.

    `effect_id` is what a carrier that keeps client message ids is given: the same try has the same
    one on every node and after every restart.
    """

    reference: str
    address: str
    person_id: int
    person_name: str
    text: str
    level: str
    exercise: bool
    rung: int
    try_number: int
    patience_s: int
    sent_at: datetime
    effect_id: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known when `send` returns. `detail` is for the log, never for the record."""

    delivery: Delivery
    heard_s: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a carrier tells later: a word, or a key pressed, or that somebody began to act."""

    reference: str
    at: datetime | None = None
    delivery: Delivery | None = None
    heard_s: int = 0
    key: str = ""
    acted: bool = False


class CallbackUnreadableError(ValueError):
    """Bytes from a carrier that are no callback of this channel; the message says why."""


class Channel(Protocol):
    """A way to reach a person. `send` must return within its own time limit, in any thread."""

    @property
    def kind(self) -> str: ...

    @property
    def contact_kinds(self) -> tuple[str, ...]:
        """Kinds of contact points it can use; () where the person alone is enough."""
        ...

    @property
    def reaches_outside(self) -> bool:
        """True if a real person, carrier or server outside this node may be reached."""
        ...

    @property
    def is_instant(self) -> bool:
        """True if `send` neither waits nor does input or output."""
        ...

    def send(self, message: Message) -> Outcome: ...

    def parse_callback(self, body: bytes) -> list[Receipt]:
        """Raises CallbackUnreadableError. The same callback twice gives the same receipts."""
        ...

    def poll(self, now: datetime) -> Sequence[Receipt]:
        """What has been told until `now`, for channels that are asked; others give ()."""
        ...


@runtime_checkable
class KeepsClientIds(Protocol):
    """A carrier that can be asked, after a crash, what became of a client message id."""

    def outcome_of(self, message: Message) -> Outcome | None:
        """What the carrier knows of `message.effect_id`; None: it never had it. May raise."""
        ...


@runtime_checkable
class StopsRinging(Protocol):
    """A carrier whose ringing can be ended from here, when somebody else has answered."""

    @property
    def is_instant(self) -> bool: ...

    def stop_ringing(self, reference: str) -> None:
        """Ends what rings under this reference; nothing where it has ended. May raise."""
        ...


def ask(channel: Channel, message: Message) -> Outcome:
    """What became of a message that may have been sent before this program died; never raises."""
    if not isinstance(channel, KeepsClientIds):
        return Outcome(Delivery.UNKNOWN, detail="this channel cannot be asked")
    try:
        found = channel.outcome_of(message)
    except Exception as error:
        return Outcome(Delivery.UNKNOWN, detail=f"{type(error).__name__}: {error}")
    return found or Outcome(Delivery.REFUSED, detail="the carrier never had it")


def hand_over(channel: Channel, message: Message, *, is_demonstration: bool) -> Outcome:
    """Gives `message` to `channel` unless it must not leave; never raises.

    This is the one place that keeps exercises and demonstrations from real people.
    """
    if channel.reaches_outside and (message.exercise or is_demonstration):
        return Outcome(Delivery.FAILED_FOR_GOOD, detail="an exercise may not leave this node")
    if channel.contact_kinds and not message.address:
        return Outcome(Delivery.NO_CONTACT)
    try:
        return channel.send(message)
    except Exception as error:
        # It may have left before it failed: nobody knows, so nobody may say it did not.
        return Outcome(Delivery.UNKNOWN, detail=f"{type(error).__name__}: {error}")


def cut(text: str, characters: int) -> str:
    """`text` on one line and no longer than `characters`, for subjects and small screens."""
    line = " ".join(text.split())
    return line if len(line) <= characters else line[: characters - 1] + "…"
