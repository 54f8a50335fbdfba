"""通联 and 纸质名单 on the desk: who is in touch, what is carried by hand or on paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from fengsui.exchange.sheets.codes import full_code
from tests.journeys.conftest import SIZES
from tests.journeys.county import api, bring_into_force, fits, switch_to

TOWNSHIP = "石坝乡"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["夜间", "日间"])
def test_reach_and_sheets_read_well_by_day_and_by_night(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
    size: str,
    theme: str,
) -> None:
    viewport: ViewportSize = SIZES[size]
    page = sign_in("值班员", "/desk/reach", viewport)
    switch_to(page, theme)
    # The demonstration's county has nobody above it, no node below and no lost village by itself.
    expect(page.get_by_role("heading", name="上级", exact=True)).to_be_visible()
    expect(page.get_by_text("本节点没有上级")).to_be_visible()
    expect(page.get_by_role("heading", name="断网时用 U 盘送")).to_be_visible()
    expect(page.get_by_role("heading", name="手机", exact=False)).to_be_visible()
    expect(page.get_by_text("正在读取")).to_have_count(0)
    # A village of which nothing is expected is not called silent.
    expect(page.get_by_text("0 人应答 · 0 户")).to_have_count(0)
    expect(page.get_by_text("正在连接")).to_have_count(0)
    assert barriers(page) == []
    assert fits(page)
    picture(page, "desk-reach" if (size, theme) == ("desk", "夜间") else f"x-reach-{size}-{theme}")
    page.goto("/desk/sheets")
    expect(page.get_by_role("heading", name="录回勾好的名单")).to_be_visible()
    expect(page.get_by_text("正在读取")).to_have_count(0)
    assert barriers(page) == []
    assert fits(page)
    picture(page, f"x-sheets-{size}-{theme}")


def test_a_file_that_is_no_bundle_is_refused_in_words(
    sign_in: Callable[..., Page], tmp_path: Path
) -> None:
    page = sign_in("值班员", "/desk/reach")
    holiday = tmp_path / "holiday.fsb"
    holiday.write_bytes(b"not a bundle" * 40)
    page.get_by_label("谁带来的").fill("示意甲，骑摩托")
    page.locator("input[type=file]").set_input_files(holiday)
    expect(page.get_by_role("alert")).to_contain_text(re.compile("[一-鿿]{4}"))


def test_ticked_paper_comes_back_into_the_record(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    officer = sign_in("值班员", "/desk/sheets")
    leader = sign_in("带班领导", "/desk/")
    alert = bring_into_force(officer, leader)
    evacuation = alert["evacuation_id"]
    officer.reload()

    # Print: the list of the place that is chosen opens as a PDF.
    officer.get_by_label("哪一次转移").select_option(alert["id"])
    officer.get_by_label("哪个村镇").select_option(label=TOWNSHIP)
    link = officer.get_by_role("link", name="打开名单（PDF）")
    address = link.get_attribute("href")
    assert address is not None
    printed = officer.request.get(address)
    assert printed.ok, printed.text()[:300]
    assert printed.body().startswith(b"%PDF")

    # Type: the preview says what will happen, and only then is it recorded.
    place = officer.get_by_label("哪个村镇").input_value()
    sheets: list[dict[str, Any]] = api(officer, "GET", f"/exchange/sheets/{evacuation}/{place}")[
        "items"
    ]
    code = full_code(int(sheets[0]["number"]), 1)
    officer.get_by_label(re.compile("^每行一户")).fill(f"{code} 1 2\n11111-111 9")
    rows = officer.locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text(re.compile("看不懂|不收"))
    assert barriers(officer) == []
    picture(officer, "desk-sheets")
    record = officer.get_by_role("button", name=re.compile(r"^记录 \d+ 户$"))
    if rows.nth(0).get_by_text("请补时间").count():
        officer.get_by_label(re.compile("^每行一户")).fill(f"{code} 1 2 2350")
    expect(record).to_be_enabled()
    record.click()
    expect(officer.get_by_text(re.compile(r"^已记录 1 户$"))).to_be_visible()
