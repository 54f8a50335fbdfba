"""The door to the writer for every other process."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings

from fengsui.foundation.access.problems import Problem
from fengsui.foundation.journal import place, wire
from fengsui.foundation.journal.errors import WRITER_AWAY

CALL_SECONDS = 20.0
STATUS_SECONDS = 3.0
_RETRY_SECONDS = 0.02
_LONGEST_RETRY_SECONDS = 0.1
SUBSCRIBED = "subscribed"

log = logging.getLogger("fengsui.journal")

Listener = Callable[[str, dict[str, Any]], None]


class _Line:
    """A connection that is closed with the last word of its thread, not left to be warned of."""

    def __init__(self) -> None:
        self.open = connect()
        self.pid = os.getpid()

    def __del__(self) -> None:
        # Not there where the connection failed.
        if hasattr(self, "open"):
            self.open.close()


class _Connection(threading.local):
    """One socket per thread; a forked child never uses its parent's."""

    line: _Line | None = None

    def get(self) -> socket.socket:
        if self.line is None or self.line.pid != os.getpid():
            self.line = _Line()
        return self.line.open

    def drop(self) -> None:
        self.line = None


_connection = _Connection()


def connect() -> socket.socket:
    """A fresh connection to the writer."""
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        opened.settimeout(CALL_SECONDS)
        opened.connect(str(place.socket_path(settings.HOME)))
    except BaseException:
        opened.close()
        raise
    return opened


def call(name: str, arguments: dict[str, Any]) -> Any:
    """Runs a command in the writer and returns its result or raises its Problem.

    A lost connection is taken up again under the same command id, so that the writer can tell
    a repetition. Raises writer_away after CALL_SECONDS.
    """
    command_id = wire.command_id()
    deadline = time.monotonic() + CALL_SECONDS
    pause = _RETRY_SECONDS
    is_retry = False
    while True:
        try:
            return _call_once(command_id, is_retry, name, arguments)
        except OSError as error:  # includes ConnectionError and TimeoutError
            _connection.drop()
            is_retry = True
            if time.monotonic() + pause > deadline:
                raise WRITER_AWAY() from error
            time.sleep(pause)
            pause = min(pause * 2, _LONGEST_RETRY_SECONDS)


def _call_once(command_id: bytes, is_retry: bool, name: str, arguments: dict[str, Any]) -> Any:
    frame = wire.pack([wire.CALL, command_id, is_retry, name, arguments])
    opened = _connection.get()
    opened.sendall(frame)
    while True:
        reply = wire.read_frame(opened)
        if reply[0] == wire.REPLY and reply[1] == command_id:
            break
    if reply[2]:
        return reply[3]
    raise Problem.from_plain(reply[3])


def status() -> dict[str, Any]:
    """What the writer says of itself; raises writer_away where there is none."""
    try:
        with connect() as opened:
            opened.settimeout(STATUS_SECONDS)
            opened.sendall(wire.pack([wire.STATUS]))
            facts: dict[str, Any] = wire.read_frame(opened)[1]
            return facts
    except OSError as error:
        raise WRITER_AWAY() from error


def subscribe(listener: Listener) -> Callable[[], None]:
    """Calls `listener(topic, data)` after commits; returns how to stop that.

    In the writer itself the listener runs in the writer's thread. Elsewhere it runs in a thread
    of its own, and hears the topic SUBSCRIBED, at first and after every gap, once the writer has
    taken it in: what it reads from then on, and is told, lacks nothing. A listener that fails is
    subscribed anew.
    """
    if settings.IS_WRITER:
        from fengsui.foundation.journal.services import add_listener

        return add_listener(listener)
    stopped = threading.Event()
    thread = threading.Thread(
        target=_listen, args=(listener, stopped), name="journal-notices", daemon=True
    )
    thread.start()
    return stopped.set


def _listen(listener: Listener, stopped: threading.Event) -> None:
    while not stopped.is_set():
        try:
            with connect() as opened:
                opened.sendall(wire.pack([wire.SUBSCRIBE]))
                while not stopped.is_set():
                    message = wire.read_frame(opened)
                    if message[0] == wire.SUBSCRIBED:
                        opened.settimeout(None)
                        listener(SUBSCRIBED, {})
                    elif message[0] == wire.NOTICE:
                        listener(message[1], message[2])
        except OSError:
            stopped.wait(_LONGEST_RETRY_SECONDS)
        except Exception:
            log.exception("what the writer said could not be taken in; asked to be told anew")
            stopped.wait(_LONGEST_RETRY_SECONDS)
