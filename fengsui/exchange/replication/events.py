"""What happens to a node, and what it asks its shell to do. Plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fengsui.exchange.replication.messages import MESSAGE_BYTES_MAX, Head, RawFact
from fengsui.foundation.journal.codec import FeedKey

# --- events: what happened


@dataclass(frozen=True, slots=True)
class LinkUp:
    """A link to a peer. With `peer_name` the shell vouches for who it is: the peer's own claims
    do not count. `budget` in bytes a minute makes the link a thin one; `classes_max` is the last
    class of feeds that may go over it.
    """

    link: str
    peer_name: bytes | None = None
    peer_scope: str | None = None
    budget: int | None = None
    classes_max: int = 3
    facts_per_want: int | None = None


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
class KnownChanged:
    """Certificates have come or changed: the scope of every author, by public key."""

    known: Mapping[bytes, str]


@dataclass(frozen=True, slots=True)
class Tick:
    pass


Event = LinkUp | LinkDown | KnownChanged | MessageArrived | OnDisk | NotStored | Loaded | Tick

# --- actions: what is to be done


@dataclass(frozen=True, slots=True)
class Send:
    link: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Load:
    """Read facts after a number from the disk; answer with Loaded. End on a signed fact.

    More than about `bytes_max` need not be read: what is over goes with the next range.
    """

    link: str
    feed: bytes
    after: int
    facts_max: int
    bytes_max: int = MESSAGE_BYTES_MAX


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
class Level:
    """The peer holds all that we hold of what both may hold, and the other way round."""

    link: str
    peer: bytes


@dataclass(frozen=True, slots=True)
class Report:
    """Something a person should know: a fork, a broken chain, a peer that talks nonsense.

    Of a fork `facts` are the evidence: signed facts with numbers that others have here.
    """

    link: str
    what: str  # "malformed" | "fork" | "broken" | "not_stored" | "not_for_us"
    detail: str
    feed: bytes = b""
    facts: tuple[RawFact, ...] = ()


Action = Send | Load | Store | Delivered | Level | Report
