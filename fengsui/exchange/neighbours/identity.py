"""Who this node is and whom it knows: by certificates, else by a list where there is no root."""

from __future__ import annotations

from dataclasses import dataclass

from fengsui.foundation.journal.keys import NodeKey
from fengsui.foundation.journal.models import KnownNode
from fengsui.foundation.nodes import queries as nodes
from fengsui.foundation.nodes.states import NodeState
from fengsui.foundation.places.queries import node_place
from fengsui.standards.divisions import full_code


@dataclass(frozen=True, slots=True)
class Identity:
    """A node that may be talked to."""

    suite: int
    public_key: bytes
    name: str
    scope: str


def own_key() -> NodeKey:
    return nodes.own_key()


def own_scope() -> str:
    """The place of this node, twelve digits; "" while nobody has said."""
    own = nodes.own()
    if own.certificate_fact:
        return own.scope
    row = KnownNode.objects.filter(public_key=own.public_key).first()
    if row is not None:
        return full_code(row.scope)
    place = node_place()
    return place.code if place else ""


def known_scopes() -> dict[bytes, str]:
    """The place of every author whose facts travel, by public key, our own among them."""
    scopes = nodes.known_scopes()
    own = own_key().public
    return scopes if scopes.get(own) else {**scopes, own: own_scope()}


def peer(public_key: bytes) -> Identity | None:
    """A node that may be talked to now: certified, not revoked, not expired. None for others."""
    certified = nodes.by_key(public_key)
    if certified is not None:
        if certified.state != NodeState.VALID:
            return None
        return Identity(certified.suite, public_key, certified.name, certified.scope)
    row = KnownNode.objects.filter(public_key=public_key).first()
    if row is None:
        return None
    return Identity(row.suite, bytes(row.public_key), row.name, full_code(row.scope))
