"""Links for an inquiry: what is kept of a token and its code, and when a link is dead. Pure.

The token is 32 random bytes and stands in the part of the address that browsers send to nobody
(after #). The code is told by another way. What is kept is a hash of each: of the code under the
token, so that a reader of the record cannot try the million codes.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

TOKEN_BYTES = 32
CODE_DIGITS = 6
WRONG_CODES_MAX = 5
OPENINGS_MAX = 200
LASTS_MIN = timedelta(hours=1)
LASTS_MAX = timedelta(days=30)
_TOKEN = b"fengsui share token 1\0"
_CODE = b"fengsui share code 1\0"


def token_hash(token: str) -> str:
    return hashlib.sha256(_TOKEN + token.encode()).hexdigest()


def code_hash(token: str, code: str) -> str:
    return hmac.new(token.encode(), _CODE + code.encode(), hashlib.sha256).hexdigest()


def is_code(expected: str, token: str, code: str) -> bool:
    return hmac.compare_digest(expected, code_hash(token, code))


def is_dead(
    *,
    now: datetime,
    expires_at: datetime,
    withdrawn_at: datetime | None,
    wrong_codes: int,
    openings: int,
) -> bool:
    """Over at the very second of its end; locked after five wrong codes."""
    return (
        now >= expires_at
        or withdrawn_at is not None
        or wrong_codes >= WRONG_CODES_MAX
        or openings >= OPENINGS_MAX
    )
