"""信息报告: an event is entered, its reports are recorded, its handling ends. Late never blocks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import require
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, on_commit_notify, record
from fengsui.foundation.places import queries as places
from fengsui.readiness.watch.errors import (
    FINAL_MADE,
    INCIDENT_OVER,
    MOMENT_NOT_VALID,
    NOT_OVER,
    PLACE_NOT_OF_ROOM,
    STILL_HANDLED,
    TEXT_NEEDED,
    TOO_MANY_INCIDENTS,
    UNKNOWN_REPORTING_WORD,
)
from fengsui.readiness.watch.facts import (
    INCIDENT_CLOSED,
    INCIDENT_CORRECTED,
    INCIDENT_KNOWN,
    INCIDENT_REOPENED,
    LATE_REASON_GIVEN,
    REPORT_RECORDED,
)
from fengsui.readiness.watch.models import Incident, IncidentEnd, IncidentReport
from fengsui.readiness.watch.queries.reporting import owed_by
from fengsui.readiness.watch.queries.rota import is_under, room
from fengsui.readiness.watch.services.planning import TOPIC
from fengsui.readiness.watch.states import REPORT_WORDS, ReportKind
from fengsui.standards.instants import asked, to_ms
from fengsui.standards.report_profiles import grades, profiles

TITLE_CHARACTERS_MAX = 60
WORDS_CHARACTERS_MAX = 200
BACK_MAX = timedelta(days=30)
OPEN_MAX = 100  # events of one room


@command
def enter_incident(
    *,
    viewer: Viewer,
    post_id: int,
    title: str,
    grade: str,
    known_at: datetime,
    occurred_at: datetime | None = None,
    heard_from: str = "",
    profile: str = "county",
    where_code: str = "",
) -> dict[str, Any]:
    """获悉: from `known_at`, not from this entry, the room's reports are timed.

    `where_code`: a place of the room, its own by default. Returns {"incident_id"}. Raises
    watch.text_needed, .unknown_reporting_word, .moment_not_valid, .place_not_of_room.
    """
    found = room(post_id, viewer=viewer, permission=Permission.SEE_CALLS)
    place_code = found["place_code"]
    require(viewer, Permission.ANSWER_FOR_OTHERS, place_code)
    title, where_code = title.strip(), where_code or place_code
    if not title or len(title) > TITLE_CHARACTERS_MAX:
        raise TEXT_NEEDED(most=TITLE_CHARACTERS_MAX)
    if grade not in grades() or profile not in profiles():
        raise UNKNOWN_REPORTING_WORD()
    if not is_under(where_code, place_code) or not places.names([where_code], viewer=viewer):
        raise PLACE_NOT_OF_ROOM()
    known_at = _moment(known_at)
    if occurred_at is not None and (occurred_at := asked(occurred_at)) > known_at:
        raise MOMENT_NOT_VALID(days=BACK_MAX.days)
    if Incident.objects.filter(post_id=post_id, finished_at=None).count() >= OPEN_MAX:
        raise TOO_MANY_INCIDENTS(limit=OPEN_MAX)
    fact = record(
        INCIDENT_KNOWN,
        fields={
            "post_id": post_id,
            "where_code": where_code,
            "grade": grade,
            "profile": profile,
            "known_ms": to_ms(known_at),
            "occurred_ms": None if occurred_at is None else to_ms(occurred_at),
        },
        personal={"title": title, "heard_from": heard_from.strip()[:WORDS_CHARACTERS_MAX]},
        scope=place_code,
        viewer=viewer,
        about=[post_id],
    )
    on_commit_notify(TOPIC, {"verb": "report"})
    return {"incident_id": fact.entity()}


@command
def record_report(
    *,
    viewer: Viewer,
    incident_id: int,
    kind: str,
    told_to: str = "",
    at: datetime | None = None,
    late_reason: str = "",
) -> dict[str, Any]:
    """电话报, 书面报, 续报 or 终报 was made, now or at `at`. Late is recorded all the same.

    Returns {"report_id", "owes_reason"}: whether it was late and nobody has said why yet. Raises
    watch.unknown_reporting_word, .moment_not_valid, .still_handled.
    """
    row = _recorded_by(incident_id, viewer)
    if kind not in REPORT_WORDS:
        raise UNKNOWN_REPORTING_WORD()
    if kind == ReportKind.FINAL and row.closed_at is None:
        raise STILL_HANDLED()
    made_at = clock.now() if at is None else _moment(at)
    begins_at = row.closed_at if kind == ReportKind.FINAL and row.closed_at else row.known_at
    if made_at < begins_at:
        raise MOMENT_NOT_VALID(days=BACK_MAX.days)
    reason = late_reason.strip()[:WORDS_CHARACTERS_MAX]
    fact = record(
        REPORT_RECORDED,
        fields={
            "incident_id": row.pk,
            "kind": str(kind),
            "at_ms": to_ms(made_at),
            "has_reason": bool(reason),
        },
        personal={"told_to": told_to.strip()[:WORDS_CHARACTERS_MAX], "late_reason": reason},
        scope=row.place_code,
        viewer=viewer,
        about=[row.post_id],
    )
    on_commit_notify(TOPIC, {"verb": "report"})
    return {"report_id": fact.entity(), "owes_reason": fact.entity() in owed_by(row.pk)}


@command
def give_late_reason(*, viewer: Viewer, report_id: int, reason: str) -> dict[str, Any]:
    """迟报原因, written after the report. Raises watch.text_needed."""
    row = IncidentReport.objects.filter(pk=report_id).first()
    if row is None:
        raise NOT_FOUND()
    incident = _recorded_by(row.incident_id, viewer)
    reason = reason.strip()
    if not reason or len(reason) > WORDS_CHARACTERS_MAX:
        raise TEXT_NEEDED(most=WORDS_CHARACTERS_MAX)
    record(
        LATE_REASON_GIVEN,
        fields={"report_id": row.pk},
        personal={"reason": reason},
        scope=incident.place_code,
        viewer=viewer,
        about=[incident.post_id],
    )
    on_commit_notify(TOPIC, {"verb": "report"})
    return {"report_id": row.pk}


@command
def correct_incident(
    *,
    viewer: Viewer,
    incident_id: int,
    reason: str,
    known_at: datetime | None = None,
    grade: str = "",
) -> dict[str, Any]:
    """更正 the moment in which it became known, or its grade. What was said first stays shown.

    Raises watch.text_needed (without a reason), .unknown_reporting_word, .moment_not_valid.
    """
    row = _recorded_by(incident_id, viewer)
    reason, grade = reason.strip(), grade or row.grade
    if not reason or len(reason) > WORDS_CHARACTERS_MAX:
        raise TEXT_NEEDED(most=WORDS_CHARACTERS_MAX)
    if grade not in grades():
        raise UNKNOWN_REPORTING_WORD()
    corrected = row.known_at if known_at is None else _moment(known_at)
    if row.closed_at is not None and corrected > row.closed_at:
        raise MOMENT_NOT_VALID(days=BACK_MAX.days)
    record(
        INCIDENT_CORRECTED,
        fields={"incident_id": row.pk, "known_ms": to_ms(corrected), "grade": grade},
        personal={"reason": reason},
        scope=row.place_code,
        viewer=viewer,
        about=[row.post_id],
    )
    on_commit_notify(TOPIC, {"verb": "report"})
    return {"incident_id": row.pk}


@command
def close_incident(
    *, viewer: Viewer, incident_id: int, at: datetime | None = None
) -> dict[str, Any]:
    """处置结束: from here on only the final report is due. Raises watch.incident_over."""
    row = _recorded_by(incident_id, viewer)
    if row.closed_at is not None:
        raise INCIDENT_OVER()
    ended_at = clock.now() if at is None else _moment(at)
    if ended_at < row.known_at:
        raise MOMENT_NOT_VALID(days=BACK_MAX.days)
    record(
        INCIDENT_CLOSED,
        fields={"incident_id": row.pk, "at_ms": to_ms(ended_at)},
        scope=row.place_code,
        viewer=viewer,
        about=[row.post_id],
    )
    on_commit_notify(TOPIC, {"verb": "report"})
    return {"incident_id": row.pk}


@command
def reopen_incident(*, viewer: Viewer, incident_id: int, reason: str) -> dict[str, Any]:
    """收回处置结束: it was not over; the reports are timed as if it had never been said.

    Raises watch.text_needed (without a reason), .not_over, .final_made.
    """
    row = _recorded_by(incident_id, viewer)
    reason = reason.strip()
    if not reason or len(reason) > WORDS_CHARACTERS_MAX:
        raise TEXT_NEEDED(most=WORDS_CHARACTERS_MAX)
    if row.finished_at is not None:
        raise FINAL_MADE()
    ends = IncidentEnd.objects.filter(incident_id=row.pk, withdrawn_at=None).order_by("id")
    if not ends:
        raise NOT_OVER()
    for end in ends:
        record(
            INCIDENT_REOPENED,
            fields={"incident_id": row.pk, "end_id": end.pk},
            personal={"reason": reason},
            scope=row.place_code,
            viewer=viewer,
            about=[row.post_id],
        )
    on_commit_notify(TOPIC, {"verb": "report"})
    return {"incident_id": row.pk}


def _recorded_by(incident_id: int, viewer: Viewer) -> Incident:
    """The event, where this viewer writes for its duty room; out of sight it is not found."""
    row = Incident.objects.filter(pk=incident_id).first()
    if row is None or not viewer.may(Permission.SEE_CALLS, row.place_code):
        raise NOT_FOUND()
    require(viewer, Permission.ANSWER_FOR_OTHERS, row.place_code)
    return row


def _moment(said: datetime) -> datetime:
    now, moment = clock.now(), asked(said)
    if not now - BACK_MAX <= moment <= now:
        raise MOMENT_NOT_VALID(days=BACK_MAX.days)
    return moment
