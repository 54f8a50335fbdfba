"""信息报告 over HTTP: events, what is due when, and the reports that were made."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.readiness.watch import queries, services
from fengsui.readiness.watch.api.schemas import WatchDone
from fengsui.readiness.watch.queries.reporting import IncidentClock
from fengsui.readiness.watch.queries.rota import names_of, place_names
from fengsui.readiness.watch.rules.reporting import Deadline
from fengsui.readiness.watch.services.reporting import TITLE_CHARACTERS_MAX, WORDS_CHARACTERS_MAX
from fengsui.readiness.watch.states import ReportKind
from fengsui.standards.instants import to_iso
from fengsui.standards.report_profiles import grades, profile_of, profiles

router = Router(tags=["watch"])
Text = Annotated[str, Field(max_length=WORDS_CHARACTERS_MAX)]


class IncidentIn(Schema):
    title: str = Field(max_length=TITLE_CHARACTERS_MAX)
    grade: str = Field(max_length=16)
    known_at: datetime
    occurred_at: datetime | None = None
    heard_from: Text = ""
    profile: str = Field("county", max_length=24)
    where_code: str = Field("", max_length=17)


class IncidentReportIn(Schema):
    kind: ReportKind
    told_to: Text = ""
    at: datetime | None = None
    late_reason: Text = ""


class IncidentCorrectionIn(Schema):
    reason: Text
    known_at: datetime | None = None
    grade: str = Field("", max_length=16)


class IncidentEndIn(Schema):
    at: datetime | None = None


class LateReasonIn(Schema):
    reason: Text


class IncidentReopeningIn(Schema):
    reason: Text


class IncidentReportDone(Schema):
    id: str
    owes_reason: bool


class DeadlineOut(Schema):
    """`begins_at` to `due_at` is the time it has; None where the rule sets no limit."""

    kind: str
    begins_at: str
    due_at: str | None
    done_at: str | None
    state: str


class IncidentReportOut(Schema):
    id: str
    kind: str
    at: str
    told_to: str
    recorded_by: str
    is_late: bool
    owes_reason: bool
    late_reason: str


class IncidentCorrectionOut(Schema):
    """What stood before and what was put in its place."""

    known_from: str
    known_at: str
    grade_from: str
    grade: str
    reason: str
    corrected_by: str
    corrected_at: str


class IncidentReopeningOut(Schema):
    """An end of handling that was taken back."""

    closed_at: str
    reopened_at: str
    reopened_by: str
    reason: str


class IncidentOut(Schema):
    id: str
    title: str
    grade: str
    profile: str
    is_verified: bool
    place_code: str
    place_name: str
    where_name: str
    heard_from: str
    known_at: str
    occurred_at: str | None
    entered_at: str
    entered_by: str
    closed_at: str | None
    finished_at: str | None
    deadlines: list[DeadlineOut]
    next_due: DeadlineOut | None
    reports: list[IncidentReportOut]
    corrections: list[IncidentCorrectionOut]
    reopenings: list[IncidentReopeningOut]
    may_record: bool


class ReportWordOut(Schema):
    name: str
    zh: str
    en: str


class ReportProfileOut(ReportWordOut):
    is_verified: bool


class IncidentPage(Schema):
    items: list[IncidentOut]
    grades: list[ReportWordOut]
    profiles: list[ReportProfileOut]
    server_time: str


@router.get("/watch/incidents", response=IncidentPage)
def incidents(request: HttpRequest) -> dict[str, Any]:
    """Open events with their clocks, whichever report is due first on top."""
    viewer = signed_in(request)
    found = queries.incidents(viewer=viewer)
    names = names_of(
        {one.row.entered_by for one in found}
        | {row.recorded_by for one in found for row in one.reports}
        | {row.corrected_by for one in found for row in one.corrections}
        | {row.withdrawn_by for one in found for row in one.withdrawn}
    )
    known = place_names({code for one in found for code in (one.place_code, one.row.where_code)})
    return {
        "items": [_shown(one, names, known, viewer) for one in found],
        "grades": [{"name": name, "zh": zh, "en": en} for name, (zh, en) in grades().items()],
        "profiles": [
            {"name": one.name, "zh": one.zh, "en": one.en, "is_verified": one.is_verified}
            for one in profiles().values()
        ],
        "server_time": to_iso(clock.now()),
    }


@router.post("/watch/rooms/{int:room_id}/incidents", response=WatchDone)
def enter(request: HttpRequest, room_id: int, body: IncidentIn) -> dict[str, Any]:
    """获悉 an event: its clock runs from `known_at`."""
    done = services.enter_incident(viewer=signed_in(request), post_id=room_id, **body.dict())
    return {"id": str(done["incident_id"])}


@router.post("/watch/incidents/{int:incident_id}/reports", response=IncidentReportDone)
def report(request: HttpRequest, incident_id: int, body: IncidentReportIn) -> dict[str, Any]:
    """A report was made. Late is taken all the same; the answer says whether a reason is owed."""
    viewer = signed_in(request)
    done = services.record_report(viewer=viewer, incident_id=incident_id, **body.dict())
    return {"id": str(done["report_id"]), "owes_reason": done["owes_reason"]}


@router.post("/watch/reports/{int:report_id}/reason", response=WatchDone)
def give_reason(request: HttpRequest, report_id: int, body: LateReasonIn) -> dict[str, Any]:
    """迟报原因, written afterwards."""
    done = services.give_late_reason(
        viewer=signed_in(request), report_id=report_id, reason=body.reason
    )
    return {"id": str(done["report_id"])}


@router.post("/watch/incidents/{int:incident_id}/corrections", response=WatchDone)
def correct(request: HttpRequest, incident_id: int, body: IncidentCorrectionIn) -> dict[str, Any]:
    """更正 when it became known or how grave it is, with a reason; both stay shown."""
    viewer = signed_in(request)
    done = services.correct_incident(viewer=viewer, incident_id=incident_id, **body.dict())
    return {"id": str(done["incident_id"])}


@router.post("/watch/incidents/{int:incident_id}/close", response=WatchDone)
def close(request: HttpRequest, incident_id: int, body: IncidentEndIn) -> dict[str, Any]:
    """处置结束: only the final report is due from here on."""
    done = services.close_incident(viewer=signed_in(request), incident_id=incident_id, at=body.at)
    return {"id": str(done["incident_id"])}


@router.post("/watch/incidents/{int:incident_id}/reopen", response=WatchDone)
def reopen(request: HttpRequest, incident_id: int, body: IncidentReopeningIn) -> dict[str, Any]:
    """收回处置结束, with a reason: the reports are timed as if it had never been said."""
    viewer = signed_in(request)
    done = services.reopen_incident(viewer=viewer, incident_id=incident_id, reason=body.reason)
    return {"id": str(done["incident_id"])}


def _shown(
    one: IncidentClock, names: dict[int, str], known: dict[str, str], viewer: Viewer
) -> dict[str, Any]:
    row = one.row
    return {
        "id": str(row.pk),
        "title": row.title,
        "grade": row.grade,
        "profile": row.profile,
        "is_verified": profile_of(row.profile).is_verified,
        "place_code": row.place_code,
        "place_name": known.get(row.place_code, ""),
        "where_name": known.get(row.where_code, ""),
        "heard_from": row.heard_from,
        "known_at": to_iso(row.known_at),
        "occurred_at": _iso(row.occurred_at),
        "entered_at": to_iso(row.entered_at),
        "entered_by": names.get(row.entered_by, ""),
        "closed_at": _iso(row.closed_at),
        "finished_at": _iso(row.finished_at),
        "deadlines": [_deadline(each) for each in one.deadlines],
        "next_due": _deadline(one.next_due) if one.next_due else None,
        "reports": [
            {
                "id": str(each.pk),
                "kind": each.kind,
                "at": to_iso(each.at),
                "told_to": each.told_to,
                "recorded_by": names.get(each.recorded_by, ""),
                "is_late": each.pk in one.late,
                "owes_reason": each.pk in one.owed,
                "late_reason": each.late_reason,
            }
            for each in one.reports
        ],
        "corrections": _corrections(one, names),
        "reopenings": [
            {
                "closed_at": to_iso(each.at),
                "reopened_at": _iso(each.withdrawn_at),
                "reopened_by": names.get(each.withdrawn_by, ""),
                "reason": each.reason,
            }
            for each in one.withdrawn
        ],
        "may_record": viewer.may(Permission.ANSWER_FOR_OTHERS, row.place_code),
    }


def _corrections(one: IncidentClock, names: dict[int, str]) -> list[dict[str, Any]]:
    known_from, grade_from, found = one.row.first_known_at, one.row.first_grade, []
    for each in one.corrections:
        found.append(
            {
                "known_from": to_iso(known_from),
                "known_at": to_iso(each.known_at),
                "grade_from": grade_from,
                "grade": each.grade,
                "reason": each.reason,
                "corrected_by": names.get(each.corrected_by, ""),
                "corrected_at": to_iso(each.corrected_at),
            }
        )
        known_from, grade_from = each.known_at, each.grade
    return found


def _deadline(one: Deadline) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "begins_at": to_iso(one.begins_at),
        "due_at": _iso(one.due_at),
        "done_at": _iso(one.done_at),
        "state": one.state.value,
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else to_iso(at)
