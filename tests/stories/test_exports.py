"""What goes out comes back the same, runs in no spreadsheet, and is on record."""

from __future__ import annotations

import contextlib
import io
import json
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.imports import queries, services
from fengsui.foundation.imports.services import registers
from fengsui.foundation.imports.states import ImportState, RowKind
from fengsui.foundation.ledgers import services as ledgers
from fengsui.foundation.people.models import Household
from tests.world import county as world
from tests.world import office

ALL = (
    "places", "persons", "posts", "holdings", "contacts", "households", "danger_areas", "venues",
)  # fmt: skip
WORDS = {"reason": "汛前核对名单", "recipient": "示意县应急管理局"}


@pytest.fixture
def county(node: Any) -> world.County:
    return world.build()


def kinds(viewer: Viewer, ledger: str, file: services.File) -> dict[str, int]:
    one = office.bring(viewer, ledger, file.content, file.name)
    assert one.state == ImportState.READ, one.problem
    one = office.settle(viewer, one)
    counts = {kind.value: one.counts[kind.value] for kind in RowKind if one.counts[kind.value]}
    assert not (set(counts) - {"same"}), office.said(viewer, one)[:5] or [
        row.changes for row in office.rows_of(one, RowKind.CHANGED)
    ]
    with services.Staging(one.id) as staging:
        services.cancel(one, staging)
    return counts


@pytest.mark.parametrize("ledger", ALL)
@pytest.mark.parametrize("file_format", ["xlsx", "csv", "geojson"])
@pytest.mark.parametrize("with_personal", [True, False])
def test_every_register_goes_out_and_in_and_only_the_same_comes(
    county: world.County, ledger: str, file_format: str, with_personal: bool
) -> None:
    officer = county.viewer("officer")
    made = services.export(
        viewer=officer, ledger=ledger, file_format=file_format, with_personal=with_personal, **WORDS
    )
    counts = kinds(officer, ledger, made)
    assert counts.get("same", 0) >= 1


text = st.text(min_size=1, max_size=30).filter(lambda one: one.strip())


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(label=text, name=text, people=st.integers(0, 9_999))
def test_whatever_somebody_wrote_comes_back_the_same_from_every_format(
    county: world.County, label: str, name: str, people: int
) -> None:
    officer = county.viewer("officer")
    row = {
        "label": label, "place_code": world.SHITAN, "people_count": people, "relative_name": name,
    }  # fmt: skip
    with contextlib.suppress(Problem):  # what the register refuses cannot go out either
        ledgers.create(viewer=officer, ledger="households", rows=[row])
    for file_format in ("xlsx", "csv", "geojson"):
        made = services.export(
            viewer=officer,
            ledger="households",
            file_format=file_format,
            with_personal=True,
            **WORDS,
        )
        kinds(officer, "households", made)


FORMULAS = ("=1+1", "+HYPERLINK(1)", "-2+3", "@SUM(A1)", "=cmd|' /C calc'!A0", "'=1", "＝1＋1")


def test_no_cell_is_run_by_a_spreadsheet(county: world.County) -> None:
    officer = county.viewer("officer")
    rows = [{"label": one, "place_code": world.SHITAN, "people_count": 1} for one in FORMULAS]
    ledgers.create(viewer=officer, ledger="households", rows=rows)
    made = services.export(
        viewer=officer, ledger="households", file_format="csv", with_personal=True, **WORDS
    )
    cells = made.content.decode("utf-8-sig").replace('"', "").replace("\r\n", ",").split(",")
    assert not [one for one in cells if one[:1] in ("=", "+", "@", "\t", "＝")]
    assert not [one for one in cells if one[:1] == "-" and not one[1:].replace(".", "").isdigit()]
    book = services.export(
        viewer=officer, ledger="households", file_format="xlsx", with_personal=True, **WORDS
    )
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[0]
    types = {cell.data_type for line in sheet.iter_rows() for cell in line}
    assert "f" not in types
    kinds(officer, "households", made)
    kinds(officer, "households", book)


def test_numbers_that_are_codes_or_telephones_stay_text(county: world.County) -> None:
    officer = county.viewer("officer")
    book = services.export(
        viewer=officer, ledger="contacts", file_format="xlsx", with_personal=True, **WORDS
    )
    sheet = openpyxl.load_workbook(io.BytesIO(book.content)).worksheets[0]
    values = [cell.value for line in sheet.iter_rows(min_row=3) for cell in line if cell.value]
    assert "00010000001" in values
    assert all(isinstance(one, str) for one in values if str(one).isdigit() and len(str(one)) > 6)


def test_a_masked_export_holds_no_name_and_no_number_and_overwrites_nothing(
    county: world.County,
) -> None:
    officer = county.viewer("officer")
    for ledger in ("persons", "contacts", "households"):
        for file_format in ("csv", "geojson"):
            made = services.export(
                viewer=officer, ledger=ledger, file_format=file_format, recipient="示意单位"
            )
            content = (
                made.content.decode("utf-8-sig")
                .replace("示意单位", "")
                .replace(f"{officer.name} 导出", "")
            )
            assert "0001000000" not in content
            for row in ("示意己", "示意庚", "示意丁"):
                assert row not in content, (ledger, row)


def test_the_file_says_who_took_it_when_for_whom_and_so_does_the_record(
    county: world.County,
) -> None:
    officer = county.viewer("officer")
    made = services.export(viewer=officer, ledger="households", file_format="csv", **WORDS)
    first = made.content.decode("utf-8-sig").splitlines()[0]
    for word in (made.number, officer.name, WORDS["recipient"], "2026-07-17 02:10", "已隐去"):
        assert word in first
    listed = queries.exports(viewer=officer)[0]
    assert (listed["number"], listed["recipient"]) == (made.number, WORDS["recipient"])
    shape = services.export(viewer=officer, ledger="danger_areas", file_format="geojson", **WORDS)
    assert json.loads(shape.content)["fengsui"]["number"] == shape.number


def test_the_list_of_exports_shows_ones_own_and_those_of_the_places_one_verifies(
    county: world.County,
) -> None:
    services.export(
        viewer=county.viewer("qingshi"), ledger="households", file_format="csv", **WORDS
    )
    assert len(queries.exports(viewer=county.viewer("officer"))) == 1
    assert len(queries.exports(viewer=county.viewer("qingshi"))) == 1
    assert queries.exports(viewer=county.viewer("baishui")) == []


def test_personal_data_needs_the_right_a_reason_and_a_recipient(county: world.County) -> None:
    given: dict[str, Any] = {"ledger": "households", "file_format": "csv", "with_personal": True}
    with pytest.raises(Problem, match="not_allowed"):
        services.export(viewer=county.viewer("shitan_a"), **given, **WORDS)
    with pytest.raises(Problem, match="reason_needed"):
        services.export(viewer=county.viewer("officer"), **given, recipient="示意单位")
    with pytest.raises(Problem, match="recipient_needed"):
        services.export(viewer=county.viewer("officer"), ledger="households", file_format="csv")
    assert queries.exports(viewer=county.viewer("officer")) == []


def test_a_template_filled_in_goes_in(county: world.County) -> None:
    clerk = county.viewer("qingshi")
    for ledger in ALL:
        made = services.template(viewer=clerk, ledger=ledger)
        assert openpyxl.load_workbook(io.BytesIO(made.content)).worksheets[0].max_row >= 2
    made = services.template(viewer=clerk, ledger="households")
    book = openpyxl.load_workbook(io.BytesIO(made.content))
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[2]]
    ledger = registers.get("households", viewer=clerk)
    names = {column.zh: column.name for column in ledger.columns}
    filled = {"label": "示意新户", "place_code": "石滩村", "people_count": 3}
    for place, head in enumerate(heads, 1):
        if names.get(head) in filled:
            sheet.cell(3, place, filled[names[head]])
    out = io.BytesIO()
    book.save(out)
    office.whole(clerk, "households", out.getvalue(), made.name)
    assert Household.objects.filter(label="示意新户", people_count=3).exists()
