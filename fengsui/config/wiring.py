"""What lower apps ask and only upper ones know: wired together once, when a process starts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import apps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fengsui.engines.calls.services import Contact, Heard, StandIn, StandInRequest
    from fengsui.foundation.access.viewer import Viewer

_WIRED = (
    "fengsui.readiness.watch",
    "fengsui.response.situation",
    "fengsui.exchange.neighbours",
)


def wire() -> None:
    """Tells calls who is out of contact and who is on duty when a rung is reached, the registers
    which numbers were answered, and the situation which nodes were heard, and how.

    A writer that tests start with fewer apps has nobody to tell.
    """
    if apps.is_installed("fengsui.foundation.imports"):
        from fengsui.foundation.accounts.queries import viewer_for_person
        from fengsui.foundation.imports import services as imports

        imports.set_viewer_resolver(viewer_for_person)
    if apps.is_installed("fengsui.readiness.policies"):
        from fengsui.engines.calls.services import set_policy_source
        from fengsui.readiness.policies.queries import in_force

        set_policy_source(in_force)
    if not all(apps.is_installed(name) for name in _WIRED):
        return
    from fengsui.engines.calls import services as calls
    from fengsui.response.situation import queries as situation

    calls.set_contact_resolver(_contact_of)
    calls.set_resolver(_on_duty)
    _wire_duty()
    calls.set_number_listener(_numbers_heard)
    situation.set_hearing_resolver(_heard)


def _wire_duty() -> None:
    """A 值班室 is whoever tonight's rota names; a handover lists what upper apps hold open."""
    from fengsui.config.duties import open_matters
    from fengsui.foundation.people import queries as people
    from fengsui.readiness.watch import queries as watch

    people.set_rota(watch.tonight)
    watch.set_matters(open_matters)


def _contact_of(node_key: bytes) -> Contact:
    from fengsui.engines.calls.services import Contact
    from fengsui.exchange.neighbours.models import Neighbour
    from fengsui.exchange.neighbours.queries import not_received_upstream
    from fengsui.exchange.neighbours.states import UpstreamState, is_out_of_contact
    from fengsui.foundation.journal import clock

    neighbour = Neighbour.objects.filter(public_key=node_key).first()
    if neighbour is not None:
        is_lost = is_out_of_contact(neighbour.last_heard_at, clock.now())
        return Contact.CUT_OFF if is_lost else Contact.IN_CONTACT
    # Not a neighbour: its facts come through the node above, or not at all.
    state = not_received_upstream().state
    if state is UpstreamState.CUT_OFF:
        return Contact.CUT_OFF
    known = (UpstreamState.LEVEL, UpstreamState.BEHIND)
    return Contact.IN_CONTACT if state in known else Contact.NOT_KNOWN


def _on_duty(requests: Sequence[StandInRequest]) -> dict[int, StandIn]:
    """Who is on a post or in a duty room at this moment, for calls that reach such a rung."""
    from fengsui.engines.calls.rules import Who
    from fengsui.engines.calls.services import StandIn
    from fengsui.foundation.people import queries as people

    asked = [
        people.DutyAsked(
            key=one.call_id,
            place_code=one.place_code,
            post_title=one.post_title,
            is_superior=one.who is Who.SUPERIOR_DUTY_ROOM,
            number=1 if one.who is Who.SUBSTITUTE else 0,
            person_ids=one.person_ids,
            is_own_room=one.who is Who.DUTY_PHONE,
        )
        for one in requests
    ]
    return {
        key: StandIn(found["person_id"], found["name"], found["contacts"])
        for key, found in people.on_duty(asked).items()
    }


def _numbers_heard(viewer: Viewer, heard: Sequence[Heard]) -> None:
    """An answer proves a number, and a dead one is known, without anybody ticking anything."""
    from fengsui.foundation.people import services as people

    people.note_numbers_rung(viewer=viewer, heard=[people.NumberRung(*one) for one in heard])


def _heard() -> dict[str, tuple[datetime, str]]:
    """Place of each neighbour → when it was last heard, and whether by link or by stick."""
    from fengsui.exchange.neighbours.models import Neighbour
    from fengsui.standards.divisions import full_code

    rows = Neighbour.objects.exclude(last_heard_at=None).exclude(scope="")
    return {
        full_code(scope): (at, "bundle" if "bundle" in carrier else "session")
        for scope, at, carrier in rows.order_by("last_heard_at").values_list(
            "scope", "last_heard_at", "last_carrier"
        )
        if at is not None
    }
