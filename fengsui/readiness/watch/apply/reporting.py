"""Reported events: what corrections, reports and an end add up to, in whatever order they come."""

from __future__ import annotations

from fengsui.foundation.journal.facts import Fact
from fengsui.readiness.watch.apply.standing import order_key
from fengsui.readiness.watch.models import (
    Incident,
    IncidentCorrection,
    IncidentEnd,
    IncidentReport,
)
from fengsui.readiness.watch.states import ReportKind
from fengsui.standards.instants import from_ms


def apply_incident_known(fact: Fact) -> int | None:
    said, words = fact.fields, fact.personal or {}
    known_at, occurred_ms = from_ms(said["known_ms"]), said["occurred_ms"]
    Incident.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "post_id": said["post_id"],
            "place_code": fact.scope,
            "where_code": said["where_code"],
            "profile": said["profile"],
            "occurred_at": None if occurred_ms is None else from_ms(occurred_ms),
            "entered_by": fact.actor,
            "entered_at": fact.at,
            "first_known_at": known_at,
            "first_grade": said["grade"],
            "known_at": known_at,
            "grade": said["grade"],
        },
    )
    # Again after an erasure: the words go, the row still counts.
    Incident.objects.filter(id=fact.entity()).update(
        title=words.get("title", ""), heard_from=words.get("heard_from", "")
    )
    _settle(fact.entity())
    return None


def apply_report_recorded(fact: Fact) -> int | None:
    said, words = fact.fields, fact.personal or {}
    key = order_key(fact) if said["has_reason"] else ""
    IncidentReport.objects.get_or_create(
        id=fact.entity(),
        defaults={
            "incident_id": said["incident_id"],
            "place_code": fact.scope,
            "kind": said["kind"],
            "at": from_ms(said["at_ms"]),
            "has_reason": said["has_reason"],
            "reason_key": key,
            "recorded_by": fact.actor,
            "recorded_at": fact.at,
        },
    )
    rows = IncidentReport.objects.filter(id=fact.entity())
    rows.update(told_to=words.get("told_to", ""))
    rows.filter(reason_key=key).update(late_reason=words.get("late_reason", ""))
    _settle(said["incident_id"])
    return None


def apply_incident_closed(fact: Fact) -> int | None:
    said = fact.fields
    IncidentEnd.objects.get_or_create(
        id=fact.entity(),
        defaults={"incident_id": said["incident_id"], "at": from_ms(said["at_ms"])},
    )
    _settle(said["incident_id"])
    return None


def apply_incident_reopened(fact: Fact) -> int | None:
    said = fact.fields
    rows = IncidentEnd.objects.filter(id=said["end_id"])
    if not rows.exists():
        return int(said["end_id"])
    rows.update(
        withdrawn_at=fact.at,
        withdrawn_by=fact.actor,
        reason=(fact.personal or {}).get("reason", ""),
    )
    _settle(said["incident_id"])
    return None


def apply_incident_corrected(fact: Fact) -> int | None:
    said = fact.fields
    IncidentCorrection.objects.update_or_create(
        id=fact.entity(),
        defaults={
            "incident_id": said["incident_id"],
            "known_at": from_ms(said["known_ms"]),
            "grade": said["grade"],
            "reason": (fact.personal or {}).get("reason", ""),
            "corrected_by": fact.actor,
            "corrected_at": fact.at,
            "order_key": order_key(fact),
        },
    )
    _settle(said["incident_id"])
    return None


def apply_late_reason_given(fact: Fact) -> int | None:
    rows, key = IncidentReport.objects.filter(id=fact.fields["report_id"]), order_key(fact)
    if not rows.exists():
        return int(fact.fields["report_id"])
    # An erasure applies the same fact again: equal must win as well.
    rows.filter(reason_key__lte=key).update(
        has_reason=True, late_reason=(fact.personal or {}).get("reason", ""), reason_key=key
    )
    return None


def _settle(incident_id: int) -> None:
    """What is true now of when it became known, how grave it is, and whether it is over."""
    rows = Incident.objects.filter(id=incident_id)
    row = rows.first()
    if row is None:
        return
    last = IncidentCorrection.objects.filter(incident_id=incident_id).order_by("-order_key").first()
    ends = IncidentEnd.objects.filter(incident_id=incident_id, withdrawn_at=None)
    end = ends.order_by("at", "id").first()
    finals = IncidentReport.objects.filter(incident_id=incident_id, kind=ReportKind.FINAL)
    final = finals.order_by("at", "id").first()
    rows.update(
        known_at=row.first_known_at if last is None else last.known_at,
        grade=row.first_grade if last is None else last.grade,
        closed_at=None if end is None else end.at,
        finished_at=None if final is None else final.at,
    )
