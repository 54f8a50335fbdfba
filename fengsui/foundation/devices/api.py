"""Phones over HTTP, for those who keep them: the list, a loss, a link for the next phone."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.devices import queries, services

router = Router(tags=["devices"])


class DeviceOut(Schema):
    id: str
    key_id: str
    name: str
    person_id: str
    person_name: str
    place_code: str
    enrolled_at: str
    lost_at: str | None
    reason: str


class DevicesOut(Schema):
    items: list[DeviceOut]


class LossIn(Schema):
    reason: str
    lost_at: datetime | None = None


class LossOut(Schema):
    device_id: str
    person_id: str


@router.get("/devices", response=DevicesOut)
def devices(request: HttpRequest, place_code: str = "") -> dict[str, Any]:
    """The phones of a place's people."""
    return {"items": queries.devices_in(place_code, viewer=signed_in(request))}


@router.post("/devices/{device_id}/lost", response=LossOut)
def report_lost(request: HttpRequest, device_id: int, body: LossIn) -> dict[str, str]:
    """The phone is gone: its sessions end now, its later items are kept and not counted."""
    done = services.report_lost(
        viewer=signed_in(request), device_id=device_id, reason=body.reason, lost_at=body.lost_at
    )
    return {name: str(value) for name, value in done.items()}
