"""The writer's door: a Unix socket for processes of the same user.

Read and written by the writer's own thread, between its turns and once within each: a second
thread would take the interpreter from it a thousand times a second. What comes meanwhile waits in
the sockets, and a turn finds all of it at once.
"""

from __future__ import annotations

import contextlib
import logging
import os
import selectors
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import services, wire

FINISH_SECONDS = 3.0
STORED = "stored"
# Somebody who asks and does not read what is answered is sent away.
UNREAD_BYTES_MAX = 64 * 1024 * 1024
_WAITING_CONNECTIONS = 256
_READ_BYTES = 256 * 1024
_READS_AT_ONCE = 4

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
    outcome: str = STORED

    @property
    def request_id(self) -> str:
        """The id of the web request on whose behalf this is called; "" where there is none."""
        viewer = self.arguments.get("viewer")
        return viewer.request_id if isinstance(viewer, Viewer) else ""


@dataclass(eq=False)
class _Client:
    """A connection: what has come and is no whole frame yet, what is still to be sent."""

    line: socket.socket
    come: bytearray = field(default_factory=bytearray)
    to_send: bytearray = field(default_factory=bytearray)
    is_open: bool = True
    waits_to_send: bool = False


class Door:
    """Takes frames in, hands calls to `put`, sends out answers and notices.

    Used by one thread: `look` takes in what is there, and waits for it if told to.
    """

    def __init__(
        self, path: Path, put: Callable[[Call], None], status: Callable[[], dict[str, Any]]
    ) -> None:
        self._path = path
        self._put = put
        self._status = status
        self._ready = selectors.DefaultSelector()
        self._clients: set[_Client] = set()
        self._subscribers: set[_Client] = set()
        self._unsent: dict[_Client, None] = {}
        self._listening: socket.socket | None = None
        self._stop_notices: Callable[[], None] | None = None

    def open(self) -> None:
        self._path.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            listening.bind(str(self._path))
        finally:
            os.umask(before)
        listening.listen(_WAITING_CONNECTIONS)
        listening.setblocking(False)
        self._ready.register(listening, selectors.EVENT_READ, None)
        self._listening = listening
        self._stop_notices = services.add_listener(self._notice)

    def close(self) -> None:
        """Sends what is still to be sent and closes every connection."""
        if self._stop_notices is not None:
            self._stop_notices()
        for client in tuple(self._unsent):
            with contextlib.suppress(OSError):
                client.line.settimeout(FINISH_SECONDS)
                client.line.sendall(client.to_send)
        for client in tuple(self._clients):
            self._forget(client)
        if self._listening is not None:
            self._listening.close()
        self._ready.close()
        self._path.unlink(missing_ok=True)

    def look(self, seconds: float = 0.0) -> None:
        """Sends what is to be sent, takes in what has come; waits up to `seconds` for anything."""
        self.flush()
        for key, events in self._ready.select(seconds):
            if key.data is None:
                self._let_in()
                continue
            client: _Client = key.data
            if events & selectors.EVENT_WRITE:
                self._send_on(client)
            if events & selectors.EVENT_READ and client.is_open:
                self._take_in(client)
        self.flush()

    def flush(self) -> None:
        """What is there for each client, in its order, by one write."""
        for client in tuple(self._unsent):
            self._send_on(client)

    # --- connections ------------------------------------------------------------------------

    def _let_in(self) -> None:
        assert self._listening is not None
        try:
            line, _ = self._listening.accept()
        except (BlockingIOError, ConnectionError):
            return
        except OSError as error:  # too many are open: whoever is here is still served
            log.warning("nobody else can be let in: %s", error)
            return
        if _peer_user(line) != os.getuid():
            line.close()
            return
        line.setblocking(False)
        client = _Client(line)
        self._clients.add(client)
        self._ready.register(line, selectors.EVENT_READ, client)
        self._take_in(client)  # who asks at once need not wait for the next look

    def _forget(self, client: _Client) -> None:
        if not client.is_open:
            return
        client.is_open = False
        self._clients.discard(client)
        self._subscribers.discard(client)
        self._unsent.pop(client, None)
        self._ready.unregister(client.line)
        client.line.close()

    # --- coming in --------------------------------------------------------------------------

    def _take_in(self, client: _Client) -> None:
        is_over = False
        try:
            for _ in range(_READS_AT_ONCE):
                data = client.line.recv(_READ_BYTES)
                client.come += data
                is_over = not data
                if len(data) < _READ_BYTES:
                    break
        except BlockingIOError:
            pass
        except OSError:
            is_over = True
        try:
            is_sound = self._take_frames(client)
        except Exception:
            log.exception("a frame could not be read; its connection is closed")
            is_sound = False
        if is_over or not is_sound:
            self._send_on(client)
            self._forget(client)

    def _take_frames(self, client: _Client) -> bool:
        """Every whole frame that has come; False where one is larger than allowed."""
        come, start = client.come, 0
        try:
            while len(come) - start >= wire.LENGTH.size:
                (length,) = wire.LENGTH.unpack_from(come, start)
                if length > wire.MAXIMUM_FRAME_BYTES:
                    log.warning("a frame of %d bytes was refused", length)
                    return False
                end = start + wire.LENGTH.size + length
                if len(come) < end:
                    return True
                data = bytes(come[start + wire.LENGTH.size : end])
                start = end
                self._take(wire.unpack(data), client)
        finally:
            del come[:start]
        return True

    def _take(self, message: list[Any], client: _Client) -> None:
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
                self._send(client, wire.pack([wire.SUBSCRIBED]))
            case [wire.STATUS]:
                self._send(client, wire.pack([wire.STATUS, self._status()]))
            case _:
                raise ValueError("the frame is no message of this protocol")

    # --- going out --------------------------------------------------------------------------

    def _notice(self, topic: str, data: dict[str, Any]) -> None:
        if self._subscribers:
            frame = wire.pack([wire.NOTICE, topic, data])
            for client in tuple(self._subscribers):
                self._send(client, frame)

    def _send(self, client: _Client, frame: bytes) -> None:
        if client.is_open:
            client.to_send += frame
            self._unsent[client] = None

    def _send_on(self, client: _Client) -> None:
        """As much as the client takes now; the rest when it reads on."""
        if not client.is_open:
            return
        try:
            sent = client.line.send(client.to_send) if client.to_send else 0
        except BlockingIOError:
            sent = 0
        except OSError:
            self._forget(client)
            return
        del client.to_send[:sent]
        unread = len(client.to_send)
        if unread > UNREAD_BYTES_MAX:
            log.warning("somebody left %d bytes unread; the connection is closed", unread)
            self._forget(client)
            return
        if not unread:
            self._unsent.pop(client, None)
        if client.waits_to_send is not bool(unread):
            client.waits_to_send = bool(unread)
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if unread else 0)
            self._ready.modify(client.line, wanted, client)


def _peer_user(peer: socket.socket) -> int:
    if hasattr(socket, "SO_PEERCRED"):
        credentials = struct.Struct("3i")
        raw = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, credentials.size)
        return int(credentials.unpack(raw)[1])
    return os.getuid()  # elsewhere the socket's file mode (0600) keeps others out
