"""Judging facts that come from elsewhere. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from fengsui.foundation.journal import codec, hlc
from fengsui.foundation.journal.codec import FeedKey, Header, MalformedFactError
from fengsui.foundation.journal.facts import OF_THE_NODE, Fact, FactClass, FactKind
from fengsui.standards.divisions import scope_prefix


class Verdict(StrEnum):
    """What is done with a fact that arrived."""

    TAKEN = "taken"  # stored and applied
    KEPT = "kept"  # stored; its kind or schema is newer than this program
    KNOWN = "known"  # was here already
    REFUSED = "refused"  # against a rule: stored so that the chain goes on, not applied
    GAP = "gap"  # facts before it are missing: send those first
    HELD = "held"  # its author is not known yet: kept aside, judged when its certificate comes
    BROKEN = "broken"  # not a link of this chain: the feed stands still until a sound one comes


@dataclass(frozen=True, slots=True)
class Arrived:
    """A fact as it arrived, with its header read."""

    header: Header
    header_bytes: bytes
    body: bytes
    signature: bytes | None
    hash: bytes


def chain_fault(arrived: Arrived, feed: bytes, head_hash: bytes, key: FeedKey) -> str | None:
    """Why this is no link of the chain that ends at `head_hash`, or None."""
    if arrived.header.feed != feed or arrived.header.suite != key.suite:
        return "it belongs to another feed"
    if arrived.header.previous != head_hash:
        return "it does not follow from the fact before"
    return None


def body_fault(arrived: Arrived, digest: codec.Digest) -> str | None:
    try:
        elements = codec.decode_body(arrived.body)
    except MalformedFactError as error:
        return str(error)
    if codec.body_root(elements, digest) != arrived.header.root:
        return "its content was altered"
    if codec.encode_body(elements) != arrived.body:
        return "the encoding of its content is not the canonical one"
    return None


def policy_fault(
    header: Header, key: FeedKey, kind: FactKind | None, node_scope: str
) -> str | None:
    """Why the node may not state this, though the chain is whole, or None."""
    is_of_the_node = not header.scope and header.kind in OF_THE_NODE
    if not is_of_the_node and not header.scope.startswith(scope_prefix(node_scope)):
        return f"the place {header.scope} is outside the sending node's jurisdiction"
    if kind is None:
        return None
    if kind.fact_class != FactClass(key.fact_class):
        return "its kind belongs to another class of feeds"
    if codec.audience_of(kind, header.scope) != key.audience:
        return "its place belongs to another audience"
    return None


def is_clock_suspect(fact_hlc: int, now: datetime) -> bool:
    """Whether the author's clock is further ahead than the bound: flagged, never followed."""
    return not hlc.is_within_bound(fact_hlc, now)


def schema_fault(fact: Fact) -> str | None:
    """Why the values of a fact are not such as a node of ours would write, or None."""
    groups: list[Any] = [fact.fields, fact.personal, *fact.items]
    for group in groups:
        if group is not None and not all(_is_plain(value) for value in group.values()):
            return "a value has a type that facts do not hold"
    if not all(type(entity) is int for entity in fact.about):
        return "it speaks of something that is no id"
    return None


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(_is_plain(element) for element in value)
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_plain(value[key]) for key in value)
    return value is None or type(value) in (int, str, bool, bytes)
