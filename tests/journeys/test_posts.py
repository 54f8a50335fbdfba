"""Posts: a stand-in by phone in under a minute, the board on the desk, households away and back."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE
from tests.journeys.county import api

STAND_IN = "示意顶岗人"
NUMBER = "00088800001"
MINUTE_SECONDS = 60.0
SETTLING_MILLISECONDS = 400
Barriers = Callable[[Page], list[str]]
Picture = Callable[[Page, str], None]


@pytest.fixture
def secretary(sign_in: Callable[..., Page]) -> Page:
    phone = sign_in("村支书", "/field/", viewport=PHONE, color_scheme="dark", has_touch=True)
    expect(phone.get_by_role("button", name="我的岗位")).to_be_visible()
    # Each journey begins with the secretary on the post, whatever an earlier one left behind.
    mine = api(phone, "GET", "/posts/mine")
    for one in [row for post in mine["items"] for row in post["stand_ins"]]:
        api(phone, "POST", f"/stand-ins/{one['stand_in_id']}/end", {"was_mistake": True})
    for one in mine["absences"]:
        api(phone, "POST", f"/absences/{one['id']}/end", {"was_mistake": True})
    return phone


def test_a_stand_in_is_named_by_phone_in_under_a_minute_and_seen_on_the_desk(
    sign_in: Callable[..., Page], secretary: Page, picture: Picture, barriers: Barriers
) -> None:
    phone = secretary
    began = time.monotonic()
    phone.get_by_role("button", name="我的岗位").click()
    sheet = phone.get_by_role("dialog")
    sheet.get_by_role("button", name="找人顶岗").first.click()
    phone.wait_for_timeout(SETTLING_MILLISECONDS)
    assert barriers(phone) == []
    sheet.get_by_label("姓名").fill(STAND_IN)
    sheet.get_by_label("电话").fill(NUMBER)
    picture(phone, "phone-stand-in-night")
    sheet.get_by_role("button", name="定了，让他顶").click()
    expect(phone.get_by_role("heading", name=f"{STAND_IN}已顶岗")).to_be_visible()
    assert time.monotonic() - began < MINUTE_SECONDS
    text = sheet.locator("blockquote").inner_text()
    assert "/link/" in text
    code = sheet.get_by_role("img", name="当面扫")
    assert code.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 0
    assert barriers(phone) == []
    picture(phone, "phone-stand-in-named-night")
    sheet.get_by_role("button", name="好了").click()
    expect(sheet.get_by_text(f"{STAND_IN} 顶岗到")).to_be_visible()

    link = text[text.index("http") :].strip()
    stand_in = sign_in("村支书", "/healthz", viewport=PHONE, color_scheme="light")
    stand_in.context.clear_cookies()
    stand_in.goto(link)
    stand_in.get_by_role("button", name="登录").click()
    stand_in.wait_for_url(lambda url: "/field" in url)
    stand_in.get_by_role("button", name="我的岗位").click()
    expect(stand_in.get_by_text("您在这里顶岗，到")).to_be_visible()
    stand_in.wait_for_timeout(SETTLING_MILLISECONDS)
    assert barriers(stand_in) == []
    picture(stand_in, "phone-stand-in-own-day")

    officer = sign_in("值班员", "/desk/posts", color_scheme="dark")
    row = officer.get_by_role("listitem").filter(has_text=STAND_IN)
    expect(row.get_by_text("有人顶岗")).to_be_visible()
    assert barriers(officer) == []
    picture(officer, "desk-posts-night")
    row.get_by_role("button", name=f"结束顶岗：{STAND_IN}").click()
    expect(officer.get_by_text("已结束，岗位恢复原来的人")).to_be_visible()
    expect(officer.get_by_role("listitem").filter(has_text=STAND_IN)).to_have_count(0)
    stand_in.goto("/field/")
    expect(stand_in.get_by_text("您在这里顶岗，到")).to_have_count(0)


def test_an_absence_without_stand_in_turns_the_post_red_and_the_desk_names_one(
    sign_in: Callable[..., Page], secretary: Page, picture: Picture, barriers: Barriers
) -> None:
    phone = secretary
    phone.get_by_role("button", name="我的岗位").click()
    sheet = phone.get_by_role("dialog")
    sheet.get_by_role("button", name="离岗报备").first.click()
    expect(sheet.get_by_text("没人顶：这段时间岗位上没有人")).to_be_visible()
    sheet.get_by_role("button", name="报离岗", exact=True).click()
    expect(sheet.get_by_text("已报离岗，到点自动返岗")).to_be_visible()

    officer = sign_in("值班员", "/desk/posts", color_scheme="light")
    officer.evaluate("document.documentElement.dataset.theme = 'day'")
    expect(officer.get_by_role("heading", name="岗位", exact=True)).to_be_visible()
    away = officer.get_by_role("listitem").filter(has_text="离岗到").first
    expect(away).to_be_visible()
    assert barriers(officer) == []
    picture(officer, "desk-posts-day")
    away.get_by_role("button", name="找人顶岗").click()
    dialog = officer.get_by_role("dialog")
    dialog.get_by_label("姓名").fill(STAND_IN)
    dialog.get_by_label("电话").fill(NUMBER)
    assert barriers(officer) == []
    picture(officer, "desk-stand-in-day")
    dialog.get_by_role("button", name="定为顶岗").click()
    expect(dialog.get_by_role("heading", name=f"{STAND_IN}已顶岗")).to_be_visible()
    assert barriers(officer) == []
    picture(officer, "desk-stand-in-named-day")
    dialog.get_by_role("button", name="关闭").last.click()

    officer.get_by_role("tab", name="离岗报备").click()
    back = officer.get_by_role("button", name="已返岗").first
    expect(back).to_be_visible()
    assert barriers(officer) == []
    back.click()
    expect(officer.get_by_text("没有离岗报备")).to_be_visible()
    officer.get_by_role("tab", name="今晚岗位").click()
    row = officer.get_by_role("listitem").filter(has_text=STAND_IN)
    row.get_by_role("button", name="记录").click()
    dialog.get_by_role("button", name="定错了，撤销").click()
    expect(dialog.get_by_text("已撤销")).to_be_visible()
    picture(officer, "desk-stand-in-history-day")


def test_a_household_is_away_and_comes_back_by_a_tap(
    sign_in: Callable[..., Page], secretary: Page, picture: Picture, barriers: Barriers
) -> None:
    phone = secretary
    phone.get_by_role("button", name="住户外出、返回").click()
    sheet = phone.get_by_role("dialog")
    household = sheet.get_by_role("button").filter(has_text="今晚在家").first
    label = household.locator("b").inner_text()
    household.click()
    sheet.get_by_label("谁说的").fill("示意女儿")
    phone.wait_for_timeout(SETTLING_MILLISECONDS)
    assert barriers(phone) == []
    picture(phone, "phone-household-away-night")
    sheet.get_by_role("button", name="记为外出").click()
    expect(sheet.get_by_text(f"记下了：{label}")).to_be_visible()
    picture(phone, "phone-households-away-night")
    assert barriers(phone) == []

    officer = sign_in("值班员", "/desk/posts?tab=away", color_scheme="dark")
    expect(officer.get_by_text("示意女儿说的")).to_be_visible()
    assert barriers(officer) == []
    sheet.get_by_role("button", name=f"{label}已返回").click()
    expect(sheet.get_by_text(f"记下了：{label}已返回")).to_be_visible()


def test_without_a_network_the_phone_says_what_needs_one(
    secretary: Page, barriers: Barriers, picture: Picture
) -> None:
    phone = secretary
    phone.get_by_role("button", name="我的岗位").click()
    expect(phone.get_by_role("button", name="找人顶岗").first).to_be_visible()
    phone.get_by_role("button", name="关", exact=True).click()
    phone.context.set_offline(True)
    phone.get_by_role("button", name="我的岗位").click()
    expect(phone.get_by_text("报离岗、找人顶岗要有网络")).to_be_visible()
    phone.wait_for_timeout(SETTLING_MILLISECONDS)
    assert barriers(phone) == []
    picture(phone, "phone-post-offline-night")


def test_numbers_are_shown_for_a_reason_and_proven_by_a_tap(
    sign_in: Callable[..., Page], picture: Picture, barriers: Barriers
) -> None:
    officer = sign_in("值班员", "/desk/posts?tab=numbers", color_scheme="dark")
    left = officer.get_by_role("status").filter(has_text="还有")
    expect(left).to_be_visible()
    before = left.inner_text()
    officer.get_by_role("button", name="显示").first.click()
    expect(officer.locator("a[href^='tel:']").first).to_be_visible()
    assert barriers(officer) == []
    picture(officer, "desk-numbers-night")
    officer.get_by_role("button", name="已打通").first.click()
    expect(left).not_to_have_text(before)


def test_the_desk_fits_a_phone(
    sign_in: Callable[..., Page], picture: Picture, barriers: Barriers
) -> None:
    phone = sign_in("值班员", "/desk/posts", viewport=PHONE, color_scheme="light")
    expect(phone.get_by_role("heading", name="岗位", exact=True)).to_be_visible()
    phone.get_by_role("button", name="看全部岗位").click()
    expect(phone.get_by_text("在岗").first).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert barriers(phone) == []
    picture(phone, "desk-posts-phone")
    phone.get_by_role("tab", name="疑似重复").click()
    expect(phone.get_by_text("看着像同一个人的两条登记")).to_be_visible()
    assert barriers(phone) == []
    picture(phone, "desk-twins-phone")
