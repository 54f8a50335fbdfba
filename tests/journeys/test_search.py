"""One box: the officer finds a village, a person and a number from the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

PHONE_SIZE = {"width": 390, "height": 844}


def test_the_officer_finds_anything_from_the_keyboard(
    sign_in: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    desk = sign_in("值班员", "/desk/")
    expect(desk.get_by_role("button", name=re.compile("查找"))).to_be_visible()
    desk.keyboard.press("Control+k")
    box = desk.get_by_role("combobox", name=re.compile("地名、人名"))
    expect(box).to_be_focused()
    assert barriers(desk) == []
    box.fill("石坝乡")
    found = desk.get_by_role("option")
    expect(found.first).to_contain_text("石坝乡")
    picture(desk, "desk-search-night")
    # Initials find the same township.
    box.fill("sbx")
    expect(found.filter(has_text="石坝乡").first).to_be_visible()
    # Names are found, their numbers stay masked.
    box.fill("示意")
    expect(found.first).to_be_visible()
    assert not re.search(r"000\d{8}", desk.get_by_role("listbox").inner_text())
    assert barriers(desk) == []
    box.fill("没有这个名字")
    expect(desk.get_by_text("没有找到“没有这个名字”")).to_be_visible()
    # The arrow and Enter open the row.
    box.fill("石坝乡")
    expect(found.first).to_contain_text("石坝乡")
    box.press("ArrowDown")
    box.press("ArrowUp")
    box.press("Enter")
    desk.wait_for_url(re.compile(r"/registers/places\?row="))
    expect(desk.get_by_role("heading", name=re.compile("石坝乡"))).to_be_visible()


def test_a_village_secretary_finds_only_their_own(
    sign_in: Callable[..., Page], barriers: Callable[[Page], list[str]]
) -> None:
    officer = sign_in("值班员", "/desk/")
    secretary = sign_in("村支书", "/desk/", PHONE_SIZE, color_scheme="light")
    everywhere, own = _titles(officer, "石坝"), _titles(secretary, "石坝")
    assert set(own) <= set(everywhere)
    secretary.get_by_role("button", name=re.compile("查找")).click()
    box = secretary.get_by_role("combobox", name=re.compile("地名、人名"))
    box.fill("示意")
    expect(secretary.get_by_role("option").first).to_be_visible()
    assert barriers(secretary) == []
    village = secretary.request.get("/api/v1/session").json()["person"]["place_name"]
    for path in secretary.locator(".search-path").all_inner_texts():
        assert village in path


def _titles(page: Page, question: str) -> list[str]:
    token = page.request.get("/api/v1/session").json()["csrf_token"]
    origin = page.url.split("/", 3)
    answer = page.request.post(
        "/api/v1/search",
        headers={"X-CSRFToken": token, "Referer": f"{origin[0]}//{origin[2]}/"},
        data={"question": question, "under": "", "kinds": []},
    )
    assert answer.ok
    return [one["title"] for one in answer.json()["items"]]
