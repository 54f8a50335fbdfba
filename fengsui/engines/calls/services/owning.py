"""Whose calls this node drives, and how it takes over or hands back those of another."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from fengsui.engines.calls import rules
from fengsui.engines.calls.errors import (
    ALREADY_DRIVEN_HERE,
    CALLOUT_CLOSED,
    EFFECT_IS_HELD,
    NO_SUCH_TAKEOVER,
    NOTHING_TO_TAKE_OVER,
    OWNER_IN_CONTACT,
    REASON_REQUIRED,
    TEXT_TOO_LONG,
)
from fengsui.engines.calls.facts import CALLOUT_HANDED_BACK, CALLOUT_TAKEN_OVER
from fengsui.engines.calls.models import Call, Callout, PartyBatch, Takeover
from fengsui.engines.calls.states import CalloutState
from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal.services import (
    command,
    on_commit_notify,
    own_public_key,
    record,
)
from fengsui.standards.divisions import scope_prefix

REASON_CHARACTERS_MAX = 300


class Contact(StrEnum):
    """What is known of the way to another node."""

    CUT_OFF = "cut_off"
    IN_CONTACT = "in_contact"
    NOT_KNOWN = "not_known"


ContactResolver = Callable[[bytes], Contact]


def _not_known(node_key: bytes) -> Contact:
    return Contact.NOT_KNOWN


_contact: ContactResolver = _not_known


def set_contact_resolver(resolver: ContactResolver | None) -> None:
    """`config` calls this once: node key → whether that node is out of contact from here."""
    global _contact
    _contact = resolver or _not_known


def this_driver() -> int:
    """This node, as calls name whoever drives them."""
    return rules.driver_id(own_public_key())


def drives(callout: Callout) -> bool:
    """Whether this node speaks for the callout as a whole: finished, at risk."""
    return callout.driver == this_driver()


@command
def take_over(
    *,
    viewer: Viewer,
    callout_id: int,
    place_code: str,
    reason: str,
    although_in_contact: bool = False,
) -> dict[str, Any]:
    """This node drives the calls of `place_code` from now on; the one that opened them is cut off.

    A lease cannot be safe while nodes are apart, so this is an act of a person, with a reason, on
    the record: somebody may get the message twice, with the same alert number. Refused while the
    owner is in contact, unless the person confirms it, and for kinds that are held.
    Returns {"takeover_id", "calls"}.
    """
    reason = _reason(reason)
    callout = _seen(viewer, callout_id, place_code)
    require(viewer, Permission.TAKE_OVER, place_code)
    if callout.state == CalloutState.STOPPED:
        raise CALLOUT_CLOSED()
    if rules.policy_from_plain(callout.policy).duplicates is rules.Duplicates.HOLD:
        raise EFFECT_IS_HELD()
    under = _calls_under(callout_id, place_code)
    if not under.exists():
        raise NOTHING_TO_TAKE_OVER()
    others = under.exclude(driver=this_driver())
    if not others.exists():
        raise ALREADY_DRIVEN_HERE()
    contact = _contact(bytes.fromhex(callout.owner_key))
    if contact is Contact.IN_CONTACT and not although_in_contact:
        raise OWNER_IN_CONTACT()
    fact = record(
        CALLOUT_TAKEN_OVER,
        fields={"callout_id": callout_id, "reason": reason, "contact": contact.value},
        scope=place_code,
        viewer=viewer,
        about=_about(callout),
    )
    on_commit_notify(f"callout:{callout_id}", {"verb": "taken_over"})
    return {"takeover_id": fact.entity(), "calls": under.count()}


@command
def hand_back(*, viewer: Viewer, takeover_id: int, reason: str) -> dict[str, Any]:
    """The calls go back to the node that opened them. Either side may say so."""
    reason = _reason(reason)
    takeover = Takeover.objects.filter(pk=takeover_id, handed_back_at=None).first()
    if takeover is None or not viewer.may(Permission.SEE_CALLS, takeover.place_code):
        raise NO_SUCH_TAKEOVER()
    require(viewer, Permission.TAKE_OVER, takeover.place_code)
    callout = Callout.objects.get(pk=takeover.callout_id)
    record(
        CALLOUT_HANDED_BACK,
        fields={"callout_id": callout.id, "takeover_id": takeover_id, "reason": reason},
        scope=takeover.place_code,
        viewer=viewer,
        about=_about(callout),
    )
    on_commit_notify(f"callout:{callout.id}", {"verb": "handed_back"})
    return {"takeover_id": takeover_id, "outcome": "recorded"}


def _reason(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise REASON_REQUIRED()
    if len(reason) > REASON_CHARACTERS_MAX:
        raise TEXT_TOO_LONG(limit=REASON_CHARACTERS_MAX)
    return reason


def _about(callout: Callout) -> tuple[int, ...]:
    return tuple(pk for pk in (callout.id, callout.subject_id) if pk > 0)


def _seen(viewer: Viewer, callout_id: int, place_code: str) -> Callout:
    callout = Callout.objects.filter(pk=callout_id).first()
    if callout is None or not viewer.may(Permission.SEE_CALLS, place_code):
        raise NOT_FOUND()
    return callout


def _calls_under(callout_id: int, place_code: str) -> Any:
    """By the batch's place, since that is what facts about calls are scoped by."""
    prefix = scope_prefix(place_code)
    batches = PartyBatch.objects.filter(callout_id=callout_id, place_code__startswith=prefix)
    return Call.objects.filter(callout_id=callout_id, batch_id__in=batches.values("id"))
