"""A phone without network and without box: opened again, ticked, handed over, counted once."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.journeys.conftest import PHONE
from tests.journeys.county import api, bring_into_force
from tests.journeys.test_grid_worker import SETTLING_MILLISECONDS, household, tap
from tests.world.running_node import RunningNode, start, until

DAY_MILLISECONDS = 24 * 3600 * 1000
FOURTEEN_DAYS = 14
# On a real phone the letters are there; this machine fetches them while it can.
KEEP_LETTERS = """async () => {
  const letters = document.body.innerText + LETTERS;
  for (const weight of [400, 600, 700])
    await document.fonts.load(`${weight} 16px "Noto Sans SC Variable"`, letters);
}"""
LETTERS = Path("frontend/apps/field/src")


def letters() -> str:
    """Every character the page can say, so that pictures without a network show no empty boxes."""
    folder = Path(__file__).parents[2] / LETTERS
    texts = [path.read_text(encoding="utf-8") for path in folder.rglob("*.i18n.json")]
    return "".join(sorted({sign for text in texts for sign in text if ord(sign) > 0x7F}))


class Box:
    """The village box: a node that can lose its power."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.node = start(home, "--demo")
        self.wait()

    def wait(self) -> None:
        node = self.node
        until(
            lambda: node.process.poll() is not None or any("Ctrl-C" in one for one in node.lines),
            "the box to be ready",
        )
        assert node.process.poll() is None, "\n".join(node.lines)
        until(node.is_healthy, "the box to answer")

    def cut_power(self) -> None:
        pids = self.node.pids()
        # The supervisor first, so that it starts nothing again; then what it left behind.
        self.node.process.kill()
        for pid in pids.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.node.wait()

    def power_back(self) -> None:
        self.node = start(self.home, "--demo", port=self.node.port)
        self.wait()


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with tempfile.TemporaryDirectory(prefix="fengsui-box-") as folder:
        box = Box(Path(folder))
        yield box
        box.node.stop()


@pytest.fixture(scope="module")
def demonstration(box: Box) -> RunningNode:
    return box.node


@pytest.fixture(scope="module")
def sessions() -> dict[str, list[Any]]:
    return {}


@pytest.fixture
def carry_phone(box: Box, sign_in: Callable[..., Page]) -> Callable[..., Page]:
    """carry_phone("村支书"): the page open, kept on the phone, letters and all."""

    def carry(title: str, **options: Any) -> Page:
        if not box.node.is_healthy():
            box.power_back()
        bring_into_force(sign_in("值班员", "/desk/"), sign_in("带班领导", "/desk/"))
        screen = {"viewport": PHONE, "device_scale_factor": 2}
        phone = sign_in(title, "/field/", has_touch=True, **screen, **options)
        expect(phone.get_by_role("button", name="记一下").first).to_be_visible()
        phone.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        phone.wait_for_function("() => navigator.serviceWorker.controller !== null")
        phone.evaluate(KEEP_LETTERS.replace("LETTERS", f"'{letters()}'"))
        return phone

    return carry


def waiting(page: Page, count: int) -> None:
    words = f"{count} 条还没送到村里电脑" if count else "村里电脑全收到了"
    expect(page.locator(".foot button")).to_contain_text(words)


def open_outbox(page: Page) -> None:
    page.locator(".foot button").click()


def back_from_sheets(page: Page) -> None:
    page.wait_for_timeout(SETTLING_MILLISECONDS)
    while page.get_by_role("dialog").count() > 0:
        page.keyboard.press("Escape")
        page.wait_for_timeout(150)


def photograph_codes(page: Page) -> list[FilePayload]:
    """Every code on the screen, one picture each, as another phone's camera would take them."""
    code = page.locator("svg.code")
    expect(code).to_be_visible()
    if page.get_by_role("button", name="停住").count() > 0:
        page.get_by_role("button", name="停住").click()
    label = code.get_attribute("aria-label") or ""
    first, count = (int(word) for word in re.findall(r"\d+", label))
    first -= 1
    pictures: list[FilePayload] = []
    for index in range(count):
        pictures.append(
            {"name": f"code-{index}.png", "mimeType": "image/png", "buffer": code.screenshot()}
        )
        if count > 1:
            page.get_by_role("button", name="下一张").click()
            after = (first + index + 1) % count + 1
            expect(code).to_have_attribute("aria-label", f"第 {after} / {count} 张")
    return pictures


def read_codes(page: Page, pictures: list[FilePayload]) -> None:
    open_outbox(page)
    page.get_by_role("button", name="扫别人的码").click()
    page.locator("input[type=file]").set_input_files(pictures)


def ticked(page: Page, status: str = "已转移 · 集中") -> str:
    """Ticks the first open household; its name."""
    row = page.locator(".row", has=page.get_by_text("记一下")).first
    label = row.locator("b").inner_text().lstrip("○").strip()
    row.get_by_role("button").click()
    tap(page, status)
    back_from_sheets(page)
    return label


def test_a_phone_works_on_without_network_and_without_box(
    box: Box,
    carry_phone: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    mine = carry_phone("村支书", color_scheme="dark")
    other = carry_phone("中心户长", color_scheme="light")
    before = api(mine, "GET", "/field/tonight")["totals"]
    manifest = mine.request.get("/field/field.webmanifest").json()
    assert {icon["sizes"] for icon in manifest["icons"]} >= {"192x192", "512x512"}
    for icon in manifest["icons"]:
        assert mine.request.get(f"/field/{icon['src']}").ok
    worker = mine.request.get("/field/sw.js")
    assert worker.headers["cache-control"] == "no-cache"
    assert "javascript" in worker.headers["content-type"]

    # The box loses its power, the phone its network, and the page is closed and opened again.
    box.cut_power()
    for phone in (mine, other):
        phone.context.set_offline(True)
        phone.reload()
        expect(phone.get_by_role("heading", level=1)).to_be_visible()
        expect(phone.get_by_text("离线 · 上次同步")).to_be_visible()
    picture(mine, "phone-opened-offline-night")
    picture(other, "phone-opened-offline-day")
    assert barriers(mine) == []
    first, second = ticked(mine), ticked(mine)
    waiting(mine, 2)
    mine.reload()
    waiting(mine, 2)
    mine.close()
    mine = mine.context.new_page()
    mine.goto("/field/")
    waiting(mine, 2)
    third = ticked(mine, "敲门无人应")
    waiting(mine, 3)

    # Codes from screen to screen; read twice, in another order.
    open_outbox(mine)
    picture(mine, "phone-outbox-night")
    assert barriers(mine) == []
    mine.get_by_role("button", name="出示二维码").click()
    pictures = photograph_codes(mine)
    picture(mine, "phone-show-codes-night")
    assert barriers(mine) == []
    read_codes(other, list(reversed(pictures)))
    expect(other.get_by_text("全扫到了")).to_be_visible()
    expect(other.get_by_text("3 条已存进这部手机")).to_be_visible()
    picture(other, "phone-read-codes-day")
    assert barriers(other) == []
    other.locator("input[type=file]").set_input_files(pictures)
    expect(other.get_by_text("3 条已存进这部手机")).to_be_visible()
    back_from_sheets(other)
    waiting(other, 3)
    back_from_sheets(mine)

    # The other phone meets the box first; then mine. Everything is counted once, for its author.
    box.power_back()
    other.context.set_offline(False)
    waiting(other, 0)
    mine.context.set_offline(False)
    waiting(mine, 0)
    picture(mine, "phone-delivered-after-codes-night")
    tonight = api(mine, "GET", "/field/tonight")
    named = {one["label"]: one for group in tonight["groups"] for one in group["households"]}
    assert [named[one]["status"] for one in (first, second, third)] == [
        "moved_central",
        "moved_central",
        "knocked_no_answer",
    ]
    people = named[first]["people"] + named[second]["people"]
    assert tonight["totals"]["moved"] == before["moved"] + people


def test_after_fourteen_days_the_list_is_put_away_and_nothing_else(
    carry_phone: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    phone = carry_phone("村支书", color_scheme="dark")
    phone.context.set_offline(True)
    ticked(phone)
    waiting(phone, 1)
    now = phone.evaluate("Date.now()")
    phone.clock.install(time=(now + (FOURTEEN_DAYS - 1) * DAY_MILLISECONDS) / 1000)
    phone.reload()
    # Thirteen days: the list is there and says how long it stays.
    expect(phone.get_by_text("名单是 13 天前的，还能用 1 天。")).to_be_visible()
    expect(phone.get_by_role("button", name="记一下").first).to_be_visible()
    phone.clock.fast_forward(DAY_MILLISECONDS + 60_000)
    expect(phone.get_by_text("名单超过 14 天，不再显示")).to_be_visible()
    expect(phone.get_by_text("你记的 1 条都还在手机里，一条不删")).to_be_visible()
    expect(phone.locator(".row")).to_have_count(0)
    picture(phone, "phone-old-list-night")
    assert barriers(phone) == []
    phone.reload()
    expect(phone.get_by_text("你记的 1 条都还在手机里，一条不删")).to_be_visible()
    phone.get_by_role("button", name="出示二维码").click()
    expect(phone.locator("svg.code")).to_be_visible()
    back_from_sheets(phone)
    # With the box in reach the list comes back and the entry goes out, without signing in again.
    phone.context.clear_cookies()
    phone.context.set_offline(False)
    phone.clock.set_system_time(now / 1000)
    phone.reload()
    waiting(phone, 0)
    expect(phone.get_by_role("button", name="记一下").first).to_be_visible()


def test_an_emptied_phone_says_what_may_be_missing(
    carry_phone: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    phone = carry_phone("村支书", color_scheme="light")
    ticked(phone)
    waiting(phone, 0)
    reach = api(phone, "GET", f"/field/keys/{key_id(phone)}")
    phone.context.set_offline(True)
    ticked(phone)
    waiting(phone, 1)
    phone.route("**/api/v1/field/items", lambda route: route.abort())
    phone.context.set_offline(False)
    # The browser throws the store away; cookie and mark are not part of it.
    phone.goto("/healthz")
    phone.evaluate(
        """() => new Promise((done, fail) => {
          const asked = indexedDB.deleteDatabase("fengsui-field");
          asked.onsuccess = () => done(true);
          asked.onerror = asked.onblocked = () => fail(new Error("still in use"));
        })"""
    )
    phone.goto("/field/")
    expect(phone.get_by_role("heading", name="手机把这里存的东西清掉了")).to_be_visible()
    expect(phone.get_by_text(f"村里电脑收到 {reach['received']} 条，缺 1 条")).to_be_visible()
    picture(phone, "phone-emptied-day")
    assert barriers(phone) == []
    phone.reload()
    expect(phone.get_by_role("heading", name="手机把这里存的东西清掉了")).to_be_visible()
    phone.get_by_role("button", name="知道了").click()
    expect(phone.get_by_role("heading", name="手机把这里存的东西清掉了")).to_have_count(0)
    phone.reload()
    expect(phone.get_by_role("button", name="记一下").first).to_be_visible()
    expect(phone.get_by_role("heading", name="手机把这里存的东西清掉了")).to_have_count(0)


def key_id(page: Page) -> str:
    return str(
        page.evaluate(
            """() => new Promise((done) => {
              const asked = indexedDB.open("fengsui-field");
              asked.onsuccess = () => {
                const all = asked.result.transaction("keys").objectStore("keys").getAll();
                all.onsuccess = () => { asked.result.close(); done(all.result[0].key_id); };
              };
            })"""
        )
    )


LOW_BATTERY = """
  const battery = new EventTarget();
  Object.assign(battery, { level: 0.2, charging: false });
  window.setBattery = (level, charging) => {
    Object.assign(battery, { level, charging });
    battery.dispatchEvent(new Event("levelchange"));
  };
  navigator.getBattery = async () => battery;
"""


def test_a_nearly_empty_battery_leaves_names_and_one_line(
    carry_phone: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    phone = carry_phone("村支书", color_scheme="light")
    phone.add_init_script(LOW_BATTERY)
    # What a page asks once when it opens is over before anybody listens for more.
    with phone.expect_response(lambda answer: "telegrams/heard" in answer.url):
        phone.reload()
    expect(phone.get_by_role("heading", name="省电模式")).to_be_visible()
    totals = api(phone, "GET", "/field/tonight")["totals"]
    away = f" 外{totals['away']}" if totals["away"] else ""
    sms = phone.get_by_role("link", name="发短信报数")
    expect(sms).to_contain_text(f"ZY {totals['moved']}/{totals['should']}{away}")
    assert (sms.get_attribute("href") or "").startswith("sms:")
    for words in ("看纸质名单", "鸣锣", "派中心户长上门"):
        expect(phone.get_by_text(words)).to_be_visible()
    assert phone.evaluate("getComputedStyle(document.querySelector('.saver')).backgroundColor") == (
        "rgb(0, 0, 0)"
    )
    assert phone.locator("img, canvas, svg, video").count() == 0
    picture(phone, "phone-saver")
    assert barriers(phone) == []
    # Nothing asks the box by itself: neither stream nor poll, while half a minute goes by.
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    phone.clock.install()
    phone.clock.run_for(30_000)
    assert [one for one in asked if "/api/" in one] == []
    phone.clock.resume()
    # A tap still counts.
    before = int(phone.get_by_text("今晚还没办完的").locator("span").inner_text().split()[0])
    phone.get_by_role("button", name="集中安置").first.click()
    expect(phone.get_by_text("今晚还没办完的")).to_contain_text(f"{before - 1} 户")
    phone.evaluate("setBattery(0.05, false)")
    expect(phone.locator(".saver-end.is-last")).to_be_visible()
    picture(phone, "phone-saver-last")
    phone.evaluate("setBattery(0.5, true)")
    expect(phone.get_by_role("heading", name="省电模式")).to_have_count(0)
    # By hand, at any charge.
    open_outbox(phone)
    phone.get_by_role("button", name="省电模式").click()
    expect(phone.get_by_role("heading", name="省电模式")).to_be_visible()
    phone.get_by_role("button", name="退出省电").click()
    expect(phone.get_by_role("heading", level=1)).to_be_visible()


def test_two_values_are_shown_to_the_person_in_words(
    carry_phone: Callable[..., Page],
    picture: Callable[[Page, str], None],
    barriers: Callable[[Page], list[str]],
) -> None:
    mine = carry_phone("中心户长", color_scheme="dark")
    secretary = carry_phone("村支书", color_scheme="light")
    mine.context.set_offline(True)
    label = ticked(mine)
    waiting(mine, 1)
    mine.wait_for_timeout(1500)  # theirs is the later one
    tonight = api(secretary, "GET", "/field/tonight")
    named = {one["label"]: one for group in tonight["groups"] for one in group["households"]}
    entry = {
        "client_id": "00000000-0000-4000-8000-0000000000c1",
        "kind": "household_status",
        "household_id": named[label]["id"],
        "status": "refuses",
        "at": api(secretary, "GET", "/session")["now"],
    }
    api(secretary, "POST", "/field/entries", {"entries": [entry]})
    mine.context.set_offline(False)
    waiting(mine, 0)
    expect(mine.get_by_text("1 户有两种说法")).to_be_visible()
    mine.get_by_role("button", name="看", exact=True).click()
    card = mine.get_by_role("region", name=label)
    expect(card).to_contain_text("您记")
    expect(card).to_contain_text("村支书")
    expect(card).to_contain_text("现在按后看到的算：拒不转移。")
    picture(mine, "phone-conflict-night")
    assert barriers(mine) == []
    mine.wait_for_timeout(1500)  # a new observation is later than theirs
    card.get_by_role("button", name="我刚又看过，我的对").click()
    expect(mine.get_by_text("户有两种说法")).to_have_count(0)
    until(
        lambda: household(mine, named[label]["id"])["status"] == "moved_central",
        "the new observation to count",
        seconds=20,
    )
    waiting(mine, 0)
    expect(mine.get_by_text("户有两种说法")).to_have_count(0)


def test_keyboard_and_english(
    carry_phone: Callable[..., Page], picture: Callable[[Page, str], None]
) -> None:
    phone = carry_phone("中心户长", color_scheme="light")
    phone.context.set_offline(True)
    phone.reload()
    phone.locator(".foot button").focus()
    phone.keyboard.press("Enter")
    phone.get_by_role("button", name="English").focus()
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", name="What you recorded")).to_be_visible()
    picture(phone, "phone-outbox-english-day")
    phone.keyboard.press("Escape")
    expect(phone.get_by_text("Offline · last in step")).to_be_visible()
    small = phone.evaluate(
        """() => [...document.querySelectorAll('button, a, summary')]
          .filter((one) => one.offsetParent !== null && one.getBoundingClientRect().height < 40)
          .map((one) => one.outerHTML.slice(0, 120))"""
    )
    assert small == []
