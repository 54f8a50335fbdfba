"""Files made to hurt: each is refused in words or previewed; nothing is ever half applied.

The fuzzing prints its seed; FUZZ_SEED=n repeats one run.
"""

from __future__ import annotations

import io
import os
import random
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from fengsui.foundation.imports import sandbox, services
from fengsui.foundation.imports.models import Import
from fengsui.foundation.imports.rules import tables
from fengsui.foundation.imports.services.staging import Staging
from fengsui.foundation.imports.states import ImportState
from fengsui.foundation.journal.models import StoredFact
from tests.world import county as world
from tests.world import office

SEED = int(os.environ.get("FUZZ_SEED", "20260717"))
HEADER = ["村", "户主", "人口", "亲属电话"]
ROWS = [HEADER, ["石滩村", "示意一户", 3, "00010009001"], ["枫坪村", "示意二户", 4, ""]]
END = (ImportState.READ, ImportState.FAILED)


@pytest.fixture
def county(node: Any) -> world.County:
    return world.build()


def brought(county: world.County, content: bytes, name: str = "名单.xlsx") -> Import:
    """Handed in and read; not one fact is written by that."""
    before = StoredFact.objects.count()
    one = office.bring(county.viewer("qingshi"), "households", content, name)
    assert one.state in END, one.state
    assert StoredFact.objects.count() == before
    if one.state == ImportState.FAILED:
        assert one.problem is not None
        assert one.problem["zh"] or one.problem["mark"]
        assert not Staging(one.id).folder.exists()
    return one


def drop(one: Import) -> None:
    with Staging(one.id) as staging:
        services.cancel(one, staging)


def zipped(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_sheet(sheet: str, more: dict[str, bytes] | None = None) -> bytes:
    """A workbook whose one sheet is this XML."""
    book = io.BytesIO(office.xlsx_of([["x"]]))
    with zipfile.ZipFile(book) as archive:
        entries = {one: archive.read(one) for one in archive.namelist()}
    return zipped(entries | {"xl/worksheets/sheet1.xml": sheet.encode()} | (more or {}))


MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def cell(at: str, text: str) -> str:
    return f'<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>'


def sheet_of(rows: str, dimension: str = "A1:B2", before: str = "") -> str:
    return (
        f'<?xml version="1.0"?>{before}<worksheet {MAIN}><dimension ref="{dimension}"/>'
        f"<sheetData>{rows}</sheetData></worksheet>"
    )


def far_corner() -> bytes:
    first = f'<row r="1">{cell("A1", "村")}</row>'
    last = f'<row r="1048576">{cell("XFD1048576", "x")}</row>'
    return with_sheet(sheet_of(first + last, "A1:XFD1048576"))


def declared_million() -> bytes:
    rows = f'<row r="1">{cell("A1", "村")}{cell("B1", "户主")}</row>'
    return with_sheet(sheet_of(rows, "A1:B1000000"))


def wide() -> bytes:
    cells = "".join(
        cell(openpyxl.utils.get_column_letter(n) + "1", str(n)) for n in range(1, 16_385)
    )
    return with_sheet(sheet_of(f'<row r="1">{cells}</row>', "A1:XFD1"))


def bomb() -> bytes:
    rows = f'<row r="1">{cell("A1", "A" * 330_000_000)}</row>'
    return with_sheet(sheet_of(rows))


def lying_bomb() -> bytes:
    """A zip whose directory says the sheet is small; it unpacks to 400 MB."""
    content = bytearray(with_sheet(sheet_of(f'<row r="1">{cell("A1", "A" * 400_000_000)}</row>')))
    place = content.rfind(b"PK\x01\x02" + b"")
    while place >= 0:
        name_length = struct.unpack_from("<H", content, place + 28)[0]
        name = bytes(content[place + 46 : place + 46 + name_length])
        if name == b"xl/worksheets/sheet1.xml":
            struct.pack_into("<I", content, place + 24, 4_000)
        place = content.rfind(b"PK\x01\x02", 0, place)
    return bytes(content)


def entities() -> bytes:
    twice = [f"&l{n - 1};&l{n - 1};" if n else "ha" for n in range(30)]
    laughs = "".join(f'<!ENTITY l{n} "{text}">' for n, text in enumerate(twice))
    secret = '<!ENTITY file SYSTEM "file:///etc/passwd">'
    before = f"<!DOCTYPE worksheet [{laughs}{secret}]>"
    rows = f'<row r="1">{cell("A1", "&l29;")}{cell("B1", "&file;")}</row>'
    return with_sheet(sheet_of(rows, before=before))


def external_links() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(HEADER)
    sheet.append(["石滩村", "='[http://127.0.0.1:9/x.xlsx]S'!A1", "=WEBSERVICE(A1)", "=1/0"])
    sheet["B3"].hyperlink = "http://127.0.0.1:9/"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


REFUSED: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b" ",
    "noise": lambda: random.Random(SEED).randbytes(5_000),
    "a zip of nothing": lambda: zipped({"a": b"b"}),
    "half a workbook": lambda: office.xlsx_of(ROWS)[:3_000],
    "a far corner": far_corner,
    "16,384 columns": wide,
    "a bomb": bomb,
    "a lying bomb": lying_bomb,
    "a page": lambda: b"<!DOCTYPE html><table><tr><td>1</td></tr></table>",
    "a picture": lambda: b"\x89PNG\r\n\x1a\n" + b"0" * 100,
    "a PDF": lambda: b"%PDF-1.7 ...",
    "an old workbook cut off": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "60,000 rows": lambda: b"a,b\r\n" * 60_000,
    "a cell of a megabyte": lambda: b"a," + b"x" * 1_000_000,
    "geojson of something else": lambda: b'{"type":"Topology","features":3}',
    "json nested deep": lambda: b'{"type":"FeatureCollection","features":' + b"[" * 100_000,
    "a number of a million digits": lambda: b'{"type":"FeatureCollection","features":['
    + b'{"properties":{"a":' + b"9" * 1_000_000 + b"}}]}",
}  # fmt: skip


@pytest.mark.one_database
@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_words_and_nothing_is_written(county: world.County, name: str) -> None:
    file_name = "f.geojson" if "json" in name or "digits" in name else "f.xlsx"
    one = brought(county, REFUSED[name](), file_name)
    assert one.state == ImportState.FAILED, one.plan
    assert "Traceback" not in str(one.problem)


READ: dict[str, Callable[[], bytes]] = {
    "a declared million": declared_million,
    "entities": entities,
    "links and formulas": external_links,
    "control characters": lambda: "村,户主\r\n石滩村,示\x07意\x00".replace("\x00", "").encode(),
    "no data": lambda: office.csv_of([HEADER]),
    "GB18030": lambda: office.csv_of(ROWS, "gb18030"),
    "UTF-16": lambda: office.csv_of(ROWS, "utf-16"),
    "UTF-16 without a mark": lambda: office.csv_of(ROWS, "utf-16-le"),
    "tabs": lambda: office.csv_of(ROWS).replace(b",", b"\t"),
    "semicolons": lambda: office.csv_of(ROWS).replace(b",", b";"),
}


@pytest.mark.one_database
@pytest.mark.parametrize("name", READ)
def test_it_is_read_or_refused_without_harm(county: world.County, name: str) -> None:
    one = brought(county, READ[name](), "f.csv")
    if one.state == ImportState.READ:
        with Staging(one.id) as staging:
            everything = str([row for row in staging.rows_from(one.plan["sheet"], 1)])
        assert "root:" not in everything
        assert "haha" not in everything
    if name in ("GB18030", "UTF-16", "UTF-16 without a mark", "tabs", "semicolons"):
        one = office.settle(county.viewer("qingshi"), one)
        assert one.counts["new"] == 2, office.said(county.viewer("qingshi"), one)


def test_merged_mixed_and_strange_cells_end_in_the_preview(county: world.County) -> None:
    from datetime import date, datetime

    no_zone = datetime(2026, 7, 1, 8, 0)  # noqa: DTZ001 - as a cell of a workbook is
    rows: list[list[Any]] = [
        HEADER,
        ["石滩村", "示意一户", 3, 1_390_000_000.0],
        ["", "示意二户", True, date(2026, 7, 1)],
        ["", "示意三户", no_zone, "Ｏ００１２３４"],
        ["示例县青石镇石滩村", "示意四户", float("1e300"), "０００ １０００　９００２"],
        ["石滩村", "=HYPERLINK(1)", "#REF!", "000"],
        ["石滩村" * 200, "示意六户", 1, ""],
    ]
    clerk = county.viewer("qingshi")
    one = office.settle(clerk, office.bring(clerk, "households", office.xlsx_of(rows, ["A2:A4"])))
    kinds = [row.kind.value for row in office.rows_of(one)]
    assert len(kinds) == 6
    assert kinds[0] == "faulty"  # 10 digits that begin with 1 are a number with one missing
    assert all(text.startswith("第 ") for text in office.said(clerk, one))
    done = office.carry_out(clerk, one)
    assert done.state == ImportState.DONE


cells = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12),
    st.sampled_from(["石滩村", world.SHITAN, "示意一户", "00010009001", "=1", "合计", "（清空）",
                     "000****0001", "NaN", "1e5", "10000000000", "2026-07-01", "注：", "**"]),
)  # fmt: skip


@seed(SEED)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(cells, max_size=6), min_size=1, max_size=8), st.booleans())
def test_any_table_is_previewed_whole_or_refused_and_written_as_previewed(
    county: world.County, rows: list[list[Any]], with_header: bool
) -> None:
    """Every row ends new, changed, same, faulty or doubtful; what was promised is what is there."""
    clerk = county.viewer("qingshi")
    table = [HEADER, *rows] if with_header else rows
    one = brought(county, office.csv_of(table), "f.csv")
    if one.state == ImportState.FAILED:
        return
    columns = {"村": "place_code", "户主": "label", "人口": "people_count"} if with_header else {}
    if not with_header:
        drop(one)
        return
    one = office.settle(clerk, one, **columns)
    promised = one.counts["new"] + one.counts["changed"]
    done = office.carry_out(clerk, one)
    outcome = done.counts["outcome"]
    refused = done.counts["refused"] + done.counts["kept"]
    assert outcome["created"] + outcome["changed"] + refused == promised
    again = office.settle(clerk, brought(county, office.csv_of(table), "f.csv"), **columns)
    assert again.counts["changed"] == 0
    assert again.counts["new"] <= refused
    drop(again)


@pytest.mark.one_database
def test_mutated_workbooks_never_get_past_the_sandbox_in_pieces(
    county: world.County, capsys: Any
) -> None:
    """Bytes of a sound workbook turned over at random."""
    chance = random.Random(SEED)
    sound = office.xlsx_of(ROWS)
    with capsys.disabled():
        sys.stderr.write(f"\nFUZZ_SEED={SEED} ")
    ends = {"read": 0, "refused": 0}
    for _ in range(200):
        content = bytearray(sound)
        for _ in range(chance.randint(1, 30)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        if chance.random() < 0.3:
            del content[chance.randrange(len(content)) :]
        try:
            for sheet in sandbox.sheets_of(bytes(content), "f.xlsx"):
                list(sandbox.written(sheet))
            ends["read"] += 1
        except tables.Unreadable as refusal:
            ends["refused"] += bool(refusal.zh)
    assert ends["refused"] > 0
    assert sum(ends.values()) == 200


def test_the_sandbox_is_bounded_by_the_system_not_by_good_will(tmp_path: Path) -> None:
    """What it may take is set before the file is opened: a process that wants more is stopped."""
    code = (
        "from fengsui.foundation.imports import sandbox\n"
        "sandbox.bound()\n"
        "try:\n    x = bytearray(2_000_000_000)\nexcept MemoryError:\n    print('bounded')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "bounded"


def test_a_file_that_never_ends_is_stopped(
    county: world.County, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fengsui.foundation.imports.services import opening

    monkeypatch.setattr(opening, "SECONDS_MAX", 0.01)
    began = time.monotonic()
    one = brought(county, office.xlsx_of(ROWS))
    assert one.state == ImportState.FAILED
    assert time.monotonic() - began < 5


def test_pieces_out_of_order_too_long_or_of_another_file_are_refused(
    county: world.County,
) -> None:
    from fengsui.foundation.access.problems import Problem

    clerk = county.viewer("qingshi")
    given = {"viewer": clerk, "ledger": "households", "file_name": "../../etc/名单.csv"}
    one = services.announce(**given, size_bytes=10, sha256="0" * 64)
    assert one.file_name == "名单.csv"
    for offset, piece in ((5, b"12345"), (0, b"1" * 11), (-1, b"1")):
        with pytest.raises(Problem):
            services.take_piece(viewer=clerk, import_id=one.id, offset=offset, piece=piece)
    services.take_piece(viewer=clerk, import_id=one.id, offset=0, piece=b"12345")
    services.take_piece(viewer=clerk, import_id=one.id, offset=0, piece=b"12345")
    with pytest.raises(Problem, match="wrong_digest"):
        services.take_piece(viewer=clerk, import_id=one.id, offset=5, piece=b"67890")
    with pytest.raises(ValueError, match="no such folder"):
        Staging("../../etc")
    for _ in range(4):
        services.announce(**given, size_bytes=10, sha256="")
    with pytest.raises(Problem, match="too_many_open"):
        services.announce(**given, size_bytes=10, sha256="")
    with pytest.raises(Problem, match="too_large"):
        services.announce(
            viewer=county.viewer("officer"),
            ledger="households",
            file_name="x",
            size_bytes=1 << 40,
            sha256="",
        )
