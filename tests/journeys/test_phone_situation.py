"""A village that speaks first: moved first, SOS, numbers; and an instruction by telegram."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import PHONE
from tests.journeys.county import api

BOX = "**/api/v1/situation/**"
PRESS_PIXELS = 48
PAUSE_MILLISECONDS = 800  # longer than the pause that swallows a second tap


def open_phone(sign_in: Callable[..., Page]) -> Page:
    screen = {"viewport": PHONE, "device_scale_factor": 2, "color_scheme": "dark"}
    phone = sign_in("村支书", "/field/", has_touch=True, **screen)
    expect(phone.get_by_role("button", name="村级先行转移")).to_be_visible()
    return phone


def send_instruction(officer: Page, village: str) -> None:
    """The duty officer types in the text message that the county sent round."""
    text = f"ZL {village[6:12]} 红 转移"
    body = {"number": "00000009999", "text": text, "place_code": village}
    api(officer, "POST", "/telegrams/texts", body)


def small_targets(where: Locator) -> list[str]:
    found: list[str] = where.evaluate(
        f"""(dialog) => [...dialog.querySelectorAll('button, a, textarea, .say-area, .say-input')]
          .filter((one) => one.offsetParent !== null)
          .filter((one) => one.getBoundingClientRect().height < {PRESS_PIXELS})
          .map((one) => one.outerHTML.slice(0, 120))"""
    )
    return found


def test_a_village_moves_first_calls_for_help_and_counts(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    phone = open_phone(sign_in)
    village = str(api(phone, "GET", "/session")["person"]["place_code"])

    # An instruction by a thin link: on top, provisional, answered.
    send_instruction(sign_in("值班员", "/desk/"), village)
    phone.reload()
    card = phone.get_by_role("region", name="转移指令（电报）")
    expect(card).to_contain_text("立即转移")
    expect(card).to_contain_text("原文还没到")
    picture(phone, "phone-instruction-night")
    assert barriers(phone) == []
    assert small_targets(card) == []
    card.get_by_role("button", name="收到").click()
    expect(card).to_contain_text("已回“收到”")

    # Moved first, by the gauge: the box opens the list, while the level above is cut off.
    above = {"state": "cut_off", "node_name": "", "facts": 3, "life_safety": 1}
    answer = above | {"oldest_at": None, "last_heard_at": None}
    phone.route("**/api/v1/exchange/upstream", lambda route: route.fulfill(json=answer))
    phone.get_by_role("button", name="村级先行转移").click()
    sheet = phone.get_by_role("dialog")
    sheet.get_by_role("button", name="下一步").click()
    expect(sheet.get_by_text("先选看到了什么。")).to_be_visible()
    sheet.get_by_role("button", name="雨量筒").click()
    sheet.get_by_role("button", name="下一步").click()
    expect(sheet.get_by_text("写上读数")).to_be_visible()
    sheet.get_by_label("读数（毫米）").fill("85")
    area = sheet.locator(".say-area").first
    expect(area).to_be_visible()
    chosen = area.locator("span").first.inner_text()
    area.click()
    picture(phone, "phone-move-first-night")
    assert barriers(phone) == []
    assert small_targets(sheet) == []
    sheet.get_by_role("button", name="下一步").click()
    expect(sheet).to_contain_text("85 毫米")
    expect(sheet).to_contain_text(chosen)
    picture(phone, "phone-move-first-sure-night")
    assert barriers(phone) == []
    phone.wait_for_timeout(PAUSE_MILLISECONDS)
    sheet.get_by_role("button", name="确定，现在转移").click()
    expect(sheet).to_contain_text("村里已收到。 名单已打开，正在呼叫。")
    expect(sheet).to_contain_text("上级还没收到")
    picture(phone, "phone-moved-first-night")
    assert barriers(phone) == []
    sheet.get_by_role("button", name="知道了").click()
    row = api(phone, "GET", "/situation/moved-first")["items"][0]
    assert (row["sign"], row["gauge_value_mm"], row["place_code"]) == ("gauge", 85, village)
    assert len(row["danger_area_ids"]) == 1
    expect(phone.get_by_role("button", name="记一下").first).to_be_visible()

    # An SOS while the box is out of reach: kept, said plainly, a text message beside it; then once.
    phone.route(BOX, lambda route: route.abort())
    phone.get_by_role("button", name="SOS 求救").click()
    sheet.get_by_role("button", name="几个人 加一").click()
    sheet.get_by_role("button", name="伤几人 加一").click()
    sheet.get_by_role("button", name="船", exact=True).click()
    sheet.get_by_label("在哪里").fill("后山二组")
    picture(phone, "phone-sos-night")
    assert barriers(phone) == []
    assert small_targets(sheet) == []
    sheet.get_by_role("button", name="求救", exact=True).click()
    expect(sheet).to_contain_text("没送到。")
    text = sheet.get_by_role("link", name="发短信")
    expect(text).to_contain_text("SOS 2人 伤1 要船 后山二组")
    assert re.match(r"sms:\d*\?body=SOS%20", text.get_attribute("href") or "")
    picture(phone, "phone-sos-not-delivered-night")
    assert barriers(phone) == []
    phone.reload()
    expect(phone.get_by_text("没送到。")).to_be_visible()
    expect(phone.locator(".foot button")).to_contain_text("1 条还没送到村里电脑")
    # With the box in reach it goes by itself; nobody has to remember it.
    phone.unroute(BOX)
    phone.reload()
    expect(phone.get_by_text("村里已收到。").first).to_be_visible()
    expect(phone.get_by_text("没送到。")).to_have_count(0)
    said = [
        one for one in api(phone, "GET", "/situation/sos")["items"] if one["text"] == "后山二组"
    ]
    assert [(one["people"], one["injured"], one["need"]) for one in said] == [(2, 1, ["boat"])]

    # The numbers of the list, corrected by who counted.
    totals: dict[str, Any] = api(phone, "GET", "/field/tonight")["totals"]
    phone.get_by_role("button", name="报数").click()
    expect(sheet.get_by_label("应转", exact=True)).to_have_value(str(totals["should"]))
    sheet.get_by_role("button", name="已转 加一").click()
    expect(sheet.get_by_text(f"未转 {totals['not_yet'] - 1} 人")).to_be_visible()
    picture(phone, "phone-headcount-night")
    assert barriers(phone) == []
    assert small_targets(sheet) == []
    sheet.get_by_role("button", name="报上去").click()
    expect(sheet).to_contain_text("村里已收到。")
    sheet.get_by_role("button", name="知道了").click()
    evacuation = api(phone, "GET", "/field/tonight")["evacuation_id"]
    query = f"/situation/headcounts?evacuation_id={evacuation}"
    counted = api(phone, "GET", query)["items"]
    mine = next(one for one in counted if one["place_code"] == village)
    assert (mine["should"], mine["moved"]) == (totals["should"], totals["moved"] + 1)

    # Moving on the instruction itself is one press; then it can be put away.
    card.get_by_role("button", name="按此先组织转移").click()
    expect(card).to_contain_text("名单已打开，正在呼叫")
    card.get_by_role("button", name="收起").click()
    expect(card).to_have_count(0)
    assert barriers(phone) == []
    picture(phone, "phone-said-night")


def test_a_printed_code_opens_its_households(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    phone = open_phone(sign_in)
    village = api(phone, "GET", "/session")["person"]["place_code"]
    tonight = api(phone, "GET", "/field/tonight")
    evacuation = tonight["evacuation_id"]
    if not evacuation:
        body = {"place_code": village, "sign": "sound", "client_id": "paper-journey"}
        api(phone, "POST", "/situation/moved-first", body)
        evacuation = api(phone, "GET", "/field/tonight")["evacuation_id"]
    assert phone.request.get(f"/api/v1/exchange/sheets/{evacuation}/{village}.pdf").ok
    sheets = api(phone, "GET", f"/exchange/sheets/{evacuation}/{village}")["items"]
    printed = min(sheets, key=lambda one: one["lines"])
    phone.goto(f"/field/?sheet={printed['number']}&id={printed['sheet_id']}")
    expect(phone.get_by_text(f"纸质名单 {printed['number']}")).to_be_visible()
    expect(phone.get_by_text(f"只列这张表的 {printed['lines']} 户。")).to_be_visible()
    expect(phone.locator(".group .row")).to_have_count(printed["lines"])
    picture(phone, "phone-paper-sheet-night")
    assert barriers(phone) == []
    phone.get_by_role("button", name="看全部").click()
    expect(phone.get_by_text(f"纸质名单 {printed['number']}")).to_have_count(0)
    assert "sheet=" not in phone.url
