"""The person's own screen: the call waits there until it is opened. Nothing leaves the node."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from fengsui.gateways.channels import (
    CallbackUnreadableError,
    Delivery,
    Message,
    Outcome,
    Receipt,
)

CALLBACK_BYTES_MAX = 4096
_EVENTS = {"shown": Delivery.DELIVERED}


class InAppChannel:
    """The row of the try is what the app reads, so handing over is all that can be said."""

    kind = "in_app"
    contact_kinds: tuple[str, ...] = ()
    reaches_outside = False
    is_instant = True

    def send(self, message: Message) -> Outcome:
        if not message.person_id:
            return Outcome(Delivery.NO_CONTACT, detail="a duty room has no app of its own")
        return Outcome(Delivery.HANDED_OVER)

    def parse_callback(self, body: bytes) -> list[Receipt]:
        """{"reference", "event": "shown"}: the phone put it on its screen."""
        if len(body) > CALLBACK_BYTES_MAX:
            raise CallbackUnreadableError("the callback is too long")
        try:
            told = json.loads(body)
            return [Receipt(reference=str(int(told["reference"])), delivery=_EVENTS[told["event"]])]
        except (ValueError, KeyError, TypeError) as error:
            raise CallbackUnreadableError(f"no callback of the app: {error}") from error

    def poll(self, now: datetime) -> Sequence[Receipt]:
        return ()
