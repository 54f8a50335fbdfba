"""What goes into a bundle and what of it is put before the journal. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from fengsui.exchange.bundles.columns import PIECE_FACTS_MAX, RawFact, Run
from fengsui.exchange.bundles.layout import Range
from fengsui.exchange.replication.audiences import may_hold
from fengsui.exchange.replication.messages import Head
from fengsui.exchange.replication.sync import feed_of
from fengsui.foundation.journal.codec import PUBLIC_AUDIENCE, FeedKey
from fengsui.foundation.journal.facts import FactClass
from fengsui.standards.divisions import scope_prefix

FACTS_PER_PIECE = 2_048
PIECE_TARGET_BYTES = 2 * 1024 * 1024
FACTS_PER_TURN = 256  # put before the journal at once; its other work goes on in between
STOPPING = frozenset({"gap", "broken"})


def common_heads(
    heads: Iterable[Head], known: Mapping[bytes, str], scopes: Sequence[str]
) -> list[Head]:
    """Those of known authors that nodes of all these places may hold."""
    return [
        head
        for head in heads
        if head.key.public_key in known
        and all(may_hold(scope, head.key, known[head.key.public_key]) for scope in scopes)
    ]


def ranges_to_send(
    heads: Iterable[Head], held: Mapping[bytes, int], known: Mapping[bytes, str]
) -> list[Range]:
    """What the receiver lacks: certificates first, from the top down; then by class."""
    ranges = [
        Range(head.key, held.get(feed_of(head.key), -1), head.seq)
        for head in heads
        if head.seq > held.get(feed_of(head.key), -1)
    ]
    return sorted(ranges, key=lambda one: _turn(one.key, known[one.key.public_key]))


def may_certify(key: FeedKey) -> bool:
    """Whether certificates of nodes are stated in such a feed."""
    return key.audience == PUBLIC_AUDIENCE and key.fact_class == FactClass.COMMAND


def _turn(key: FeedKey, author_scope: str) -> tuple[int, int, int, bytes, int, str]:
    # A node is believed once its certificate is here, and that is in the feed of a node above.
    depth = len(scope_prefix(author_scope)) if may_certify(key) else 0
    first = 0 if may_certify(key) else 1
    return first, depth, key.fact_class, key.public_key, key.incarnation, key.audience


def cut(facts: Sequence[RawFact], most: int) -> Iterator[Sequence[RawFact]]:
    """Pieces of about `most` facts that end on a signed one; a tail without one comes last."""
    start = 0
    for index, fact in enumerate(facts):
        if fact[2] is not None and index + 1 - start >= most:
            yield facts[start : index + 1]
            start = index + 1
    if start < len(facts):
        yield facts[start:]


def split_run(run: Run) -> Iterator[tuple[int, Sequence[RawFact]]]:
    """A long run as (offset, facts) of at most PIECE_FACTS_MAX facts, signed at the end or not."""
    for start in range(0, len(run.facts), PIECE_FACTS_MAX):
        yield start, run.facts[start : start + PIECE_FACTS_MAX]


def heads_to_note(
    heads: Iterable[Head], held: Mapping[bytes, int], *, is_stale: bool, is_newest: bool
) -> list[Head]:
    """What of an acknowledgement counts.

    Within one incarnation a node's disk only grows, so an older word may add and never take. A
    word from before the sender was put back from a backup (`is_stale`) counts for nothing; its
    newest word may also take: it holds less than it did.
    """
    if is_stale:
        return []
    return [head for head in heads if is_newest or head.seq > held.get(feed_of(head.key), -1)]


@dataclass(slots=True)
class Tally:
    """How the facts of one file were judged."""

    taken: int = 0
    kept: int = 0
    known: int = 0
    refused: int = 0
    broken: int = 0
    gap: int = 0
    held: int = 0  # the certificate of its author has not come yet; kept aside
    not_for_us: int = 0
    stopped: set[int] = field(default_factory=set)  # ranges that stand still

    def count(self, verdicts: Iterable[str]) -> None:
        for verdict in verdicts:
            setattr(self, verdict, getattr(self, verdict) + 1)

    @property
    def judged(self) -> int:
        return (
            self.taken + self.kept + self.known + self.refused + self.broken + self.gap
            + self.held + self.not_for_us
        )  # fmt: skip
