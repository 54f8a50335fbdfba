"""Sheets over HTTP: the PDF to print, and what was typed from paper."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from fengsui.exchange.sheets import queries, services
from fengsui.exchange.sheets.errors import NO_HOUSEHOLDS
from fengsui.exchange.sheets.listing import source_of_alert, source_of_evacuation
from fengsui.exchange.sheets.models import Sheet
from fengsui.foundation.access.problems import NOT_ALLOWED
from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.access.viewer import Permission
from fengsui.standards.divisions import is_division_code
from fengsui.standards.instants import to_iso

router = Router(tags=["sheets"])

TEXT_LENGTH_MAX = 64_000


class TypedIn(Schema):
    """`text`: lines as docs/interfaces/sheets.md has them. `record`: false only looks."""

    text: str = Field(max_length=TEXT_LENGTH_MAX)
    record: bool = False
    seen_at: datetime | None = None
    chosen: dict[str, str] = Field(
        default_factory=dict
    )  # sheet number -> sheet id, where two have one number


class Standing(Schema):
    """Another observation of the same household. holds: sheet or standing, the one seen last."""

    status: str
    people_moved: int
    observed_at: str
    person_name: str
    holds: str


class SheetChoice(Schema):
    sheet_id: str
    place_code: str
    printed_at: str


class TypedRow(Schema):
    """outcome: new, differs, needs_time, already_recorded, recorded, refused or fault."""

    row: int
    text: str
    outcome: str
    field: str
    zh: str
    en: str
    code: str
    number: str
    sheet_id: str | None
    household_id: str | None
    label: str
    place_code: str
    status: str
    people: int | None
    people_listed: int
    confirmed_how: str
    confirmed_by: str
    seen_at: str | None
    standing: Standing | None
    choices: list[SheetChoice]


class TypedOut(Schema):
    """`counts`: outcome -> lines."""

    rows: list[TypedRow]
    counts: dict[str, int]


class SheetRow(Schema):
    sheet_id: str
    number: str
    place_code: str
    lines: int
    printed_at: str


class SheetRows(Schema):
    items: list[SheetRow]


@router.get("/exchange/sheets/{evacuation_id}/{place}.pdf", response={200: bytes})
def sheets_pdf(request: HttpRequest, evacuation_id: str, place: str) -> HttpResponse:
    """The household sheets of a place for one evacuation, A4; the record says what was printed."""
    if not (evacuation_id.isdigit() and is_division_code(place)):
        raise NO_HOUSEHOLDS()
    pdf = services.sheets_as_pdf(
        viewer=signed_in(request),
        evacuation_id=int(evacuation_id),
        place_code=place,
        origin=request.build_absolute_uri("/"),
    )
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="sheets-{place}.pdf"'
    return response


@router.get("/exchange/sheets/alerts/{int:alert_id}/{place}.pdf", response={200: bytes})
def sheets_of_alert_pdf(request: HttpRequest, alert_id: int, place: str) -> HttpResponse:
    """The sheets of a place for a warning: of its evacuation, or printed ahead of one."""
    if not is_division_code(place):
        raise NO_HOUSEHOLDS()
    pdf = services.sheets_as_pdf(
        viewer=signed_in(request),
        alert_id=alert_id,
        place_code=place,
        origin=request.build_absolute_uri("/"),
    )
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="sheets-{place}.pdf"'
    return response


@router.get("/exchange/sheets/alerts/{int:alert_id}/{place}", response=SheetRows)
def sheets_of_alert(request: HttpRequest, alert_id: int, place: str) -> dict[str, Any]:
    """The sheets that stand ready for a place and a warning."""
    viewer = signed_in(request)
    if not viewer.scopes(Permission.SEE_HOUSEHOLDS):
        raise NOT_ALLOWED(permission=Permission.SEE_HOUSEHOLDS.value, place="")
    if not is_division_code(place):
        raise NO_HOUSEHOLDS()
    return _rows(queries.sheets_of(source_of_alert(alert_id, viewer=viewer), place, viewer=viewer))


@router.get("/exchange/sheets/{evacuation_id}/{place}", response=SheetRows)
def sheets(request: HttpRequest, evacuation_id: str, place: str) -> dict[str, Any]:
    """The sheets that were printed for a place in one evacuation."""
    viewer = signed_in(request)
    if not (evacuation_id.isdigit() and is_division_code(place)):
        raise NO_HOUSEHOLDS()
    source = source_of_evacuation(int(evacuation_id))
    if source is None or not queries.groups(source, place, viewer=viewer):
        raise NO_HOUSEHOLDS()
    return _rows(queries.sheets_of(source, place, viewer=viewer))


def _rows(rows: list[Sheet]) -> dict[str, Any]:
    lines = queries.lines_of(rows)
    return {
        "items": [
            {
                "sheet_id": str(row.pk),
                "number": str(row.number),
                "place_code": row.place_code,
                "lines": len(lines[row.pk]),
                "printed_at": to_iso(row.printed_at),
            }
            for row in rows
        ]
    }


@router.post("/exchange/sheets/typed", response=TypedOut)
def typed(request: HttpRequest, body: TypedIn) -> dict[str, Any]:
    """What was typed from sheets: shown first, recorded with `record`."""
    viewer = signed_in(request)
    if not viewer.scopes(Permission.RECORD_HOUSEHOLD):
        raise NOT_ALLOWED(permission=Permission.RECORD_HOUSEHOLD.value, place="")
    chosen = {
        int(number): int(sheet_id)
        for number, sheet_id in body.chosen.items()
        if number.isdigit() and sheet_id.isdigit()
    }
    if body.record:
        rows = services.record_typed(
            viewer=viewer, text=body.text, seen_at=body.seen_at, chosen=chosen
        )
    else:
        found = queries.typed(body.text, viewer=viewer, seen_at=body.seen_at, chosen=chosen)
        rows = [services.row_to_plain(row) for row in found]
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["outcome"]] = counts.get(row["outcome"], 0) + 1
    return {"rows": [_plain(row) for row in rows], "counts": counts}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    standing = row["standing"]
    if standing is not None:
        standing = {**standing, "observed_at": to_iso(standing["observed_at"])}
    return {
        **row,
        "seen_at": to_iso(row["seen_at"]) if row["seen_at"] else None,
        "standing": standing,
        "choices": [{**one, "printed_at": to_iso(one["printed_at"])} for one in row["choices"]],
    }
