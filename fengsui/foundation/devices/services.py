"""Enrol a phone, report it lost, take in what it signed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.devices import queries, rules
from fengsui.foundation.devices.errors import (
    BAD_ITEM,
    BAD_KEY,
    BAD_SIGNATURE,
    CLOCK_OFF,
    DEVICE_LOST,
    ITEM_CHANGED,
    MADE_AFTER_LOSS,
    NOT_YOURS,
    TOO_LONG_AWAY,
    UNKNOWN_DEVICE,
)
from fengsui.foundation.devices.facts import (
    ENROLLED,
    ITEM_REFUSED,
    ITEMS_RECEIVED,
    KEY_STORE_WORDS,
    LOST,
)
from fengsui.foundation.devices.models import Device, DeviceContact, Loss, RefusedItem
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, record
from fengsui.standards.divisions import full_code
from fengsui.standards.instants import from_ms, to_ms


@command
def enrol(*, viewer: Viewer, public_key: bytes, name: str, key_store: str) -> dict[str, Any]:
    """Ties a phone's key to the signed-in person. The same key again is the same phone.

    Returns {device_id, key_id}. Raises devices.bad_key, devices.lost.
    """
    if rules.load_key(public_key) is None or key_store not in KEY_STORE_WORDS:
        raise BAD_KEY()
    key_id = rules.key_id(public_key)
    if queries.is_lost(key_id):
        raise DEVICE_LOST()
    known = Device.objects.filter(key_id=key_id).order_by("id").first()
    if known is not None and known.person_id != viewer.person_id:
        raise BAD_KEY()
    if known is not None:
        return {"device_id": known.pk, "key_id": key_id}
    prefix = viewer.grants[0].scope.prefix if viewer.grants else ""
    fact = record(
        ENROLLED,
        fields={
            "person_id": viewer.person_id,
            "public_key": public_key,
            "name": name.strip()[: rules.NAME_MAX],
            "key_store": key_store,
        },
        scope=full_code(prefix),
        viewer=viewer,
    )
    return {"device_id": fact.entity(), "key_id": key_id}


@command
def report_lost(
    *, viewer: Viewer, device_id: int, reason: str, lost_at: datetime | None = None
) -> dict[str, Any]:
    """From `lost_at` (default: now) nothing this phone says is counted. What it said before stays.

    Raises devices.unknown_device for those who may not report it.
    """
    device = queries.gate_device(device_id, viewer=viewer)
    now = clock.now()
    record(
        LOST,
        fields={
            "device_id": device.pk,
            "reason": reason.strip()[:200],
            "lost_at_ms": to_ms(min(lost_at or now, now)),
        },
        scope=device.place_code,
        viewer=viewer,
    )
    return {"device_id": device.pk, "person_id": device.person_id}


@dataclass(frozen=True, slots=True)
class _Judged:
    """A readable item with who made it; device None where it is not signed."""

    item: rules.Item
    body: str
    signature: bytes
    device: Device | None


@command
def receive_items(
    *, viewer: Viewer, items: Sequence[Mapping[str, str]], carrier_key_id: str = ""
) -> dict[str, Any]:
    """Takes in items as they were signed: [{body, signature (base64url, "" = not signed)}].

    A signed item needs no session: whoever brings it, it counts for the person of its key. An
    unsigned one is taken from its own author's session only. Returns {"results": [{client_id,
    person_id, entry, made_at_ms, problem}]}; problem None means it may be applied, also when it
    came before.
    """
    results: list[dict[str, Any]] = []
    fresh: dict[tuple[int, int], list[_Judged]] = defaultdict(list)
    readable, devices, losses = _prepare(items)
    known = queries.known_items([one.client_id for one in readable.values()], viewer=viewer)
    for index, sent in enumerate(items):
        item = readable.get(index)
        if item is None:
            results.append(_refusal("", BAD_ITEM(detail="body")))
            continue
        try:
            judged = _judge(item, sent, devices.get(item.key_id, []), viewer)
            _refuse_after_loss(judged, losses, viewer)
            earlier = known.get(item.client_id)
            # An erased body can no longer be compared; the number alone then says "again".
            if earlier not in (None, "", sent["body"]):
                raise ITEM_CHANGED()
        except Problem as problem:
            results.append(_refusal(item.client_id, problem))
            continue
        if earlier is None:
            known[item.client_id] = sent["body"]
            device_id = judged.device.pk if judged.device else 0
            fresh[device_id, item.person_id].append(judged)
        results.append(_acceptance(item))
    for (device_id, person_id), batch in fresh.items():
        _record_received(device_id, person_id, batch, carrier_key_id, viewer)
    return {"results": results}


def _prepare(
    items: Sequence[Mapping[str, str]],
) -> tuple[dict[int, rules.Item], dict[str, list[Device]], dict[int, datetime]]:
    """What can be read, the keys it names and the losses of those: three queries for any number."""
    readable: dict[int, rules.Item] = {}
    for index, sent in enumerate(items):
        try:
            readable[index] = rules.read_item(sent.get("body", ""))
        except ValueError:
            continue
    devices = queries.keys_of({item.key_id for item in readable.values() if item.key_id})
    ids = [device.pk for several in devices.values() for device in several]
    losses = dict(Loss.objects.filter(device_id__in=ids).values_list("device_id", "lost_at"))
    return readable, devices, losses


def _judge(
    item: rules.Item, sent: Mapping[str, str], devices: Sequence[Device], viewer: Viewer
) -> _Judged:
    if item.key_id == "":
        if not viewer.person_id or viewer.person_id != item.person_id:
            raise NOT_YOURS()
        return _Judged(item, sent["body"], b"", None)
    if not devices:
        raise UNKNOWN_DEVICE()
    try:
        signature = rules.from_base64url(sent.get("signature", ""))
    except ValueError:
        raise BAD_SIGNATURE() from None
    message = rules.ITEM_CONTEXT + sent["body"].encode()
    for device in devices:
        if device.person_id == item.person_id and rules.verify(
            bytes(device.public_key), message, signature
        ):
            return _Judged(item, sent["body"], signature, device)
    raise BAD_SIGNATURE()


def _refuse_after_loss(judged: _Judged, losses: Mapping[int, datetime], viewer: Viewer) -> None:
    """Made after the loss: kept as evidence, once, and not counted."""
    item, device = judged.item, judged.device
    lost_at = losses.get(device.pk) if device else None
    if device is None or lost_at is None or from_ms(item.made_at_ms) <= lost_at:
        return
    reason = MADE_AFTER_LOSS.code
    kept = RefusedItem.objects.filter(client_id=item.client_id, device_id=device.pk, reason=reason)
    if not kept.exists():
        record(
            ITEM_REFUSED,
            fields={
                "device_id": device.pk,
                "client_id": item.client_id,
                "made_at_ms": item.made_at_ms,
                "reason": reason,
                "signature": judged.signature,
                "carried_by": viewer.person_id,
            },
            personal={"body": judged.body},
            scope=device.place_code,
            viewer=viewer,
        )
    raise MADE_AFTER_LOSS()


def _record_received(
    device_id: int, person_id: int, batch: list[_Judged], carrier_key_id: str, viewer: Viewer
) -> None:
    device = batch[0].device
    prefix = viewer.grants[0].scope.prefix if viewer.grants else ""
    record(
        ITEMS_RECEIVED,
        fields={
            "device_id": device_id,
            "carried_by": viewer.person_id if viewer.person_id != person_id else 0,
            "carrier_key_id": carrier_key_id[:32],
        },
        personal={"bodies": [one.body for one in batch]},
        items=[
            {
                "client_id": one.item.client_id,
                "number": one.item.number,
                "person_id": person_id,
                "made_at_ms": one.item.made_at_ms,
                "signature": one.signature,
            }
            for one in batch
        ],
        scope=device.place_code if device else full_code(prefix),
        viewer=viewer,
    )


def _refusal(client_id: str, problem: Problem) -> dict[str, Any]:
    return {"client_id": client_id, "problem": problem.to_plain()}


def _acceptance(item: rules.Item) -> dict[str, Any]:
    return {
        "client_id": item.client_id,
        "person_id": item.person_id,
        "entry": item.entry,
        "made_at_ms": item.made_at_ms,
        "problem": None,
    }


def note_contact(key_id: str) -> None:
    """This phone was here now; its fourteen days begin again."""
    DeviceContact.objects.update_or_create(key_id=key_id, defaults={"last_seen_at": clock.now()})


def person_by_key(*, key_id: str, at_ms: int, signature: str) -> int:
    """The person of an enrolled phone that signed "now". Raises a Problem that says why not.

    A phone away for longer than `rules.OFFLINE_DAYS_MAX` needs a new one-time link.
    """
    devices = queries.keys_of([key_id]).get(key_id, [])
    if not devices:
        raise UNKNOWN_DEVICE()
    if queries.is_lost(key_id):
        raise DEVICE_LOST()
    device, now = devices[0], clock.now()
    if abs(from_ms(at_ms) - now) > rules.SESSION_CLOCK_TOLERATED:
        raise CLOCK_OFF()
    try:
        raw = rules.from_base64url(signature)
    except ValueError:
        raise BAD_SIGNATURE() from None
    message = rules.SESSION_CONTEXT + f"{key_id}\n{at_ms}".encode()
    if not rules.verify(bytes(device.public_key), message, raw):
        raise BAD_SIGNATURE()
    contact = DeviceContact.objects.filter(key_id=key_id).first()
    since = contact.last_seen_at if contact else device.enrolled_at
    if now - since > timedelta(days=rules.OFFLINE_DAYS_MAX):
        raise TOO_LONG_AWAY(days=rules.OFFLINE_DAYS_MAX)
    return device.person_id
