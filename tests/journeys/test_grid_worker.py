"""A village secretary answers and ticks households in a dead spot; the county counts them once."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import PHONE
from tests.journeys.county import api, bring_into_force

SETTLING_MILLISECONDS = 600
LETTERS = (
    "收到正在落实需支援不在村转岗改还在手机里没送到连不上离线上次同步照常记先存关掉再开也不丢"
    "还能重新打开已转移集中投亲当面通知外出敲门无人应协助拒撤回未下户谁说他们亲属电话本邻居我看过"
    "姓名或称呼例儿子女配偶父母隔壁返为项村里收去人级现几少多关！○◐✓−+？、，。：“”（）›"
)


def tap(page: Page, status: str) -> None:
    """A tap on a status, after the sheet has settled on its household: before, it takes none."""
    page.locator(".choices:not(.is-settling)").get_by_role("button", name=status).click()


def answer(page: Page) -> None:
    """On it. In the demonstration a simulated line may have answered for this person before."""
    change = page.get_by_role("button", name="改", exact=True)
    if change.count() > 0:
        change.click()
    page.get_by_role("button", name="收到，正在落实").click()


def household(page: Page, household_id: str) -> dict[str, Any]:
    groups = api(page, "GET", "/field/tonight")["groups"]
    everyone = [one for group in groups for one in group["households"]]
    return next(one for one in everyone if one["id"] == household_id)


def test_what_was_ticked_without_a_network_is_counted_once(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    officer, leader = sign_in("值班员", "/desk/"), sign_in("带班领导", "/desk/")
    bring_into_force(officer, leader)
    phone = sign_in("村支书", "/field/", viewport=PHONE, color_scheme="dark", has_touch=True)
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    expect(phone.get_by_role("button", name="记一下").first).to_be_visible()
    assert len(phone.get_by_role("heading", level=1).inner_text()) <= 40
    assert barriers(phone) == []
    picture(phone, "phone-tonight-night")
    before = api(phone, "GET", "/field/tonight")
    sent: list[dict[str, Any]] = []
    answers_lost = 1

    def lose_the_first_answer(route: Route) -> None:
        """The box takes the entries and the reply is lost on the way back."""
        nonlocal answers_lost
        for item in json.loads(route.request.post_data or "{}")["items"]:
            body = json.loads(item["body"])
            sent.append({**body["entry"], "client_id": body["id"]})
        if answers_lost:
            answers_lost -= 1
            route.fetch()
            route.abort()
        else:
            route.continue_()

    # A phone has its Chinese letters; this machine fetches them while it can.
    phone.evaluate(
        """async (letters) => {
          for (const weight of [400, 600, 700])
            await document.fonts.load(`${weight} 16px "Noto Sans SC Variable"`, letters)
        }""",
        LETTERS,
    )
    # A dead spot: nothing reaches the box, the person works on.
    phone.context.set_offline(True)
    answer(phone)
    expect(phone.get_by_text("还在手机里")).to_be_visible()
    phone.get_by_role("button", name="记一下").first.click()
    assert barriers(phone) == []
    tap(phone, "已转移 · 集中")
    expect(phone.get_by_text("下一户", exact=True)).to_be_visible()
    tap(phone, "外出不在村")
    phone.get_by_role("button", name="亲属").click()
    phone.get_by_role("button", name="儿子").click()
    picture(phone, "phone-who-says-so-night")
    assert barriers(phone) == []
    phone.get_by_role("button", name="记为外出不在村").click()
    tap(phone, "敲门无人应")
    expect(phone.locator(".recorded")).to_contain_text("敲门无人应")
    phone.keyboard.press("Escape")
    expect(phone.get_by_role("button", name="4 条还没送到村里电脑")).to_be_visible()
    expect(phone.get_by_text("连不上村里").first).to_be_visible()
    picture(phone, "phone-dead-spot-night")
    assert barriers(phone) == []

    # Back in the network the reply is lost once, so everything is sent twice.
    phone.route("**/api/v1/field/items", lose_the_first_answer)
    phone.context.set_offline(False)
    expect(phone.get_by_role("button", name="村里电脑全收到了")).to_be_visible()
    picture(phone, "phone-delivered-night")
    assert len({one["client_id"] for one in sent}) == 4
    assert len(sent) == 8

    moved, away, knocked = (
        next(one for one in sent if one.get("status") == status)["household_id"]
        for status in ("moved_central", "away", "knocked_no_answer")
    )
    now = api(phone, "GET", "/field/tonight")
    assert now["call"]["answer_kind"] == "on_it"
    assert household(phone, moved)["status"] == "moved_central"
    assert household(phone, away)["confirmed_by"] == "儿子"
    assert household(phone, knocked)["status"] == "knocked_no_answer"
    people_moved = household(phone, moved)["people"]
    people_away = household(phone, away)["people"]
    totals = now["totals"]
    assert totals["moved"] == before["totals"]["moved"] + people_moved
    assert totals["away"] == before["totals"]["away"] + people_away
    assert totals["should"] == totals["moved"] + totals["away"] + totals["not_yet"]


def test_the_phone_by_day(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    bring_into_force(sign_in("值班员", "/desk/"), sign_in("带班领导", "/desk/"))
    phone = sign_in("中心户长", "/field/", viewport=PHONE, color_scheme="light")
    expect(phone.get_by_role("button", name="记一下").first).to_be_visible()
    picture(phone, "phone-tonight-day")
    assert barriers(phone) == []
    phone.get_by_role("button", name="记一下").first.click()
    phone.wait_for_timeout(SETTLING_MILLISECONDS)
    picture(phone, "phone-household-day")
    assert barriers(phone) == []


def test_a_small_phone_shows_what_matters_first(sign_in: Callable[..., Page]) -> None:
    bring_into_force(sign_in("值班员", "/desk/"), sign_in("带班领导", "/desk/"))
    phone = sign_in("中心户长", "/field/", viewport={"width": 360, "height": 640})
    expect(phone.get_by_role("heading", level=1)).to_be_in_viewport()
    expect(phone.get_by_role("region", name="你的回答")).to_be_in_viewport()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


def test_nobody_signed_in_is_told_how(
    visitors: Any, picture: Callable[[Page, str], None], barriers: Callable[[Page], list[str]]
) -> None:
    phone = visitors.open("/field/", PHONE)
    expect(phone.get_by_role("heading", name="还没有登录")).to_be_visible()
    assert barriers(phone) == []
    phone.get_by_role("button", name="登录").click()
    expect(phone.get_by_role("alert")).to_have_text("先贴上链接。")
    phone.get_by_label("一次性链接").fill("https://box.invalid/link/already-used")
    phone.get_by_role("button", name="登录").click()
    expect(phone.get_by_role("alert")).not_to_have_text("")
    picture(phone, "phone-signed-out")
