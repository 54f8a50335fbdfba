"""Which phones there are, whether one is lost, and how far each got."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Max

from fengsui.foundation.access.queries import in_scopes, require
from fengsui.foundation.access.viewer import NOBODY, Permission, Scope, Viewer
from fengsui.foundation.accounts import queries as accounts
from fengsui.foundation.devices.errors import UNKNOWN_DEVICE
from fengsui.foundation.devices.models import Device, DeviceItem, Loss
from fengsui.foundation.people.queries import person_names
from fengsui.standards.instants import to_iso

SESSION_DEVICE = "device_key_id"
# Who may report a phone lost: those who answer for others at night, and the account keepers.
LOSS_REPORTERS = (Permission.ANSWER_FOR_OTHERS, Permission.MANAGE_ACCOUNTS)


def is_lost(key_id: str) -> bool:
    ids = Device.objects.filter(key_id=key_id).values_list("id", flat=True)
    return Loss.objects.filter(device_id__in=list(ids)).exists()


def viewer_of_session(session: Mapping[str, Any], *, request_id: str = "") -> Viewer:
    """The session's viewer; NOBODY once the phone it was opened on is reported lost."""
    key_id = session.get(SESSION_DEVICE)
    if key_id and is_lost(str(key_id)):
        return NOBODY
    return accounts.viewer_of_session(session, request_id=request_id)


def may_report_loss(viewer: Viewer, device: Device) -> bool:
    """One's own phone always; another's with a permission over its person's place."""
    own = viewer.person_id != 0 and viewer.person_id == device.person_id
    return own or any(viewer.may(one, device.place_code) for one in LOSS_REPORTERS)


def gate_device(device_id: int, *, viewer: Viewer) -> Device:
    """The phone, or "unknown" for those who may not act on it."""
    device = Device.objects.filter(id=device_id).first()
    if device is None or not may_report_loss(viewer, device):
        raise UNKNOWN_DEVICE()
    return device


def reach_of(key_id: str, *, viewer: Viewer) -> dict[str, Any]:
    """How far one's own phone got: {state, received, highest_number}. Raises unknown_device."""
    devices = list(Device.objects.filter(key_id=key_id, person_id=viewer.person_id))
    if not devices:
        raise UNKNOWN_DEVICE()
    items = DeviceItem.objects.filter(device_id__in=[device.pk for device in devices])
    highest = items.aggregate(highest=Max("number"))["highest"]
    return {
        "state": "lost" if is_lost(key_id) else "enrolled",
        "received": items.count(),
        "highest_number": highest or 0,
    }


def devices_in(place_code: str, *, viewer: Viewer) -> list[dict[str, Any]]:
    """Phones of the people of a place, newest first, with what is lost."""
    if not any(viewer.may(one, place_code) for one in LOSS_REPORTERS):
        require(viewer, Permission.MANAGE_ACCOUNTS, place_code)
    here = in_scopes("place_code", (Scope.of(place_code),))
    rows = list(Device.objects.filter(here).order_by("-enrolled_at", "id"))
    losses = {
        loss.device_id: loss for loss in Loss.objects.filter(device_id__in=[row.pk for row in rows])
    }
    named = person_names({row.person_id for row in rows}, viewer=viewer)
    return [_plain(row, losses.get(row.pk), named.get(row.person_id, "")) for row in rows]


def _plain(device: Device, loss: Loss | None, person_name: str) -> dict[str, Any]:
    return {
        "id": str(device.pk),
        "key_id": device.key_id,
        "name": device.name,
        "person_id": str(device.person_id),
        "person_name": person_name,
        "place_code": device.place_code,
        "enrolled_at": to_iso(device.enrolled_at),
        "lost_at": to_iso(loss.lost_at) if loss else None,
        "reason": loss.reason if loss else "",
    }


def known_items(client_ids: Iterable[str], *, viewer: Viewer) -> dict[str, str]:
    """Bodies of the items that came before, by client id. Only for intake of the same items."""
    del viewer  # the caller holds the signed bytes themselves
    rows = DeviceItem.objects.filter(client_id__in=list(client_ids))
    return dict(rows.values_list("client_id", "body"))


def keys_of(key_ids: Iterable[str]) -> dict[str, list[Device]]:
    """Enrolled keys by their ids."""
    found: dict[str, list[Device]] = {}
    for device in Device.objects.filter(key_id__in=list(key_ids)).order_by("id"):
        found.setdefault(device.key_id, []).append(device)
    return found
