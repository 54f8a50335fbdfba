"""A real browser against a whole node: `fengsui up --demo`, as a new user starts it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.world.running_node import RunningNode, running

ROOT = Path(__file__).parents[2]
DESK: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
SIZES = {"desk": DESK, "phone": PHONE}
PATIENCE_MILLISECONDS = 20_000
# A machine that builds and serves at once is slow; an expectation waits as long as a click.
expect.set_options(timeout=PATIENCE_MILLISECONDS)
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",  # the map needs WebGL, drawn in software
    "--no-first-run",
    "--disable-background-networking",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="session")
def demonstration() -> Iterator[RunningNode]:
    """The node of the demonstration; `.address`, and `.links()` which each sign in once."""
    with running("--demo") as node:
        yield node


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = (
        os.environ.get("CHROMIUM")
        or subprocess.run(
            [ROOT / "make" / "find-chromium"], check=True, capture_output=True, text=True
        ).stdout.strip()
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


class Visitors:
    """Opens pages, and remembers what the browser complained about."""

    def __init__(self, browser: Browser, node: RunningNode) -> None:
        self.browser = browser
        self.node = node
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def open(self, path: str = "/", viewport: ViewportSize = DESK, **options: Any) -> Page:
        """A page of somebody who has not signed in."""
        context = self.browser.new_context(
            base_url=self.node.address,
            viewport=viewport,
            locale=options.pop("locale", "zh-CN"),
            timezone_id="Asia/Shanghai",
            **options,
        )
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)
        page.goto(path)
        return page

    def _hear(self, message: Any) -> None:
        """A broken content policy shows only on the console."""
        if "Content Security Policy" in message.text:
            self.complaints.append(message.text)

    def close(self) -> None:
        for context in self.contexts:
            context.close()


@pytest.fixture
def visitors(chromium: Browser, demonstration: RunningNode) -> Iterator[Visitors]:
    opened = Visitors(chromium, demonstration)
    yield opened
    opened.close()
    assert opened.complaints == []


@pytest.fixture(scope="session")
def sessions() -> dict[str, list[Any]]:
    """A link works once, so what a person's session is made of is kept for the next journey."""
    return {}


@pytest.fixture
def sign_in(visitors: Visitors, sessions: dict[str, list[Any]]) -> Callable[..., Page]:
    """sign_in("带班领导", "/desk/") opens a page as the first person whose title contains that."""

    def open_as(title: str, path: str = "/", viewport: ViewportSize = DESK, **options: Any) -> Page:
        page = visitors.open("/healthz", viewport, **options)
        if title not in sessions:
            link = next(one for one in visitors.node.links() if title in one["title"])
            page.goto(link["url"])
            # Opening a link only shows the page; the button spends it.
            page.get_by_role("button", name="登录").click()
            page.wait_for_url(lambda url: "sign-in" not in url and "/link/" not in url)
            sessions[title] = page.context.cookies()
        page.context.add_cookies(sessions[title])
        page.goto(path)
        if path.startswith("/desk"):
            # The header stands before the screen beneath it, whose code is still on its way.
            page.locator("main > *").first.wait_for(state="attached")
        return page

    return open_as


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """picture(page, "desk-night") keeps a picture where FENGSUI_PICTURES names a folder."""
    folder = os.environ.get("FENGSUI_PICTURES", "")

    def take(page: Page, name: str) -> None:
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(Path(folder) / f"{name}.png"))

    return take


@pytest.fixture
def barriers() -> Callable[[Page], list[str]]:
    """barriers(page): the serious and critical faults that axe finds, as text.

    A live page may take a row away while axe measures it; what is a fault is one at a second look.
    """

    def look(page: Page) -> list[str]:
        return found(page) and found(page)

    def found(page: Page) -> list[str]:
        page.evaluate(AXE.read_text())
        seen = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{one['id']} ({one['impact']}): {one['nodes'][0]['html'][:160]}"
            for one in seen["violations"]
            if one["impact"] in ("serious", "critical")
        ]

    return look
