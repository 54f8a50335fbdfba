"""数据与隐私 on the desk and on a phone: terms, erasing a household, files of a row."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from fengsui.gateways.files.tests import samples
from tests.journeys.conftest import SIZES
from tests.journeys.county import api, fits, switch_to

TABS = ("到期待批", "保存期限", "清除一人或一户", "查看与导出")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["夜间", "日间"])
def test_the_page_reads_well_by_day_and_by_night(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
    size: str,
    theme: str,
) -> None:
    viewport: ViewportSize = SIZES[size]
    page = sign_in("带班领导", "/desk/privacy", viewport)
    switch_to(page, theme)
    expect(page.get_by_role("heading", name="数据与隐私")).to_be_visible()
    expect(page.get_by_text("本系统为非涉密系统", exact=True)).to_be_visible()
    for number, tab in enumerate(TABS):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("tabpanel")).to_be_visible()
        expect(page.get_by_text("正在读取")).to_have_count(0)
        assert barriers(page) == [], tab
        assert fits(page), tab
        picture(page, f"x-privacy-{number}-{size}-{theme}")


def test_the_tabs_go_by_keyboard(sign_in: Callable[..., Page]) -> None:
    page = sign_in("带班领导", "/desk/privacy")
    first = page.get_by_role("tab", name=TABS[0])
    first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name=TABS[1])).to_be_focused()
    expect(page.get_by_role("columnheader", name="保存多久")).to_be_visible()


def test_a_term_of_this_county_is_changed_with_a_reason(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    page = sign_in("带班领导", "/desk/privacy")
    page.get_by_role("tab", name="保存期限").click()
    row = page.get_by_role("row", name=re.compile("^叫应名单"))
    expect(row).to_contain_text("事件结束后 30 天")
    expect(row).to_contain_text("突发事件应对法")
    row.get_by_role("button").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("天数").fill("4000")
    dialog.get_by_label("理由").fill("示意县规定")
    dialog.get_by_role("button", name="改为这个期限").click()
    expect(dialog.get_by_text("只能设为 1 至 180 天")).to_be_visible()
    assert barriers(page) == []
    picture(page, "x-privacy-term-refused")
    dialog.get_by_label("天数").fill("45")
    dialog.get_by_role("button", name="改为这个期限").click()
    expect(row).to_contain_text("事件结束后 45 天")
    expect(row).to_contain_text("示意县规定")


def test_a_household_is_previewed_and_erased(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    page = sign_in("带班领导", "/desk/privacy")
    page.get_by_role("tab", name="清除一人或一户").click()
    page.get_by_label("姓名或户名").fill("示意")
    page.locator(".privacy-form").get_by_role("button", name="查找").click()
    first = page.locator(".subject-list button").filter(has_text="户").first
    expect(first).to_be_visible()
    name = first.locator(".privacy-name").inner_text()
    first.click()
    expect(page.get_by_role("heading", name="将清除")).to_be_visible()
    expect(page.get_by_text("计入统计的人数")).to_be_visible()
    assert barriers(page) == []
    picture(page, "desk-privacy-preview")
    page.get_by_role("button", name="清除", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("理由").fill("本人书面要求")
    dialog.get_by_role("button", name="清除", exact=True).click()
    expect(page.get_by_text("已批准，正在后台清除")).to_be_visible()
    done = page.get_by_role("row", name=re.compile("一户.*本人书面要求"))
    expect(done).to_contain_text("已清除", timeout=60_000)
    expect(done).not_to_contain_text(name)
    picture(page, "x-privacy-erased")


@pytest.mark.parametrize("size", SIZES)
def test_files_of_a_row_are_added_looked_at_and_withdrawn(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
    tmp_path: Path,
    size: str,
) -> None:
    page = sign_in("带班领导", "/desk/registers/places", SIZES[size])
    page.locator("[role=row][data-index='0']").click()
    page.get_by_role("tab", name=re.compile("^附件")).click()
    panel = page.get_by_role("region", name="附件")
    expect(panel.get_by_text("非涉密系统，严禁上传秘密级及以上")).to_be_visible()
    photograph = tmp_path / f"山塘-{size}.jpg"
    photograph.write_bytes(samples.photograph(size=(900, 600)))
    marked = tmp_path / "【机密】图.jpg"
    marked.write_bytes(samples.photograph())
    liar = tmp_path / "照片.jpg"
    liar.write_bytes(samples.SVG)
    panel.locator("input[type=file]").set_input_files([photograph, marked, liar])
    expect(panel.get_by_text("文件带有密级标志")).to_be_visible()
    expect(panel.get_by_text("会自动运行的程序")).to_be_visible()
    item = panel.locator(".attachments-list li").filter(has_text=photograph.stem)
    expect(item.locator("img")).to_be_visible()
    expect(item).to_contain_text("位置 27.70833")
    assert barriers(page) == []
    assert fits(page)
    picture(page, f"x-privacy-files-{size}")
    item.get_by_role("button", name="撤下").click()
    dialog = page.get_by_role("dialog", name="撤下附件")
    dialog.get_by_label("理由").fill("拍错了地方")
    dialog.get_by_role("button", name="撤下").click()
    expect(item).to_have_count(0)


def test_who_may_not_see_the_page_is_told_so(sign_in: Callable[..., Page]) -> None:
    page = sign_in("村支书", "/desk/privacy")
    expect(page.get_by_text("您的岗位看不到这项内容")).to_be_visible()


def test_a_copy_that_a_browser_gets_runs_nothing(sign_in: Callable[..., Page]) -> None:
    """Through the real server: pieces, ranges and the headers of a download."""
    page = sign_in("带班领导", "/desk/privacy")
    one = attach(page, samples.photograph(size=(1600, 1200), quality=98))
    answer = page.request.get(f"/api/v1/attachments/{one}?size=public")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert b"Exif" not in answer.body()
    part = page.request.get(f"/api/v1/attachments/{one}", headers={"Range": "bytes=0-9"})
    assert (part.status, len(part.body())) == (206, 10)


def attach(page: Page, content: bytes) -> str:
    place = page.request.get("/api/v1/session").json()["node"]["place_code"]
    announced: dict[str, Any] = api(
        page,
        "POST",
        "/attachments",
        {
            "owner_ledger": "places",
            "owner_id": place,
            "file_name": "示意.jpg",
            "bytes": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        },
    )
    token = page.request.get("/api/v1/session").json()["csrf_token"]
    origin = "/".join(page.url.split("/", 3)[:3])
    for offset in range(0, len(content), 1 << 20):
        answer = page.request.fetch(
            f"/api/v1/attachments/uploads/{announced['id']}/content?offset={offset}",
            method="PUT",
            headers={"X-CSRFToken": token, "Referer": f"{origin}/"},
            data=content[offset : offset + (1 << 20)],
        )
        assert answer.ok, answer.text()
    done: str = answer.json()["attachment_id"]
    return done
