"""A red warning is pasted, another person approves it, everyone is called, the silent are named."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.journeys.county import api, bulletin

CALLING_MILLISECONDS = 60_000
LOOK_MILLISECONDS = 500
MEETINGS_MAX = 5
# The map is drawn in software here: what it shows comes a moment after it was told.
DRAWN_MILLISECONDS = 1_500
UNREACHABLE = re.compile(r"000\d{8}")


def test_a_pasted_red_warning_wakes_the_county(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    officer = sign_in("值班员", "/desk/import")
    text = bulletin(officer)
    officer.get_by_label("通告全文").fill(text)
    officer.get_by_role("button", name="读取").click()
    officer.wait_for_url("**/desk/alert/*")

    expect(officer.get_by_role("blockquote")).to_have_text(text)
    expect(officer.get_by_role("heading", name="涉及谁")).to_be_visible()
    picture(officer, "desk-whom-it-concerns")
    assert barriers(officer) == []
    officer.get_by_role("button", name="提交审批").click()
    expect(officer.get_by_text("不能由您批准")).to_be_visible()

    alert_path = officer.url.split("/desk/")[1]
    leader = sign_in("带班领导", f"/desk/{alert_path}", viewport={"width": 390, "height": 844})
    leader.get_by_role("button", name="批准并叫应").first.click()
    assert barriers(leader) == []
    picture(leader, "phone-leader-approves")
    leader.get_by_role("dialog").get_by_role("button", name="批准并叫应").click()
    expect(leader.get_by_role("dialog")).not_to_be_visible()

    officer.goto(f"/desk/?alert={alert_path.split('/')[1]}")
    board = officer.get_by_label("叫应情况")
    expect(board).to_be_visible()
    callout = api(officer, "GET", f"/alerts/{alert_path.split('/')[1]}")["callout_id"]

    def counts() -> dict[str, Any]:
        return api(officer, "GET", f"/callouts/{callout}/board")

    first = counts()["answered"]
    for _ in range(CALLING_MILLISECONDS // LOOK_MILLISECONDS):
        if counts()["answered"] > first:
            break
        officer.wait_for_timeout(LOOK_MILLISECONDS)
    assert counts()["answered"] > first
    picture(officer, "desk-board-climbs")
    assert barriers(officer) == []

    # Everyone who is silent is there by name, with a number to ring for a reason.
    officer.get_by_role("button", name=re.compile("^拨打 ")).first.click()
    dialog = officer.get_by_role("dialog")
    dialog.get_by_role("button", name="显示号码").click()
    expect(dialog.get_by_text(UNREACHABLE)).to_be_visible()
    assert barriers(officer) == []
    officer.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()

    # Somebody may answer while the officer types; then the next one is met.
    before = counts()["reached_in_person"]
    for _ in range(MEETINGS_MAX):
        officer.get_by_role("button", name=re.compile("^已当面叫到 ")).first.click()
        dialog.get_by_role("textbox").fill("包村干部在其家中当面叫到")
        dialog.get_by_role("button", name="记为已当面").click()
        officer.wait_for_timeout(2 * LOOK_MILLISECONDS)
        if counts()["reached_in_person"] > before:
            break
        officer.keyboard.press("Escape")
    assert counts()["reached_in_person"] > before
    expect(dialog).not_to_be_visible()
    picture(officer, "desk-reached-in-person")


def test_the_area_of_a_draft_is_drawn_by_keyboard(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    officer = sign_in("值班员", "/desk/import")
    made = api(
        officer, "POST", "/alerts/paste", {"text": bulletin(officer, "橙色"), "place_code": ""}
    )
    officer.goto(f"/desk/alert/{made['id']}")
    area = officer.locator(".alert-area")
    expect(area).to_contain_text("没有画范围")
    area.get_by_role("button", name="在图上画范围").press("Enter")
    save = area.get_by_role("button", name="按这个范围")
    expect(save).to_be_disabled()
    features = api(officer, "GET", "/map/base")["layers"]["villages"]["features"]
    village = next(one["properties"] for one in features if one["properties"]["lon"])
    square = [(-0.01, -0.01), (0.01, -0.01), (0.01, 0.01), (-0.01, 0.01)]
    corners = area.get_by_label("角点坐标")
    corners.fill(
        "\n".join(f"{village['lon'] + x:.6f}, {village['lat'] + y:.6f}" for x, y in square)
    )
    expect(save).to_be_enabled()
    area.get_by_role("radio", name=re.compile("只按画出的范围")).press("Space")
    expect(area.get_by_role("region", name="画叫应范围的地图")).to_be_visible()
    officer.wait_for_timeout(DRAWN_MILLISECONDS)
    picture(officer, "desk-alert-area")
    assert barriers(officer) == []
    save.press("Enter")
    expect(area.get_by_role("status")).to_contain_text("画出的范围")
    drawn = api(officer, "GET", f"/alerts/{made['id']}")
    assert drawn["area"]["codes"] == []
    assert len(drawn["area"]["polygons"][0]) == len(square) + 1
    concerned = api(officer, "GET", f"/alerts/{made['id']}/concerned")
    assert concerned["parties"] > 0
    assert len(concerned["by_township"]) == 1
    api(officer, "POST", f"/alerts/{made['id']}/cancel", {"reason": "示意作废"})
