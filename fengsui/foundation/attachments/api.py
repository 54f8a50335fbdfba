"""Attachments over HTTP: announced, sent in pieces, listed by row, fetched in ranges."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from ninja import Router, Schema

from fengsui.foundation.access.requests import signed_in
from fengsui.foundation.attachments import queries, rules, services
from fengsui.foundation.attachments.errors import BAD_RANGE, BAD_REQUEST
from fengsui.foundation.attachments.models import Upload
from fengsui.foundation.attachments.states import Size
from fengsui.gateways.files.sniffing import BYTES_MAX, KINDS, FileKind
from fengsui.standards.instants import to_iso

router = Router(tags=["attachments"])
_READ_BYTES = 1 << 16
# A file shown by itself runs nothing, loads nothing and is nobody's page.
_SANDBOX = "sandbox; default-src 'none'; img-src 'self'; frame-ancestors 'none'"
STATEMENT_ZH = "本系统为非涉密系统，严禁上传秘密级及以上内容。"
STATEMENT_EN = "This system is not for state secrets: nothing marked 秘密 or above may be uploaded."


class FileUploadIn(Schema):
    """`owner_id`: the id of a row, or the code of a place. `sha256` in hex, lower case."""

    owner_ledger: str
    owner_id: str
    file_name: str
    bytes: int
    sha256: str


class FileUploadOut(Schema):
    """`received`: bytes that are here; go on from there. `attachment_id` once it is whole."""

    id: str
    received: int
    bytes: int
    attachment_id: str | None


class FileKindOut(Schema):
    name: str
    media_type: str
    ending: str
    zh: str
    en: str
    bytes_max: int


class FileLimitsOut(Schema):
    """What may be uploaded, and what is left of it. `refusal`: "", disk, node, person, uploads."""

    kinds: list[FileKindOut]
    piece_bytes_max: int
    bytes_max: int
    node_used: int
    node_max: int
    person_used_today: int
    person_a_day_max: int
    refusal: str
    statement_zh: str
    statement_en: str


class AttachmentOut(Schema):
    """One file of a row. `presence`: here, not_here (未到), withdrawn, erased."""

    id: str
    owner_ledger: str
    owner_id: str
    file_name: str
    kind: str
    kind_zh: str
    kind_en: str
    bytes: int
    width: int | None
    height: int | None
    taken_at: str | None
    lon_e7: int | None
    lat_e7: int | None
    added_at: str
    added_by: str
    presence: str
    presence_zh: str
    presence_en: str
    has_thumbnail: bool
    has_public: bool


class AttachmentsOut(Schema):
    items: list[AttachmentOut]
    may_add: bool


class WithdrawIn(Schema):
    reason: str


def _plain(upload: Upload) -> dict[str, Any]:
    return {
        "id": str(upload.pk),
        "received": services.received(upload),
        "bytes": upload.bytes,
        "attachment_id": str(upload.attachment_id) if upload.attachment_id else None,
    }


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    taken = row["taken_at"]
    return {
        **row,
        "id": str(row["id"]),
        "added_by": str(row["added_by"]),
        "added_at": to_iso(row["added_at"]),
        "taken_at": to_iso(taken) if taken else None,
    }


@router.get("/attachments/limits", response=FileLimitsOut)
def limits(request: HttpRequest) -> dict[str, Any]:
    """Asked before a file is chosen, so that nobody sends what will be refused."""
    room = queries.room(viewer=signed_in(request))
    return {
        "kinds": [
            {name: getattr(kind, name) for name in FileKindOut.model_fields}
            for kind in KINDS.values()
        ],
        "piece_bytes_max": rules.CHUNK_BYTES_MAX,
        "bytes_max": BYTES_MAX,
        "node_used": room.node_used,
        "node_max": rules.NODE_BYTES_MAX,
        "person_used_today": room.person_today,
        "person_a_day_max": rules.PERSON_BYTES_A_DAY_MAX,
        "refusal": room.refusal(1),
        "statement_zh": STATEMENT_ZH,
        "statement_en": STATEMENT_EN,
    }


@router.post("/attachments", response=FileUploadOut)
def begin(request: HttpRequest, body: FileUploadIn) -> dict[str, Any]:
    """Announces a file; the answer says from which byte on to send it."""
    upload = services.begin(
        viewer=signed_in(request),
        owner_ledger=body.owner_ledger,
        owner_key=body.owner_id,
        file_name=body.file_name,
        size=body.bytes,
        sha256=body.sha256,
    )
    return _plain(upload)


@router.get("/attachments/uploads/{upload_id}", response=FileUploadOut)
def progress(request: HttpRequest, upload_id: int) -> dict[str, Any]:
    """How far one's own upload is."""
    return _plain(queries.upload(upload_id, viewer=signed_in(request)))


@router.delete("/attachments/uploads/{upload_id}", response={204: None})
def cancel(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Gives an upload up; nothing of it stays."""
    services.cancel(viewer=signed_in(request), upload_id=upload_id)
    return HttpResponse(status=204)


@router.put("/attachments/uploads/{upload_id}/content", response=FileUploadOut)
def put_content(request: HttpRequest, upload_id: int, offset: int) -> dict[str, Any]:
    """The next piece, raw, at most 1 MiB; the last one is answered when the file was checked."""
    viewer = signed_in(request)
    piece = request.read(rules.CHUNK_BYTES_MAX + 1)
    if not piece or len(piece) > rules.CHUNK_BYTES_MAX:
        raise BAD_REQUEST(field="content")
    done = services.take(viewer=viewer, upload_id=upload_id, offset=offset, piece=piece)
    return _plain(done)


@router.get("/ledgers/{ledger}/rows/{row_id}/attachments", response=AttachmentsOut)
def of_row(request: HttpRequest, ledger: str, row_id: str) -> dict[str, Any]:
    """The files of a row, newest first."""
    viewer = signed_in(request)
    owner = queries.owner(ledger, row_id, viewer=viewer)
    rows = queries.of_row(ledger, row_id, viewer=viewer)
    return {
        "items": [_shown(row) for row in rows],
        "may_add": viewer.may(owner.edit, owner.place_code),
    }


@router.post("/attachments/{attachment_id}/withdraw", response={204: None})
def withdraw(request: HttpRequest, attachment_id: int, body: WithdrawIn) -> HttpResponse:
    """Takes a file off its row."""
    services.withdraw(viewer=signed_in(request), attachment_id=attachment_id, reason=body.reason)
    return HttpResponse(status=204)


@router.get("/attachments/{attachment_id}", response={200: bytes})
def fetch(request: HttpRequest, attachment_id: int, size: Size = Size.ORIGINAL) -> HttpResponseBase:
    """The content: the original, the copy without metadata, or the thumbnail. Ranges are served."""
    path, kind, name = queries.content(attachment_id, size, viewer=signed_in(request))
    return _file(request, path, kind, name, is_shown=kind.is_shown and size is not Size.ORIGINAL)


def _file(
    request: HttpRequest, path: Path, kind: FileKind, name: str, *, is_shown: bool
) -> HttpResponseBase:
    total = path.stat().st_size
    try:
        part = rules.byte_range(request.headers.get("Range", ""), total)
    except ValueError:
        raise BAD_RANGE() from None
    first, last = part or (0, total - 1)
    response = StreamingHttpResponse(
        _pieces(path, first, last - first + 1),
        status=206 if part else 200,
        content_type=kind.media_type,
    )
    response["Content-Length"] = str(last - first + 1)
    response["Accept-Ranges"] = "bytes"
    if part:
        response["Content-Range"] = f"bytes {first}-{last}/{total}"
    how = "inline" if is_shown else "attachment"
    plain = f"file{kind.ending}"
    response["Content-Disposition"] = f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    response["Content-Security-Policy"] = _SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _pieces(path: Path, start: int, left: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while left > 0:
            piece = file.read(min(_READ_BYTES, left))
            if not piece:
                return
            left -= len(piece)
            yield piece
