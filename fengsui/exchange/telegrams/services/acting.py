"""What follows from a message: answers answer calls, reports stand until the fact is here."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet

from fengsui.engines.calls.models import Call
from fengsui.engines.calls.services import record_answer
from fengsui.engines.calls.services.owning import drives
from fengsui.exchange.telegrams import mapping
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal.services import on_commit_notify
from fengsui.gateways.telegrams.messages import (
    SHORT_ID_MASK,
    Acknowledgement,
    EvacuationInstruction,
    Headcount,
    HeadcountTotal,
    Message,
    QuickReport,
    Sos,
)
from fengsui.response.evacuations.models import Evacuation, EvacuationHousehold
from fengsui.response.situation.rules import key_of_reference
from fengsui.response.situation.services import relay
from fengsui.standards.divisions import scope_prefix

TOPIC = "telegrams"
_SHORT_IDS = SHORT_ID_MASK + 1


def act(
    message: Message,
    *,
    viewer: Viewer,
    reference: dict[str, Any] | None,
    path: str,
    client_id: str,
    person_id: int | None = None,
) -> dict[str, Any]:
    """Hands a message to the room it concerns. Returns {"outcome": ...} of that room."""
    kind = mapping.KIND_OF[type(message)]
    on_commit_notify(TOPIC, {"kind": kind.value})
    match message:
        case Acknowledgement():
            key = key_of_reference(reference)
            return answer_call(
                message,
                viewer=viewer,
                how=path,
                client_id=client_id_of(key) if key else f"{path} {client_id}"[:64],
                person_id=person_id,
            )
        case Sos() | Headcount() | QuickReport() | EvacuationInstruction():
            evacuation_id = _evacuation_id(getattr(message, "evacuation", None))
            if isinstance(message, Headcount) and reference is None and evacuation_id is None:
                evacuation_id = _evacuation_of_tonight(message.place_code)
            content = mapping.content_of(message, evacuation_id=evacuation_id)
            if isinstance(message, EvacuationInstruction):
                content |= {"place_code": message.areas[0], "at_ms": message.issued_ms}
            return relay(
                viewer=viewer,
                kind=kind.value,
                content=content,
                path=path,
                reference=reference,
                client_id="" if reference else client_id,
            )
        case HeadcountTotal():
            # A sum is shown beside its villages and never added to them: the row is enough.
            return {"outcome": "recorded"}


def _evacuation_id(low: int | None) -> int | None:
    """The evacuation that a short id means: an open one rather than one that is over."""
    if low is None:
        return None
    rows = Evacuation.objects.annotate(low=F("id") % _SHORT_IDS).filter(low=low)
    newest = rows.order_by(F("closed_at").desc(nulls_first=True), "-opened_at")
    return newest.values_list("id", flat=True).first()


def _evacuation_of_tonight(place_code: str) -> int | None:
    """What a typed ZY 32/35 is about: the one open evacuation with households of that place."""
    listed = EvacuationHousehold.objects.filter(
        place_code__startswith=scope_prefix(place_code), evacuation__closed_at=None
    )
    found = list(listed.values_list("evacuation_id", flat=True).distinct()[:2])
    return found[0] if len(found) == 1 else None


def answer_call(
    message: Acknowledgement,
    *,
    viewer: Viewer,
    how: str,
    client_id: str,
    person_id: int | None = None,
    only_own: bool = False,
) -> dict[str, Any]:
    """One more way by which an answer came. The call is answered once, however many there are."""
    call = call_of(message, person_id)
    if call is None or (only_own and not drives(call.callout)):
        return {"outcome": "no_such_call"}
    return record_answer(
        viewer=viewer,
        call_id=call.pk,
        answer_kind=message.answer,
        how=how,
        client_id=client_id,
    )


def client_id_of(key: str) -> str:
    """A reference's key without most of the node's: a client id has 64 characters."""
    node, _, rest = key.partition(":")
    return f"telegram {node[:16]}:{rest}"[:64]


def call_of(message: Acknowledgement, person_id: int | None = None) -> Call | None:
    """The call that an answer belongs to; None where its list is not here."""
    calls: QuerySet[Call] = Call.objects.all()
    if message.of:
        calls = calls.annotate(
            low_callout=F("callout_id") % _SHORT_IDS,
            low_alert=F("callout__subject_id") % _SHORT_IDS,
        ).filter(Q(low_callout=message.of) | Q(low_alert=message.of))
    if message.ordinal is not None:
        calls = calls.filter(ordinal=message.ordinal)
    elif person_id is not None:
        calls = calls.filter(person_id=person_id)
    else:
        calls = calls.annotate(low_person=F("person_id") % _SHORT_IDS).filter(
            low_person=message.person
        )
        if message.place_code:
            calls = calls.filter(place_code__startswith=message.place_code)
    # Calls still open first, then the newest callout: an old list is not answered tonight.
    rows = calls.select_related("callout")
    return rows.order_by("ended_as", "-callout__opened_at", "id").first()
