"""One button: the night of the red rain, from the warning to an account with nobody forgotten."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import PHONE
from tests.journeys.county import api
from tests.world.running_node import RunningNode, running

# The button plays it in three minutes; a test need not wait so long.
SPEED = 6.0
NIGHT_MILLISECONDS = 300_000
LOOK_MILLISECONDS = 500


@pytest.fixture(scope="module")
def demonstration() -> Iterator[RunningNode]:
    """A node of its own: the night begins in a county where nothing is in force."""
    with running("--demo") as node:
        yield node


@pytest.fixture(scope="module")
def sessions() -> dict[str, list[Any]]:
    return {}


def hurry(route: Route) -> None:
    route.continue_(post_data=json.dumps({"speed": SPEED}))


def night(page: Page) -> dict[str, Any]:
    return api(page, "GET", "/demonstration")


def test_the_night_ends_with_everybody_accounted_for(
    visitors: Any,
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    quiet = visitors.open("/public/", PHONE, color_scheme="light")
    expect(quiet.get_by_role("heading", name="现在没有正在生效的预警")).to_be_visible()
    assert barriers(quiet) == []
    waiting = sign_in("村支书", "/field/", viewport=PHONE, color_scheme="light")
    expect(waiting.get_by_text("今晚没有任务")).to_be_visible()
    picture(waiting, "phone-nothing-tonight")
    assert barriers(waiting) == []

    desk = sign_in("值班员", "/desk/")
    desk.route("**/api/v1/demonstration/start", hurry)
    desk.get_by_role("button", name="开始演练之夜").click()
    expect(desk.get_by_label("叫应情况")).to_be_visible()
    callout = night(desk)["callout_id"]
    seen: list[int] = []
    halfway_done = False
    for _ in range(NIGHT_MILLISECONDS // LOOK_MILLISECONDS):
        board = api(desk, "GET", f"/callouts/{callout}/board")
        seen.append(board["answered"] + board["reached_in_person"])
        if not halfway_done and seen[-1] > board["called"] // 2:
            halfway_done = True
            picture(desk, "demonstration-climbing")
            # The phone heard of it by itself, and nobody can take it for the real thing.
            expect(waiting.get_by_text("演练 · 不是真的预警")).to_be_visible()
            picture(waiting, "demonstration-phone")
        if night(desk)["state"] == "finished":
            break
        desk.wait_for_timeout(LOOK_MILLISECONDS)
    assert night(desk)["state"] == "finished"
    assert halfway_done
    assert seen == sorted(seen)

    board = api(desk, "GET", f"/callouts/{callout}/board")
    ends = board["answered"] + board["reached_in_person"] + board["unreached_named"]
    assert ends == board["called"]
    balance = board["evacuation"]
    assert balance["should"] == balance["moved"] + balance["away"] + balance["not_yet"]

    expect(desk.get_by_role("heading", name="这一夜的账")).to_be_visible()
    if balance["not_yet"]:
        rows = desk.get_by_role("region", name="户").get_by_role("row")
        expect(rows).to_have_count(balance["households_left"] + 1)
    assert barriers(desk) == []
    picture(desk, "demonstration-account")

    public = visitors.open("/public/", PHONE, color_scheme="light")
    expect(public.get_by_text("演练 · 不是真的预警")).to_be_visible()
    picture(public, "demonstration-public")
    assert barriers(public) == []
