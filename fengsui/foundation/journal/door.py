"""The writer's door: a Unix socket, in a thread of its own, for processes of the same user."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import services, wire

FINISH_SECONDS = 3.0
_WAITING_CONNECTIONS = 256

log = logging.getLogger("fengsui.writer")


@dataclass
class Call:
    """One command that waits for its turn."""

    command_id: bytes
    is_retry: bool
    name: str
    arguments: dict[str, Any]
    answer: Callable[[bytes], None]
    frame: bytes = b""
    outcome: str = "stored"

    @property
    def request_id(self) -> str:
        """The id of the web request on whose behalf this is called; "" where there is none."""
        viewer = self.arguments.get("viewer")
        return viewer.request_id if isinstance(viewer, Viewer) else ""


class Door:
    """Takes frames in, hands calls to `put`, sends out answers and notices."""

    def __init__(
        self, path: Path, put: Callable[[Call], None], status: Callable[[], dict[str, Any]]
    ) -> None:
        self._path = path
        self._put = put
        self._status = status
        self._loop = asyncio.new_event_loop()
        self._subscribers: set[asyncio.StreamWriter] = set()
        self._clients: set[asyncio.StreamWriter] = set()
        self._outbox: deque[tuple[asyncio.StreamWriter, bytes]] = deque()
        self._is_flush_due = False
        self._thread = threading.Thread(target=self._run, name="writer-door", daemon=True)
        self._is_open = threading.Event()

    def open(self) -> None:
        self._path.unlink(missing_ok=True)
        self._thread.start()
        self._is_open.wait(FINISH_SECONDS)
        services.add_listener(self._notice)

    def close(self) -> None:
        """Sends what is still to be sent and closes every connection."""
        finished = asyncio.run_coroutine_threadsafe(self._finish(), self._loop)
        with contextlib.suppress(TimeoutError):
            finished.result(FINISH_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(FINISH_SECONDS)
        self._path.unlink(missing_ok=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            listening.bind(str(self._path))
        finally:
            os.umask(before)
        server = self._loop.run_until_complete(
            asyncio.start_unix_server(self._serve, sock=listening, backlog=_WAITING_CONNECTIONS)
        )
        self._is_open.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    async def _finish(self) -> None:
        self._flush()
        for client in tuple(self._clients):
            with contextlib.suppress(ConnectionError):
                await client.drain()
            client.close()

    async def _serve(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        if _peer_user(client) != os.getuid():
            client.close()
            return
        self._clients.add(client)
        try:
            while True:
                (length,) = wire.LENGTH.unpack(await reader.readexactly(wire.LENGTH.size))
                if length > wire.MAXIMUM_FRAME_BYTES:
                    log.warning("a frame of %d bytes was refused", length)
                    return
                self._take(wire.unpack(await reader.readexactly(length)), client)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return
        except Exception:
            log.exception("a frame could not be read; its connection is closed")
        finally:
            self._clients.discard(client)
            self._subscribers.discard(client)
            client.close()

    def _take(self, message: list[Any], client: asyncio.StreamWriter) -> None:
        match message:
            case [wire.CALL, bytes(command_id), bool(is_retry), str(name), dict(arguments)]:
                self._put(
                    Call(
                        command_id,
                        is_retry,
                        name,
                        arguments,
                        lambda frame: self._send(client, frame),
                    )
                )
            case [wire.SUBSCRIBE]:
                self._subscribers.add(client)
            case [wire.STATUS]:
                client.write(wire.pack([wire.STATUS, self._status()]))
            case _:
                raise ValueError("the frame is no message of this protocol")

    def _notice(self, topic: str, data: dict[str, Any]) -> None:
        if self._subscribers:
            frame = wire.pack([wire.NOTICE, topic, data])
            for client in tuple(self._subscribers):
                self._send(client, frame)

    def _send(self, client: asyncio.StreamWriter, frame: bytes) -> None:
        self._outbox.append((client, frame))
        if not self._is_flush_due:
            self._is_flush_due = True
            self._loop.call_soon_threadsafe(self._flush)

    def _flush(self) -> None:
        self._is_flush_due = False
        while self._outbox:
            client, frame = self._outbox.popleft()
            if not client.is_closing():
                client.write(frame)


def _peer_user(client: asyncio.StreamWriter) -> int:
    peer = client.get_extra_info("socket")
    if hasattr(socket, "SO_PEERCRED"):
        credentials = struct.Struct("3i")
        raw = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, credentials.size)
        return int(credentials.unpack(raw)[1])
    return os.getuid()  # elsewhere the socket's file mode (0600) keeps others out
