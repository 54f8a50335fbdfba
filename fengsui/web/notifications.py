"""The writer's "something changed" messages as an endless stream of topics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fengsui.foundation.journal import services as journal_services


async def notifications() -> AsyncIterator[str]:
    """Topics as they change. Ends or raises OSError when the writer goes away."""
    subscribe = getattr(journal_services, "subscribe", None)
    if subscribe is None:
        await asyncio.Event().wait()
        return
    async for topic, _ in subscribe():
        yield topic
