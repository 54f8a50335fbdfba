"""What was heard → one row each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fengsui.exchange.telegrams.models import Heard, InstructionAnswer
from fengsui.foundation.journal.facts import Fact
from fengsui.foundation.journal.queries import feed_key
from fengsui.response.situation.rules import epoch_of, key_of_reference, reference_key
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


def apply_instruction_answered(fact: Fact) -> int | None:
    said = fact.fields
    InstructionAnswer.objects.update_or_create(
        id=fact.entity(),
        defaults={
            "alert": said["alert"],
            "place_code": said["place_code"],
            "person_id": said["person_id"],
            "answer_kind": said["answer_kind"],
            "reference_key": _own_key(fact),
            "client_id": said["client_id"] or fact.id.hex(),
            "at": from_ms(said["at_ms"]),
        },
    )
    return None


def _own_key(fact: Fact) -> str:
    """The name under which a telegram stands for this very fact."""
    key = feed_key(fact.feed)
    if key is None:
        return ""
    return reference_key(
        node=key.public_key,
        fact_class=key.fact_class,
        audience=key.audience,
        epoch=epoch_of(key.incarnation),
        sequence=fact.seq,
    )


APPLY: Mapping[str, Callable[[Fact], int | None]] = {
    "telegrams.received": apply_received,
    "telegrams.instruction_answered": apply_instruction_answered,
}
