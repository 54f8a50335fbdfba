"""A register goes out as a file that goes in again unchanged, and it is on record who took it."""

from __future__ import annotations

import csv
import io
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fengsui.foundation.access.problems import NOT_ALLOWED
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.imports import facts
from fengsui.foundation.imports.errors import REASON_NEEDED, RECIPIENT_NEEDED, TOO_MANY_ROWS
from fengsui.foundation.imports.rules import safety, tables
from fengsui.foundation.imports.rules.cells import Cell, Head, Names, cells_of, feature, heads_of
from fengsui.foundation.imports.rules.values import BEIJING
from fengsui.foundation.imports.services import registers
from fengsui.foundation.imports.states import ExportFormat
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.services import command, record
from fengsui.foundation.ledgers.rules import Column, Ledger
from fengsui.foundation.ledgers.states import ColumnKind
from fengsui.standards.divisions import full_code

ROWS_MAX = tables.ROWS_MAX
WORDS_MIN, WORDS_MAX = 2, 200  # of a reason and of a recipient
TEMPLATE_ROWS = 1_000  # below the headers of an empty template, choices can be picked this far
MEDIA_TYPES: Mapping[ExportFormat, str] = {
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.GEOJSON: "application/geo+json",
}


@dataclass(frozen=True, slots=True)
class File:
    content: bytes
    name: str
    media_type: str
    number: str = ""


@dataclass(frozen=True, slots=True)
class Watermark:
    """Who took what, when and for whom. It stands in the file itself."""

    number: str
    line: str


def export(
    *,
    viewer: Viewer,
    ledger: str,
    file_format: str,
    query: Mapping[str, Any] | None = None,
    columns: Sequence[str] | None = None,
    with_personal: bool = False,
    reason: str = "",
    recipient: str = "",
) -> File:
    """The rows that `query` finds (see ledgers: under, q, where, state) as a file.

    Names and numbers are masked unless `with_personal`, which needs reveal_personal, a reason
    and a recipient; a row where the viewer lacks that right stays masked. Every export is a
    fact. Raises access.not_found, access.not_allowed, imports.reason_needed,
    imports.recipient_needed, imports.too_many_rows.
    """
    declared = registers.get(ledger, viewer=viewer)
    recipient, reason = recipient.strip(), reason.strip()
    _check_words(viewer, reason, recipient, with_personal=with_personal)
    heads = heads_of(declared, columns)
    rows = registers.chosen(declared, viewer, query or {}, ROWS_MAX + 1)
    if len(rows) > ROWS_MAX:
        raise TOO_MANY_ROWS(rows=f"{ROWS_MAX}+", most=ROWS_MAX)
    names = registers.names_for(declared, rows, viewer)
    now = clock.now()
    mark = _watermark(declared, viewer, now, recipient, with_personal=with_personal)
    content = _content(
        ExportFormat(file_format), declared, heads, rows, names, mark, viewer, with_personal
    )
    under = str((query or {}).get("under") or "")
    scope = full_code(under) if under else registers.office_of(viewer)
    said = {
        "number": mark.number,
        "ledger": declared.name,
        "format": str(file_format),
        "rows_count": len(rows),
        "columns": [head.target for head in heads],
        "under": under,
        "with_personal": with_personal,
        "reason": reason,
        "recipient": recipient,
        "actor_name": viewer.name,
    }
    note_export(viewer=viewer, scope=scope, fields=said)
    name = f"{declared.zh}-{now.astimezone(BEIJING):%Y%m%d-%H%M}-{mark.number}.{file_format}"
    return File(content, name, MEDIA_TYPES[ExportFormat(file_format)], mark.number)


def _check_words(viewer: Viewer, reason: str, recipient: str, *, with_personal: bool) -> None:
    def is_said(text: str) -> bool:
        return WORDS_MIN <= len(text) <= WORDS_MAX

    if with_personal:
        if not viewer.scopes(Permission.REVEAL_PERSONAL):
            raise NOT_ALLOWED(permission=Permission.REVEAL_PERSONAL.value, place="")
        if not (is_said(reason) and is_said(recipient)):
            raise REASON_NEEDED(least=WORDS_MIN, most=WORDS_MAX)
    elif not is_said(recipient):
        raise RECIPIENT_NEEDED(least=WORDS_MIN, most=WORDS_MAX)


@command
def note_export(*, viewer: Viewer, scope: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Who took which rows out, for whom and why; before the file is handed over."""
    declared = registers.get(str(fields["ledger"]), viewer=viewer)
    if not viewer.scopes(declared.see):
        raise NOT_ALLOWED(permission=declared.see.value, place=scope)
    fact = record(facts.EXPORTED, fields=fields, scope=scope, viewer=viewer)
    return {"id": fact.entity()}


def _watermark(
    ledger: Ledger, viewer: Viewer, now: datetime, recipient: str, *, with_personal: bool
) -> Watermark:
    number = f"{now.astimezone(BEIJING):%y%m%d}{secrets.token_hex(3).upper()}"
    what = "含完整个人信息，用后即删，不得转发" if with_personal else "个人信息已隐去"
    line = (
        f"烽燧导出 · {ledger.zh} · 编号 {number} · {now.astimezone(BEIJING):%Y-%m-%d %H:%M} · "
        f"{viewer.name} 导出，供{recipient}使用 · {what}"
    )
    return Watermark(number, line)


def _content(
    file_format: ExportFormat,
    ledger: Ledger,
    heads: Sequence[Head],
    rows: Sequence[Mapping[str, Any]],
    names: Names,
    mark: Watermark,
    viewer: Viewer,
    with_personal: bool,
) -> bytes:
    lines = []
    features = []
    for row in rows:
        in_full = with_personal and viewer.may(Permission.REVEAL_PERSONAL, row["place"])
        cells = cells_of(heads, row["id"], row["values"], names, in_full=in_full)
        if file_format is ExportFormat.GEOJSON:
            shows = {
                one.name: in_full or not (one.is_private or one.is_personal)
                for one in ledger.columns
            }
            features.append(feature(heads, cells, row["values"], shows=shows))
        else:
            lines.append(cells)
    if file_format is ExportFormat.XLSX:
        return workbook(ledger, heads, lines, mark)
    if file_format is ExportFormat.CSV:
        return csv_text(heads, lines, mark)
    return geojson(features, mark)


# --- the three kinds of file --------------------------------------------------------------------


def csv_text(heads: Sequence[Head], lines: Sequence[Sequence[Cell]], mark: Watermark) -> bytes:
    """With a byte order mark, by which spreadsheets know UTF-8; cells that none of them runs."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([safety.escaped(mark.line)])
    writer.writerow([safety.escaped(head.zh) for head in heads])
    for cells in lines:
        writer.writerow(cells)
    return out.getvalue().encode("utf-8-sig")


def geojson(features: Sequence[Mapping[str, Any]], mark: Watermark) -> bytes:
    document = {
        "type": "FeatureCollection",
        "fengsui": {"number": mark.number, "note": mark.line},
        "features": list(features),
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def template(*, viewer: Viewer, ledger: str) -> File:
    """An empty sheet with headers, what each means, and choices to pick."""
    declared = registers.get(ledger, viewer=viewer)
    heads = [head for head in heads_of(declared) if head.column and head.column.kind not in _DRAWN]
    content = workbook(declared, heads, [], None)
    media_type = MEDIA_TYPES[ExportFormat.XLSX]
    return File(content, f"{declared.zh}-模板.xlsx", media_type)


_DRAWN = (ColumnKind.OUTLINE,)


def workbook(
    ledger: Ledger,
    heads: Sequence[Head],
    lines: Sequence[Sequence[Cell]],
    mark: Watermark | None,
) -> bytes:
    """An xlsx of texts and whole numbers: nothing in it is a formula or a link."""
    import xlsxwriter  # only where somebody exports

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    sheet = book.add_worksheet(ledger.zh[:31])
    title = book.add_format({"font_color": "#8a4b00", "italic": True})
    bold = {"bold": True, "bg_color": "#e8edf1", "bottom": 1, "valign": "vcenter"}
    header, needed = book.add_format(bold), book.add_format(bold | {"font_color": "#b8232a"})
    as_text = book.add_format({"num_format": "@"})
    if mark is not None:
        book.set_properties({"title": ledger.zh, "comments": mark.line})
        sheet.set_footer(f"&L{mark.line.replace('&', '&&')[:180]}&R&P / &N")
        if len(heads) > 1:
            sheet.merge_range(0, 0, 0, len(heads) - 1, "", title)
        sheet.write_string(0, 0, mark.line, title)
    for place, head in enumerate(heads):
        is_needed = head.column is not None and head.column.required
        sheet.set_column(place, place, _width(head), None if head.is_number else as_text)
        sheet.write_string(1, place, head.zh, needed if is_needed else header)
        if head.column is not None:
            _help(sheet, place, head.column, len(lines))
    for number, cells in enumerate(lines, 2):
        for place, cell in enumerate(cells):
            if isinstance(cell, int):
                sheet.write_number(number, place, cell)
            elif cell:
                sheet.write_string(number, place, cell, as_text)
    sheet.freeze_panes(2, 1)
    if mark is None:
        sheet.write_string(
            0, 0, f"{ledger.zh}（模板）：红色为必填；填好后在烽燧“导入”里选择本文件", title
        )
        _explain(book, heads)
    book.close()
    return out.getvalue()


def _width(head: Head) -> int:
    kinds = {ColumnKind.PLACE: 36, ColumnKind.REFERENCE: 30, ColumnKind.WHOLE: 8}
    return 22 if head.column is None else kinds.get(head.column.kind, 16)


def _help(sheet: Any, place: int, column: Column, count: int) -> None:
    """Choices as a list to pick from; the hint beside the cell that is being filled in."""
    options: dict[str, Any] = {}
    if column.kind is ColumnKind.CHOICE and column.choices:
        words = [one.zh for one in column.choices]
        if len(",".join(words)) <= 255:
            options = {"validate": "list", "source": words, "error_type": "warning"}
    elif column.kind is ColumnKind.FLAG:
        options = {"validate": "list", "source": ["是", "否"], "error_type": "warning"}
    elif not column.hint_zh:
        return
    else:
        options = {"validate": "any"}
    if column.hint_zh:
        options |= {"input_title": column.zh[:32], "input_message": column.hint_zh[:255]}
    sheet.data_validation(2, place, 2 + max(count, TEMPLATE_ROWS), place, options)


def _explain(book: Any, heads: Sequence[Head]) -> None:
    sheet = book.add_worksheet("填写说明")
    for place, word in enumerate(("栏目", "必填", "说明", "例子")):
        sheet.write_string(0, place, word, book.add_format({"bold": True}))
    sheet.set_column(0, 1, 14)
    sheet.set_column(2, 3, 48)
    for number, head in enumerate(heads, 1):
        column = head.column
        if column is None:
            continue
        choices = "可选：" + "、".join(one.zh for one in column.choices) if column.choices else ""
        hint = "；".join(text for text in (column.hint_zh, choices) if text)
        needed = "必填" if column.required else ""
        for place, text in enumerate((head.zh, needed, hint, column.example)):
            sheet.write_string(number, place, text)
