"""What was heard → one row each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fengsui.exchange.telegrams.models import Heard
from fengsui.foundation.journal.facts import Fact
from fengsui.response.situation.rules import key_of_reference
from fengsui.standards.instants import from_ms


def apply_received(fact: Fact) -> int | None:
    said = fact.fields
    sender = said["sender"]
    Heard.objects.update_or_create(
        id=fact.entity(),
        defaults={
            "kind": said["kind"],
            "place_code": said["place_code"],
            "sender": sender.hex() if sender else "",
            "reference_key": key_of_reference(said["reference"]),
            "part": said["part"],
            "path": said["path"],
            "link": said["link"],
            "is_signed": bool(said["is_signed"]),
            "content": said["content"] or {},
            "at": from_ms(said["at_ms"]),
            "heard_at": fact.at,
        },
    )
    return None


APPLY: Mapping[str, Callable[[Fact], int | None]] = {"telegrams.received": apply_received}
