"""Where each person starts, in both languages: a village's phones, and who sees no night."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.county import bring_into_force, fits

SignIn = Callable[..., Page]
Picture = Callable[[Page, str], None]
Barriers = Callable[[Page], list[str]]
SENTENCE_LENGTH_MAX = 40
TEN = 10
TARGET_PX = 48
# The stripes of an exercise and one row of two short lines; on a phone two rows.
HEADER_PX = {"desk": 76, "phone": 124}

# From now on the last township of the table has five thousand more to call than it had.
TURN = """(last) => {
  const plain = window.fetch;
  window.fetch = async (...asked) => {
    const answer = await plain(...asked);
    if (!/\\/board(\\?|$)/.test(answer.url)) return answer;
    const shown = await answer.json();
    for (const one of shown.by_township ?? []) {
      if (!last.includes(one.name)) continue;
      one.unanswered += 5000;
      one.called += 5000;
    }
    return new Response(JSON.stringify(shown), answer);
  };
}"""


def in_english(page: Page) -> None:
    page.evaluate("() => localStorage.setItem('fengsui.language', 'en')")
    page.reload()


def smallest_target(page: Page) -> float:
    """The lowest of all visible buttons, in pixels."""
    return float(
        page.evaluate(
            "() => Math.min(...[...document.querySelectorAll('button')]"
            ".map((one) => one.getBoundingClientRect().height).filter((height) => height > 0))"
        )
    )


@pytest.fixture
def night(sign_in: SignIn) -> dict[str, Any]:
    return bring_into_force(sign_in("值班员", "/desk/"), sign_in("带班领导", "/desk/"))


def test_a_secretary_sees_the_sentence_the_answer_and_every_group(
    sign_in: SignIn, night: dict[str, Any], picture: Picture, barriers: Barriers
) -> None:
    phone = sign_in("松潭村 村支书", "/field/", PHONE, color_scheme="dark")
    sentence = phone.get_by_role("heading", level=1)
    expect(sentence).to_be_visible()
    assert 0 < len(sentence.inner_text()) <= SENTENCE_LENGTH_MAX
    answer = phone.get_by_role("button", name="收到，正在落实")
    expect(answer).to_be_in_viewport()
    expect(phone.get_by_role("heading", name=re.compile("位中心户长"))).to_be_visible()
    groups = phone.locator(".overview button")
    assert groups.count() > 1
    assert fits(phone)
    assert smallest_target(phone) >= TARGET_PX
    assert barriers(phone) == []
    picture(phone, "phone-secretary-night")

    # A tap on another group shows its households.
    other = groups.nth(1)
    name = other.locator("b").inner_text()
    other.click()
    expect(phone.get_by_role("heading", name=re.compile(name))).to_be_visible()
    answer.click()
    expect(phone.get_by_text("您").or_(phone.get_by_text("村里")).first).to_be_visible()
    expect(phone.get_by_role("button", name="改", exact=True)).to_be_visible()
    picture(phone, "phone-secretary-answered")

    in_english(phone)
    expect(phone.get_by_text("Received, acting on it")).to_be_visible()
    expect(phone.get_by_text("Red rainstorm warning")).to_be_visible()
    assert fits(phone)
    assert barriers(phone) == []
    picture(phone, "phone-secretary-english")


def test_a_group_head_has_ten_names_and_records_one(
    sign_in: SignIn, night: dict[str, Any], picture: Picture, barriers: Barriers
) -> None:
    phone = sign_in("中心户长", "/field/", PHONE, color_scheme="light")
    expect(phone.get_by_role("heading", name=re.compile("您这一组"))).to_be_visible()
    rows = phone.locator(".rows .row")
    expect(rows).to_have_count(TEN)
    assert fits(phone)
    assert barriers(phone) == []
    picture(phone, "phone-group-head-day")
    word = phone.locator(".row-do").first
    assert word.bounding_box() is not None
    assert (word.bounding_box() or {})["height"] < TARGET_PX + 8, "a word on one line"

    first = rows.first.locator("b").inner_text()
    rows.first.get_by_role("button").click()
    sheet = phone.get_by_role("dialog")
    expect(sheet.get_by_text(re.sub(r"\W", "", first)).first).to_be_visible()
    assert barriers(phone) == []
    picture(phone, "phone-group-head-household")


@pytest.mark.parametrize(
    ("who", "heading", "english"),
    [("安全管理员", "账号", "Accounts"), ("审计员", "登录审计", "Sign-ins")],
)
def test_an_administrator_starts_at_their_own_work(
    sign_in: SignIn, picture: Picture, barriers: Barriers, who: str, heading: str, english: str
) -> None:
    page = sign_in(who, "/desk/")
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    expect(page.get_by_text("推送中断")).to_have_count(0)
    assert barriers(page) == []
    picture(page, f"desk-{who}")
    in_english(page)
    expect(page.get_by_role("heading", name=english, exact=True)).to_be_visible()


def test_an_auditor_who_looks_at_the_night_hears_it_live_and_is_told_no_falsehood(
    sign_in: SignIn, night: dict[str, Any]
) -> None:
    page = sign_in("审计员", "/desk/map-desk")
    expect(page.get_by_text("实时", exact=True)).to_be_visible()
    refused = {
        "code": "access.not_allowed",
        "zh": "您的岗位看不到",
        "en": "Not for you",
        "data": {},
    }

    def refuse(route: Route) -> None:
        route.fulfill(status=403, content_type="application/json", body=json.dumps(refused))

    page.route("**/next-to-ring*", refuse)
    page.reload()
    expect(page.get_by_text("您的岗位看不到")).to_be_visible()
    expect(page.get_by_text("没有未应答的人")).to_have_count(0)


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_header_keeps_its_rows_and_english_fits(
    sign_in: SignIn, night: dict[str, Any], picture: Picture, size: str
) -> None:
    page = sign_in(
        "值班员", "/desk/board", DESK if size == "desk" else PHONE, reduced_motion="reduce"
    )
    header = page.locator(".desk-header")
    for language in ("zh", "en"):
        if language == "en":
            in_english(page)
        expect(header.locator(".exercise-label")).to_be_visible()
        assert header.evaluate("(one) => one.offsetHeight") <= HEADER_PX[size], language
        nights = page.locator(".nights .table-frame")
        expect(nights).to_be_visible()
        assert nights.evaluate("(one) => one.scrollWidth <= one.clientWidth"), language
    for path in ("watch", "papers", "policies"):
        page.goto(f"/desk/{path}")
        expect(header).to_be_visible()
        page.wait_for_load_state("domcontentloaded")
        expect(page.locator(".f-state.is-loading")).to_have_count(0)
        assert fits(page), path
        picture(page, f"english-{path or 'desk'}-{size}")


def test_rows_keep_still_under_the_hand_and_focus_goes_with_its_row(
    sign_in: SignIn, night: dict[str, Any]
) -> None:
    """What made the board lose its keyboard: a row that moved took the focus out of the page."""
    board = sign_in("值班员", "/desk/board", reduced_motion="reduce")
    rows = board.locator(".part-pick")
    expect(rows.nth(2)).to_be_visible()
    before = rows.all_inner_texts()
    last = re.sub(r"\W", "", before[-1])
    rows.first.focus()
    board.evaluate(TURN, last)
    board.evaluate("() => window.dispatchEvent(new Event('online'))")
    expect(board.get_by_role("row", name=re.compile(last)).locator(".is-lead")).to_have_text(
        re.compile(r"5\d{3}")
    )
    assert rows.all_inner_texts()[0] == before[0]
    expect(rows.first).to_be_focused()
    board.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_be_focused()
    held = rows.nth(1).inner_text()
    # Left alone for a moment, the most pressing comes first, and focus stays with its row.
    expect(rows.first).to_have_text(re.compile(last))
    expect(board.locator(".part-pick:focus")).to_have_text(held)
