"""A phone's key and its signed items: composed of devices, accounts, evacuations and calls."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import ValidationError

from fengsui.foundation.access import request_id
from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.accounts import services as accounts
from fengsui.foundation.accounts.queries import viewer_for_person, viewer_of_signed
from fengsui.foundation.devices import queries, services
from fengsui.foundation.devices.errors import BAD_ITEM, BAD_KEY
from fengsui.foundation.devices.queries import SESSION_DEVICE
from fengsui.foundation.devices.rules import from_base64url
from fengsui.response.evacuations import queries as evacuations
from fengsui.response.evacuations.errors import TOO_MANY_ENTRIES
from fengsui.standards.instants import from_ms, to_iso
from fengsui.web.field import ENTRIES_MAX, EntryIn, Totals, record_entry, totals_of

router = Router(tags=["field"])


class KeyIn(Schema):
    """`public_key`: SubjectPublicKeyInfo of a P-256 key, base64url without padding."""

    public_key: str
    name: str = ""
    key_store: str


class KeyOut(Schema):
    device_id: str
    key_id: str


class KeySessionIn(Schema):
    key_id: str
    at_ms: int
    signature: str


class KeySessionOut(Schema):
    person_id: str


class ReachOut(Schema):
    """How far this phone got with this node: to see what a browser threw away."""

    state: str
    received: int
    highest_number: int


class ItemIn(Schema):
    body: str
    signature: str = ""


class ItemsIn(Schema):
    items: list[ItemIn]
    carrier_key_id: str = ""


class MetOut(Schema):
    """Another person's different observation of the same household."""

    status: str
    people_moved: int
    observed_at: str
    person_name: str
    title: str
    holds: str


class ItemResult(Schema):
    client_id: str
    outcome: str
    problem: dict[str, Any] | None = None
    met: MetOut | None = None


class ItemsOut(Schema):
    results: list[ItemResult]
    totals: Totals | None


@router.post("/field/keys", response=KeyOut)
def enrol(request: HttpRequest, body: KeyIn) -> dict[str, str]:
    """Ties this phone's key to the person who is signed in on it."""
    viewer = signed_in(request)
    try:
        public_key = from_base64url(body.public_key)
    except ValueError:
        raise BAD_KEY() from None
    done = services.enrol(
        viewer=viewer, public_key=public_key, name=body.name, key_store=body.key_store
    )
    request.session[SESSION_DEVICE] = done["key_id"]
    accounts.keep_session(request.session)
    services.note_contact(done["key_id"])
    return {"device_id": str(done["device_id"]), "key_id": done["key_id"]}


@router.get("/field/keys/{key_id}", response=ReachOut)
def reach(request: HttpRequest, key_id: str) -> dict[str, Any]:
    """One's own phone only."""
    viewer = signed_in(request)
    if request.session.get(SESSION_DEVICE) == key_id:
        services.note_contact(key_id)
    return queries.reach_of(key_id, viewer=viewer)


@router.post("/session/key", response=KeySessionOut)
def sign_in_by_key(request: HttpRequest, body: KeySessionIn) -> dict[str, str]:
    """A phone back within fourteen days signs in with its own key."""
    person_id = services.person_by_key(
        key_id=body.key_id, at_ms=body.at_ms, signature=body.signature
    )
    accounts.begin_session(
        request.session,
        person_id=person_id,
        how="phone_key",
        address=str(request.META.get("REMOTE_ADDR", "")),
        browser=request.headers.get("User-Agent", ""),
        is_kept=True,
        **{SESSION_DEVICE: body.key_id},
    )
    services.note_contact(body.key_id)
    viewer = viewer_for_person(person_id, request_id=request_id.current())
    accounts.note_sign_in(viewer=viewer, how="phone_key")
    return {"person_id": str(person_id)}


def _entry(accepted: dict[str, Any]) -> EntryIn:
    try:
        return EntryIn.model_validate(
            {
                **accepted["entry"],
                "client_id": accepted["client_id"],
                "at": to_iso(from_ms(accepted["made_at_ms"])),
            }
        )
    except ValidationError:
        raise BAD_ITEM(detail="entry") from None


def _count(result: dict[str, Any]) -> dict[str, Any]:
    """Applies one accepted item as its author; applying it again says that it is there."""
    client_id = result["client_id"]
    if result["problem"] is not None:
        return {"client_id": client_id, "outcome": "refused", "problem": result["problem"]}
    author = viewer_of_signed(
        result["person_id"],
        signed_at=from_ms(result["made_at_ms"]),
        request_id=request_id.current(),
    )
    try:
        done = record_entry(author, _entry(result))
    except Problem as problem:
        return {"client_id": client_id, "outcome": "refused", "problem": problem.to_plain()}
    return {"client_id": client_id, "outcome": done["outcome"]}


@router.post("/field/items", response=ItemsOut)
def items(request: HttpRequest, body: ItemsIn) -> dict[str, Any]:
    """What phones recorded, as they signed it; each is judged by itself and counted once.

    A signed item needs no session. Only a signed-in carrier is told totals and what it met.
    """
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    if len(body.items) > ENTRIES_MAX:
        raise TOO_MANY_ENTRIES(limit=ENTRIES_MAX)
    taken = services.receive_items(
        viewer=viewer,
        items=[one.model_dump() for one in body.items],
        carrier_key_id=body.carrier_key_id,
    )
    results = [_count(one) for one in taken["results"]]
    if not viewer.person_id:
        return {"results": results, "totals": None}
    counted = [one["client_id"] for one in results if one["outcome"] != "refused"]
    met = evacuations.met(counted, viewer=viewer)
    for one in results:
        one["met"] = met.get(one["client_id"])
    return {"results": results, "totals": totals_of(viewer)}
