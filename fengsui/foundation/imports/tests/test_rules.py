"""What a cell, a header and a row mean, by examples from offices and by properties."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fengsui.foundation.imports.rules import phones, safety, text, values
from fengsui.foundation.imports.rules.checking import Checked
from fengsui.foundation.imports.rules.columns import ROW_ID, targets_of
from fengsui.foundation.imports.rules.comparing import Held, compare
from fengsui.foundation.imports.rules.headers import (
    Merged,
    Saved,
    fill_merged,
    guess,
    is_note,
)
from fengsui.foundation.imports.rules.placing import PlaceIndex
from fengsui.foundation.imports.states import RowKind
from fengsui.foundation.imports.tests import ledger_of_huts as huts


def checked(header: list[str], cells: list[str], **more: Any) -> Checked:
    return huts.plan_of(header, **more).check([text.plain(cell) for cell in cells])


# --- cells ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("　１３８　", "138"),
        ("甲\u200b乙", "甲乙"),
        ("a\x00b\x07", "ab"),
        ("⽯坝乡", "石坝乡"),  # the Kangxi radical for stone
        (13800000000.0, "13800000000"),
        (math.nan, "NaN"),
        (True, "是"),
        (None, ""),
        ("（一组）", "（一组）"),
    ],
)
def test_a_cell_is_what_its_writer_sees(cell: Any, expected: str) -> None:
    assert text.plain(cell) == expected


@given(st.text())
def test_cleaning_twice_changes_nothing_more(given_text: str) -> None:
    once = text.cleaned(given_text)
    assert text.cleaned(once) == once


@given(st.text(max_size=60))
def test_what_is_escaped_comes_back_and_no_spreadsheet_runs_it(given_text: str) -> None:
    cell = safety.escaped(given_text)
    assert safety.unescaped(cell) == given_text or cell == given_text
    is_number = cell.lstrip("-").replace(".", "").isdigit()
    assert is_number or not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋"))


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("000 1234 5678", "00012345678"),
        ("+86 139-0000-0000", "13900000000"),
        ("8613900000000", "13900000000"),
        ("0743-8700000", "07438700000"),
        ("示意甲：13900000000", "13900000000"),
        ("+9779800000000", "+9779800000000"),
        ("119", "119"),
    ],
)
def test_numbers_are_read_as_offices_write_them(written: str, digits: str) -> None:
    reading = phones.read(written)
    assert (reading.number, reading.zh) == (digits, "")


@pytest.mark.parametrize(
    ("written", "zh"),
    [
        ("1390000000", "少一位数字，应为 11 位"),
        ("139000000000", "多一位数字，应为 11 位"),
        ("1390000", "少好几位数字，应为 11 位"),
        ("1.39E+10", "号码被表格改成了科学计数法，原号码已丢失"),
        ("139OOOO0000", "含有不是数字的字符"),
        ("13900000000/13900000001", "一格里有几个号码"),
    ],
)
def test_a_wrong_number_says_what_is_wrong(written: str, zh: str) -> None:
    assert phones.read(written).zh == zh


def test_the_sentence_names_row_column_and_fix() -> None:
    plan = huts.plan_of(["所在地", "名称", "联系电话"])
    found = plan.check([huts.VILLAGE, "甲家", "1390000000"]).findings[0]
    said = found.said(14, plan.header_of(found.column))
    assert said[0] == "第 14 行“联系电话”：少一位数字，应为 11 位。请核对后重填。"


# --- places and persons -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("990100101201", huts.VILLAGE),
        ("990100101201 红旗村", huts.VILLAGE),
        ("990100101", huts.TOWN),
        ("示意县石坝乡", huts.TOWN),
        ("石坝", huts.TOWN),  # 石坝乡 before 石坝村 would be a guess: see below
        ("石坝乡红旗村", huts.VILLAGE),
        ("示意县 石坝乡 红旗村 三组", huts.GROUP),
        ("石坝乡/大坪社区", "990100101203"),
        ("高岭红旗", huts.TWIN),
    ],
)
def test_a_place_is_found_by_code_name_or_path(written: str, code: str) -> None:
    found = PlaceIndex(huts.PLACES).look_up(written)
    assert code in (found.code, *found.near)
    if written != "石坝":
        assert found.code == code


@pytest.mark.parametrize(
    ("written", "first"),
    [
        ("石坝乡红其村", huts.VILLAGE),  # another character of the same sound
        ("石坝乡红旗", huts.VILLAGE),
        ("990100101291", huts.VILLAGE),  # one digit off
        ("石坝乡石霸村", "990100101202"),
        ("大坪林", "990100101203"),  # begins like a place, and is another
    ],
)
def test_a_near_match_is_offered_with_its_path(written: str, first: str) -> None:
    index = PlaceIndex(huts.PLACES)
    found = index.look_up(written)
    assert first in (found.code, *found.near[:2])
    assert index.path(huts.VILLAGE) == "示意县石坝乡红旗村"


def test_a_name_that_two_villages_bear_is_a_doubt_with_both_to_tap() -> None:
    found = checked(["村", "名称"], ["红旗村", "甲家"]).findings[0]
    assert found.is_doubt
    assert {one.text for one in found.choices} == {huts.VILLAGE, huts.TWIN}
    assert found.choices[0].zh.startswith("示意县")


def test_township_village_and_group_in_columns_of_their_own_are_one_place() -> None:
    found = checked(["乡镇", "村", "组", "名称"], ["石坝乡", "红旗村", "3", "甲家"])
    assert found.values["place_code"] == huts.GROUP


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("示意甲", 11),
        ("示意甲 00012345678", 11),
        ("00012345679", 12),
        ("示意丙", 14),  # of two, the one of this village
        ("示意丙（编号 13）", 13),
    ],
)
def test_a_person_is_found_by_name_and_number(written: str, expected: int) -> None:
    found = checked(["所在地", "名称", "责任人"], [huts.VILLAGE, "甲家", written])
    assert found.values["keeper"] == expected


def test_a_wrong_number_beside_a_right_name_is_asked_about() -> None:
    found = checked(["所在地", "名称", "责任人"], [huts.VILLAGE, "甲家", "示意甲 00099999999"])
    assert found.findings[0].is_doubt
    assert found.findings[0].choices[0].text == "示意甲（编号 11）"


def test_name_and_number_of_the_responsible_person_may_be_two_columns() -> None:
    found = checked(
        ["所在地", "名称", "责任人", "责任人电话"],
        [huts.VILLAGE, "甲家", "示意乙", "00012345679"],
    )
    assert found.values.get("keeper") == 12


# --- numbers, times, points -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "number"), [("３", 3), ("3人", 3), ("1,200", None), ("4.0", 4), ("12 户", 12)]
)
def test_a_whole_number_may_carry_its_unit(written: str, number: int | None) -> None:
    found = checked(["所在地", "名称", "人数"], [huts.VILLAGE, "甲家", written])
    assert found.values.get("people") == number


@pytest.mark.parametrize(("written", "meant"), [("约20", "20"), ("三", "3"), ("十二人", "12")])
def test_what_is_nearly_a_number_is_one_tap_away(written: str, meant: str) -> None:
    found = checked(["所在地", "名称", "人数"], [huts.VILLAGE, "甲家", written]).findings[0]
    assert (found.is_doubt, found.choices[0].text) == (True, meant)


@pytest.mark.parametrize(
    "written",
    ["2026-07-16 18:30", "2026年7月16日18时30分", "2026/7/16 18:30:00", "46219.7708333333"],
)
def test_times_are_beijing_times_also_as_serial_numbers(written: str) -> None:
    found = checked(["所在地", "名称", "查看时间"], [huts.VILLAGE, "甲家", written])
    assert found.values["seen_at"] == 1_784_197_800


def test_swapped_coordinates_are_noticed_and_put_right_with_one_tap() -> None:
    header = ["所在地", "名称", "经度", "纬度"]
    found = checked(header, [huts.VILLAGE, "甲家", "28.6165", "109.9435"]).findings[0]
    assert found.choices[0].text == "109.9435,28.6165"
    plan = huts.plan_of(header)
    cells = [huts.VILLAGE, "甲家", "28.6165", "109.9435"]
    again = plan.check(cells, {"point": found.choices[0].text})
    assert again.values["point"] == [1_099_435_000, 286_165_000]


def test_degrees_minutes_and_seconds_are_understood() -> None:
    found = checked(
        ["所在地", "名称", "经度", "纬度"], [huts.VILLAGE, "甲家", "109°56′36.6″", "北纬28.6165"]
    )
    assert found.values["point"] == [1_099_435_000, 286_165_000]


@pytest.mark.parametrize("written", ["#REF!", "NaN", "1e309", "x" * 30, "=1+1"])
def test_what_is_no_value_is_a_fault_and_never_an_exception(written: str) -> None:
    found = checked(["所在地", "名称", "人数"], [huts.VILLAGE, "甲家", written])
    assert found.findings or "people" not in found.values


@given(st.text(max_size=40), st.sampled_from([one.name for one in huts.HUTS.columns]))
def test_any_text_in_any_column_is_a_value_or_a_finding(cell: str, column: str) -> None:
    plan = huts.plan_of(["所在地", "名称"])
    result = plan.check([huts.VILLAGE, "甲家"], {column: cell})
    said = {one.column for one in result.findings}
    declared = huts.HUTS.column(column)
    assert declared is not None
    plain = safety.unescaped(text.plain(cell))
    silent = values.is_nothing(declared, plain) or safety.is_masked(plain)
    # A column that the sheet has no header for is not read at all.
    if column in ("place_code", "name"):
        assert silent or column in said or column in result.values


# --- headers ----------------------------------------------------------------------------------


def test_headers_are_found_below_a_title_and_a_line_of_remarks() -> None:
    rows = [
        ["示意县石坝乡窝棚登记表", "", "", ""],
        ["填报单位：石坝乡", "", "", "2026年7月"],
        ["序号", "所属乡镇", "户主姓名", "家庭人口（人数）"],
        ["1", "石坝乡", "甲家", "3"],
    ]
    guessed = guess(rows, targets_of(huts.HUTS.columns), [Merged(0, 0, 0, 3)])
    assert (guessed.header_row, guessed.data_row) == (2, 3)
    assert guessed.columns == (None, "place_code", "name", "people")


def test_headers_of_two_rows_are_read_together() -> None:
    rows = [
        ["所在地", "名称", "责任人", ""],
        ["", "", "姓名", "电话"],
        [huts.VILLAGE, "甲家", "示意甲", "00012345678"],
    ]
    guessed = guess(rows, targets_of(huts.HUTS.columns), [Merged(0, 2, 0, 3)])
    assert guessed.data_row == 2
    assert guessed.headers[2:] == ("责任人姓名", "责任人电话")
    assert guessed.columns[2:] == ("keeper", "keeper")


def test_what_an_office_saved_goes_before_what_is_guessed() -> None:
    saved = Saved({"甲": "name", "名称": None})
    guessed = guess([["甲", "名称"]], targets_of(huts.HUTS.columns), saved=saved)
    assert guessed.columns == ("name", None)


@pytest.mark.parametrize(
    ("cells", "is_one"),
    [
        (["合计", "", "12", "30"], True),
        (["注：本表一式两份", "", "", ""], True),
        (["填表人：示意甲", "", "审核：示意乙", ""], True),
        (["1", "石坝乡", "甲家", "3"], False),
        (["备注村", "甲家", "3", "4"], False),
    ],
)
def test_totals_and_remarks_below_the_data_are_no_rows(cells: list[str], is_one: bool) -> None:
    assert is_note(cells, 4) is is_one


def test_a_merged_cell_stands_in_every_row_it_covers() -> None:
    rows = [["乡镇", "村"], ["石坝乡", "红旗村"], ["", "石坝村"]]
    fill_merged(rows, [Merged(1, 0, 2, 0), Merged(0, 0, 1, 0)], 1)
    assert rows[2] == ["石坝乡", "石坝村"]


# --- beside the register ----------------------------------------------------------------------


def held(**more: Any) -> Held:
    return Held(7, {"place_code": huts.VILLAGE, "name": "甲家", "phone": "00012345678", **more})


def test_a_masked_cell_means_unchanged_and_never_overwrites() -> None:
    header = ["编号", "所在地", "名称", "联系电话"]
    found = checked(header, ["7", huts.VILLAGE, "甲家", "000****5678"])
    assert found.row_id == "7"
    assert compare(huts.HUTS, found, held()).kind is RowKind.SAME
    other = compare(huts.HUTS, found, held(phone="00099998888"))
    assert other.kind is RowKind.FAULTY
    assert compare(huts.HUTS, found, None).kind is RowKind.FAULTY


def test_an_empty_cell_leaves_alone_and_only_the_word_empties() -> None:
    header = ["所在地", "名称", "联系电话"]
    assert compare(huts.HUTS, checked(header, [huts.VILLAGE, "甲家", ""]), held()).changes == {}
    emptied = compare(huts.HUTS, checked(header, [huts.VILLAGE, "甲家", "（清空）"]), held())
    assert emptied.changes == {"phone": ["00012345678", None]}


def test_a_change_names_what_was_and_what_will_be() -> None:
    found = checked(["所在地", "名称", "人数"], [huts.VILLAGE, "甲家", "4"])
    outcome = compare(huts.HUTS, found, held(people=3))
    assert (outcome.kind, outcome.changes) == (RowKind.CHANGED, {"people": [3, 4]})


def test_a_row_without_what_is_required_is_faulty() -> None:
    outcome = compare(huts.HUTS, checked(["所在地", "名称"], [huts.VILLAGE, ""]), None)
    assert outcome.kind is RowKind.FAULTY
    assert outcome.findings[0].column == "name"


def test_row_numbers_are_a_target_of_every_ledger() -> None:
    assert targets_of(huts.HUTS.columns)[0].name == ROW_ID
