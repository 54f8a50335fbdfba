"""One id per request, the same in the answer, the logs and the facts it led to."""

from __future__ import annotations

import re
import secrets
from contextvars import ContextVar

HEADER = "X-Request-Id"
_ACCEPTED = re.compile(r"[A-Za-z0-9_-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def current() -> str:
    """The id of the request being served in this context; "" outside any request."""
    return _current.get()


def begin(offered: str = "") -> str:
    """Take over the caller's id where it is well formed, else make one."""
    request_id = offered if _ACCEPTED.fullmatch(offered) else secrets.token_hex(8)
    _current.set(request_id)
    return request_id
