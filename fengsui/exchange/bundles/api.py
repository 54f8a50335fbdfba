"""Bundles over HTTP: fetch one for a node, bring one in, see what passed through."""

from __future__ import annotations

from dataclasses import asdict
from io import BytesIO
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from fengsui.exchange.bundles import paper, queries, services, uploads
from fengsui.exchange.bundles.errors import TOO_LARGE
from fengsui.exchange.bundles.scanning import strips_of, whole_of
from fengsui.exchange.bundles.strips import FRAMES_MAX, gather
from fengsui.exchange.neighbours import identity
from fengsui.foundation.access.requests import signed_in
from fengsui.standards.instants import to_iso

router = Router(tags=["exchange"])

# A browser's answer is held in memory; what is larger is written on the command line.
EXPORT_BYTES_MAX = 64 * 1024 * 1024
PIECES_A_REQUEST = 4  # about 8,000 facts; the page asks to go on and shows how far it is
CARRIED_BY_MAX = 40


class BundleReport(Schema):
    """Counts are facts; see docs/interfaces/bundles.md. state: reading, done or gaps."""

    state: str
    digest: str
    sender_name: str
    sender_key: str
    created_ms: str
    facts: int
    judged: int
    taken: int
    kept: int
    known: int
    refused: int
    broken: int
    gap: int
    held: int
    not_for_us: int
    quarantined: int
    acknowledges: int
    is_older: bool
    is_repeated: bool
    pieces: int
    pieces_done: int


class UploadOut(Schema):
    """`report` is there once the whole file is. `received`: bytes that are here."""

    received: int
    report: BundleReport | None


class PassageRow(Schema):
    direction: str
    state: str
    digest: str
    node_name: str
    node_key: str
    carried_by: str
    at: str
    facts: int
    taken: int
    known: int
    refused: int
    fault: str


class PassageRows(Schema):
    items: list[PassageRow]


class LackOut(Schema):
    """What a bundle for this node would hold now."""

    node_name: str
    node_key: str
    scope: str
    facts: int
    feeds: int


class StripFrame(Schema):
    number: int
    text: str
    svg: str


class StripOut(Schema):
    node_name: str
    facts: int
    frames: list[StripFrame]


class FramesIn(Schema):
    lines: list[str] = Field(max_length=FRAMES_MAX * 2)
    carried_by: str = ""


class FramesOut(Schema):
    """`missing`: numbers of frames still to come; `wrong`: lines (from 1) that are no frame."""

    total: int
    missing: list[int]
    wrong: list[int]
    report: BundleReport | None


@router.get("/exchange/bundles", response=PassageRows)
def passages(request: HttpRequest) -> dict[str, Any]:
    """The bundle files written and read at this node, newest first."""
    rows = queries.passages(signed_in(request))
    return {"items": [{**row, "at": to_iso(row["at"])} for row in rows]}


@router.get("/exchange/bundles/{node}/lack", response=LackOut)
def lack(request: HttpRequest, node: str, everything: bool = False) -> dict[str, Any]:
    """How much a bundle for a node (name, place code, key) would hold now."""
    planned = queries.plan(signed_in(request), node, everything=everything)
    return {
        "node_name": planned.receiver_name,
        "node_key": planned.bundle.receiver.hex(),
        "scope": planned.receiver_scope,
        "facts": planned.bundle.facts,
        "feeds": len(planned.bundle.ranges),
    }


@router.get("/exchange/bundles/{node}/strip", response=StripOut)
def strip(request: HttpRequest, node: str) -> dict[str, Any]:
    """A small bundle as a strip of QR codes for the screen."""
    out = _Bounded()
    written = services.export_bundle(signed_in(request), node, out)
    frames = strips_of(out.getvalue())
    return {
        "node_name": written.receiver_name,
        "facts": written.facts,
        "frames": [
            {"number": number, "text": text, "svg": paper.frame_svg(text)}
            for number, text in enumerate(frames, 1)
        ],
    }


@router.post("/exchange/bundles/frames", response=FramesOut)
def frames(request: HttpRequest, body: FramesIn) -> dict[str, Any]:
    """Frames that a scanner typed, in any order; read in once none is missing."""
    viewer = signed_in(request)
    queries.require_carrier(viewer, identity.own_scope())
    found, wrong = gather(body.lines)
    answer: dict[str, Any] = {
        "total": found.total,
        "missing": found.missing,
        "wrong": [number for number, _ in wrong],
        "report": None,
    }
    if found.total and not found.missing:
        file = BytesIO(whole_of(found))
        carried_by = _carrier(viewer, body.carried_by)
        answer["report"] = _plain(services.import_bundle(viewer, file, carried_by))
    return answer


@router.get("/exchange/bundles/{node}", response={200: bytes})
def export(request: HttpRequest, node: str, everything: bool = False) -> HttpResponse:
    """The bundle file for a node (name, place code, key), as a download."""
    out = _Bounded()
    written = services.export_bundle(signed_in(request), node, out, everything=everything)
    response = HttpResponse(out.getvalue(), content_type="application/octet-stream")
    name = queries.file_name(queries.receiver(node).scope)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Fengsui-Facts"] = str(written.facts)
    return response


@router.post("/exchange/bundles", response=UploadOut)
def bring_in(
    request: HttpRequest,
    carried_by: str = "",
    upload: str = "",
    offset: int = 0,
    total: int | None = None,
) -> dict[str, Any]:
    """The bytes of a bundle file, whole or, with `upload` and `offset`, part by part."""
    viewer = signed_in(request)
    queries.require_carrier(viewer, identity.own_scope())
    received = uploads.take(
        owner=viewer.person_id, name=upload, offset=offset, total=total, source=request
    )
    if not received.is_whole:
        return {"received": received.size, "report": None}
    report = uploads.read_in(viewer, received, _carrier(viewer, carried_by), PIECES_A_REQUEST)
    return {"received": received.size, "report": _plain(report)}


@router.post("/exchange/bundles/{digest}/go-on", response=UploadOut)
def go_on(request: HttpRequest, digest: str, carried_by: str = "") -> dict[str, Any]:
    """Reads on in a file that is here and was not read to its end."""
    viewer = signed_in(request)
    queries.require_carrier(viewer, identity.own_scope())
    kept = uploads.kept(digest)
    report = uploads.read_in(viewer, kept, _carrier(viewer, carried_by), PIECES_A_REQUEST)
    return {"received": kept.size, "report": _plain(report)}


def _carrier(viewer: Any, said: str) -> str:
    return " ".join(said.split())[:CARRIED_BY_MAX] or viewer.name[:CARRIED_BY_MAX]


def _plain(report: services.Report) -> dict[str, Any]:
    return {**asdict(report), "created_ms": str(report.created_ms)}


class _Bounded(BytesIO):
    """Refuses to grow beyond what a browser is given."""

    def write(self, data: Any, /) -> int:
        if self.tell() + len(data) > EXPORT_BYTES_MAX:
            raise TOO_LARGE(detail=f"> {EXPORT_BYTES_MAX >> 20} MiB")
        return super().write(data)
