"""台账 on the desk and on a phone: find, correct, compare, withdraw, put back, by keys alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.journeys.conftest import SIZES
from tests.journeys.county import api, fits, switch_to

HOUSEHOLDS = "/desk/registers/households"
TOWNSHIP = "茶山乡值班室"
REASON = "入户核对时发现"
DRAWN_MOST = 60  # rows that the browser holds at once, of however many there are

SignIn = Callable[..., Page]
Picture = Callable[[Page, str], None]
Barriers = Callable[[Page], list[str]]


def rows(page: Page) -> Locator:
    return page.get_by_role("grid").locator("[role=row][data-index]")


def opened(page: Page, path: str = HOUSEHOLDS) -> Locator:
    """The rows of a register, once they are there."""
    if path not in page.url:
        page.goto(path)
    expect(page.get_by_text(re.compile("^(共|至少) ")).first).to_be_visible()
    return rows(page)


def find(page: Page, words: str) -> Locator:
    page.get_by_role("searchbox").fill(words)
    row = rows(page).filter(has_text=words)
    expect(rows(page)).to_have_count(1)
    return row


def drawer(page: Page) -> Locator:
    return page.locator("dialog.f-drawer")


def open_row(page: Page, words: str) -> Locator:
    find(page, words).click()
    expect(drawer(page).get_by_role("heading", name=words)).to_be_visible()
    expect(drawer(page).get_by_role("tab", name="资料")).to_be_visible()
    return drawer(page)


def why(page: Page, action: str) -> None:
    """States the reason in the dialog that asks for one."""
    dialog = page.locator("dialog.f-dialog[open]")
    dialog.get_by_role("textbox").fill(REASON)
    dialog.get_by_role("button", name=action, exact=True).click()
    expect(dialog).to_have_count(0)


def household(page: Page, label: str) -> dict[str, Any]:
    items = api(page, "GET", f"/ledgers/households/rows?q={label}")["items"]
    row: dict[str, Any] = api(page, "GET", f"/ledgers/households/rows/{items[0]['id']}")
    return row


def test_a_household_is_found_corrected_and_the_correction_taken_back(
    sign_in: SignIn, picture: Picture
) -> None:
    page = sign_in("值班员", HOUSEHOLDS)
    opened(page)
    box = open_row(page, "示意户00003")
    before = household(page, "示意户00003")["values"]["tonight_people"]
    box.get_by_role("button", name="更正").click()
    box.get_by_role("spinbutton", name="今晚在家").fill(str(before + 1))
    picture(page, "registers-form")
    box.get_by_role("button", name="保存").click()
    expect(box.get_by_text("已保存 1 项")).to_be_visible()
    # The list beside it follows, and it is the record that changed.
    expect(rows(page).first).to_contain_text(f"{before + 1} 人")
    assert household(page, "示意户00003")["values"]["tonight_people"] == before + 1

    box.get_by_role("tab", name=re.compile("更改记录")).click()
    step = box.locator(".history li").first
    expect(step).to_contain_text("示意杨某0001")
    expect(step).to_contain_text("今晚在家")
    expect(step.locator("ins")).to_have_text(str(before + 1))
    picture(page, "registers-history")
    step.get_by_role("button", name="撤销这一步：今晚在家").click()
    why(page, "撤销")
    expect(box.get_by_text("已撤销这一步")).to_be_visible()
    assert household(page, "示意户00003")["values"]["tonight_people"] == before


def test_two_who_write_the_same_see_both_values_and_choose(
    sign_in: SignIn, picture: Picture, barriers: Barriers
) -> None:
    page, other = sign_in("值班员", HOUSEHOLDS), sign_in("带班领导", "/desk/")
    opened(page)
    box = open_row(page, "示意户00004")
    box.get_by_role("button", name="更正").click()
    row = household(other, "示意户00004")
    seen = row["values"]["people_count"]
    api(
        other,
        "PATCH",
        f"/ledgers/households/rows/{row['id']}",
        {"changes": {"people_count": seen + 2}, "expected": {"people_count": seen}},
    )
    box.get_by_role("spinbutton", name="登记人数").fill(str(seen + 1))
    box.get_by_role("button", name="保存").click()
    expect(box.get_by_text("您填写时，别人改了同一项")).to_be_visible()
    expect(box.get_by_text(f"{seen + 2} 人")).to_be_visible()
    expect(box.get_by_text(re.compile("示意李某0003"))).to_be_visible()
    assert barriers(page) == []
    picture(page, "registers-conflict")
    # Nothing was overwritten meanwhile; what stands is kept unless one's own is chosen.
    assert household(page, "示意户00004")["values"]["people_count"] == seen + 2
    box.get_by_role("radio", name=re.compile("您写的")).check()
    box.get_by_role("button", name="保存").click()
    expect(box.get_by_text("已保存 1 项")).to_be_visible()
    assert household(page, "示意户00004")["values"]["people_count"] == seen + 1


def test_what_is_withdrawn_leaves_the_list_with_a_reason_and_can_be_put_back(
    sign_in: SignIn,
) -> None:
    page = sign_in("值班员", HOUSEHOLDS)
    opened(page)
    box = open_row(page, "示意户00005")
    box.get_by_role("button", name="撤下").click()
    dialog = page.locator("dialog.f-dialog[open]")
    dialog.get_by_role("button", name="撤下", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("理由")
    why(page, "撤下")
    expect(box.get_by_text("这一条已撤下", exact=False)).to_be_visible()
    expect(page.get_by_text("没有符合条件的行")).to_be_visible()

    box.get_by_role("button", name="恢复").click()
    why(page, "恢复")
    expect(box.get_by_text("已恢复", exact=False)).to_be_visible()
    expect(rows(page)).to_have_count(1)
    assert household(page, "示意户00005")["is_withdrawn"] is False


def test_filters_and_columns_are_kept_as_a_view_and_shared(
    sign_in: SignIn, picture: Picture, barriers: Barriers
) -> None:
    page = sign_in("值班员", HOUSEHOLDS)
    opened(page)
    page.get_by_role("button", name="筛选").click()
    page.get_by_label("需协助转移", exact=True).select_option(label="三级：需抬运")
    picture(page, "registers-filter")
    page.get_by_role("button", name="应用").click()
    expect(page.get_by_role("button", name="去掉筛选：需协助转移")).to_be_visible()
    expect(rows(page).first).to_contain_text("三级：需抬运")
    total = page.get_by_text(re.compile("^共 ")).first.inner_text()
    page.get_by_role("button", name="列", exact=True).click()
    page.get_by_label("亲属电话", exact=True).uncheck()
    page.keyboard.press("Escape")
    expect(page.get_by_role("columnheader", name="亲属电话")).to_have_count(0)

    page.get_by_role("button", name="视图").click()
    page.get_by_label("名称").fill("需抬运的户")
    page.get_by_label("单位共用").check()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("button", name="需抬运的户", exact=True)).to_be_visible()
    assert barriers(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="全部清除").click()
    expect(page.get_by_text("共 6,000 条")).to_be_visible()
    page.get_by_role("button", name="视图").click()
    page.get_by_role("button", name="需抬运的户", exact=True).click()
    expect(page.get_by_text(total)).to_be_visible()

    # A colleague of the same office has it too, and may not delete it.
    leader = sign_in("带班领导", HOUSEHOLDS)
    opened(leader)
    leader.get_by_role("button", name="视图").click()
    expect(leader.get_by_role("button", name="需抬运的户", exact=True)).to_be_visible()
    expect(leader.get_by_role("button", name="删除视图 需抬运的户")).to_have_count(0)


def test_everything_is_done_by_keys_alone(sign_in: SignIn) -> None:
    page = sign_in("值班员", HOUSEHOLDS)
    opened(page)
    grid = page.get_by_role("grid")
    # Opening the page leaves the focus on the rows: arrows work without a single press of Tab.
    expect(grid).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("示意户0001")
    expect(rows(page)).to_have_count(10)
    page.keyboard.press("Enter")
    expect(grid).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+Space")
    expect(page.get_by_text("已选 3 条")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_text("已选")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(drawer(page).get_by_role("heading", name="示意户00014")).to_be_focused()
    page.keyboard.press("Escape")
    expect(drawer(page)).to_have_count(0)
    expect(grid).to_be_focused()
    page.keyboard.press("n")
    expect(drawer(page).get_by_role("heading", name="新增：住户")).to_be_focused()
    page.keyboard.press("Escape")
    expect(drawer(page)).to_have_count(0)


def test_a_new_row_says_what_is_wrong_and_keeps_what_was_written(
    sign_in: SignIn, picture: Picture, barriers: Barriers
) -> None:
    page = sign_in("值班员", HOUSEHOLDS)
    opened(page)
    page.get_by_role("button", name="新增").click()
    box = drawer(page)
    box.get_by_role("spinbutton", name="登记人数").fill("500000")
    box.get_by_role("button", name="保存").click()
    expect(box.get_by_text(re.compile(r"^有 \d+ 处要改"))).to_be_visible()
    expect(box.get_by_text(re.compile("户主或户名”没有填写"))).to_be_visible()
    assert barriers(page) == []
    picture(page, "registers-faults")
    # What is unsaved is not lost by one press.
    page.keyboard.press("Escape")
    expect(box.get_by_text("有 1 项没有保存")).to_be_visible()
    expect(box.get_by_role("spinbutton", name="登记人数")).to_have_value("500000")

    box.get_by_role("textbox", name=re.compile("户主或户名")).fill("示意户新一")
    box.get_by_role("spinbutton", name="登记人数").fill("4")
    place = box.get_by_role("combobox", name=re.compile("所在地"))
    place.fill("青溪社区")
    expect(box.locator(".f-combobox-popup [role=option]").first).to_be_visible()
    place.press("ArrowDown")
    place.press("Enter")
    expect(place).not_to_have_value("青溪社区")
    box.get_by_role("button", name="保存").click()
    expect(box.get_by_text("已登记：示意户新一")).to_be_visible()
    assert household(page, "示意户新一")["values"]["people_count"] == 4


def test_a_number_is_shown_for_a_reason_only(sign_in: SignIn, barriers: Barriers) -> None:
    page = sign_in("值班员", "/desk/registers/persons")
    opened(page, "/desk/registers/persons")
    find(page, "示意李某0003").click()
    box = drawer(page)
    expect(box.get_by_text(re.compile(r"000\*+0003"))).to_be_visible()
    box.get_by_role("button", name="显示号码").click()
    why(page, "显示号码")
    expect(box.locator("dd", has_text=re.compile(r"000\d{7}3"))).to_be_visible()
    assert barriers(page) == []


def test_bulk_changes_are_one_step_that_can_be_taken_back(
    sign_in: SignIn, picture: Picture, barriers: Barriers
) -> None:
    page = sign_in("值班员", HOUSEHOLDS)
    opened(page)
    page.get_by_role("searchbox").fill("示意户0002")
    expect(rows(page)).to_have_count(10)
    for index in (0, 1, 2):
        rows(page).nth(index).get_by_role("checkbox").check()
    page.get_by_role("button", name="撤下 3 条").click()
    why(page, "撤下")
    expect(rows(page)).to_have_count(7)
    page.get_by_role("link", name="导入与更改记录").click()
    latest = page.locator(".sets li").first
    expect(latest).to_contain_text("撤下 3")
    assert barriers(page) == []
    picture(page, "registers-changes")
    latest.get_by_role("button", name="撤销").click()
    why(page, "撤销")
    expect(page.get_by_text("已撤销 3 项")).to_be_visible()
    opened(page)
    page.get_by_role("searchbox").fill("示意户0002")
    expect(rows(page)).to_have_count(10)


def test_only_what_is_seen_is_drawn_however_far_one_scrolls(sign_in: SignIn) -> None:
    page = sign_in("值班员", HOUSEHOLDS)
    opened(page)
    grid = page.get_by_role("grid")
    for loaded in ("400", "600", "800"):
        grid.press("End")
        expect(page.get_by_text(f"已读到第 {loaded} 条")).to_be_visible()
        assert rows(page).count() <= DRAWN_MOST


def test_the_menu_holds_every_screen_and_is_walked_by_arrows(
    sign_in: SignIn, picture: Picture, barriers: Barriers
) -> None:
    page = sign_in("值班员", "/desk/reach")
    page.get_by_role("button", name="菜单").press("Enter")
    menu = page.get_by_role("navigation", name="菜单")
    expect(menu.get_by_role("link", name="通联")).to_be_focused()
    page.keyboard.press("Home")
    expect(menu.get_by_role("link", name="值班台", exact=True)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(menu.get_by_role("link", name="台账", exact=True)).to_be_focused()
    assert barriers(page) == []
    picture(page, "menu-desk")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/registers")
    opened(page, "/desk/registers")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("theme", ["夜间", "日间"])
def test_a_township_reads_and_corrects_its_own_at_the_desk_and_on_a_phone(
    sign_in: SignIn, picture: Picture, barriers: Barriers, size: str, theme: str
) -> None:
    viewport: ViewportSize = SIZES[size]
    page = sign_in(TOWNSHIP, HOUSEHOLDS, viewport)
    switch_to(page, theme)
    opened(page)
    expect(page.get_by_text("正在连接")).to_have_count(0)
    # A township sees its own households and no others.
    expect(rows(page).first).to_contain_text("茶山")
    assert "共 6,000 条" not in page.content()
    assert barriers(page) == []
    assert fits(page)
    picture(page, f"registers-{size}-{theme}")
    rows(page).first.click(position={"x": 120, "y": 20})
    box = drawer(page)
    expect(box.get_by_role("button", name="更正")).to_be_visible()
    assert barriers(page) == []
    assert fits(page)
    picture(page, f"registers-row-{size}-{theme}")
    box.get_by_role("button", name="更正").click()
    tonight = box.get_by_role("spinbutton", name="今晚在家")
    before = int(tonight.input_value())
    tonight.fill(str(before + 1))
    assert barriers(page) == []
    picture(page, f"registers-form-{size}-{theme}")
    box.get_by_role("button", name="保存").click()
    expect(box.get_by_text("已保存 1 项")).to_be_visible()
    box.get_by_role("button", name="撤销", exact=True).click()
    expect(box.get_by_text("已撤销这一步")).to_be_visible()
    box.get_by_role("button", name="关闭").click()
    expect(drawer(page)).to_have_count(0)
    page.get_by_role("button", name="菜单").click()
    menu = page.get_by_role("navigation", name="菜单")
    expect(menu.get_by_role("link", name="通联")).to_be_visible()
    assert barriers(page) == []
    picture(page, f"menu-{size}-{theme}")


def test_a_place_far_away_and_a_row_of_others_are_not_found(sign_in: SignIn) -> None:
    county, township = sign_in("值班员", "/desk/"), sign_in(TOWNSHIP, "/desk/")
    far = household(county, "示意户00001")
    township.goto(f"{HOUSEHOLDS}?row={far['id']}")
    expect(drawer(township).get_by_text("没有这一条，或者不在您的辖区")).to_be_visible()
