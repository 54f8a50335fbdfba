"""/api/v1/live: tells open pages that something changed, never what; they ask the API for that."""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db import close_old_connections

from fengsui.foundation.access import request_id
from fengsui.foundation.access.problems import NOT_ALLOWED, NOT_FOUND, SIGN_IN_FIRST, Problem
from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.devices.queries import viewer_of_session
from fengsui.foundation.journal import client
from fengsui.web import metrics
from fengsui.web.answers import problem_body
from fengsui.web.bridge import Receive, Scope, Send
from fengsui.web.errors import TOO_BUSY
from fengsui.web.middleware import SAFE_HEADERS

LIVE_PATH = "/api/v1/live"
STREAMS_MAX = 2000
TOPICS_MAX = 20
HEARTBEAT_SECONDS = 15.0
# A person whose rights end must not go on listening; sessions are looked at again this often,
# however much there is to tell meanwhile.
CHECK_AGAIN_SECONDS = 60.0
# A change of one is a change of all; whoever hears all does not know the one by its number.
ONE_OF_ALL = {"evacuation": "evacuations"}
PLAIN_TOPICS = {
    "alerts": Permission.SEE_ALERTS,
    "evacuations": Permission.SEE_HOUSEHOLDS,
    "demonstration": Permission.SEE_ALERTS,
    "posts": Permission.SEE_PEOPLE,
    "watch": Permission.SEE_PEOPLE,
    "households": Permission.SEE_HOUSEHOLDS,
    "policies": Permission.SEE_CALLS,
}


class Stream:
    """What one open page still has to be told. Changes of one topic fold into one.

    `topics` is the part of what was `wanted` that its viewer may hear.
    """

    def __init__(self, topics: frozenset[str], wanted: frozenset[str] = frozenset()) -> None:
        self.topics = topics
        self.wanted = wanted or topics
        self.pending: dict[str, int] = {}
        self.woken = asyncio.Event()

    def tell(self, topic: str, revision: int) -> None:
        self.pending[topic] = revision
        self.woken.set()

    def take(self) -> dict[str, int]:
        self.woken.clear()
        pending, self.pending = self.pending, {}
        return pending


class Hub:
    """One subscription to the writer, fanned out to every open page of this process."""

    def __init__(self) -> None:
        self.streams: set[Stream] = set()
        # Starts from the clock so that a restarted process never repeats a revision.
        self.revisions: defaultdict[str, int] = defaultdict(lambda: int(time.time() * 1000))
        self.is_listening = False

    def open(self, topics: frozenset[str], wanted: frozenset[str] = frozenset()) -> Stream:
        if len(self.streams) >= STREAMS_MAX:
            raise TOO_BUSY()
        if not self.is_listening:
            self._listen()
        stream = Stream(topics, wanted)
        self.streams.add(stream)
        metrics.set_gauge("live_streams", len(self.streams))
        for topic in topics:
            stream.tell(topic, self.revisions[topic])
        return stream

    def narrow_or_widen(self, stream: Stream, topics: frozenset[str]) -> None:
        """From now on the stream carries these; what is new to it may have changed meanwhile."""
        fresh, stream.topics = topics - stream.topics, topics
        for topic in fresh:
            stream.tell(topic, self.revisions[topic])

    def close(self, stream: Stream) -> None:
        self.streams.discard(stream)
        metrics.set_gauge("live_streams", len(self.streams))

    def publish(self, topic: str) -> None:
        self.revisions[topic] += 1
        for stream in self.streams:
            if topic in stream.topics:
                stream.tell(topic, self.revisions[topic])
        if everything := ONE_OF_ALL.get(topic.partition(":")[0]):
            self.publish(everything)

    def publish_everything(self) -> None:
        """After a gap nobody knows what was missed, so every page asks again."""
        for topic in {topic for stream in self.streams for topic in stream.topics}:
            self.publish(topic)

    def _listen(self) -> None:
        """The writer's notices arrive in a thread; the pages are told on the event loop."""
        loop = asyncio.get_running_loop()

        def hear(topic: str, data: dict[str, Any]) -> None:
            if topic == client.SUBSCRIBED:
                loop.call_soon_threadsafe(self.publish_everything)
            else:
                loop.call_soon_threadsafe(self.publish, topic)

        client.subscribe(hear)
        self.is_listening = True


hub = Hub()


async def live(scope: Scope, receive: Receive, send: Send) -> None:
    request_id.begin()
    if scope["method"] != "GET":
        await _refuse(send, NOT_FOUND())
        return
    wanted = _topics_of(scope)
    try:
        topics = await asyncio.to_thread(_allowed, scope, wanted)
        stream = hub.open(topics, wanted)
    except Problem as problem:
        await _refuse(send, problem)
        return
    gone = asyncio.ensure_future(_until_gone(receive))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": _headers()})
        await _feed(scope, stream, gone, send)
    finally:
        gone.cancel()
        hub.close(stream)


async def _feed(scope: Scope, stream: Stream, gone: asyncio.Future[None], send: Send) -> None:
    await _write(send, "retry: 2000\n\n")
    checked = time.monotonic()
    while not gone.done():
        woken = asyncio.ensure_future(stream.woken.wait())
        either: set[asyncio.Future[Any]] = {woken, gone}
        await asyncio.wait(either, timeout=HEARTBEAT_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        woken.cancel()
        if time.monotonic() - checked >= _check_again_seconds(stream):
            checked = time.monotonic()
            try:
                topics = await asyncio.to_thread(_allowed, scope, stream.wanted)
            except Problem:
                break
            hub.narrow_or_widen(stream, topics)
        changes = stream.take()
        for topic, revision in changes.items():
            data = json.dumps({"topic": topic, "revision": revision})
            await _write(send, f"event: changed\ndata: {data}\n\n")
        if not changes and not gone.done():
            await _write(send, ": still here\n\n")
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _check_again_seconds(stream: Stream) -> float:
    """Sooner while part of it is refused: its facts may still be on their way to this node."""
    is_whole = stream.topics == stream.wanted
    return CHECK_AGAIN_SECONDS if is_whole else min(HEARTBEAT_SECONDS, CHECK_AGAIN_SECONDS)


async def _write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _topics_of(scope: Scope) -> frozenset[str]:
    query = parse_qs(scope.get("query_string", b"").decode("latin-1"))
    named = ",".join(query.get("topics", [])).split(",")
    return frozenset([name for name in named if name][:TOPICS_MAX])


def _allowed(scope: Scope, topics: frozenset[str]) -> frozenset[str]:
    """Those of the topics that this session may hear; one that is refused silences no other.

    A Problem where none of them may be heard. Runs in a thread, it reads tables.
    """
    close_old_connections()
    viewer = viewer_of_session(SessionStore(_session_key(scope)), request_id=request_id.current())
    if not viewer.grants:
        raise SIGN_IN_FIRST()
    heard, refused = set(), NOT_FOUND()
    for topic in sorted(topics):
        try:
            _may_hear(viewer, topic)
        except Problem as problem:
            refused = problem
        else:
            heard.add(topic)
    if not heard:
        raise refused
    return frozenset(heard)


def _may_hear(viewer: Viewer, topic: str) -> bool:
    """True, or a Problem that says why not. A callout is checked by its own app's gate."""
    kind, _, identity = topic.partition(":")
    if kind == "callout" and identity.isdigit():
        from fengsui.engines.calls import queries as calls_queries

        calls_queries.callout(int(identity), viewer=viewer)
        return True
    if kind == "evacuation" and identity.isdigit():
        topic = "evacuations"
    permission = PLAIN_TOPICS.get(topic)
    if permission is None:
        raise NOT_FOUND()
    if not viewer.scopes(permission):
        raise NOT_ALLOWED(permission=permission.value, place="")
    return True


def _session_key(scope: Scope) -> str | None:
    cookies: SimpleCookie = SimpleCookie()
    for name, value in scope.get("headers", []):
        if name.lower() == b"cookie":
            try:
                cookies.load(value.decode("latin-1"))
            except CookieError:
                return None
    morsel = cookies.get(settings.SESSION_COOKIE_NAME)
    return morsel.value if morsel else None


def _headers() -> list[tuple[bytes, bytes]]:
    headers = {
        **SAFE_HEADERS,
        "Content-Type": "text/event-stream; charset=utf-8",
        "Cache-Control": "no-store",
        "X-Accel-Buffering": "no",
        request_id.HEADER: request_id.current(),
    }
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


async def _refuse(send: Send, problem: Problem) -> None:
    body = json.dumps(problem_body(problem), ensure_ascii=False).encode()
    headers = [(name.lower().encode(), value.encode()) for name, value in SAFE_HEADERS.items()]
    headers.append((b"content-type", b"application/json"))
    status = problem.kind.status
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
