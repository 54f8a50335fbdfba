"""Reads of the alert desk: what is in force, and who may see which alert."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Scope, Viewer, node_viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.people import queries as people
from fengsui.response.alerts.models import Alert, AlertStep, Authorisation
from fengsui.response.alerts.rules import (
    LEVEL_RANK,
    SELF_RESCUE_REVIEW,
    Predecessor,
    StandingAuthorisation,
    short_text,
)
from fengsui.response.alerts.states import OPEN_STATES, AlertKind, AlertState
from fengsui.response.evacuations import queries as evacuations
from fengsui.standards.divisions import scope_prefix
from fengsui.standards.instants import to_iso

LIST_MAX = 200
CARRIED_ON = "carried_on"  # the source of an alert that a cut-off node took from another's
_NOT_PUBLIC = (AlertState.DRAFT, AlertState.PENDING, AlertState.RETURNED, AlertState.APPROVED)


def sees(viewer: Viewer, alert: Alert) -> bool:
    """Owners and authors see everything; whoever is concerned sees what is no longer a draft."""
    if viewer.may(Permission.SEE_ALERTS, alert.place_code):
        return True
    mine = viewer.scopes(Permission.SEE_ALERTS)
    if alert.author_id == viewer.person_id and mine:
        return True
    if alert.state in _NOT_PUBLIC:
        return False
    return any(_touches(scope, alert) for scope in mine)


def _touches(scope: Scope, alert: Alert) -> bool:
    prefixes = [scope_prefix(code) for code in alert.area_codes or [alert.place_code]]
    return any(one.startswith(scope.prefix) or scope.prefix.startswith(one) for one in prefixes)


def gate(alert_id: int, *, viewer: Viewer) -> Alert:
    """One alert, or not found: what may not be seen is not told apart from what is not there."""
    alert = Alert.objects.filter(id=alert_id).first()
    if alert is None or not sees(viewer, alert):
        raise NOT_FOUND()
    return alert


def review_due_at(alert: Alert) -> datetime | None:
    """By when a self-rescue call must be reviewed; None where it was, or needs none."""
    if not alert.self_rescue or alert.self_rescue_reviewed_at is not None:
        return None
    return alert.created_at + SELF_RESCUE_REVIEW


def alert_of_callout(callout_id: int, *, viewer: Viewer) -> Alert | None:
    """The newest alert that speaks through a callout, if the viewer may see it."""
    for row in Alert.objects.filter(callout_id=callout_id).order_by("-created_at"):
        if sees(viewer, row):
            return row
    return None


def is_moving(alert: Alert) -> bool:
    """转移: people are told to move, or are on a list to be moved."""
    return alert.kind == AlertKind.EVACUATION_INSTRUCTION or alert.evacuation_id is not None


def alerts(*, viewer: Viewer, only_open: bool = True) -> list[Alert]:
    rows = Alert.objects.order_by("-created_at")
    if only_open:
        rows = rows.filter(state__in=OPEN_STATES)
    return [one for one in rows[:LIST_MAX] if sees(viewer, one)]


def alerts_in_force(*, viewer: Viewer) -> list[Alert]:
    """What is in force in the viewer's sight, its time not over, oldest first."""
    rows = Alert.objects.filter(_in_time(), state=AlertState.ACTIVE).order_by("activated_at", "id")
    return [one for one in rows[:LIST_MAX] if sees(viewer, one)]


def public_alerts() -> list[Alert]:
    """What anybody may read: in force now, called out by the county, newest first."""
    rows = Alert.objects.filter(_in_time(), state=AlertState.ACTIVE)
    return list(rows.order_by("-activated_at")[:LIST_MAX])


def _in_time() -> Q:
    """Another node's alert ends here by its time, though its owner cannot be heard saying so."""
    return Q(expires_at=None) | Q(expires_at__gt=clock.now())


def public_alert(alert_id: int) -> Alert:
    alert = Alert.objects.filter(id=alert_id).exclude(state__in=_NOT_PUBLIC).first()
    if alert is None or alert.activated_at is None:
        raise NOT_FOUND()
    return alert


def alert_for_the_field(*, viewer: Viewer) -> dict[str, Any] | None:
    """The gravest alert in force where this viewer stands, said in forty characters.

    The short text names the people and the shelter of the viewer's own ground where known.
    """
    mine = [
        row
        for row in Alert.objects.filter(_in_time(), state=AlertState.ACTIVE)
        if any(_touches(scope, row) for scope in viewer.scopes(Permission.SEE_ALERTS))
    ]
    if not mine:
        return None
    row = max(mine, key=lambda one: (LEVEL_RANK.get(one.level, 0), one.issued_at, one.pk))
    return {
        "id": row.pk,
        "level": row.level,
        "kind": row.kind,
        "short_text": _short_text_here(row, viewer),
        "instruction": row.instruction,
        "issued_at": to_iso(row.issued_at),
        "exercise": row.exercise,
        "category_name": row.category_name,
        "state": row.state,
        "callout_id": row.callout_id,
        "evacuation_id": row.evacuation_id,
    }


def _short_text_here(alert: Alert, viewer: Viewer) -> str:
    if alert.evacuation_id is None or alert.self_rescue:
        return alert.short_text
    shelters = evacuations.shelters_of(alert.evacuation_id, viewer=viewer)
    if len(shelters) != 1 or alert.source_format == "own":
        return alert.short_text
    shelter, people = next(iter(shelters.items()))
    return short_text(
        kind=alert.kind,
        category_name=alert.category_name,
        level=alert.level,
        description=alert.verbatim_text,
        people=people,
        shelter=shelter,
    )


def history(alert_id: int, *, viewer: Viewer) -> list[dict[str, Any]]:
    gate(alert_id, viewer=viewer)
    steps = list(AlertStep.objects.filter(alert_id=alert_id).order_by("at", "id"))
    names = people.person_names([step.person_id for step in steps], viewer=node_viewer())
    return [
        {
            "at": step.at,
            "verb": step.verb,
            "by": names.get(step.person_id, "系统"),
            "reason": step.reason,
        }
        for step in steps
    ]


def editors_of(alert_id: int) -> set[int]:
    rows = AlertStep.objects.filter(alert_id=alert_id, verb="edited")
    return set(rows.values_list("person_id", flat=True))


def predecessors(alert: Alert) -> list[Predecessor]:
    rows = Alert.objects.filter(
        state=AlertState.ACTIVE, place_code=alert.place_code, kind=alert.kind
    ).exclude(id=alert.pk)
    return [
        Predecessor(
            alert_id=row.pk,
            identifier=row.identifier,
            issuer=row.issuer,
            category=row.category,
            level=row.level,
            area_codes=tuple(row.area_codes),
            exercise=row.exercise,
        )
        for row in rows.order_by("activated_at", "id")
    ]


def authorisations(*, viewer: Viewer) -> list[Authorisation]:
    """Standing authorisations of the places this viewer sees, newest first."""
    rows = Authorisation.objects.filter(visible(viewer, Permission.SEE_ALERTS))
    return list(rows.order_by("-valid_from", "-id")[:LIST_MAX])


def authorisations_in_force() -> list[StandingAuthorisation]:
    return [
        StandingAuthorisation(
            id=row.pk,
            levels=frozenset(row.levels),
            prefix=scope_prefix(row.place_code),
            valid_from=row.valid_from,
            valid_until=row.valid_until,
        )
        for row in Authorisation.objects.filter(stopped_at=None)
    ]


def number_of(alert: Alert) -> str:
    """The alert number that a message carries: the issuer's, else this county's own."""
    return alert.identifier or f"fengsui.{alert.place_code}.{alert.pk}"


def carried_on_from(alert: Alert) -> Alert | None:
    """The other node's alert with the same number that this one carries on, if it is here."""
    for one in _same_number(alert):
        if one.source_format != CARRIED_ON:
            return one
    return None


def same_number(alert: Alert, *, viewer: Viewer) -> list[Alert]:
    """Every alert in sight that went out under this alert's number, itself first."""
    return [alert, *(one for one in _same_number(alert) if sees(viewer, one))]


def _same_number(alert: Alert) -> list[Alert]:
    number = number_of(alert)
    wanted = Q(identifier=number)
    last = number.rpartition(".")[2]
    if number.startswith("fengsui.") and last.isdigit() and len(last) < 20:
        wanted |= Q(pk=int(last))
    rows = Alert.objects.filter(wanted, exercise=alert.exercise).exclude(pk=alert.pk)
    return [one for one in rows.order_by("created_at", "id") if number_of(one) == number]
