"""Events whose reports are timed: what is due next, what came late, what is still to be said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q

from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.journal import clock
from fengsui.readiness.watch.models import Incident, IncidentCorrection, IncidentEnd, IncidentReport
from fengsui.readiness.watch.queries.hooks import Matter
from fengsui.readiness.watch.rules import reporting as rules
from fengsui.readiness.watch.states import REPORT_WORDS, MatterKind
from fengsui.standards.divisions import scope_prefix
from fengsui.standards.report_profiles import profile_of

LIST_MAX = 200
# A finished event whose late report was never explained is asked about for so long.
ASKED_FOR = timedelta(days=30)
PAGE = "/watch?tab=reports"


@dataclass(frozen=True, slots=True)
class IncidentClock:
    """One event at this moment. `withdrawn`: ends that were taken back; `owed`: reports that came
    late and nobody has said why."""

    row: Incident
    reports: list[IncidentReport]
    corrections: list[IncidentCorrection]
    withdrawn: list[IncidentEnd]
    deadlines: list[rules.Deadline]
    next_due: rules.Deadline | None
    late: set[int]
    owed: set[int]

    @property
    def place_code(self) -> str:
        return self.row.place_code


def incidents(*, viewer: Viewer) -> list[IncidentClock]:
    """Open events of the viewer's places, whichever report is due first on top. Four queries."""
    return _clocks(visible(viewer, Permission.SEE_CALLS))


def report_matters(place_code: str) -> list[Matter]:
    """What passes at a handover: each open event with the report that is due next.

    For those who checked the right at the room."""
    return [_matter(one) for one in _clocks(Q(place_code__startswith=scope_prefix(place_code)))]


def owed_by(incident_id: int) -> set[int]:
    """Reports of one event that came late without a reason. For those who checked the right."""
    return {pk for one in _clocks(Q(pk=incident_id)) for pk in one.owed}


def _clocks(where: Q) -> list[IncidentClock]:
    now = clock.now()
    still = Q(finished_at=None) | Q(finished_at__gte=now - ASKED_FOR)
    open_first = F("finished_at").desc(nulls_first=True)
    found_rows = Incident.objects.filter(where, still).order_by(open_first, "-known_at", "id")
    rows = list(found_rows[:LIST_MAX])
    ids = [row.pk for row in rows]
    reports: dict[int, list[IncidentReport]] = defaultdict(list)
    for report in IncidentReport.objects.filter(incident_id__in=ids).order_by("at", "id"):
        reports[report.incident_id].append(report)
    corrections: dict[int, list[IncidentCorrection]] = defaultdict(list)
    for said in IncidentCorrection.objects.filter(incident_id__in=ids).order_by("order_key"):
        corrections[said.incident_id].append(said)
    withdrawn: dict[int, list[IncidentEnd]] = defaultdict(list)
    for end in IncidentEnd.objects.filter(incident_id__in=ids).exclude(withdrawn_at=None):
        withdrawn[end.incident_id].append(end)
    found = [
        _clock(row, reports[row.pk], corrections[row.pk], withdrawn[row.pk], now) for row in rows
    ]
    listed = [one for one in found if one.row.finished_at is None or one.owed]
    latest = now + ASKED_FOR
    return sorted(
        listed,
        key=lambda one: (
            (one.next_due.due_at if one.next_due else None) or latest,
            one.row.known_at,
            one.row.pk,
        ),
    )


def _clock(
    row: Incident,
    reports: Sequence[IncidentReport],
    corrections: list[IncidentCorrection],
    withdrawn: list[IncidentEnd],
    now: datetime,
) -> IncidentClock:
    course = rules.Course(profile_of(row.profile), row.grade, row.known_at, row.closed_at)
    made = [rules.Made(one.pk, one.kind, one.at) for one in reports]
    listed = rules.deadlines(course, made, now)
    late = rules.late_reports(course, made)
    return IncidentClock(
        row=row,
        reports=list(reports),
        corrections=corrections,
        withdrawn=sorted(withdrawn, key=lambda end: (end.withdrawn_at or now, end.pk)),
        deadlines=listed,
        next_due=rules.next_due(course, listed),
        late=late,
        owed={one.pk for one in reports if one.pk in late and not one.has_reason},
    )


def _matter(one: IncidentClock) -> Matter:
    title = one.row.title or "（内容已清除）"
    due = one.next_due
    zh, en = REPORT_WORDS[due.kind] if due else ("迟报原因", "why it was late")
    return Matter(
        MatterKind.CLOCK,
        f"report-{one.row.pk}",
        one.row.place_code,
        f"信息报告，待{zh}：{title}",
        f"Information report, {en} due: {one.row.title or '(erased)'}",
        since_at=one.row.known_at,
        due_at=due.due_at if due else None,
        link=PAGE,
    )
