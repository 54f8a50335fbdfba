"""The live stream: who may listen, what is told, and that nobody is kept waiting by another."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from django.test import Client

from fengsui.foundation.access.problems import NOT_ALLOWED, NOT_FOUND, SIGN_IN_FIRST, Problem
from fengsui.foundation.access.viewer import NOBODY, Viewer, grants_of
from fengsui.web import live
from fengsui.web.live import Hub

OFFICER = Viewer(7, "示意甲", grants_of([["duty_officer", "433126"]]))
ADMINISTRATOR = Viewer(8, "示意乙", grants_of([["security_administrator", "433126"]]))
AUDITOR = Viewer(9, "示意丙", grants_of([["auditor", "433126"]]))


def scope(topics: str, method: str = "GET") -> dict[str, Any]:
    return {
        "type": "http",
        "method": method,
        "path": live.LIVE_PATH,
        "query_string": f"topics={topics}".encode(),
        "headers": [(b"cookie", b"sessionid=abc")],
    }


class Page:
    """One open page: what was sent to it, and a way to close it."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.arrived = asyncio.Event()
        self.closed = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.closed.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.sent.append(message)
        self.arrived.set()

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    def told(self) -> list[dict[str, Any]]:
        text = b"".join(message.get("body", b"") for message in self.sent[1:]).decode()
        lines = [line for line in text.splitlines() if line.startswith("data: ")]
        return [json.loads(line.removeprefix("data: ")) for line in lines]

    async def until_told(self, count: int) -> None:
        while len(self.told()) < count:
            self.arrived.clear()
            await asyncio.wait_for(self.arrived.wait(), 5)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Hub:
    fresh = Hub()
    fresh.is_listening = True
    monkeypatch.setattr(live, "hub", fresh)
    return fresh


@pytest.fixture
def officer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody who asks is the duty officer."""
    monkeypatch.setattr(live, "_allowed", lambda _, topics: topics)


@asynccontextmanager
async def page(topics: str) -> AsyncIterator[Page]:
    opened = Page()
    task = asyncio.ensure_future(live.live(scope(topics), opened.receive, opened.send))
    try:
        yield opened
    finally:
        opened.closed.set()
        await asyncio.wait_for(task, 5)


def test_a_change_reaches_the_pages_that_asked_for_it(hub: Hub, officer: None) -> None:
    async def story() -> None:
        async with page("alerts") as one, page("evacuations") as other:
            await one.until_told(1)
            await other.until_told(1)
            hub.publish("alerts")
            await one.until_told(2)
            assert one.status == 200
            assert [told["topic"] for told in one.told()] == ["alerts", "alerts"]
            assert one.told()[1]["revision"] > one.told()[0]["revision"]
            assert [told["topic"] for told in other.told()] == ["evacuations"]
        assert hub.streams == set()

    asyncio.run(story())


def test_many_changes_while_a_page_is_slow_become_one() -> None:
    stream = live.Stream(frozenset({"alerts"}))
    for revision in range(1000):
        stream.tell("alerts", revision)
    assert stream.take() == {"alerts": 999}
    assert stream.take() == {}


def test_after_a_gap_every_page_asks_again(hub: Hub, officer: None) -> None:
    async def story() -> None:
        async with page("alerts,evacuations") as one:
            await one.until_told(2)
            hub.publish_everything()
            await one.until_told(4)

    asyncio.run(story())


def test_a_quiet_stream_says_that_it_lives_and_ends_with_the_rights(
    hub: Hub, officer: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(live, "CHECK_AGAIN_SECONDS", 0.05)

    async def story() -> None:
        async with page("alerts") as one:
            await one.until_told(1)

            def no_longer(_: Any, topics: Any) -> Any:
                raise SIGN_IN_FIRST()

            monkeypatch.setattr(live, "_allowed", no_longer)
            while one.sent[-1].get("more_body", True):
                one.arrived.clear()
                await asyncio.wait_for(one.arrived.wait(), 5)
            assert any(b": still here" in message.get("body", b"") for message in one.sent)

    asyncio.run(story())


def test_a_stream_that_never_falls_quiet_ends_with_the_rights_too(
    hub: Hub, officer: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CHECK_AGAIN_SECONDS", 0.0)

    async def story() -> None:
        async with page("alerts") as one:
            await one.until_told(1)

            def no_longer(_: Any, topics: Any) -> Any:
                raise SIGN_IN_FIRST()

            monkeypatch.setattr(live, "_allowed", no_longer)
            hub.publish("alerts")
            while one.sent[-1].get("more_body", True):
                one.arrived.clear()
                await asyncio.wait_for(one.arrived.wait(), 5)
            assert not any(b": still here" in message.get("body", b"") for message in one.sent)

    asyncio.run(story())


def test_when_all_streams_are_taken_the_next_is_told_so(
    hub: Hub, officer: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "STREAMS_MAX", 1)

    async def story() -> None:
        async with page("alerts") as one:
            await one.until_told(1)
            late = Page()
            await live.live(scope("alerts"), late.receive, late.send)
            assert late.status == 503
            assert json.loads(late.sent[1]["body"])["code"] == "web.too_busy"

    asyncio.run(story())


def test_each_topic_needs_its_right() -> None:
    assert live._may_hear(OFFICER, "alerts")
    for viewer, topic in ((ADMINISTRATOR, "alerts"), (NOBODY, "alerts"), (OFFICER, "secrets")):
        with pytest.raises(Problem):
            live._may_hear(viewer, topic)


@pytest.mark.django_db(databases=["default", "local"])
def test_a_callout_that_one_may_not_see_cannot_be_listened_to() -> None:
    with pytest.raises(Problem) as refused:
        live._may_hear(OFFICER, "callout:123")
    assert refused.value.kind.code == NOT_FOUND.code


@pytest.fixture
def signed_in(monkeypatch: pytest.MonkeyPatch) -> dict[str, Viewer]:
    """Who holds the session is `signed_in["viewer"]`; it may change while a stream is open."""
    held = {"viewer": AUDITOR}
    monkeypatch.setattr(live, "viewer_of_session", lambda *_, **__: held["viewer"])
    monkeypatch.setattr(live, "close_old_connections", lambda: None)
    return held


@pytest.mark.django_db(databases=["default", "local"])
def test_whoever_may_hear_one_topic_hears_that_one_and_no_other(
    signed_in: dict[str, Viewer],
) -> None:
    wanted = frozenset({"alerts", "evacuations", "watch", "secrets"})
    assert live._allowed(scope(""), wanted) == {"alerts"}
    signed_in["viewer"] = ADMINISTRATOR
    assert live._allowed(scope(""), wanted) == {"watch"}
    with pytest.raises(Problem) as refused:
        live._allowed(scope(""), frozenset({"alerts", "evacuations"}))
    assert refused.value.kind.code == NOT_ALLOWED.code


@pytest.mark.django_db(databases=["default", "local"])
def test_a_callout_that_one_may_not_see_does_not_silence_the_rest(
    signed_in: dict[str, Viewer],
) -> None:
    assert live._allowed(scope(""), frozenset({"alerts", "callout:123"})) == {"alerts"}


@pytest.mark.django_db(databases=["default", "local"])
def test_an_auditor_who_asks_for_more_is_told_of_warnings_only(
    hub: Hub, signed_in: dict[str, Viewer]
) -> None:
    async def story() -> None:
        async with page("alerts,evacuations") as one:
            await one.until_told(1)
            hub.publish("evacuation:5")
            hub.publish("evacuations")
            hub.publish("alerts")
            await one.until_told(2)
            assert one.status == 200
            assert {told["topic"] for told in one.told()} == {"alerts"}

    asyncio.run(story())


@pytest.mark.django_db(databases=["default", "local"])
def test_what_may_be_heard_follows_the_rights_while_the_stream_is_open(
    hub: Hub, signed_in: dict[str, Viewer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.01)
    monkeypatch.setattr(live, "CHECK_AGAIN_SECONDS", 0.01)

    async def story() -> None:
        async with page("alerts,evacuations") as one:
            await one.until_told(1)
            signed_in["viewer"] = OFFICER
            await one.until_told(2)
            assert one.told()[1]["topic"] == "evacuations"
            signed_in["viewer"] = AUDITOR
            (stream,) = hub.streams
            while "evacuations" in stream.topics:
                await asyncio.sleep(0)
            hub.publish("evacuations")
            hub.publish("alerts")
            await one.until_told(3)
            assert one.told()[2]["topic"] == "alerts"

    asyncio.run(story())


def test_one_evacuation_is_news_for_whoever_hears_all(hub: Hub, officer: None) -> None:
    async def story() -> None:
        async with page("evacuations") as one:
            await one.until_told(1)
            hub.publish("evacuation:5")
            await one.until_told(2)
            assert one.told()[1]["topic"] == "evacuations"

    asyncio.run(story())


@pytest.mark.parametrize("topic", ["policies", "watch", "posts", "households"])
def test_every_topic_that_a_page_asks_for_has_its_right(topic: str) -> None:
    assert live._may_hear(OFFICER, topic)


@pytest.mark.django_db(databases=["default", "local"])
def test_nobody_hears_nothing() -> None:
    with pytest.raises(Problem) as refused:
        live._allowed(scope("alerts"), frozenset({"alerts"}))
    assert refused.value.kind.code == SIGN_IN_FIRST.code


def test_only_reading_is_possible(hub: Hub) -> None:
    one = Page()
    asyncio.run(live.live(scope("alerts", "POST"), one.receive, one.send))
    assert one.status == 404


@pytest.mark.django_db(databases=["default", "local"])
def test_django_does_not_answer_at_the_streams_address() -> None:
    assert Client().get(live.LIVE_PATH).status_code == 404
