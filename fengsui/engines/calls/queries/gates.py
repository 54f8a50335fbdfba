"""Who may see which callout and which call, and what had happened by a moment."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from fengsui.engines.calls.models import Call, Callout
from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer


def callout(callout_id: int, *, viewer: Viewer) -> Callout:
    """The callout, where the viewer may see the calls of its place or of a part of it."""
    found = Callout.objects.filter(pk=callout_id).first()
    if found is None:
        raise NOT_FOUND()
    if viewer.may(Permission.SEE_CALLS, found.place_code):
        return found
    if not calls_in_sight(callout_id, viewer).exists():
        raise NOT_FOUND()
    return found


def callouts_of(subject_kind: str, subject_id: int, *, viewer: Viewer) -> list[Callout]:
    """The callouts of one subject (an alert), oldest first."""
    rows = Callout.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("id")
    return [row for row in rows.filter(visible(viewer, Permission.SEE_CALLS, "place_code"))]


def calls_in_sight(callout_id: int, viewer: Viewer) -> QuerySet[Call]:
    return Call.objects.filter(callout_id=callout_id).filter(
        visible(viewer, Permission.SEE_CALLS, "place_code")
    )


def settled_by(at: datetime) -> Q:
    return Q(answered_at__lte=at) | Q(reached_at__lte=at) | Q(notified_at__lte=at)


def not_by(field: str, at: datetime) -> Q:
    return Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gt": at})


def call(call_id: int, *, viewer: Viewer) -> Call:
    """One call, where the viewer may see it or is the person called."""
    found = Call.objects.filter(pk=call_id).first()
    if found is None:
        raise NOT_FOUND()
    if viewer.person_id and found.person_id == viewer.person_id:
        return found
    if not viewer.may(Permission.SEE_CALLS, found.place_code):
        raise NOT_FOUND()
    return found
