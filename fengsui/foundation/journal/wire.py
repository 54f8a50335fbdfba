"""Frames on the writer's socket: four bytes of length, then CBOR.

To the writer: [CALL, command id, is retry, name, arguments], [SUBSCRIBE], [STATUS].
From it: [REPLY, command id, ok, result or problem], [SUBSCRIBED], [NOTICE, topic, data],
[STATUS, facts].
"""

from __future__ import annotations

import secrets
import socket
import struct
import time
from typing import Any

import cbor2

from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal.errors import FRAME_TOO_LARGE

MAXIMUM_FRAME_BYTES = 8 * 1024 * 1024
LENGTH = struct.Struct(">I")
COMMAND_ID_BYTES = 16
_CHANCE_BYTES = 8
CALL, SUBSCRIBE, STATUS, REPLY, NOTICE, SUBSCRIBED = range(6)
_VIEWER_TAG = 40100


def command_id() -> bytes:
    """Never the same again. The time comes first, so that the writer finds the newest together: of
    ids by chance alone each would change another page of the disk."""
    return time.time_ns().to_bytes(COMMAND_ID_BYTES - _CHANCE_BYTES, "big") + secrets.token_bytes(
        _CHANCE_BYTES
    )


def _encode_other(encoder: Any, value: Any) -> None:
    if not isinstance(value, Viewer):
        raise TypeError(f"{type(value).__name__} cannot go over the writer's socket")
    encoder.encode(cbor2.CBORTag(_VIEWER_TAG, value.to_plain()))


def _decode_tag(tag: Any, immutable: bool = False) -> Any:
    return Viewer.from_plain(tag.value) if tag.tag == _VIEWER_TAG else tag


def pack(message: list[Any]) -> bytes:
    """One frame. Raises the problem frame_too_large."""
    data = cbor2.dumps(message, default=_encode_other)
    if len(data) > MAXIMUM_FRAME_BYTES:
        raise FRAME_TOO_LARGE(limit=MAXIMUM_FRAME_BYTES)
    return LENGTH.pack(len(data)) + data


def unpack(data: bytes) -> list[Any]:
    message: list[Any] = cbor2.loads(data, tag_hook=_decode_tag)
    return message


def read_frame(connection: socket.socket) -> list[Any]:
    """The next frame of a blocking socket. Raises ConnectionError where it ends."""
    (length,) = LENGTH.unpack(_read(connection, LENGTH.size))
    if length > MAXIMUM_FRAME_BYTES:
        raise ConnectionError("the frame is larger than allowed")
    return unpack(_read(connection, length))


def _read(connection: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = connection.recv(count - len(parts))
        if not part:
            raise ConnectionError("the writer closed the connection")
        parts += part
    return bytes(parts)
