"""From a session to a viewer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fengsui.foundation.access.viewer import NOBODY, Grant, Scope, Viewer
from fengsui.foundation.accounts.models import RoleGrant
from fengsui.foundation.people.models import Person

SESSION_PERSON = "person_id"


def viewer_for_person(person_id: int, *, request_id: str = "") -> Viewer:
    """The viewer with every grant in force; NOBODY where the person is unknown."""
    person = Person.objects.filter(id=person_id).first()
    if person is None:
        return NOBODY
    rows = RoleGrant.objects.filter(person_id=person_id, revoked_at=None).order_by("id")
    grants = tuple(Grant(row.role, Scope.of(row.place_code)) for row in rows)
    return Viewer(person_id=person_id, name=person.name, grants=grants, request_id=request_id)


def viewer_of_session(session: Mapping[str, Any], *, request_id: str = "") -> Viewer:
    person_id = session.get(SESSION_PERSON)
    return viewer_for_person(int(person_id), request_id=request_id) if person_id else NOBODY


def holders_of(role: str, code: str, *, viewer: Viewer) -> list[dict[str, Any]]:
    """Who holds a role over a place: [{person_id, name}]. For “who may approve this?”."""
    rows = RoleGrant.objects.filter(role=role, revoked_at=None)
    ids = [row.person_id for row in rows if Scope.of(row.place_code).contains(code)]
    named = Person.objects.filter(id__in=ids).order_by("id")
    return [{"person_id": str(person.pk), "name": person.name} for person in named]
