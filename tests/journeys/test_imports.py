"""导入: a tired clerk's messy Excel becomes households; what was wrong is put right with taps."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.journeys.conftest import SIZES
from tests.journeys.county import api, fits

TOWNSHIP = "茶山乡值班室"
SignIn = Callable[..., Page]
Picture = Callable[[Page, str], None]
Barriers = Callable[[Page], list[str]]


def villages(page: Page) -> list[str]:
    """Names of villages in the clerk's township."""
    items = api(page, "GET", "/ledgers/places/rows?limit=200")["items"]
    return [one["values"]["name"] for one in items if one["values"]["level"] == "village"]


def messy(village: str, other: str, mark: str) -> bytes:
    """As offices make them: a title, merged cells, full-width digits, a total, a signature."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "住户"
    sheet.append(["茶山乡受威胁群众登记表"])
    sheet.merge_cells("A1:F1")
    sheet.append(["填报单位：茶山乡", "", "", "", "2026年7月"])
    sheet.append(["序号", "所在村", "户主", "家庭人口", "亲属姓名", "亲属电话", "备注"])
    sheet.append([1, village, f"示意{mark}甲户", "４人", "示意亲甲", 10_009_001_001, ""])
    sheet.append([2, "", f"示意{mark}乙户", 3, "示意亲乙", "000 1000 9002", "新修"])
    sheet.append([3, other[:-1] + "林", f"示意{mark}丙户", 2, "", "", ""])
    sheet.append([4, other[:-1] + "林", f"示意{mark}丁户", 5, "", "", ""])
    sheet.append([5, other, f"示意{mark}戊户", "三", "", "1390000", ""])
    sheet.append(["合计", "", "", 17, "", "", ""])
    sheet.append(["填表人：示意丁"])
    sheet.merge_cells("B4:B5")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def no_barriers(page: Page, barriers: Barriers) -> None:
    assert barriers(page) == []
    assert fits(page)


def count(page: Page, mark: str) -> int:
    total: int = api(page, "GET", f"/ledgers/households/rows?q=示意{mark}")["total"]
    return total


@pytest.mark.parametrize("size", SIZES)
def test_a_messy_sheet_goes_in_in_four_steps_and_out_again_in_one(
    sign_in: SignIn, picture: Picture, barriers: Barriers, size: str
) -> None:
    viewport: ViewportSize = SIZES[size]
    mark = "壹" if size == "desk" else "贰"
    page = sign_in(TOWNSHIP, "/desk/imports?ledger=households", viewport)
    expect(page.get_by_text("严禁上传秘密级").first).to_be_visible()
    no_barriers(page, barriers)
    picture(page, f"imports-1-{size}")
    names = villages(page)

    page.get_by_label(re.compile("选择表格")).set_input_files(
        {
            "name": "受威胁群众登记表.xlsx",
            "mimeType": "application/octet-stream",
            "buffer": messy(names[0], names[1], mark),
        }
    )
    expect(page.get_by_role("heading", name="每一列是什么")).to_be_visible()
    expect(page.get_by_label("所在村", exact=True)).to_have_value("place_code")
    expect(page.get_by_label("户主", exact=True)).to_have_value("label")
    expect(page.get_by_label("备注", exact=True)).to_have_value("不导入")
    no_barriers(page, barriers)
    picture(page, f"imports-2-{size}")
    page.get_by_role("button", name="核对每一行").click()

    expect(page.get_by_role("tab", name=re.compile("待确认"))).to_be_visible()
    no_barriers(page, barriers)
    picture(page, f"imports-3-{size}")
    assert count(page, mark) == 0
    # The village that two rows misspell: one tap settles both.
    card = page.locator(".imports-row", has_text=f"示意{mark}丙户")
    card.get_by_role("button", name=re.compile(names[1])).first.click()
    expect(page.locator(".imports-row", has_text=f"示意{mark}丁户")).to_have_count(0)
    page.get_by_role("tab", name=re.compile("有误")).click()
    faulty = page.locator(".imports-row", has_text=f"示意{mark}戊户")
    expect(faulty).to_contain_text("第 8 行“亲属电话”")
    expect(faulty).to_contain_text("请")
    picture(page, f"imports-3-faulty-{size}")
    faulty.get_by_label(re.compile("自己填：亲属电话")).fill("00010009005")
    faulty.get_by_role("button", name=re.compile("^改好")).last.click()
    page.get_by_role("tab", name=re.compile("待确认")).click()
    page.locator(".imports-row", has_text=f"示意{mark}戊户").get_by_role(
        "button", name="3", exact=True
    ).click()
    page.get_by_role("button", name="写入 5 行").click()

    expect(page.get_by_role("heading", name="写好了")).to_be_visible()
    expect(page.get_by_text("新增 5 行，更改 0 行。")).to_be_visible()
    no_barriers(page, barriers)
    picture(page, f"imports-4-{size}")
    assert count(page, mark) == 5
    page.get_by_role("button", name="撤销这次导入").click()
    dialog = page.locator("dialog.f-dialog[open]")
    dialog.get_by_role("textbox").fill("名单拿错了")
    dialog.get_by_role("button", name="撤销这次导入").click()
    expect(page.get_by_role("heading", name="这次导入已撤销")).to_be_visible()
    assert count(page, mark) == 0


def test_a_file_that_is_no_table_is_refused_calmly(sign_in: SignIn, picture: Picture) -> None:
    page = sign_in(TOWNSHIP, "/desk/imports?ledger=households")
    page.get_by_label(re.compile("选择表格")).set_input_files(
        {"name": "名单.xlsx", "mimeType": "application/octet-stream", "buffer": b"PK\x03\x04" * 99}
    )
    expect(page.get_by_text("这个文件没有导入")).to_be_visible()
    expect(page.get_by_text("没有写入任何数据")).to_be_visible()
    picture(page, "imports-refused")


def test_by_keys_alone_a_list_is_exported_and_the_export_is_on_record(
    sign_in: SignIn, picture: Picture, barriers: Barriers
) -> None:
    page = sign_in(TOWNSHIP, "/desk/registers/households")
    button = page.get_by_role("button", name="导出", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("dialog.f-dialog[open]")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    button.click()
    dialog.get_by_role("button", name="导出").click()
    expect(dialog).to_contain_text("请写明给谁用")
    dialog.get_by_label("给谁用").fill("示意县水利局")
    no_barriers(page, barriers)
    picture(page, "export-dialog")
    with page.expect_download() as download:
        dialog.get_by_role("button", name="导出").click()
    content = download.value.path().read_bytes()
    book = openpyxl.load_workbook(io.BytesIO(content))
    first: Any = book.worksheets[0].cell(1, 1).value
    assert "示意县水利局" in first
    assert "个人信息已隐去" in first
    page.goto("/desk/exports")
    expect(page.get_by_role("cell", name="示意县水利局").first).to_be_visible()
    no_barriers(page, barriers)
    picture(page, "exports")
