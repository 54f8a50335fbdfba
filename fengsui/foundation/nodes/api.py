"""Nodes over HTTP: who is who, and the desk at which new ones are certified."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from fengsui.foundation.access.queries import require
from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.access.viewer import Permission
from fengsui.foundation.nodes import desk, queries, services
from fengsui.foundation.nodes.errors import NO_SUCH_NODE

router = Router(tags=["nodes"])


class Node(Schema):
    short_number: int
    name: str
    level: str
    scope: str
    state: str
    public_key: str
    parent_short_number: int | None
    not_after: datetime | None
    revoked_at: datetime | None


class Nodes(Schema):
    items: list[Node]


class Asked(Schema):
    name: str
    level: str
    scope: str
    received_at: datetime


class Requests(Schema):
    items: list[Asked]


class HandIn(Schema):
    request: str


class Code(Schema):
    code: str


class Answer(Schema):
    chain: str


class Enrol(Schema):
    code: str
    scope: str
    level: str
    name: str


class Enrolled(Schema):
    chain: str
    short_number: int


class Revoke(Schema):
    reason_code: str
    reason: str
    lost_at: datetime | None = None


class Revoked(Schema):
    feeds: int


@router.get("/nodes", response=Nodes)
def nodes(request: HttpRequest) -> dict[str, Any]:
    """The nodes of the viewer's places, county first, also those revoked."""
    viewer = signed_in(request)
    short_ids = {info.public_key: info.short_id for info in queries.tree(viewer)}
    return {
        "items": [
            {
                "short_number": info.short_id,
                "name": info.name,
                "level": info.level,
                "scope": info.scope,
                "state": info.state,
                "public_key": info.public_key.hex(),
                "parent_short_number": short_ids.get(info.parent_key or b""),
                "not_after": info.not_after,
                "revoked_at": info.revoked_at,
            }
            for info in queries.tree(viewer)
        ]
    }


@router.get("/nodes/requests", response=Requests)
def requests(request: HttpRequest) -> dict[str, Any]:
    """New nodes that wait at this desk. The code is on their own screens, not here."""
    viewer = signed_in(request)
    return {"items": desk.requests(viewer)}


@router.post("/nodes/requests", response=Code)
def hand_in(request: HttpRequest, body: HandIn) -> dict[str, Any]:
    """A new node hands in its request. Open to anybody; a person decides by the code."""
    return dict(services.hand_in(request=body.request))


@router.get("/nodes/requests/{code}", response=Answer)
def answer(request: HttpRequest, code: str) -> dict[str, Any]:
    """The chain for a request, empty while it waits. Only the node that asked can use it."""
    chain = desk.answer(code)
    if chain is None:
        raise NO_SUCH_NODE()
    return {"chain": chain}


@router.post("/nodes/enrol", response=Enrolled)
def enrol(request: HttpRequest, body: Enrol) -> dict[str, Any]:
    """Certifies the node whose code a person has read from its screen."""
    viewer = signed_in(request)
    require(viewer, Permission.MANAGE_ACCOUNTS, body.scope)
    made = services.enrol_waiting(
        viewer=viewer, code=body.code, scope=body.scope, level=body.level, name=body.name
    )
    return {"chain": made["chain"], "short_number": made["short_id"]}


@router.post("/nodes/{short_id}/revoke", response=Revoked)
def revoke(request: HttpRequest, short_id: int, body: Revoke) -> dict[str, Any]:
    """From here on nothing that this node states counts."""
    viewer = signed_in(request)
    node = queries.by_short_id(short_id)
    if node is None:
        raise NO_SUCH_NODE()
    require(viewer, Permission.MANAGE_ACCOUNTS, node.scope)
    made = services.revoke(
        viewer=viewer,
        public_key=node.public_key,
        reason_code=body.reason_code,
        reason=body.reason,
        lost_at=body.lost_at,
    )
    return {"feeds": made["feeds"]}
