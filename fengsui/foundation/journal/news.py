"""The notice that feeds have grown: for the processes that talk to other nodes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from fengsui.foundation.journal.codec import FeedKey

if TYPE_CHECKING:
    from fengsui.foundation.journal.ledger import FeedName, Ledger

HEADS = "journal.heads"  # data: {"heads": [[suite, key, incarnation, class, audience, seq, hash]]}

Notice = tuple[str, dict[str, Any]]


def own(ledger: Ledger, names: Iterable[FeedName]) -> Notice:
    """Where these feeds of our own stand once the open transaction is on the disk."""
    first = (ledger.key.suite.number, ledger.key.public, ledger.incarnation)
    heads = [(name, ledger.heads[name]) for name in sorted(names)]
    return HEADS, {"heads": [[*first, *name, head.seq, head.hash] for name, head in heads]}


def received(key: FeedKey, seq: int, hash_: bytes) -> Notice:
    """The same for a feed from elsewhere."""
    return HEADS, {"heads": [[*key, seq, hash_]]}
