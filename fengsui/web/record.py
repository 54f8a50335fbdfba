"""What people should look at in the record: values that differ, facts that were refused."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from fengsui.foundation.access.problems import NOT_ALLOWED
from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.access.viewer import Permission, node_viewer
from fengsui.foundation.journal import queries, services
from fengsui.foundation.nodes import queries as nodes
from fengsui.foundation.people import queries as people
from fengsui.foundation.places import queries as places
from fengsui.standards.instants import to_iso

router = Router(tags=["record"])
NOTE_MAX = 300


class SaidOut(Schema):
    """One of two values, who wrote it down, when, at which node."""

    value: str | None
    is_hidden: bool
    who: str
    at: str | None
    node: str
    zh: str
    en: str


class DifferenceOut(Schema):
    id: str
    what: str
    place_name: str
    found_at: str
    kept: SaidOut
    other: SaidOut


class DifferencesOut(Schema):
    items: list[DifferenceOut]


class SettleIn(Schema):
    decision: str = Field(pattern="^(keep|changed)$")
    note: str = Field(default="", max_length=NOTE_MAX)


class RefusedOut(Schema):
    id: str
    at: str
    carrier: str
    reason: str
    node: str
    number: int | None
    is_held: bool


class RefusedPage(Schema):
    items: list[RefusedOut]


class SettledOut(Schema):
    outcome: str


@router.get("/record/differences", response=DifferencesOut)
def differences(request: HttpRequest) -> dict[str, Any]:
    """Fields that two places wrote without knowledge of each other, not looked at yet."""
    rows = queries.differences(signed_in(request))
    said = [row[side] for row in rows for side in ("kept", "other")]
    who = people.person_names({one["actor"] for one in said if one["actor"]}, viewer=node_viewer())
    where = places.names({row["scope"] for row in rows}, viewer=node_viewer())
    named = _node_names()
    return {
        "items": [
            {
                "id": str(row["id"]),
                "what": row["what"],
                "place_name": where.get(row["scope"], row["scope"]),
                "found_at": to_iso(row["found_at"]),
                "kept": _said(row["kept"], who, named),
                "other": _said(row["other"], who, named),
            }
            for row in rows
        ]
    }


@router.post("/record/differences/{int:difference_id}/settle", response=SettledOut)
def settle(request: HttpRequest, difference_id: int, body: SettleIn) -> dict[str, Any]:
    """Somebody has looked: the present value stays (keep), or was put right since (changed)."""
    services.settle_difference(
        viewer=signed_in(request),
        difference_id=difference_id,
        decision=body.decision,
        note=body.note,
    )
    return {"outcome": "settled"}


@router.get("/record/refused", response=RefusedPage)
def refused(request: HttpRequest) -> dict[str, Any]:
    """Facts that came from elsewhere and were refused or are held: why, and who carried them."""
    viewer = signed_in(request)
    if not viewer.scopes(Permission.VERIFY_RECORD):
        raise NOT_ALLOWED(permission=Permission.VERIFY_RECORD.value, place="")
    named = _node_names()
    return {
        "items": [
            {
                "id": str(row["id"]),
                "at": to_iso(row["received_at"]),
                "carrier": row["carrier"],
                "reason": row["reason"],
                "node": named.get(row["author"] or b"", ""),
                "number": row["seq"],
                "is_held": row["is_held"],
            }
            for row in queries.quarantined(viewer)
        ]
    }


def _node_names() -> dict[bytes, str]:
    return {node.public_key: node.name for node in nodes.tree(node_viewer())}


def _said(said: dict[str, Any], who: dict[int, str], named: dict[bytes, str]) -> dict[str, Any]:
    return {
        "value": None if said["value"] is None else str(said["value"]),
        "is_hidden": said["is_hidden"],
        "who": who.get(said["actor"] or 0, ""),
        "at": None if said["at"] is None else to_iso(said["at"]),
        "node": named.get(bytes(said["node"]), ""),
        "zh": said["zh"] or "",
        "en": said["en"] or "",
    }
