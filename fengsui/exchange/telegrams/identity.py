"""Who this node is on a thin link, and who the others are."""

from __future__ import annotations

from fengsui.exchange.neighbours import identity as neighbours
from fengsui.exchange.telegrams.errors import NO_OWN_CERTIFICATE, UNKNOWN_PEER
from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.nodes import queries as nodes
from fengsui.foundation.nodes.queries import NodeInfo
from fengsui.response.situation.rules import epoch_of
from fengsui.standards.divisions import COUNTY_DIGITS

# A thief's box is not heard; one whose certificate has only run out still is: it may be cut off.
MAY_SPEAK = frozenset({"valid", "expired"})


def own() -> NodeInfo:
    """This node by its certificate. Raises telegrams.no_own_certificate."""
    info = nodes.own()
    if not info.short_id:
        raise NO_OWN_CERTIFICATE()
    return info


def own_epoch() -> int:
    """The own incarnation in 16 bits: frames of a restored node use another one."""
    return epoch_of(ledgers.current().incarnation)


def county() -> str:
    """The six digits that every place on this node's links begins with."""
    return (nodes.own().scope or neighbours.own_scope())[:COUNTY_DIGITS]


def speaker(short_id: int) -> NodeInfo | None:
    """The node that a frame says it is from, if it may speak."""
    info = nodes.by_short_id(short_id)
    return info if info is not None and info.state in MAY_SPEAK else None


def peer(public_key: bytes) -> NodeInfo:
    """Raises telegrams.unknown_peer."""
    info = nodes.by_key(public_key)
    if info is None or info.state not in MAY_SPEAK or not info.short_id:
        raise UNKNOWN_PEER(peer=public_key.hex()[:16])
    return info


def link_key(info: NodeInfo) -> bytes:
    try:
        return nodes.link_key(info.public_key)
    except LookupError as error:
        raise UNKNOWN_PEER(peer=info.name) from error
