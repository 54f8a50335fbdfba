"""Sessions: begun, used, ended by their owner or by the security administrator."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.accounts.models import SessionNote
from fengsui.foundation.accounts.queries.secrets import check_manages
from fengsui.foundation.accounts.queries.viewers import SESSION_NOTE, SESSION_PERSON, desk_now
from fengsui.foundation.accounts.services.granting import record_secret_change

USED_AGAIN_SECONDS = 30  # a session that is in use is written no oftener
NOTES_KEPT_DAYS = 30


def begin_session(
    session: SessionBase,
    *,
    person_id: int,
    how: str,
    address: str = "",
    browser: str = "",
    is_kept: bool = False,
    **more: Any,
) -> None:
    """A new session for a new person: the old one's id is never kept."""
    session.flush()
    session[SESSION_PERSON] = person_id
    note_id = secrets.token_hex(16)
    session[SESSION_NOTE] = note_id
    for name, value in more.items():
        session[name] = value
    session.save()
    now = desk_now()
    SessionNote.objects.filter(active_at__lt=now - timedelta(days=NOTES_KEPT_DAYS)).delete()
    SessionNote.objects.create(
        id=note_id,
        session_key=session.session_key or note_id,
        person_id=person_id,
        how=how,
        address=address[:60],
        browser=browser[:160],
        begun_at=now,
        active_at=now,
        is_kept=is_kept,
    )


def keep_session(session: SessionBase) -> None:
    """This session is a phone's with a key of its own: it does not end by being idle."""
    SessionNote.objects.filter(id=session.get(SESSION_NOTE, "")).update(is_kept=True)


def use_session(session: SessionBase) -> None:
    """Somebody is here: has done something, or answered the warning that it would end."""
    now = desk_now()
    SessionNote.objects.filter(
        id=session.get(SESSION_NOTE, ""),
        ended_at=None,
        active_at__lt=now - timedelta(seconds=USED_AGAIN_SECONDS),
    ).update(active_at=now)


def end_session(session: SessionBase) -> None:
    """Signing out."""
    SessionNote.objects.filter(id=session.get(SESSION_NOTE, ""), ended_at=None).update(
        ended_at=desk_now()
    )
    session.flush()


def end_one(*, viewer: Viewer, note_id: str) -> None:
    """One's own, or one of a person whose account one manages. Raises access.not_found."""
    note = SessionNote.objects.filter(id=note_id, ended_at=None).first()
    if note is None:
        raise NOT_FOUND()
    if note.person_id != viewer.person_id:
        check_manages(viewer, note.person_id)
        record_secret_change(viewer=viewer, person_id=note.person_id, what="sessions_ended")
    _end([note])


def end_others(*, person_id: int, but: str) -> int:
    """Every session of a person but one; how many."""
    notes = list(SessionNote.objects.filter(person_id=person_id, ended_at=None).exclude(id=but))
    _end(notes)
    return len(notes)


def _end(notes: list[SessionNote]) -> None:
    for note in notes:
        SessionStore(note.session_key).delete()
    SessionNote.objects.filter(id__in=[note.pk for note in notes]).update(ended_at=desk_now())
