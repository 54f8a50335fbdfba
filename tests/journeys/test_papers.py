"""What leaves the screen: the list, door-knock sheets, the group's chain, a duty report, a signed
review, and a link for an inquiry, at desk and phone size."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pypdf
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE, Visitors
from tests.journeys.county import api, bring_into_force, fits, switch_to

SignIn = Callable[..., Page]
Picture = Callable[[Page, str], None]
Barriers = Callable[[Page], list[str]]


def _papers(sign_in: SignIn, who: str, part: str, **options: object) -> tuple[Page, str]:
    """The papers of the callout in force, open at one part; the callout's id."""
    page = sign_in(who, "/desk/", **options)
    leader = sign_in("带班领导", "/desk/")
    alert = bring_into_force(page, leader)
    page.goto(f"/desk/papers/{alert['callout_id']}")
    page.get_by_role("tab", name=part).click()
    return page, str(alert["callout_id"])


def _taken(page: Page, button: str) -> bytes:
    with page.expect_download() as coming:
        page.get_by_role("button", name=button).click()
    path = coming.value.path()
    return Path(path).read_bytes()


def test_the_list_goes_out_masked_and_the_chain_comes_back_as_relayed(
    sign_in: SignIn, picture: Picture, barriers: Barriers
) -> None:
    page, callout = _papers(sign_in, "值班员", "未应答名单")
    page.get_by_role("button", name="取未应答名单").click()
    expect(page.get_by_text("请写明给谁用。")).to_be_visible()
    page.get_by_label("给谁用").fill("示意乡镇值班室")
    sheet = openpyxl.load_workbook(io.BytesIO(_taken(page, "取未应答名单"))).worksheets[0]
    text = str([[cell.value for cell in row] for row in sheet.iter_rows()])
    assert "示意乡镇值班室" in text
    assert not re.search(r"000\d{8}", text), "numbers are masked"
    expect(page.get_by_text("示意乡镇值班室").first).to_be_visible()
    assert barriers(page) == []
    picture(page, "desk-papers-list")

    silent = api(page, "GET", f"/callouts/{callout}/unanswered?limit=50")["items"]
    names = [one["person_name"] for one in silent if one["person_name"]]
    page.get_by_role("tab", name="微信群").click()
    card = page.get_by_role("textbox", name="发到群里的文字")
    expect(card).to_have_value(re.compile("#接龙"))
    chain = f"#接龙\n1. {names[-1]} 收到，正在转移\n2. 不在名单的人 收到"
    page.get_by_label("把整段接龙复制到这里").fill(chain)
    expect(page.get_by_text("名单里没有这个人")).to_be_visible()
    assert barriers(page) == []
    picture(page, "desk-papers-group")
    record = page.get_by_role("button", name=re.compile(r"记录 \d+ 条转述"))
    if record.is_enabled():
        record.click()
        expect(page.get_by_text("条转述；电话照打")).to_be_visible()


def test_the_door_knock_sheets_are_ready_and_one_key_prints_them(
    sign_in: SignIn, picture: Picture, barriers: Barriers
) -> None:
    page, _ = _papers(sign_in, "值班员", "敲门单")
    expect(page.get_by_text(re.compile(r"已编好 \d+ 张"))).to_be_visible(timeout=60_000)
    assert barriers(page) == []
    picture(page, "desk-papers-knock")
    page.evaluate("() => (window.open = (url) => ((window.asked = url), null))")
    page.keyboard.press("F9")
    asked = page.evaluate("() => window.asked")
    link = page.get_by_role("link", name=re.compile("打印全部")).get_attribute("href")
    assert link == asked, "the key and the button print the same"
    answer = page.request.get(link)
    assert answer.ok
    assert len(pypdf.PdfReader(io.BytesIO(answer.body())).pages) > 0


def test_a_report_is_drafted_signed_and_corrected_as_a_new_version(
    sign_in: SignIn, picture: Picture, barriers: Barriers
) -> None:
    page, _ = _papers(sign_in, "值班员", "值班快报")
    page.get_by_role("button", name="起草下一期").click()
    expect(page.get_by_label("叫应情况")).to_have_value(re.compile("应叫"))
    page.get_by_label("受伤（人）").fill("2")
    assert barriers(page) == []
    picture(page, "desk-papers-report-draft")
    page.get_by_role("button", name="签发", exact=True).click()
    expect(page.get_by_text(re.compile("已签发 .* 第 1 版"))).to_be_visible()
    # Fewer than before: not without saying why.
    page.get_by_role("button", name="更正").first.click()
    page.get_by_label("为什么更正").fill("核实人数")
    page.get_by_label("受伤（人）", exact=True).fill("1")
    page.get_by_role("button", name="签发", exact=True).click()
    expect(page.get_by_text("数字变小要写更正说明。")).to_be_visible()
    page.get_by_label("由 2 减为 1，为什么").fill("一人为误报")
    page.get_by_role("button", name="签发", exact=True).click()
    expect(page.get_by_text(re.compile("已签发 .* 第 2 版"))).to_be_visible()
    expect(page.get_by_text("已有新版")).to_be_visible()
    assert barriers(page) == []
    picture(page, "desk-papers-reports")


def test_a_review_is_signed_checked_and_shown_to_an_inquiry(
    sign_in: SignIn, visitors: Visitors, picture: Picture, barriers: Barriers
) -> None:
    page, _ = _papers(sign_in, "值班员", "复盘")
    expect(page.get_by_text("叫应率")).to_be_visible()
    assert barriers(page) == []
    picture(page, "desk-papers-review")
    page.get_by_label("给谁用").fill("示意县领导")
    paper = _taken(page, "生成签名 PDF")
    chooser = page.get_by_label("选一份 PDF")
    chooser.set_input_files({"name": "复盘.pdf", "mimeType": "application/pdf", "buffer": paper})
    expect(page.get_by_text("是真的，没有改过")).to_be_visible()
    touched = paper.replace(b"%PDF-1", b"%PDF-2", 1)
    chooser.set_input_files({"name": "改过.pdf", "mimeType": "application/pdf", "buffer": touched})
    expect(page.get_by_text("被改过，或签名是坏的")).to_be_visible()

    page.get_by_role("tab", name="调查链接").click()
    page.get_by_label("给谁", exact=True).fill("示意调查组")
    page.get_by_label("为什么", exact=True).fill("示意调查")
    page.get_by_role("button", name="开链接").click()
    address = page.locator(".links-address").inner_text()
    code = page.locator(".links-code").inner_text()
    assert barriers(page) == []
    picture(page, "desk-papers-links")

    stranger = visitors.open("/" + address.split("/", 3)[3], PHONE)
    expect(stranger.get_by_label("提取码")).to_be_visible()
    assert "#" not in stranger.url, "the token does not stay in the address bar"
    stranger.get_by_label("提取码").fill(f"{(int(code) + 1) % 10**6:06d}")
    stranger.get_by_role("button", name="打开").click()
    expect(stranger.get_by_text("链接无效")).to_be_visible()
    stranger.get_by_label("提取码").fill(code)
    stranger.get_by_role("button", name="打开").click()
    expect(stranger.get_by_text("叫应率")).to_be_visible()
    assert fits(stranger)
    assert barriers(stranger) == []
    picture(stranger, "phone-inquiry")

    page.get_by_role("button", name="收回").first.click()
    page.get_by_label("为什么收回").fill("示意收回")
    page.get_by_role("dialog").get_by_role("button", name="收回").click()
    expect(page.get_by_text("已收回").first).to_be_visible()


def test_papers_fit_a_phone_by_day(sign_in: SignIn, picture: Picture, barriers: Barriers) -> None:
    page, callout = _papers(sign_in, "值班员", "未应答名单", viewport=PHONE, color_scheme="light")
    switch_to(page, "日间")
    for part, name in (
        ("", "list"),
        ("group", "group"),
        ("report", "report"),
        ("review", "review"),
    ):
        page.goto(f"/desk/papers/{callout}?part={part}")
        expect(page.get_by_role("tabpanel")).to_be_visible()
        page.wait_for_load_state("networkidle")
        assert fits(page), name
        assert barriers(page) == []
        picture(page, f"phone-papers-{name}")
