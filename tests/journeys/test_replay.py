"""A night that was called out runs again: dragged, played, jumped, by hand and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE
from tests.journeys.county import api, bring_into_force, fits, switch_to

LOOK_MILLISECONDS = 500
ANSWERS_WANTED = 20
PATIENCE_LOOKS = 60


def some_of_a_night(officer: Page, leader: Page) -> dict[str, Any]:
    """A warning in force with some answers; the alert."""
    alert = bring_into_force(officer, leader)
    for _ in range(PATIENCE_LOOKS):
        board = api(officer, "GET", f"/callouts/{alert['callout_id']}/board")
        if board["answered"] >= ANSWERS_WANTED:
            break
        officer.wait_for_timeout(LOOK_MILLISECONDS)
    assert board["answered"] >= ANSWERS_WANTED
    return alert


def counts(page: Page) -> tuple[int, int, int]:
    """应叫, 已应, 未应 as somebody without eyes hears them."""
    said = page.locator(".counts [role=status]").inner_text()
    called, reached, left = re.findall(r"\d+", said)[:3]
    return int(called), int(reached), int(left)


def test_a_night_runs_again_on_the_desk(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    officer = sign_in("值班员", "/desk/")
    some_of_a_night(officer, sign_in("带班领导", "/desk/"))
    officer.goto("/desk/replay")
    expect(officer.get_by_role("heading", name="复盘回放")).to_be_visible()
    picture(officer, "desk-replay-nights")
    assert barriers(officer) == []

    officer.get_by_role("link", name="回放这一夜").first.click()
    slider = officer.get_by_role("slider", name="拖动到这一夜的任何一刻")
    expect(slider).to_be_visible()
    expect(officer.get_by_text("回放 · 不是现在")).to_be_visible()
    slider.focus()
    officer.keyboard.press("End")
    called, reached, left = counts(officer)
    assert reached >= ANSWERS_WANTED
    assert called == reached + left
    picture(officer, "desk-replay-end")
    assert barriers(officer) == []

    officer.keyboard.press("Home")
    expect(officer.get_by_role("button", name="播放")).to_be_visible()
    assert counts(officer) == (0, 0, 0)
    officer.keyboard.press("PageDown")
    officer.keyboard.press("PageDown")
    expect(officer.locator(".events-list [aria-current=step]")).to_have_count(1)
    officer.get_by_label("速度").select_option("10")
    officer.get_by_role("button", name="播放").click()
    expect(officer.get_by_role("button", name="暂停")).to_be_visible()
    halfway = 0
    for _ in range(PATIENCE_LOOKS):
        now = counts(officer)
        assert now[1] >= halfway, "the curve of a night never falls while it plays"
        halfway = now[1]
        if 0 < halfway < reached:
            break
        officer.wait_for_timeout(100)
    officer.get_by_role("button", name="暂停").click()
    assert 0 < halfway < reached
    picture(officer, "desk-replay-playing")

    # The same moment by the board of the record: two ways of telling, one night.
    score = api(
        officer, "GET", officer.url.split("/desk")[1].replace("/replay/", "/replay/nights/")
    )
    event = next(one for one in score["events"] if one["kind"] == "callout.opened")
    officer.locator(".events-list button", has_text=event["zh"]).first.click()
    expect(officer.locator(".events-list [aria-current=step]")).to_contain_text(event["zh"])

    # A village alone, its people and their rungs.
    slider.focus()
    officer.keyboard.press("End")
    officer.get_by_role("tab", name=re.compile("^各村")).click()
    officer.get_by_role("button", name=re.compile("^看人：")).first.click()
    expect(officer.get_by_text(re.compile("^只看 "))).to_be_visible()
    officer.get_by_role("tab", name=re.compile("^未应的人")).click()
    assert barriers(officer) == []
    switch_to(officer, "日间")
    picture(officer, "desk-replay-day")
    assert barriers(officer) == []
    switch_to(officer, "夜间")


def test_a_leader_replays_it_on_the_phone(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    officer = sign_in("值班员", "/desk/")
    leader = sign_in("带班领导", "/desk/", viewport=PHONE)
    alert = some_of_a_night(officer, leader)
    leader.goto("/desk/replay")
    leader.get_by_role("link", name="回放这一夜").first.click()
    slider = leader.get_by_role("slider", name="拖动到这一夜的任何一刻")
    expect(slider).to_be_visible()
    assert fits(leader)
    slider.focus()
    leader.keyboard.press("End")
    assert counts(leader)[1] > 0
    leader.get_by_role("button", name="上一件").click()
    picture(leader, "phone-replay")
    assert barriers(leader) == []
    assert alert["callout_id"]


def test_who_may_not_see_a_night_is_told_so(
    sign_in: Callable[..., Page], barriers: Callable[[Page], list[str]]
) -> None:
    officer = sign_in("值班员", "/desk/replay/2019-01-01")
    expect(officer.get_by_text("没有这一夜的记录，或者不在您的辖区。")).to_be_visible()
    assert barriers(officer) == []
