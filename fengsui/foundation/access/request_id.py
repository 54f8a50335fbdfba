"""One id per request, the same in the answer, the logs and the facts it led to."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

HEADER = "X-Request-Id"
LENGTH_MAX = 64
_ACCEPTED = re.compile(r"[A-Za-z0-9_-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """The id of the request that is being served or carried out here; "" outside any."""
    return _current.get()


def chosen(offered: str = "") -> str:
    """The caller's own id where it is well formed, else a new one."""
    return offered if _ACCEPTED.fullmatch(offered) else secrets.token_hex(8)


def begin(offered: str = "") -> str:
    """From here on this context serves that one request."""
    request_id = chosen(offered)
    _current.set(request_id)
    return request_id


@contextmanager
def during(request_id: str) -> Iterator[None]:
    """What is logged and recorded inside belongs to this request, and nothing after it does."""
    before = _current.set(request_id)
    try:
        yield
    finally:
        _current.reset(before)
