"""The three separated administrators of a new node (三员), each by a link shown once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fengsui.foundation.access.queries import in_scopes
from fengsui.foundation.access.viewer import Scope, Viewer
from fengsui.foundation.accounts import rules
from fengsui.foundation.accounts.errors import ADMINISTRATORS_DIFFER
from fengsui.foundation.accounts.models import Credential, RoleGrant
from fengsui.foundation.accounts.queries.viewers import in_force, policy
from fengsui.foundation.accounts.services.granting import register_account
from fengsui.foundation.accounts.services.signing_in import make_one_time_link, spoil_links
from fengsui.foundation.journal import clock
from fengsui.foundation.people import services as people
from fengsui.foundation.people.queries import person_names
from fengsui.standards.instants import to_iso


def first_administrators(
    *,
    viewer: Viewer,
    place_code: str,
    administrators: list[dict[str, str]],
    new_links: bool = False,
) -> list[dict[str, Any]]:
    """For each {"role", "name", "phone"}: {"role", "name", "person_id", "token", "expires"}.

    A role that somebody holds is not given again (token None). With `new_links` those who have
    not set a password yet get a new link, and the old one stops working.
    """
    names = [one["name"].strip() for one in administrators]
    roles = [one["role"] for one in administrators]
    if len(set(names)) != len(names) or not all(names) or set(roles) - rules.SEPARATED:
        raise ADMINISTRATORS_DIFFER()
    return [
        _one(viewer, place_code, role, name, one.get("phone", ""), new_links)
        for one, role, name in zip(administrators, roles, names, strict=True)
    ]


def _one(
    viewer: Viewer, place_code: str, role: str, name: str, phone: str, new_links: bool
) -> dict[str, Any]:
    here = in_scopes("place_code", (Scope.of(place_code),))
    held = RoleGrant.objects.filter(here, in_force(clock.now()), role=role).order_by("id").first()
    is_new = held is None
    person_id = _register(viewer, place_code, name, phone) if held is None else held.person_id
    if is_new:
        register_account(viewer=viewer, person_id=person_id, grants=[[role, place_code]])
    is_waiting = not Credential.objects.filter(person_id=person_id).exists()
    token = None
    if is_new or (new_links and is_waiting):
        spoil_links(person_id)
        token = make_one_time_link(person_id)
    known = person_names([person_id], viewer=viewer)
    return {
        "role": role,
        "name": known.get(person_id, name),
        "person_id": person_id,
        "token": token,
        "expires": to_iso(clock.now() + timedelta(hours=policy().link_hours)) if token else None,
    }


def _register(viewer: Viewer, place_code: str, name: str, phone: str) -> int:
    numbers = [{"person": "new", "kind": "phone", "value": phone}] if phone else []
    ids = people.register_people(
        viewer=viewer,
        persons=[{"ref": "new", "name": name, "place_code": place_code}],
        contact_points=numbers,
        is_invented=False,
    )
    return int(ids["new"])
