"""Imports and exports over HTTP."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.imports import queries, services
from fengsui.foundation.imports.errors import NO_SUCH_ROW, NOT_NOW
from fengsui.foundation.imports.models import Import
from fengsui.foundation.imports.rules.columns import targets_of
from fengsui.foundation.imports.services import registers
from fengsui.foundation.imports.services.staging import PreviewRow, Staging
from fengsui.foundation.imports.shown import Spoken, row_shown
from fengsui.foundation.imports.states import ImportState, RowKind, RowState
from fengsui.foundation.ledgers.rules import Ledger

router = Router(tags=["imports"])
PAGE_MAX = 200
FIRST_ROWS_SHOWN = 12
System = Literal["wgs84", "cgcs2000", "gcj02", "bd09"]


class Announced(Schema):
    ledger: str = Field(max_length=40)
    file_name: str = Field(min_length=1, max_length=300)
    bytes: int = Field(ge=0, le=1 << 40)
    sha256: str = Field("", pattern=r"^([0-9a-fA-F]{64})?$")


class Settled(Schema):
    sheet: int = Field(0, ge=0, le=1000)
    header_row: int = Field(ge=1, le=1000)
    columns: dict[str, str | None] = Field(max_length=400)
    defaults: dict[str, str] = Field(default_factory=dict, max_length=60)
    crs: System = "wgs84"


class Correction(Schema):
    """`choose` and `values`: column -> text; `alike`: also in rows that say the same."""

    choose: dict[str, str] = Field(default_factory=dict, max_length=60)
    values: dict[str, str] = Field(default_factory=dict, max_length=60)
    skip: bool | None = None
    alike: bool = False


class MappingIn(Schema):
    ledger: str = Field(max_length=40)
    title: str = Field(max_length=100)
    columns: dict[str, str | None] = Field(max_length=400)
    crs: System = "wgs84"


class ExportQuery(Schema):
    under: str = Field("", max_length=17)
    q: str = Field("", max_length=60)
    state: Literal["current", "withdrawn", "all"] = "current"
    order: str = Field("", max_length=60)
    where: dict[str, Any] | None = None


class ExportIn(Schema):
    format: Literal["xlsx", "csv", "geojson"]
    query: ExportQuery | None = None
    columns: list[str] | None = Field(None, max_length=100)
    with_personal: bool = False
    reason: str = Field("", max_length=400)
    recipient: str = Field("", max_length=400)


class ExportOut(Schema):
    id: str
    number: str
    ledger: str
    format: str
    rows_count: int
    columns: list[str]
    with_personal: bool
    reason: str
    recipient: str
    actor_name: str
    place_code: str
    at: datetime


class ExportsOut(Schema):
    items: list[ExportOut]


@router.post("/imports")
def announce(request: HttpRequest, data: Announced) -> dict[str, Any]:
    """Makes room for a file; its pieces follow."""
    viewer = signed_in(request)
    one = services.announce(
        viewer=viewer,
        ledger=data.ledger,
        file_name=data.file_name,
        size_bytes=data.bytes,
        sha256=data.sha256,
    )
    return _shown(one, viewer)


@router.get("/imports")
def recent(request: HttpRequest) -> dict[str, Any]:
    """One's own imports on this machine, to go on where one stopped."""
    viewer = signed_in(request)
    return {"items": [_line(one) for one in queries.recent(viewer=viewer)]}


@router.put("/imports/{import_id}/content")
def take_piece(request: HttpRequest, import_id: str, offset: int) -> dict[str, Any]:
    """A piece of at most 1 MiB as raw bytes, beginning at `offset`."""
    viewer = signed_in(request)
    one = services.take_piece(viewer=viewer, import_id=import_id, offset=offset, piece=request.body)
    if one.state == ImportState.READING:
        services.start(one)
    return _shown(one, viewer)


@router.get("/imports/{import_id}")
def standing(request: HttpRequest, import_id: str) -> dict[str, Any]:
    """How far it is, what its headers are taken for, and how many rows are what."""
    viewer = signed_in(request)
    return _shown(queries.own(import_id, viewer=viewer), viewer)


@router.get("/imports/{import_id}/guess")
def guess(
    request: HttpRequest, import_id: str, sheet: int = 0, header_row: int = 0
) -> dict[str, Any]:
    """What the headers would stand for in another sheet, or in another row; 0: the likeliest."""
    viewer = signed_in(request)
    one, ledger = _own(import_id, viewer)
    if one.state not in (ImportState.READ, ImportState.CHECKED):
        raise NOT_NOW(state=one.state)
    with Staging(one.id) as staging:
        plan = services.guess_at(staging, ledger, viewer, sheet, max(header_row, 0))
    return _plan_shown(one, plan)


@router.put("/imports/{import_id}/mapping")
def settle(request: HttpRequest, import_id: str, data: Settled) -> dict[str, Any]:
    """What each header stands for, as a person has settled it; every row is checked anew."""
    viewer = signed_in(request)
    one, ledger = _own(import_id, viewer)
    if one.state not in (ImportState.READ, ImportState.CHECKED):
        raise NOT_NOW(state=one.state)
    with Staging(one.id) as staging:
        plan = services.choose(
            one,
            staging,
            ledger,
            sheet=data.sheet,
            header_row=data.header_row,
            columns=data.columns,
            defaults=data.defaults,
            system=data.crs,
        )
    services.note(one, plan=plan, state=ImportState.CHECKING, viewer=viewer.to_plain())
    services.start(one)
    return _shown(one, viewer)


@router.get("/imports/{import_id}/rows")
def rows(
    request: HttpRequest,
    import_id: str,
    kind: str = "",
    state: str = "",
    after: int = 0,
    limit: int = 50,
) -> dict[str, Any]:
    """The preview, in the order of the sheet; of one kind, or of what became of the rows."""
    viewer = signed_in(request)
    one, ledger = _own(import_id, viewer)
    limit = max(1, min(limit, PAGE_MAX))
    if kind not in ("", *RowKind) or state not in ("", *RowState):
        raise NO_SUCH_ROW()
    wanted = RowKind(kind) if kind else None
    became = RowState(state) if state else None
    with Staging(one.id) as staging:
        if one.state not in _WITH_PREVIEW:
            raise NOT_NOW(state=one.state)
        found = staging.page(wanted, max(after, 0), limit + 1, became)
    spoken = Spoken(ledger, viewer, found[:limit])
    return {
        "items": [_row(one, ledger, row, spoken) for row in found[:limit]],
        "next": found[limit - 1].n if len(found) > limit else None,
    }


_WITH_PREVIEW = (
    ImportState.CHECKED,
    ImportState.RUNNING,
    ImportState.DONE,
    ImportState.CANCELLED,
)


@router.put("/imports/{import_id}/rows/{n}")
def correct(request: HttpRequest, import_id: str, n: int, data: Correction) -> dict[str, Any]:
    """Settles a doubt, types a value, leaves the row out or takes it in again."""
    viewer = signed_in(request)
    one, ledger = _own(import_id, viewer)
    with Staging(one.id) as staging:
        concerned = services.correct(
            one,
            staging,
            ledger,
            viewer,
            n=n,
            texts={**data.values, **data.choose},
            is_skipped=data.skip,
            is_for_alike=data.alike,
        )
        row = staging.row(n)
    assert row is not None
    return {
        "row": _row(one, ledger, row, Spoken(ledger, viewer, [row])),
        "concerned": len(concerned),
        "counts": one.counts,
    }


@router.post("/imports/{import_id}/carry-out")
def carry_out(request: HttpRequest, import_id: str) -> dict[str, Any]:
    """Writes what is new and changed into the register; faulty and doubtful rows stay out."""
    viewer = signed_in(request)
    one, ledger = _own(import_id, viewer)
    with Staging(one.id) as staging:
        services.begin(one, staging, ledger, viewer)
    services.start(one)
    return _shown(one, viewer)


@router.post("/imports/{import_id}/cancel")
def cancel(request: HttpRequest, import_id: str) -> dict[str, Any]:
    """Stops it. What is in the register can be undone as one step."""
    viewer = signed_in(request)
    one, _ = _own(import_id, viewer)
    with Staging(one.id) as staging:
        services.cancel(one, staging)
    if one.cause is not None:
        services.start(one)
    return _shown(one, viewer)


# --- mappings -----------------------------------------------------------------------------------


@router.get("/import-mappings")
def mappings(request: HttpRequest, ledger: str) -> dict[str, Any]:
    """What offices in one's places have saved for their sheets."""
    viewer = signed_in(request)
    found = queries.mappings(registers.get(ledger, viewer=viewer), viewer=viewer)
    return {"items": [one | {"id": str(one["id"])} for one in found]}


@router.post("/import-mappings")
def save_mapping(request: HttpRequest, data: MappingIn) -> dict[str, str]:
    """Keeps what the headers of the office's own sheet stand for."""
    saved = services.save_mapping(
        viewer=signed_in(request),
        ledger=data.ledger,
        title=data.title,
        columns=data.columns,
        system=data.crs,
    )
    return {"id": str(saved["id"])}


@router.delete("/import-mappings/{mapping_id}")
def drop_mapping(request: HttpRequest, mapping_id: int) -> dict[str, str]:
    dropped = services.drop_mapping(viewer=signed_in(request), mapping_id=mapping_id)
    return {"id": str(dropped["id"])}


# --- exports ------------------------------------------------------------------------------------


@router.post("/ledgers/{name}/export", response={200: None})
def export(request: HttpRequest, name: str, data: ExportIn) -> HttpResponse:
    """The rows as a file. Names and numbers masked, unless with a reason and a recipient."""
    made = services.export(
        viewer=signed_in(request),
        ledger=name,
        file_format=data.format,
        query=data.query.dict() if data.query else {},
        columns=data.columns,
        with_personal=data.with_personal,
        reason=data.reason,
        recipient=data.recipient,
    )
    response = _download(made.content, made.name, made.media_type)
    response["X-Export-Number"] = made.number
    return response


@router.get("/ledgers/{name}/template", response={200: None})
def template(request: HttpRequest, name: str) -> HttpResponse:
    """An empty sheet with headers, hints and choices."""
    made = services.template(viewer=signed_in(request), ledger=name)
    return _download(made.content, made.name, made.media_type)


@router.get("/exports", response=ExportsOut)
def exports(request: HttpRequest, ledger: str = "") -> dict[str, Any]:
    """Who took what out, for whom and why: one's own, and all where one verifies the record."""
    found = queries.exports(viewer=signed_in(request), ledger=ledger)
    return {"items": [one | {"id": str(one["id"])} for one in found]}


def _download(content: bytes, name: str, media_type: str) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    ascii_name = "export." + name.rsplit(".", 1)[-1]
    response["Content-Disposition"] = (
        f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name)}"
    )
    return response


# --- how an import is shown ---------------------------------------------------------------------


def _own(import_id: str, viewer: Viewer) -> tuple[Import, Ledger]:
    one = queries.own(import_id, viewer=viewer)
    return one, registers.get(one.ledger, viewer=viewer)


def _line(one: Import) -> dict[str, Any]:
    return {
        "id": one.id,
        "ledger": one.ledger,
        "file_name": one.file_name,
        "state": "undone" if registers.is_undone(one.cause) else one.state,
        "created_at": one.created_at.isoformat(),
        "touched_at": one.touched_at.isoformat(),
        "counts": one.counts,
    }


def _shown(one: Import, viewer: Viewer) -> dict[str, Any]:
    ledger = registers.get(one.ledger, viewer=viewer)
    shown = _line(one) | {
        "bytes": one.bytes,
        "received": one.received,
        "piece_bytes_max": services.PIECE_BYTES_MAX,
        "total": one.total,
        "done": one.done,
        "change_set_id": registers.set_id(one.cause),
        "problem": one.problem,
        "staging_days": services.STAGING_DAYS,
        "targets": [
            {
                "name": target.name,
                "zh": target.zh,
                "en": target.en,
                "required": target.required,
                "takes_several": target.takes_several,
            }
            for target in targets_of(ledger.columns)
        ],
    }
    if one.plan.get("headers") and one.state not in (ImportState.FAILED, ImportState.RECEIVING):
        shown |= _plan_shown(one, one.plan)
    return shown


def _plan_shown(one: Import, plan: dict[str, Any]) -> dict[str, Any]:
    with Staging(one.id) as staging:
        if not staging.upload.exists():
            return {}
        sheets = [{"place": s.place, "name": s.name, "rows": s.rows} for s in staging.sheets()]
        first = staging.first_rows(plan["sheet"], plan["header_row"] + FIRST_ROWS_SHOWN)
    return {
        "sheets": sheets,
        "sheet": plan["sheet"],
        "header_row": plan["header_row"],
        "data_row": plan["data_row"],
        "headers": plan["headers"],
        "mapping": dict(zip(plan["headers"], plan["targets"], strict=False)),
        "mapping_id": str(plan["mapping_id"]) if plan.get("mapping_id") else None,
        "defaults": plan["defaults"],
        "crs": plan["system"],
        "first_rows": [[cell[:80] for cell in row[:60]] for row in first],
    }


def _row(one: Import, ledger: Ledger, row: PreviewRow, spoken: Spoken) -> dict[str, Any]:
    shown = row_shown(ledger, row, spoken)
    return shown | {"findings": services.said_of(row.findings, one, row.n, ledger)}
