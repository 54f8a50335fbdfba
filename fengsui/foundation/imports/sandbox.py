"""Reads one file into plain cells, in a process of its own that may come to grief.

`python -m fengsui.foundation.imports.sandbox PATH NAME OUT` knows no Django and no database. It
bounds its own memory, time and output before it opens the file, so a sheet made to hurt kills
this process and nothing else. It writes JSON lines to OUT: one {"sheet": ...} for each sheet,
then its rows as [number, [text, ...]]; or one {"zh", "en"} that says why not.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fengsui.foundation.imports.rules import tables, text
from fengsui.foundation.imports.rules.headers import Merged
from fengsui.foundation.imports.rules.tables import Unreadable

MEMORY_BYTES = 768 * 1024 * 1024
CPU_SECONDS = 60
OUTPUT_BYTES = 512 * 1024 * 1024
UNPACKED_BYTES_MAX = 300 * 1024 * 1024
ZIP_ENTRIES_MAX = 2_000
MERGED_MAX = 20_000
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

OUTLINE_HEADER = "图形"


def bound() -> None:
    """Memory, processor time, output and open files of this process, from here on."""
    limits = (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, OUTPUT_BYTES),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    )
    for what, most in limits:
        _, hard = resource.getrlimit(what)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (most, most))


def sheets_of(content: bytes, name: str) -> Iterator[tables.Sheet]:
    """The sheets of a file by what it holds, whatever its name says. Raises Unreadable."""
    if not content:
        raise Unreadable("文件是空的", "The file is empty")
    if content.startswith(_ZIP) or content.startswith(_OLE):
        yield from _workbook(content)
    elif (
        name.lower().endswith((".geojson", ".json"))
        or content.lstrip(b"\xef\xbb\xbf \r\n")[:1] == b"{"
    ):
        yield tables.read_geojson(content, "point", OUTLINE_HEADER)
    elif content.lstrip()[:15].lower().startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        raise Unreadable(
            "这是网页，不是表格。请在表格软件中打开后另存为 xlsx",
            "This is a web page, no table. Open it in a spreadsheet and save it as xlsx",
        )
    elif content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"{\\rtf", b"Rar!", b"7z")):
        raise Unreadable(
            "不是表格文件。可以导入 xlsx、xls、ods、CSV 和 GeoJSON",
            "This is no table. xlsx, xls, ods, CSV and GeoJSON can be imported",
        )
    else:
        yield tables.read_csv(content)


def _workbook(content: bytes) -> Iterator[tables.Sheet]:
    import python_calamine as calamine

    if content.startswith(_ZIP):
        _look_at_zip(content)
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        metadata = book.sheets_metadata[: tables.SHEETS_MAX]
        for one in metadata:
            if one.typ == calamine.SheetTypeEnum.WorkSheet:
                yield _sheet(book.get_sheet_by_name(one.name))
    except calamine.PasswordError as error:
        raise Unreadable(
            "文件加了密码。请去掉密码后再导入", "The file has a password. Take it off first"
        ) from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise Unreadable(
            "表格文件已损坏或残缺。请在表格软件中打开、另存为 xlsx 后再试",
            "The workbook is damaged. Open it in a spreadsheet and save it as xlsx",
        ) from error


def _look_at_zip(content: bytes) -> None:
    """What a zip says it will unpack to, before anything unpacks it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unreadable(
            "表格文件残缺（可能没有传完）。请重新选择文件",
            "The workbook is broken off. Choose the file again",
        ) from error
    if len(entries) > ZIP_ENTRIES_MAX or sum(one.file_size for one in entries) > UNPACKED_BYTES_MAX:
        raise _bomb()


def _bomb() -> Unreadable:
    return tables.too_large("表格展开后过大", "The workbook unpacks to too much")


def _sheet(found: Any) -> tables.Sheet:
    merged = [
        Merged(top, left, bottom, right)
        for (top, left), (bottom, right) in (found.merged_cell_ranges or ())[:MERGED_MAX]
    ]
    # calamine begins with the first column that holds something; people count from A.
    before: list[Any] = [""] * (found.start or (0, 0))[1]
    rows: list[list[Any]] = []
    cells = filled = 0
    for row in found.iter_rows():
        if not any(cell != "" for cell in row):
            rows.append([])
            continue
        whole = before + row
        if any(cell != "" for cell in whole[tables.COLUMNS_MAX :]):
            raise tables.too_large(f"表中有 {len(whole)} 列", f"There are {len(whole)} columns")
        rows.append(whole[: tables.COLUMNS_MAX])
        filled += 1
        cells += len(rows[-1])
        if filled > tables.ROWS_MAX + 100 or cells > tables.CELLS_MAX:
            raise tables.too_large("表格太大", "The table is too large")
    while rows and not rows[-1]:
        rows.pop()
    return tables.Sheet(found.name, rows, merged)


def written(sheet: tables.Sheet) -> Iterator[str]:
    """The sheet as JSON lines, cells clean; empty rows left out, numbers as people see them."""
    width = max((len(row) for row in sheet.rows), default=0)
    merged = [[one.top, one.left, one.bottom, one.right] for one in sheet.merged]
    head = {"sheet": sheet.name, "width": width, "merged": merged}
    yield json.dumps(head | {"is_geojson": sheet.is_geojson}, ensure_ascii=False)
    for number, row in enumerate(sheet.rows, 1):
        cells = [text.plain(cell) for cell in row]
        if any(len(cell) > tables.OUTLINE_LENGTH_MAX for cell in cells):
            raise Unreadable(
                f"第 {number} 行有一格内容过长", f"A cell of row {number} is far too long"
            )
        if any(cells):
            yield json.dumps([number, cells], ensure_ascii=False)


def main(path: str, name: str, out: str) -> int:
    bound()
    with Path(out).open("w", encoding="utf-8") as handle:
        try:
            for sheet in sheets_of(Path(path).read_bytes(), name):
                for line in written(sheet):
                    handle.write(line + "\n")
        except Unreadable as refusal:
            handle.seek(0)
            handle.truncate()
            handle.write(json.dumps({"zh": refusal.zh, "en": refusal.en}, ensure_ascii=False))
        except MemoryError:
            handle.seek(0)
            handle.truncate()
            bomb = _bomb()
            handle.write(json.dumps({"zh": bomb.zh, "en": bomb.en}, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
