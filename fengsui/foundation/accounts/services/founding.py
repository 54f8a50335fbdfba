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
from fengsui.foundation.people import services as people_services
from fengsui.foundation.people.queries import person_names


def first_administrators(
    *, viewer: Viewer, place_code: str, people: list[dict[str, str]], new_links: bool = False
) -> list[dict[str, Any]]:
    """For each {"role", "name", "phone"}: {"role", "name", "person_id", "token", "expires"}.

    A role that somebody holds is not given again (token None). With `new_links` those who have
    not set a password yet get a new link, and the old one stops working. Whoever holds one of the
    three roles already is in the answer too, also where `people` does not name that role.
    """
    names = [one["name"].strip() for one in people]
    roles = [one["role"] for one in people]
    if (
        len(set(names)) != len(names)
        or len(set(roles)) != len(roles)
        or not all(names)
        or set(roles) - rules.SEPARATED
    ):
        raise ADMINISTRATORS_DIFFER()
    named = {one["role"]: one for one in people}
    holders = {role: _holder(place_code, role) for role in sorted(rules.SEPARATED)}
    return [
        _one(viewer, place_code, role, named.get(role, {}), holder, new_links)
        for role, holder in holders.items()
        if role in named or holder is not None
    ]


def _holder(place_code: str, role: str) -> int | None:
    here = in_scopes("place_code", (Scope.of(place_code),))
    held = RoleGrant.objects.filter(here, in_force(clock.now()), role=role).order_by("id").first()
    return held.person_id if held else None


def _one(
    viewer: Viewer,
    place_code: str,
    role: str,
    named: dict[str, str],
    holder: int | None,
    new_links: bool,
) -> dict[str, Any]:
    person_id = holder
    if person_id is None:
        person_id = _register(viewer, place_code, named["name"].strip(), named.get("phone", ""))
        register_account(viewer=viewer, person_id=person_id, grants=[[role, place_code]])
    is_waiting = not Credential.objects.filter(person_id=person_id).exists()
    token = None
    if holder is None or (new_links and is_waiting):
        spoil_links(person_id)
        token = make_one_time_link(person_id)
    known = person_names([person_id], viewer=viewer)
    return {
        "role": role,
        "name": known.get(person_id, ""),
        "person_id": person_id,
        "token": token,
        "expires": clock.now() + timedelta(hours=policy().link_hours) if token else None,
    }


def _register(viewer: Viewer, place_code: str, name: str, phone: str) -> int:
    numbers = [{"person": "new", "kind": "phone", "value": phone}] if phone else []
    ids = people_services.register_people(
        viewer=viewer,
        persons=[{"ref": "new", "name": name, "place_code": place_code}],
        contact_points=numbers,
        is_invented=False,
    )
    return int(ids["new"])
