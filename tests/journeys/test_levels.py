"""An orange warning goes down level by level: the board says whose time runs out, and one acts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.journeys.county import api, bulletin

LEVELS_MILLISECONDS = 30_000


def test_an_orange_night_comes_down_level_by_level(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    officer = sign_in("值班员", "/desk/import")
    officer.get_by_label("通告全文").fill(bulletin(officer).replace("红色", "橙色"))
    officer.get_by_role("button", name="读取").click()
    officer.wait_for_url("**/desk/alert/*")
    alert_id = officer.url.rsplit("/", 1)[1]
    officer.get_by_role("button", name="提交审批").click()
    expect(officer.get_by_text("不能由您批准")).to_be_visible()
    leader = sign_in("带班领导", f"/desk/alert/{alert_id}")
    leader.get_by_role("button", name="批准并叫应").first.click()
    leader.get_by_role("dialog").get_by_role("button", name="批准并叫应").click()
    expect(leader.get_by_role("dialog")).not_to_be_visible()
    callout = api(officer, "GET", f"/alerts/{alert_id}")["callout_id"]
    shown = api(officer, "GET", f"/callouts/{callout}/levels")
    assert shown["mode"] == "by_level"

    officer.goto(f"/desk/?alert={alert_id}")
    chain = officer.get_by_role("region", name="逐级叫应")
    expect(chain).to_be_visible(timeout=LEVELS_MILLISECONDS)
    picture(officer, "desk-levels")
    assert barriers(officer) == []
    chain.get_by_role("button", name="看各级").click()
    dialog = officer.get_by_role("dialog", name="逐级叫应")
    expect(dialog.get_by_role("heading", name=re.compile("^乡镇"))).to_be_visible()
    expect(dialog.get_by_text("不是法定要求")).to_be_visible()
    picture(officer, "desk-levels-units")
    assert barriers(officer) == []

    _another_office_has_rung(officer, callout)
    written = api(officer, "GET", f"/callouts/{callout}/levels")["elsewhere"]
    assert written["count"] >= 1
    officer.set_viewport_size({"width": 390, "height": 844})
    picture(officer, "phone-levels-units")
    assert barriers(officer) == []


def _another_office_has_rung(officer: Page, callout: str) -> None:
    levels: dict[str, Any] = api(officer, "GET", f"/callouts/{callout}/levels")
    assert any(level["unanswered"] for level in levels["levels"])
    dialog = officer.get_by_role("dialog", name="逐级叫应")
    dialog.get_by_role("button", name=re.compile("别的部门叫过$")).last.click()
    form = officer.get_by_role("dialog", name=re.compile("别的部门已经叫过$"))
    expect(form.get_by_role("checkbox").first).to_be_visible()
    form.get_by_label("水利局").check()
    form.get_by_role("button", name="记下").click()
    expect(form).not_to_be_visible()
