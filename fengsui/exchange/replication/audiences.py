"""Which node may hold which feed. Pure. There is no filter inside a feed, so there are no gaps.

Up: everything of a village goes to its township and county. Down: public feeds, and the
life-safety and command feeds of the places above. Never sideways.
"""

from __future__ import annotations

from functools import lru_cache

from fengsui.foundation.journal.codec import PUBLIC_AUDIENCE, FeedKey
from fengsui.foundation.journal.facts import FactClass
from fengsui.standards.divisions import scope_prefix

_prefix = lru_cache(maxsize=8_192)(scope_prefix)


def may_hold(scope: str, key: FeedKey, author_scope: str) -> bool:
    """Whether the node of the place `scope` may be given a feed whose author is of another."""
    if key.audience == PUBLIC_AUDIENCE:
        return True
    own = _prefix(scope)
    if key.audience.startswith(own) or _prefix(author_scope).startswith(own):
        return True
    return own.startswith(key.audience) and key.fact_class <= FactClass.COMMAND
