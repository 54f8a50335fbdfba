"""Who stands where in the tree, and what a neighbour lacks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fengsui.exchange.neighbours.states import Role
from fengsui.exchange.replication.audiences import may_hold
from fengsui.foundation.journal.codec import FeedKey
from fengsui.foundation.journal.facts import FactClass
from fengsui.standards.divisions import scope_prefix


@dataclass(frozen=True, slots=True)
class HeldFeed:
    """A feed that is here: its row, id, key, last number, and the scope of its author."""

    row: int
    feed_id: bytes
    key: FeedKey
    head_seq: int
    author_scope: str


@dataclass(frozen=True, slots=True)
class Lack:
    """What a neighbour has not acknowledged: how much, and (feed row, number) of each first."""

    facts: int
    life_safety: int
    first: tuple[tuple[int, int], ...]


def role_of(own_scope: str, scope: str) -> Role:
    """Where the node of the place `scope` stands, seen from the node of `own_scope`."""
    own, other = scope_prefix(own_scope), scope_prefix(scope)
    if own != other and own.startswith(other):
        return Role.PARENT
    return Role.CHILD if own != other and other.startswith(own) else Role.SIDE


def lacks(feeds: Iterable[HeldFeed], held: Mapping[bytes, int], *, scope: str, source: str) -> Lack:
    """What the node of `scope` lacks of the feeds whose authors are under `source`.

    `held`: feed id to the last number on its disk. Its own feeds, and those of nodes under it,
    it has by itself: what is here of them came from there.
    """
    facts = life_safety = 0
    first: list[tuple[int, int]] = []
    under, target = scope_prefix(source), scope_prefix(scope)
    for feed in feeds:
        author = scope_prefix(feed.author_scope)
        if not author.startswith(under) or _has_by_itself(author, target, under):
            continue
        missing = feed.head_seq - held.get(feed.feed_id, -1)
        if missing <= 0 or not may_hold(scope, feed.key, feed.author_scope):
            continue
        facts += missing
        life_safety += missing if feed.key.fact_class == FactClass.LIFE_SAFETY else 0
        first.append((feed.row, held.get(feed.feed_id, -1) + 1))
    return Lack(facts, life_safety, tuple(first))


def _has_by_itself(author: str, target: str, source: str) -> bool:
    """Asked about a node below: feeds from there. Asked about one above: none of ours."""
    return author.startswith(target) and not source.startswith(target)
