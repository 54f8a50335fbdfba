"""Tells systemd that the node is ready, alive, stopping (sd_notify(3)); nothing elsewhere."""

from __future__ import annotations

import os
import socket
import time

ALIVE_EVERY_SECONDS = 15.0
_last = 0.0


def ready() -> None:
    _say("READY=1")


def stopping() -> None:
    _say("STOPPING=1")


def alive() -> None:
    """For the watchdog; cheap to call often."""
    global _last
    now = time.monotonic()
    if now - _last >= ALIVE_EVERY_SECONDS:
        _last = now
        _say("WATCHDOG=1")


def _say(word: str) -> None:
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    # "@" stands for the zero byte of an abstract address.
    where = "\0" + address[1:] if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
            door.connect(where)
            door.send(word.encode())
    except OSError:
        return  # systemd then judges by its own timeouts
