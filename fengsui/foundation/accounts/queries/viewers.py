"""From a person, a session or a key to a viewer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from fengsui.foundation.access.viewer import NOBODY, Grant, Scope, Viewer, permissions_of
from fengsui.foundation.accounts import rules
from fengsui.foundation.accounts.models import OwnRole, PolicyValue, RoleGrant, SessionNote
from fengsui.foundation.journal import clock
from fengsui.foundation.people.models import Person

SESSION_PERSON = "person_id"
SESSION_NOTE = "note"


def desk_now() -> datetime:
    """The time of those who sit at the desk, also where a demonstration's night runs faster."""
    return clock.machine_now() if settings.IS_DEMONSTRATION else clock.now()


def in_force(at: datetime) -> Q:
    """Grants that nobody revoked and that have not ended by themselves at `at`."""
    return Q(revoked_at=None) & (Q(until_at=None) | Q(until_at__gt=at))


def grants_from(rows: Iterable[RoleGrant]) -> tuple[Grant, ...]:
    """Rows as grants; a role of the county's own brings its permissions, withdrawn ones none."""
    held = list(rows)
    wanted = [int(row.role[4:]) for row in held if is_own(row.role)]
    own = {one.code: one for one in OwnRole.objects.filter(id__in=wanted)} if wanted else {}
    return tuple(_grant(row, own.get(row.role)) for row in held)


def is_own(role: str) -> bool:
    return role.startswith("own_") and role[4:].isdigit()


def _grant(row: RoleGrant, own: OwnRole | None) -> Grant:
    if not is_own(row.role):
        return Grant(row.role, Scope.of(row.place_code))
    alive = own is not None and own.withdrawn_at is None
    permissions = permissions_of(own.permissions) if own and alive else frozenset()
    here = Scope.of(row.place_code)
    inside = own is not None and Scope.of(own.place_code).contains(here.prefix)
    return Grant(row.role, here, permissions - rules.OF_THE_THREE if inside else frozenset())


def viewer_for_person(
    person_id: int, *, request_id: str = "", as_of: datetime | None = None
) -> Viewer:
    """The viewer with every grant in force; NOBODY where the person is unknown or withdrawn.

    `as_of`: for what was signed before a role ended by itself and arrives after it. A revocation
    counts at once whatever was signed before.
    """
    person = Person.objects.filter(id=person_id, is_withdrawn=False).first()
    if person is None:
        return NOBODY
    held = in_force(as_of or clock.now())
    rows = RoleGrant.objects.filter(held, person_id=person_id).order_by("id")
    return Viewer(
        person_id=person_id, name=person.name, grants=grants_from(rows), request_id=request_id
    )


def viewer_of_signed(person_id: int, *, signed_at: datetime, request_id: str = "") -> Viewer:
    """The author of what a phone signed, also where the role has ended by itself since then."""
    now = clock.now()
    is_recent = timedelta(0) <= now - signed_at <= timedelta(hours=rules.LATE_ENTRY_HOURS)
    return viewer_for_person(
        person_id, request_id=request_id, as_of=signed_at if is_recent else now
    )


def viewer_of_session(session: Mapping[str, Any], *, request_id: str = "") -> Viewer:
    """The session's person; NOBODY where it was ended, or nobody has used it for too long."""
    person_id = session.get(SESSION_PERSON)
    if not person_id or not is_alive(session.get(SESSION_NOTE)):
        return NOBODY
    return viewer_for_person(int(person_id), request_id=request_id)


def is_alive(note_id: str | None) -> bool:
    """True unless the session was ended or has been idle. A phone's own session is never idle."""
    if not note_id:
        return True
    note = SessionNote.objects.filter(id=note_id).first()
    if note is None or note.ended_at is not None:
        return False
    return note.is_kept or not rules.is_idle(note.active_at, desk_now(), policy())


def policy() -> rules.Policy:
    """The rules for signing in that hold here."""
    return rules.Policy.of({row.name: row.value for row in PolicyValue.objects.all()})


def holders_of(role: str, code: str, *, viewer: Viewer) -> list[dict[str, Any]]:
    """Who holds a role over a place: [{person_id, name}]. For “who may approve this?”."""
    rows = RoleGrant.objects.filter(in_force(clock.now()), role=role)
    ids = [row.person_id for row in rows if Scope.of(row.place_code).contains(code)]
    named = Person.objects.filter(id__in=ids).order_by("id")
    return [{"person_id": str(person.pk), "name": person.name} for person in named]
