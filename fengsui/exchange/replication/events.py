"""What happens to a node, and what it asks its shell to do. Plain values."""

from __future__ import annotations

from dataclasses import dataclass

from fengsui.exchange.replication.messages import Head, RawFact
from fengsui.foundation.journal.codec import FeedKey

# --- events: what happened


@dataclass(frozen=True, slots=True)
class LinkUp:
    link: str


@dataclass(frozen=True, slots=True)
class LinkDown:
    link: str


@dataclass(frozen=True, slots=True)
class MessageArrived:
    link: str
    data: bytes


@dataclass(frozen=True, slots=True)
class OnDisk:
    """Facts of this feed are durable up to `head`: our own, or some that a peer sent."""

    head: Head


@dataclass(frozen=True, slots=True)
class NotStored:
    """The disk refused facts of this feed; `head` is where it stands."""

    head: Head
    reason: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """The answer to a Load."""

    link: str
    feed: bytes
    facts: tuple[RawFact, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    pass


Event = LinkUp | LinkDown | MessageArrived | OnDisk | NotStored | Loaded | Tick

# --- actions: what is to be done


@dataclass(frozen=True, slots=True)
class Send:
    link: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Load:
    """Read facts after a number from the disk; answer with Loaded. End on a signed fact."""

    link: str
    feed: bytes
    after: int
    facts_max: int


@dataclass(frozen=True, slots=True)
class Store:
    """Put facts on the disk; answer with OnDisk when they are durable, or NotStored."""

    key: FeedKey
    facts: tuple[RawFact, ...]


@dataclass(frozen=True, slots=True)
class Delivered:
    """The peer's own vector says that this is on its disk."""

    peer: bytes
    feed: bytes
    seq: int


@dataclass(frozen=True, slots=True)
class Report:
    """Something a person should know: a fork, a broken chain, a peer that talks nonsense."""

    link: str
    what: str  # "malformed" | "fork" | "broken" | "not_stored" | "not_for_us"
    detail: str
    feed: bytes = b""


Action = Send | Load | Store | Delivered | Report
