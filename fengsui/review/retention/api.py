"""Data and privacy over HTTP: terms, what is due, erasures, who looked at full numbers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema

from fengsui.foundation.access.problems import NOT_ALLOWED
from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.review.retention import queries, services
from fengsui.review.retention.states import Subject
from fengsui.standards.instants import asked, to_iso

router = Router(tags=["retention"])


class DataClassOut(Schema):
    """One line of the table. `days` None: no number of days; least and most None: fixed."""

    code: str
    zh: str
    en: str
    holds_zh: str
    holds_en: str
    basis: str
    places: list[str]
    days: int | None
    days_default: int | None
    least: int | None
    most: int | None
    source: str
    is_verified: bool
    end_zh: str
    end_en: str
    set_at: str | None
    set_reason: str
    may_set: bool


class EventDueOut(Schema):
    alert_id: str
    title: str
    place_code: str
    ended_at: str
    due_at: str
    is_due: bool
    is_over: bool
    kept_until: str | None
    kept_reason: str
    people: int
    records: int
    exercise: bool


class ClassDueOut(Schema):
    """`left`: texts older than the term that still stand; None where they cannot be counted."""

    code: str
    zh: str
    en: str
    days: int
    before: str
    left: int | None
    is_due: bool


class ErasureOut(Schema):
    id: str
    subject: str
    classes: list[str]
    place_code: str
    reason: str
    ordered_by: str
    ordered_at: str
    done_at: str | None
    facts: int
    leaves: int


class RetentionOut(Schema):
    """Everything of the page but the lists of reveals and exports."""

    classes: list[DataClassOut]
    events: list[EventDueOut]
    classes_due: list[ClassDueOut]
    erasures: list[ErasureOut]
    may_erase: bool


class ErasureReasonIn(Schema):
    reason: str


class RetentionTermIn(Schema):
    days: int
    reason: str


class EventKeepIn(Schema):
    until: datetime
    reason: str


class ErasureFindIn(Schema):
    text: str


class ErasureSubjectOut(Schema):
    subject: str
    id: str
    name: str
    place_code: str


class ErasureSubjectsOut(Schema):
    items: list[ErasureSubjectOut]


class ErasureCountOut(Schema):
    zh: str
    en: str
    count: int


class ExportThatHoldsOut(Schema):
    """A file that was handed out and may hold the subject; its recipient is to be told."""

    number: str
    ledger: str
    rows_count: int
    with_personal: bool
    reason: str
    recipient: str
    actor_name: str
    at: str


class ErasurePreviewOut(Schema):
    """What an erasure takes and what it leaves."""

    subject: str
    id: str
    name: str
    place_code: str
    goes: list[ErasureCountOut]
    stays: list[ErasureCountOut]
    is_still_needed: bool
    exports: list[ExportThatHoldsOut]


class RevealOut(Schema):
    id: str
    at: str
    by: str
    place_code: str
    zh: str
    en: str


class RevealsOut(Schema):
    items: list[RevealOut]
    next: str | None


class ErasureOrderedOut(Schema):
    erasure_id: str


class PhoneErasureOut(Schema):
    """`ids`: of persons, households, calls or the event; a phone drops what names them."""

    id: str
    subject: str
    ids: list[str]
    at: str


class PhoneErasuresOut(Schema):
    items: list[PhoneErasureOut]


def _keeper(request: HttpRequest, *, or_auditor: bool = False) -> Viewer:
    """The page is for those who answer for the data, and for those who audit it."""
    viewer = signed_in(request)
    wanted = [Permission.ERASE_PERSONAL]
    if or_auditor:
        wanted.append(Permission.VERIFY_RECORD)
    if not any(viewer.scopes(one) for one in wanted):
        raise NOT_ALLOWED(permission=Permission.ERASE_PERSONAL.value, place="")
    return viewer


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Ids as text, moments as text."""
    plain: dict[str, Any] = {}
    for name, value in row.items():
        if isinstance(value, datetime):
            plain[name] = to_iso(value)
        elif name == "id" or (name.endswith("_id") and isinstance(value, int)):
            plain[name] = str(value)
        elif name == "ids":
            plain[name] = [str(one) for one in value]
        else:
            plain[name] = value
    return plain


@router.get("/retention", response=RetentionOut)
def overview(request: HttpRequest) -> dict[str, Any]:
    """What is kept where and for how long; what is due; what was erased."""
    viewer = _keeper(request, or_auditor=True)
    return {
        "classes": [_plain(row) for row in queries.table(viewer=viewer)],
        "events": [_plain(row) for row in queries.events(viewer=viewer)],
        "classes_due": [_plain(row) for row in queries.classes_due(viewer=viewer)],
        "erasures": [_plain(row) for row in queries.erasures(viewer=viewer)],
        "may_erase": bool(viewer.scopes(Permission.ERASE_PERSONAL)),
    }


@router.patch("/retention/classes/{class_code}", response={204: None})
def set_term(request: HttpRequest, class_code: str, body: RetentionTermIn) -> HttpResponse:
    services.set_term(
        viewer=_keeper(request), class_code=class_code, days=body.days, reason=body.reason
    )
    return HttpResponse(status=204)


@router.post("/retention/classes/{class_code}/erase", response=ErasureOrderedOut)
def erase_class(request: HttpRequest, class_code: str, body: ErasureReasonIn) -> dict[str, Any]:
    done = services.erase_class(viewer=_keeper(request), class_code=class_code, reason=body.reason)
    return _plain(done)


@router.post("/retention/events/{alert_id}/erase", response=ErasureOrderedOut)
def erase_event(request: HttpRequest, alert_id: int, body: ErasureReasonIn) -> dict[str, Any]:
    """The event must be over."""
    return _plain(
        services.erase_event(viewer=_keeper(request), alert_id=alert_id, reason=body.reason)
    )


@router.post("/retention/events/{alert_id}/keep", response={204: None})
def keep_event(request: HttpRequest, alert_id: int, body: EventKeepIn) -> HttpResponse:
    services.keep_event(
        viewer=_keeper(request), alert_id=alert_id, until=body.until, reason=body.reason
    )
    return HttpResponse(status=204)


@router.post("/retention/find", response=ErasureSubjectsOut)
def find(request: HttpRequest, body: ErasureFindIn) -> dict[str, Any]:
    """By the beginning of a name. A POST, because a name in an address stays in every log."""
    rows = queries.find(body.text, viewer=_keeper(request))
    return {"items": [_plain(row) for row in rows]}


@router.get("/retention/subjects/{subject}/{subject_id}", response=ErasurePreviewOut)
def preview(request: HttpRequest, subject: Subject, subject_id: int) -> dict[str, Any]:
    """What an erasure of this person or household would take, and what it would leave."""
    found = queries.preview(subject, subject_id, viewer=_keeper(request))
    return {**_plain(found), "exports": [_plain(row) for row in found["exports"]]}


@router.post("/retention/subjects/{subject}/{subject_id}/erase", response=ErasureOrderedOut)
def erase_subject(
    request: HttpRequest, subject: Subject, subject_id: int, body: ErasureReasonIn
) -> dict[str, Any]:
    return _plain(
        services.erase_subject(
            viewer=_keeper(request),
            subject=subject.value,
            subject_id=subject_id,
            reason=body.reason,
        )
    )


@router.get("/retention/reveals", response=RevealsOut)
def reveals(request: HttpRequest, before: int = 0) -> dict[str, Any]:
    """Who looked at full numbers, when and why; the numbers themselves are not here."""
    found = queries.reveals(viewer=_keeper(request, or_auditor=True), before=before)
    following = found["next"]
    return {
        "items": [_plain(row) for row in found["items"]],
        "next": str(following) if following else None,
    }


@router.get("/field/erasures", response=PhoneErasuresOut)
def for_phone(request: HttpRequest, after: datetime | None = None) -> dict[str, Any]:
    """What a phone must forget since it last asked."""
    since = asked(after) if after is not None else None
    rows = queries.erasures_for_phone(viewer=signed_in(request), after=since)
    return {"items": [_plain(row) for row in rows]}
