"""The first screen of each: the officer's board, a leader's phone, a township's villages."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE
from tests.journeys.county import api, bring_into_force, bulletin, fits, switch_to

TOWNSHIP = "茶山乡值班室"


def test_the_board_is_worked_without_a_mouse(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    bring_into_force(sign_in("值班员", "/desk/"), sign_in("带班领导", "/desk/"))
    # Without motion: halfway between two themes colours are nobody's.
    board = sign_in("值班员", "/desk/board", reduced_motion="reduce")
    expect(board.get_by_role("tab", name=re.compile("乡镇"))).to_be_visible()
    expect(board.get_by_text("下一个时限")).to_be_visible()
    expect(board.get_by_role("heading", name="先打这几个")).to_be_visible()
    for theme in ("夜间", "日间"):
        switch_to(board, theme)
        assert barriers(board) == []
        picture(board, f"board-{theme}")
    assert fits(board)

    board.keyboard.press("2")
    expect(board.get_by_role("tab", name=re.compile("村"))).to_have_attribute(
        "aria-selected", "true"
    )
    row = board.locator(".part-pick").first
    row.focus()
    board.keyboard.press("ArrowDown")
    expect(board.locator(".part-pick").nth(1)).to_be_focused()
    board.keyboard.press("Enter")
    expect(board.get_by_role("heading", name=re.compile("未应的人"))).to_be_visible()
    board.keyboard.press("0")
    expect(board.get_by_role("heading", name="先打这几个")).to_be_visible()
    board.keyboard.press("3")
    expect(board.get_by_role("columnheader", name="停在这一级")).to_be_visible()
    board.keyboard.press("4")
    expect(board.get_by_role("columnheader", name="送达")).to_be_visible()

    board.keyboard.press("d")
    dialog = board.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="显示号码")).to_be_visible()
    # A letter that is written is a letter, not a command.
    dialog.get_by_role("textbox").press("2")
    board.keyboard.press("Escape")
    expect(board.get_by_role("tab", name=re.compile("渠道"))).to_have_attribute(
        "aria-selected", "true"
    )
    board.keyboard.press("s")
    expect(board.get_by_role("button", name="声音：开")).to_be_visible()
    board.keyboard.press("Shift+?")
    board.get_by_role("button", name="停用单键").click()
    board.keyboard.press("Escape")
    board.keyboard.press("1")
    expect(board.get_by_role("tab", name=re.compile("渠道"))).to_have_attribute(
        "aria-selected", "true"
    )


def test_a_leader_decides_on_the_phone(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    officer = sign_in("值班员", "/desk/")
    place = officer.request.get("/api/v1/session").json()["node"]["place_code"]
    text = bulletin(officer, "橙色")
    draft = api(officer, "POST", "/alerts/paste", {"text": text, "place_code": place})
    api(officer, "POST", f"/alerts/{draft['id']}/submit", {})

    leader = sign_in("带班领导", "/desk/", viewport=PHONE, color_scheme="dark")
    expect(leader.get_by_role("heading", name=re.compile("等您定"))).to_be_visible()
    expect(leader.get_by_text(re.compile("户 .* 人 · 叫")).first).to_be_visible()
    assert barriers(leader) == []
    assert fits(leader)
    picture(leader, "leader-decides")
    before = leader.get_by_role("button", name="批准并叫应").count()
    leader.get_by_role("button", name="批准并叫应").first.click()
    leader.get_by_role("dialog").get_by_role("button", name="批准并叫应").click()
    expect(leader.get_by_role("button", name="批准并叫应")).to_have_count(before - 1)
    expect(leader.get_by_role("heading", name=re.compile("未应村"))).to_be_visible()
    expect(leader.get_by_role("heading", name=re.compile("失联村"))).to_be_visible()
    assert api(leader, "GET", f"/alerts/{draft['id']}")["state"] == "active"
    picture(leader, "leader-phone")


def test_a_township_reports_for_a_village_that_it_heard_by_radio(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    bring_into_force(sign_in("值班员", "/desk/"), sign_in("带班领导", "/desk/"))
    town = sign_in(TOWNSHIP, "/desk/", viewport=PHONE, color_scheme="light")
    report = town.get_by_role("button", name=re.compile("^代报 "))
    expect(report.first).to_be_visible()
    assert barriers(town) == []
    assert fits(town)
    picture(town, "township-phone")
    report.first.click()
    dialog = town.get_by_role("dialog")
    dialog.get_by_role("button", name="记下").click()
    expect(dialog.get_by_text("请写明听谁说的。")).to_be_visible()
    dialog.get_by_label("听谁说的").fill("示意丙，村支书，对讲机")
    # Whose answer it is has to be said; nobody is answered for by default.
    dialog.get_by_label("替谁应答").select_option(index=1)
    assert barriers(town) == []
    picture(town, "township-reports")
    dialog.get_by_role("button", name="记下").click()
    expect(town.get_by_text(re.compile("已替 .* 代报"))).to_be_visible()
