"""One fact about phones → rows. In any order, any number of times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fengsui.foundation.devices import rules
from fengsui.foundation.devices.models import Device, DeviceItem, Loss, RefusedItem
from fengsui.foundation.journal.facts import Fact
from fengsui.standards.instants import from_ms


def apply_enrolled(fact: Fact) -> int | None:
    public_key = bytes(fact.fields["public_key"])
    Device.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "key_id": rules.key_id(public_key),
            "person_id": fact.fields["person_id"],
            "place_code": fact.scope,
            "public_key": public_key,
            "name": str(fact.fields["name"])[: rules.NAME_MAX],
            "key_store": str(fact.fields["key_store"])[:12],
            "enrolled_at": fact.at,
        },
    )
    return None


def apply_lost(fact: Fact) -> int | None:
    lost_at_ms = int(fact.fields["lost_at_ms"])
    order = f"{lost_at_ms:015d}.{_order(fact)}"
    values = {
        "lost_at": from_ms(lost_at_ms),
        "reason": str(fact.fields["reason"])[:200],
        "order": order,
    }
    row, fresh = Loss.objects.get_or_create(device_id=fact.fields["device_id"], defaults=values)
    if not fresh and order < row.order:
        Loss.objects.filter(pk=row.pk).update(**values)
    return None


def _order(fact: Fact) -> str:
    return f"{fact.hlc:020d}.{fact.id.hex()}"


def _item(fact: Fact, plain: Mapping[str, Any], body: str) -> DeviceItem:
    return DeviceItem(
        client_id=plain["client_id"],
        device_id=fact.fields["device_id"],
        number=plain["number"],
        person_id=plain["person_id"],
        made_at=from_ms(plain["made_at_ms"]),
        received_at=fact.at,
        carried_by=fact.fields["carried_by"],
        body=body,
        signature=bytes(plain["signature"]),
        order=_order(fact),
    )


def apply_items_received(fact: Fact) -> int | None:
    plain = [one for one in fact.items if one is not None]
    bodies = list((fact.personal or {}).get("bodies", [])) or [""] * len(plain)
    coming = {
        one["client_id"]: _item(fact, one, body) for one, body in zip(plain, bodies, strict=False)
    }
    # The other receipt of the same item may have been applied first; the earlier clock stays.
    DeviceItem.objects.filter(client_id__in=coming, order__gte=_order(fact)).delete()
    DeviceItem.objects.bulk_create(coming.values(), ignore_conflicts=True)
    return None


def apply_item_refused(fact: Fact) -> int | None:
    body = str((fact.personal or {}).get("body", ""))
    RefusedItem.objects.update_or_create(
        fact_id=fact.id,
        defaults={
            "client_id": fact.fields["client_id"],
            "device_id": fact.fields["device_id"],
            "reason": fact.fields["reason"],
            "received_at": fact.at,
            "body": body,
        },
    )
    return None


APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    "devices.enrolled": apply_enrolled,
    "devices.lost": apply_lost,
    "devices.items_received": apply_items_received,
    "devices.item_refused": apply_item_refused,
}
