"""What upstream does not have yet, and the nodes below, over HTTP."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from fengsui.exchange.neighbours import queries
from fengsui.foundation.access.requests import signed_in
from fengsui.standards.instants import to_iso

router = Router(tags=["exchange"])


class UpstreamOut(Schema):
    """state: no_upstream, bootstrapping, level, behind or cut_off."""

    state: str
    node_name: str
    facts: int
    life_safety: int
    oldest_at: str | None
    last_heard_at: str | None


class NodeRow(Schema):
    name: str
    scope: str
    level: str
    role: str
    state: str
    last_heard_at: str | None
    carrier: str
    facts_behind: int
    out_of_contact: bool


class NodeRows(Schema):
    items: list[NodeRow]


@router.get("/exchange/upstream", response=UpstreamOut)
def upstream(request: HttpRequest) -> dict[str, Any]:
    """How many facts the node above has not acknowledged."""
    found = queries.upstream(signed_in(request))
    return {
        "state": found.state.value,
        "node_name": found.node_name,
        "facts": found.facts,
        "life_safety": found.life_safety,
        "oldest_at": to_iso(found.oldest_at) if found.oldest_at else None,
        "last_heard_at": to_iso(found.last_heard_at) if found.last_heard_at else None,
    }


@router.get("/exchange/nodes", response=NodeRows)
def nodes(request: HttpRequest) -> dict[str, Any]:
    """The other nodes in the viewer's places and how far behind each is."""
    found = queries.nodes(signed_in(request))
    for one in found:
        heard = one["last_heard_at"]
        one["last_heard_at"] = to_iso(heard) if heard else None
    return {"items": found}
