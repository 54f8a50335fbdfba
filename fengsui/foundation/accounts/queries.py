"""From a session to a viewer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from fengsui.foundation.access.viewer import NOBODY, Grant, Scope, Viewer
from fengsui.foundation.accounts.models import RoleGrant
from fengsui.foundation.accounts.rules import LATE_ENTRY_HOURS
from fengsui.foundation.journal import clock
from fengsui.foundation.people.models import Person

SESSION_PERSON = "person_id"


def in_force(at: datetime) -> Q:
    """Grants that nobody revoked and that have not ended by themselves at `at`."""
    return Q(revoked_at=None) & (Q(until_at=None) | Q(until_at__gt=at))


def viewer_for_person(
    person_id: int, *, request_id: str = "", as_of: datetime | None = None
) -> Viewer:
    """The viewer with every grant in force; NOBODY where the person is unknown.

    `as_of`: for what was signed before a role ended by itself and arrives after it. A revocation
    counts at once whatever was signed before.
    """
    person = Person.objects.filter(id=person_id).first()
    if person is None:
        return NOBODY
    rows = RoleGrant.objects.filter(in_force(as_of or clock.now()), person_id=person_id).order_by(
        "id"
    )
    grants = tuple(Grant(row.role, Scope.of(row.place_code)) for row in rows)
    return Viewer(person_id=person_id, name=person.name, grants=grants, request_id=request_id)


def viewer_of_signed(person_id: int, *, signed_at: datetime, request_id: str = "") -> Viewer:
    """The author of what a phone signed, also where the role has ended by itself since then."""
    now = clock.now()
    is_recent = timedelta(0) <= now - signed_at <= timedelta(hours=LATE_ENTRY_HOURS)
    return viewer_for_person(
        person_id, request_id=request_id, as_of=signed_at if is_recent else now
    )


def viewer_of_session(session: Mapping[str, Any], *, request_id: str = "") -> Viewer:
    person_id = session.get(SESSION_PERSON)
    return viewer_for_person(int(person_id), request_id=request_id) if person_id else NOBODY


def holders_of(role: str, code: str, *, viewer: Viewer) -> list[dict[str, Any]]:
    """Who holds a role over a place: [{person_id, name}]. For “who may approve this?”."""
    rows = RoleGrant.objects.filter(in_force(clock.now()), role=role)
    ids = [row.person_id for row in rows if Scope.of(row.place_code).contains(code)]
    named = Person.objects.filter(id__in=ids).order_by("id")
    return [{"person_id": str(person.pk), "name": person.name} for person in named]
