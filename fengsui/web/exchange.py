"""The door for other nodes: POST /exchange/session. No cookie, no CSRF; node keys sign all of it.

Native on the event loop, so that hundreds of nodes can wait for news without holding a thread.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import close_old_connections

from fengsui.exchange.links import envelopes
from fengsui.exchange.links.server import NO_SESSION, REFUSED, Server, Taken
from fengsui.foundation.access import request_id
from fengsui.foundation.access.problems import Problem
from fengsui.web import metrics
from fengsui.web.bridge import BodyTooLarge, Receive, Scope, Send, read_body

EXCHANGE_PATH = envelopes.PATH
THREADS = 4
BODIES_AT_ONCE = 16  # so many times 8 MiB of memory at the very most
TOO_LARGE, UNAVAILABLE, WRONG_METHOD = 413, 503, 405

log = logging.getLogger("fengsui.web")


class Door:
    """Made with the process; the server behind it starts with the first knock."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="exchange")
        self.bodies = asyncio.Semaphore(BODIES_AT_ONCE)
        self._server: Server | None = None
        self._lock = threading.Lock()

    def server(self) -> Server:
        with self._lock:
            if self._server is None:
                server = Server()
                server.start()
                self._server = server
            return self._server

    def status(self) -> dict[str, float]:
        """Counts for /metrics; {} while no node has knocked."""
        return self._server.status() if self._server is not None else {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id.begin()
        if scope["method"] != "POST":
            await _answer(send, WRONG_METHOD, b"")
            return
        try:
            status, content = await self._serve(scope, receive)
        except BodyTooLarge:
            status, content = TOO_LARGE, b""
        except Problem as problem:
            log.warning("the exchange cannot answer: %s", problem)
            status, content = UNAVAILABLE, b""
        metrics.count_exchange(status)
        await _answer(send, status, content)

    async def _serve(self, scope: Scope, receive: Receive) -> tuple[int, bytes]:
        loop = asyncio.get_running_loop()
        if not await loop.run_in_executor(self.pool, self._may_knock, _named(scope)):
            return REFUSED, b""
        async with self.bodies:
            body = await read_body(receive, envelopes.BODY_BYTES_MAX)
            taken = await loop.run_in_executor(self.pool, self._take, body)
        if taken.session is None:
            return taken.status, taken.body
        await _news(taken, receive)
        return taken.status, await loop.run_in_executor(self.pool, self.server().answer, taken)

    def _may_knock(self, key: bytes) -> bool:
        return bool(key) and self.server().may_knock(key)

    def _take(self, body: bytes) -> Taken:
        try:
            return self.server().take(body)
        except Problem:
            raise
        except Exception:
            log.exception("a session request could not be taken")
            close_old_connections()
            return Taken(NO_SESSION)


async def _news(taken: Taken, receive: Receive) -> None:
    """Until there is something to say, the time is over, or the caller has hung up."""
    assert taken.session is not None
    outbox = taken.session.outbox
    if outbox is None or not taken.wait_seconds or not outbox.is_empty():
        return
    loop = asyncio.get_running_loop()
    woken = asyncio.Event()
    stop = outbox.ring(lambda: _wake(loop, woken))
    waits = [asyncio.ensure_future(woken.wait()), asyncio.ensure_future(_until_gone(receive))]
    try:
        if outbox.is_empty():
            await asyncio.wait(
                waits, timeout=taken.wait_seconds, return_when=asyncio.FIRST_COMPLETED
            )
    finally:
        stop()
        for wait in waits:
            wait.cancel()


def _wake(loop: asyncio.AbstractEventLoop, woken: asyncio.Event) -> None:
    loop.call_soon_threadsafe(woken.set)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _named(scope: Scope) -> bytes:
    """The key that the caller says is its own: a stranger's body is not even read."""
    wanted = envelopes.NODE_HEADER.lower().encode()
    for name, value in scope.get("headers", []):
        if name.lower() == wanted:
            try:
                return bytes.fromhex(value.decode("latin-1"))
            except ValueError:
                return b""
    return b""


async def _answer(send: Send, status: int, content: bytes) -> None:
    headers = [
        (b"content-type", envelopes.MEDIA_TYPE.encode()),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content, "more_body": False})


exchange = Door()
