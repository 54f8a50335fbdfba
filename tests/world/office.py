"""An office at its desk: files made by hand and taken through the steps of an import."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from typing import Any

import openpyxl

from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.imports import services
from fengsui.foundation.imports.models import Import
from fengsui.foundation.imports.services import registers
from fengsui.foundation.imports.services.staging import PreviewRow, Staging
from fengsui.foundation.imports.states import ImportState, RowKind


def csv_of(rows: Sequence[Sequence[Any]], encoding: str = "utf-8-sig") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode(encoding)


def xlsx_of(rows: Sequence[Sequence[Any]], merged: Sequence[str] = ()) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    for one in merged:
        sheet.merge_cells(one)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bring(viewer: Viewer, ledger: str, content: bytes, name: str = "名单.xlsx") -> Import:
    """The file handed in and read: it stands at the second step, or failed."""
    one = services.announce(
        viewer=viewer,
        ledger=ledger,
        file_name=name,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    for offset in range(0, len(content), services.PIECE_BYTES_MAX):
        piece = content[offset : offset + services.PIECE_BYTES_MAX]
        one = services.take_piece(viewer=viewer, import_id=one.id, offset=offset, piece=piece)
    services.start(one)
    return one


def settle(viewer: Viewer, one: Import, **columns: str | None) -> Import:
    """The second step: as guessed, but for the headers that are named."""
    ledger = registers.get(one.ledger, viewer=viewer)
    guessed = dict(zip(one.plan["headers"], one.plan["targets"], strict=True))
    with Staging(one.id) as staging:
        plan = services.choose(
            one,
            staging,
            ledger,
            sheet=one.plan["sheet"],
            header_row=one.plan["header_row"],
            columns=guessed | columns,
            defaults={},
            system="wgs84",
        )
    services.note(one, plan=plan, state=ImportState.CHECKING)
    services.start(one)
    return one


def carry_out(viewer: Viewer, one: Import) -> Import:
    ledger = registers.get(one.ledger, viewer=viewer)
    with Staging(one.id) as staging:
        services.begin(one, staging, ledger, viewer)
    services.start(one)
    return one


def rows_of(one: Import, kind: RowKind | None = None) -> list[PreviewRow]:
    with Staging(one.id) as staging:
        return staging.page(kind, 0, 10_000)


def said(viewer: Viewer, one: Import) -> list[str]:
    """Every sentence of the preview, in Chinese."""
    ledger = registers.get(one.ledger, viewer=viewer)
    return [
        told["said_zh"]
        for row in rows_of(one)
        for told in services.said_of(row.findings, one, row.n, ledger)
    ]


def whole(viewer: Viewer, ledger: str, content: bytes, name: str = "名单.xlsx") -> Import:
    """All four steps, with what is guessed."""
    one = bring(viewer, ledger, content, name)
    assert one.state == ImportState.READ, one.problem
    one = settle(viewer, one)
    assert one.state == ImportState.CHECKED
    return carry_out(viewer, one)
