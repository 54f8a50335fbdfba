"""Texts typed by hand: read, written down, acted upon, and answered with what was understood."""

from __future__ import annotations

import hashlib
from typing import Any

from fengsui.exchange.telegrams import mapping
from fengsui.exchange.telegrams.errors import BAD_TEXT, UNKNOWN_NUMBER
from fengsui.exchange.telegrams.facts import RECEIVED
from fengsui.exchange.telegrams.services.acting import act
from fengsui.foundation.access.problems import NOT_ALLOWED
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer, node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, record
from fengsui.foundation.people.models import ContactPoint, PostHolding
from fengsui.gateways.telegrams import texts, wording
from fengsui.gateways.telegrams.messages import EvacuationInstruction, Message
from fengsui.standards.divisions import VILLAGE_DIGITS, full_code
from fengsui.standards.instants import to_ms

COUNTRY_CODES = ("0086", "86")
NUMBER_DIGITS_LONG = 11
SAME_TEXT_MS = 10 * 60_000  # the same words of the same person within it are one message


@command
def receive_text(
    *, viewer: Viewer, number: str, text: str, place_code: str = "", path: str = "sms"
) -> dict[str, Any]:
    """A text message from a telephone or a handset.

    The sender is who the register says has that number; `place_code` where nobody has it and the
    person at the desk knows. Returns {"kind", "place_code", "reply", "outcome"}; `reply` is to be
    sent back. Raises telegrams.unknown_number, telegrams.bad_text, access.not_allowed.
    """
    if not viewer.scopes(Permission.ANSWER_FOR_OTHERS):
        raise NOT_ALLOWED(permission=Permission.ANSWER_FOR_OTHERS.value, place=place_code)
    person_id, known_place = _who(number)
    if known_place and not viewer.may(Permission.ANSWER_FOR_OTHERS, known_place):
        # Whose number it is elsewhere is nothing that this desk may find out.
        person_id, known_place = None, ""
    place = place_code or known_place
    if not place:
        raise UNKNOWN_NUMBER(number=number)
    require(viewer, Permission.ANSWER_FOR_OTHERS, place)
    now_ms = to_ms(clock.now())
    sender = texts.Sender(full_code(place)[:VILLAGE_DIGITS], mapping.short(person_id))
    try:
        message = texts.parse(text, sender=sender, now_ms=now_ms)
    except texts.TextError as error:
        raise BAD_TEXT(zh=error.zh, en=error.en, reason=error.code) from error
    digest = _digest(number, text, now_ms)
    _write_down(viewer, message, place, path, digest, f"{number}: {text}"[:200])
    done = act(
        message,
        viewer=node_viewer("telegrams"),
        reference=None,
        path=path,
        client_id=f"{path} {digest}",
        person_id=person_id,
    )
    return {
        "kind": mapping.KIND_OF[type(message)].value,
        "place_code": place,
        "reply": wording.preview(message),
        "outcome": done["outcome"],
    }


def _digest(number: str, text: str, now_ms: int) -> str:
    """The same for the same words of the same person within ten minutes: sent twice, said once."""
    said = f"{number} {texts.normalised(text)} {now_ms // SAME_TEXT_MS}"
    return hashlib.sha256(said.encode()).hexdigest()[:24]


def _write_down(
    viewer: Viewer, message: Message, place: str, path: str, digest: str, said: str
) -> None:
    record(
        RECEIVED,
        fields={
            "kind": mapping.KIND_OF[type(message)].value,
            "place_code": place,
            "sender": None,
            "epoch": 0,
            "number": 0,
            "reference": None,
            "part": digest,
            "path": path,
            "link": "",
            "at_ms": to_ms(clock.now()),
            "is_signed": False,
            "frame": None,
            # Only an instruction is shown from here; what people say of people goes elsewhere.
            "content": mapping.content_of(message)
            if isinstance(message, EvacuationInstruction)
            else None,
        },
        personal={"said_by": said},
        scope=place,
        viewer=viewer,
    )


def _digits(number: str) -> str:
    digits = "".join(character for character in number if character.isdigit())
    for prefix in COUNTRY_CODES:
        if digits.startswith(prefix) and len(digits) - len(prefix) == NUMBER_DIGITS_LONG:
            return digits[len(prefix) :]
    return digits


def _who(number: str) -> tuple[int | None, str]:
    """The person (or whoever holds the post) of a number, and the place; (None, "") for nobody."""
    digits = _digits(number)
    if not digits:
        return None, ""
    found = (
        ContactPoint.objects.filter(kind="phone", value__in={number, digits}, is_withdrawn=False)
        .order_by("person_id", "id")
        .first()
    )
    if found is None:
        return None, ""
    if found.person_id is not None:
        return found.person_id, found.place_code
    if found.post_id is None:
        return None, found.place_code
    held = PostHolding.objects.filter(post_id=found.post_id, until_at=None).order_by("slot")
    return held.values_list("person_id", flat=True).first(), found.place_code
