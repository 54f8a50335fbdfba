"""Duty in a real browser: a rota, a signed handover, a roll-call, and a phone that is heard of."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from playwright.sync_api import Page, Route, ViewportSize, expect

from tests.journeys.county import api, fits, switch_to

Picture = Callable[[Page, str], None]
Barriers = Callable[[Page], list[str]]
PHONE: ViewportSize = {"width": 390, "height": 844}
SETTLING_MILLISECONDS = 400


def _county_room(page: Page) -> dict[str, Any]:
    rooms: list[dict[str, Any]] = api(page, "GET", "/watch")["rooms"]
    return next(one for one in rooms if one["place_code"].endswith("000000"))


def _plan(page: Page) -> dict[str, Any]:
    """Two days of the county's room, all of them the officer's own."""
    room = _county_room(page)
    session = page.request.get("/api/v1/session").json()
    today = (datetime.fromisoformat(session["now"]) + timedelta(hours=8)).date().isoformat()
    wanted = {
        "first_day": today,
        "days": 2,
        "starts_at_hours": [0],
        "leaders": [],
        "officers": [session["person"]["id"]],
        "officers_each": 1,
    }
    api(page, "POST", f"/watch/rooms/{room['post_id']}/plan", wanted)
    return room


def test_the_officer_sees_the_gaps_and_signs_for_what_is_open(
    sign_in: Callable[..., Page], picture: Picture, barriers: Barriers
) -> None:
    officer = sign_in("值班员", "/desk/watch", color_scheme="dark")
    switch_to(officer, "夜间")
    expect(officer.get_by_role("heading", name="值班", exact=True)).to_be_visible()
    room = _plan(officer)
    officer.reload()
    row = officer.get_by_role("listitem").filter(has_text=room["title"])
    expect(row.get_by_text("交接未签")).to_be_visible()
    assert barriers(officer) == []
    picture(officer, "desk-watch-night")

    row.get_by_role("button", name="看值班表").click()
    expect(officer.get_by_role("heading", name="往后 90 天")).to_be_visible()
    expect(officer.get_by_text("带班领导缺 1 人").first).to_be_visible()
    assert barriers(officer) == []
    picture(officer, "desk-rota-night")

    officer.get_by_role("tab", name="交接班").click()
    officer.get_by_label("内容").fill("示意：备用电话在充电")
    officer.get_by_role("button", name="留给下一班").click()
    note = officer.get_by_role("checkbox").last
    expect(officer.get_by_text("示意：备用电话在充电")).to_be_visible()
    sign = officer.get_by_role("button", name="我接班")
    expect(sign).to_be_disabled()
    picture(officer, "desk-handover-night")
    assert barriers(officer) == []
    for box in officer.get_by_role("checkbox").all():
        box.focus()
        officer.keyboard.press("Space")
    expect(note).to_be_checked()
    sign.click()
    expect(officer.get_by_text("从现在起由您负责")).to_be_visible()
    officer.get_by_role("tab", name="今晚").click()
    expect(row.get_by_text("已签接班")).to_be_visible()

    switch_to(officer, "日间")
    officer.get_by_role("tab", name="值班表").click()
    expect(officer.get_by_role("heading", name="值班规则")).to_be_visible()
    expect(officer.get_by_text("未经本地核定")).to_be_visible()
    assert barriers(officer) == []
    picture(officer, "desk-rota-day")


def test_a_roll_call_names_who_is_silent(
    sign_in: Callable[..., Page], picture: Picture, barriers: Barriers
) -> None:
    officer = sign_in("值班员", "/desk/watch?tab=roll-call", color_scheme="dark")
    officer.get_by_role("button", name="演练点名").click()
    officer.get_by_role("dialog").get_by_role("button", name="演练点名").click()
    expect(officer.get_by_text("按时应答").first).to_be_visible()
    expect(officer.get_by_text("还剩").first).to_be_visible()
    assert barriers(officer) == []
    picture(officer, "desk-roll-call")


def test_whoever_goes_out_is_heard_of_at_the_desk(
    sign_in: Callable[..., Page], picture: Picture, barriers: Barriers
) -> None:
    phone = sign_in("村支书", "/field/", viewport=PHONE, color_scheme="light")
    phone.get_by_role("button", name="外出报平安").click()
    sheet = phone.get_by_role("dialog")
    sheet.get_by_label("去做什么").fill("示意：看溪边水位")
    phone.wait_for_timeout(SETTLING_MILLISECONDS)
    assert barriers(phone) == []
    picture(phone, "phone-check-in-start-day")
    sheet.get_by_role("button", name="开始", exact=True).click()
    sheet.get_by_label("带上我的位置").uncheck()
    sheet.get_by_role("button", name="我平安").click()
    expect(sheet.get_by_text("值班室收到")).to_be_visible()
    assert barriers(phone) == []
    picture(phone, "phone-check-in-day")

    officer = sign_in("值班员", "/desk/watch?tab=check-ins", viewport=PHONE, color_scheme="light")
    row = officer.get_by_role("listitem").filter(has_text="示意：看溪边水位")
    expect(row.get_by_text("平安", exact=False).first).to_be_visible()
    assert fits(officer)
    assert barriers(officer) == []
    picture(officer, "desk-check-ins-phone")

    phone.context.set_offline(True)
    sheet.get_by_role("button", name="我平安").click()
    expect(sheet.get_by_text("还没发出去")).to_be_visible()
    expect(sheet.get_by_text("值班室还不知道").first).to_be_visible()
    picture(phone, "phone-check-in-offline-day")
    phone.context.set_offline(False)
    expect(sheet.get_by_text("值班室收到")).to_be_visible()
    sheet.get_by_role("button", name="我回来了").click()
    expect(sheet.get_by_text("已结束报平安")).to_be_visible()


def test_an_event_is_heard_of_at_the_nodes_time_even_before_the_list_has_come(
    sign_in: Callable[..., Page],
) -> None:
    """This machine's clock is years ahead of the night that is practised: it must not be asked."""
    officer = sign_in("值班员", "/desk/watch")
    held: list[Route] = []
    officer.route("**/api/v1/watch/incidents", lambda route: held.append(route))
    officer.get_by_role("tab", name="信息报告").click()
    officer.get_by_role("button", name="记一件突发事件").click()
    known_at = officer.get_by_role("dialog").get_by_label("获悉时间").input_value()
    now = datetime.fromisoformat(officer.request.get("/api/v1/session").json()["now"])
    heard = datetime.fromisoformat(f"{known_at}+08:00")
    assert timedelta() <= now - heard < timedelta(minutes=2)
    assert held, "the list is still on its way"
    for one in held:
        one.continue_()


def test_the_clock_of_a_report_runs_from_when_it_was_heard_of(
    sign_in: Callable[..., Page], picture: Picture, barriers: Barriers
) -> None:
    officer = sign_in("值班员", "/desk/watch?tab=reports", color_scheme="light")
    officer.get_by_role("button", name="记一件突发事件").click()
    sheet = officer.get_by_role("dialog")
    sheet.get_by_label("什么事").fill("示意：山体滑坡压住公路")
    sheet.get_by_label("听谁说").fill("示意甲 电话")
    officer.wait_for_timeout(SETTLING_MILLISECONDS)
    assert barriers(officer) == []
    picture(officer, "desk-report-enter-day")
    sheet.get_by_role("button", name="开始计时").click()
    row = officer.get_by_role("listitem").filter(has_text="示意：山体滑坡压住公路").first
    expect(row.get_by_text("还剩 14 分", exact=False).first).to_be_visible()
    row.get_by_role("button", name="记下电话报").click()
    sheet.get_by_label("报给谁").fill("市局值班室")
    sheet.get_by_role("button", name="记下电话报").click()
    expect(row.get_by_text("已报", exact=False).first).to_be_visible()
    expect(row.get_by_role("button", name="记下书面报")).to_be_visible()
    row.get_by_role("button", name="处置结束").click()
    sheet.get_by_role("button", name="处置结束").click()
    expect(row.get_by_role("button", name="记下终报")).to_be_visible()
    row.get_by_role("button", name="收回处置结束").click()
    sheet.get_by_label("为什么收回").fill("示意：按错了")
    sheet.get_by_role("button", name="收回处置结束").click()
    expect(row.get_by_text("示意：按错了", exact=False)).to_be_visible()
    expect(row.get_by_role("button", name="记下书面报")).to_be_visible()
    assert barriers(officer) == []
    picture(officer, "desk-reports-day")
    officer.set_viewport_size(PHONE)
    assert fits(officer)
    picture(officer, "desk-reports-phone")
    officer.goto("/desk/")
    expect(officer.get_by_text("下一个信息报告", exact=False)).to_be_visible()
    assert barriers(officer) == []
    officer.get_by_role("link", name="去信息报告").click()
    expect(row).to_be_visible()
