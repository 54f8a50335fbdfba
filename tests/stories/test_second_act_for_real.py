"""The second act as it is shown: a real second node here, cut off and plugged in again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from tests.world import running_node
from tests.world.running_node import RunningNode, until

SPEED = 3.0
PREPARED_SECONDS = 180.0
TOLD_SECONDS = 240.0


class Officer:
    """The duty officer's browser, without the browser."""

    def __init__(self, node: RunningNode) -> None:
        self.base = f"{node.address}/api/v1"
        self.opener = build_opener(HTTPCookieProcessor(CookieJar()))
        self.token = ""
        self.token = self.get("/session")["csrf_token"]
        self.post("/session/link", {"token": node.links()[0]["url"].rsplit("/", 1)[1]})
        self.token = self.get("/session")["csrf_token"]

    def get(self, path: str) -> Any:
        return json.load(self.opener.open(self.base + path, timeout=20))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json", "X-CSRFToken": self.token}
        request = Request(self.base + path, json.dumps(body).encode(), headers)
        return json.load(self.opener.open(request, timeout=30))

    def act(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get("/demonstration")["second_act"]
        return found


@pytest.fixture
def officer(tmp_path: Path) -> Iterator[Officer]:
    node = running_node.start(tmp_path, "--demo")
    try:
        until(lambda: any("Ctrl-C" in line for line in node.lines), "the sign-in links")
        yield Officer(node)
    finally:
        node.stop()


@pytest.mark.slow
def test_a_real_township_goes_on_alone_and_both_sides_count_the_same(officer: Officer) -> None:
    officer.post("/demonstration/start", {"speed": SPEED})
    officer.post("/demonstration/cut", {})
    until(lambda: officer.act()["state"] == "pulled", "the cut", PREPARED_SECONDS)
    act = officer.act()
    assert act["address"].startswith("http://localhost:")
    before = act["known"]
    assert before["not_yet"] > 0

    def moved_by_text() -> int:
        return int(officer.act()["by_text"]["moved"])

    until(lambda: moved_by_text() > before["moved"] + 50, "headcounts by text", TOLD_SECONDS)
    assert officer.act()["known"] == before, "the record itself cannot have come"

    officer.post("/demonstration/plug-in", {})
    until(lambda: officer.act()["state"] == "agreed", "the numbers", TOLD_SECONDS)
    outcome = officer.act()["outcome"]
    assert outcome["agree"]
    assert outcome["county"] == outcome["township"]
    assert outcome["county"]["moved"] > before["moved"]
    assert outcome["facts"] > 0
