"""What a node may state, when: grants with their times, revocation, suspension. Pure.

The journal knows no certificates; whoever does (the app `nodes`) says what follows from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from fengsui.foundation.journal.codec import Header
from fengsui.foundation.journal.facts import FactClass
from fengsui.foundation.journal.hlc import COUNTER_BITS, DRIFT_BOUND

FLAGGED, REFUSED = "flagged", "refused"
LAST_KIND_OF_NODES = 69  # kinds up to here may change what a node may state
FOREVER_MS = 1 << 46  # beyond every clock
_DRIFT_MS = int(DRIFT_BOUND.total_seconds() * 1000)


@dataclass(frozen=True, slots=True)
class Grant:
    """One certificate's worth: places below `prefix`, kinds (None: all), until when."""

    prefix: str
    kinds: frozenset[int] | None = None
    from_ms: int = 0
    until_ms: int = FOREVER_MS


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything known of one node key that bears on its facts.

    `last_valid`: once revoked, the last number of each feed that somebody else had witnessed.
    What lies after it and claims a time before the revocation was witnessed by nobody:
    `unwitnessed` says whether it counts, marked ("flagged"), or not ("refused").
    `forks`: feeds of which two versions exist, from the first number that has two.
    """

    grants: tuple[Grant, ...]
    revoked_ms: int | None = None
    last_valid: Mapping[bytes, int] = field(default_factory=dict)
    unwitnessed: str = FLAGGED
    forks: Mapping[bytes, int] = field(default_factory=dict)
    suspended_ms: int | None = None

    @property
    def is_plain(self) -> bool:
        """Whether nothing but its grants bears on its facts."""
        return self.revoked_ms is None and self.suspended_ms is None


class Stated(NamedTuple):
    """The part of a fact on which its author's standing bears."""

    feed: bytes
    seq: int
    hlc: int
    kind: int
    scope: str
    fact_class: int

    @classmethod
    def of(cls, header: Header, fact_class: int) -> Stated:
        return cls(header.feed, header.seq, header.hlc, header.kind, header.scope, fact_class)


class Finding(NamedTuple):
    """`reason` in words where the fact does not count; else whether it counts with a mark."""

    reason: str | None = None
    is_flagged: bool = False


_SOUND = Finding()


def finding(standing: Standing, stated: Stated, now_ms: int, *, of_the_node: bool) -> Finding:
    """Whether the node might state this. `of_the_node`: a kind about the node, without a place.

    A clock far ahead is judged by the receiver's: a wrong clock is marked, it does not silence.
    """
    at_ms = stated.hlc >> COUNTER_BITS
    if at_ms > now_ms + _DRIFT_MS:
        at_ms = now_ms
    reason = _grant_fault(standing.grants, stated, at_ms, of_the_node)
    if reason is not None:
        return Finding(reason)
    if standing.is_plain:
        return _SOUND
    fork = standing.forks.get(stated.feed)
    if fork is not None and stated.seq >= fork:
        return Finding("its feed has forked: two facts carry this number or one before it")
    if standing.revoked_ms is not None:
        if stated.seq > standing.last_valid.get(stated.feed, -1):
            if at_ms >= standing.revoked_ms:
                return Finding("its node was revoked before")
            if standing.unwitnessed == REFUSED:
                return Finding("its node was revoked and nobody witnessed it before")
            return Finding(None, is_flagged=True)
        return _SOUND
    return _suspension(standing, stated, at_ms)


def _suspension(standing: Standing, stated: Stated, at_ms: int) -> Finding:
    if standing.suspended_ms is not None and at_ms >= standing.suspended_ms:
        if stated.fact_class == FactClass.LIFE_SAFETY:
            return Finding(None, is_flagged=True)
        return Finding("its node's key is suspended: two machines have used it")
    return _SOUND


def _grant_fault(
    grants: tuple[Grant, ...], stated: Stated, at_ms: int, of_the_node: bool
) -> str | None:
    reason = "its node has no certificate"
    for grant in grants:
        is_inside = stated.scope.startswith(grant.prefix) or (of_the_node and not stated.scope)
        if not is_inside:
            reason = f"the place {stated.scope} is outside the sending node's jurisdiction"
        elif at_ms >= grant.until_ms:
            reason = "its node's certificate had ended"
        elif grant.kinds is not None and stated.kind not in grant.kinds and not of_the_node:
            reason = f"its node may not state facts of kind {stated.kind}"
        else:
            return None
    return reason
