"""Calling rules on the desk: a change tried on paper and adopted, words checked, a way tried."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE
from tests.journeys.county import api

Barriers = Callable[[Page], list[str]]
Picture = Callable[[Page, str], None]
REASON = "示意：演练后改"


def test_a_leader_tries_a_change_on_paper_and_adopts_it(
    sign_in: Callable[..., Page], picture: Picture, barriers: Barriers
) -> None:
    desk = sign_in("带班领导", "/desk/policies", color_scheme="dark")
    before = api(desk, "GET", "/policies")
    red = next(one for one in before["items"] if one["name"] == "red")
    if not red["is_default"]:
        api(
            desk,
            "POST",
            "/policies/red/adopt",
            {"policy": None, "based_on": red["version"], "reason": REASON},
        )
        desk.reload()
    expect(desk.get_by_role("heading", name="叫应规则")).to_be_visible()
    expect(desk.get_by_text("本县规则（默认），不是法定要求，未经核对")).to_be_visible()
    desk.get_by_label("几分钟内要应答").fill("8")
    expect(desk.get_by_text("改过，还没保存").first).to_be_visible()
    desk.get_by_label("按演练通道算").check()
    desk.get_by_role("button", name="试算", exact=True).click()
    expect(desk.get_by_text("打得到")).to_be_visible()
    expect(desk.get_by_text("同时响：B 岗、本单位值班电话").first).to_be_visible()
    assert barriers(desk) == []
    picture(desk, "desk-policies-night")
    desk.get_by_role("button", name="保存为新版本").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("为什么改？").fill(REASON)
    dialog.get_by_role("button", name="保存为新版本").click()
    expect(desk.get_by_text("已采用新版本，已记入处置记录。")).to_be_visible()
    after = api(desk, "GET", "/policies")
    red = next(one for one in after["items"] if one["name"] == "red")
    assert red["policy"]["answer_within_s"] == 480
    assert red["versions"][0]["reason"] == REASON


def test_only_red_calls_everybody_at_once_and_the_desk_says_which_row_is_empty(
    sign_in: Callable[..., Page], barriers: Barriers
) -> None:
    desk = sign_in("带班领导", "/desk/policies", color_scheme="light")
    expect(desk.get_by_text("这一类一呼到底")).to_be_visible()
    desk.get_by_role("button", name="橙色").click()
    township = desk.get_by_label("乡镇（分钟）")
    expect(township).to_have_value("5")
    township.fill("")
    assert barriers(desk) == []
    desk.get_by_role("button", name="保存为新版本").click()
    dialog = desk.get_by_role("dialog")
    dialog.get_by_label("为什么改？").fill(REASON)
    dialog.get_by_role("button", name="保存为新版本").click()
    expect(dialog.get_by_text("“乡镇”一行是空的")).to_be_visible()


def test_words_are_checked_and_an_officer_cannot_save(
    sign_in: Callable[..., Page], picture: Picture, barriers: Barriers
) -> None:
    desk = sign_in("值班员", "/desk/policies?tab=words", color_scheme="light")
    desk.evaluate("document.documentElement.dataset.theme = 'day'")
    text = desk.get_by_label("怎么说")
    expect(text).to_be_visible()
    text.fill("{issuer}说要下雨。")
    missing = desk.get_by_role("listitem").filter(has_text="应当采取的措施")
    expect(missing.get_by_text("没有")).to_be_visible()
    expect(desk.get_by_role("button", name="保存为新版本")).to_have_count(0)
    assert barriers(desk) == []
    picture(desk, "desk-words-day")
    desk.set_viewport_size(PHONE)
    picture(desk, "phone-words-day")
