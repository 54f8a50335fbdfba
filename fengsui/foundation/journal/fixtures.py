"""Pytest fixtures: `node` (an in-process writer on a fresh journal) and `clock`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

NIGHT = datetime(2026, 7, 16, 18, 10, tzinfo=UTC)  # 02:10 on 17 July in Beijing


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that uses `node` gets both databases without saying so."""
    for item in items:
        if "node" in getattr(item, "fixturenames", ()) and not any(item.iter_markers("django_db")):
            item.add_marker(pytest.mark.django_db(databases=["default", "local"]))


@pytest.fixture
def clock() -> Iterator[Any]:
    """A clock wound by hand; it starts at 02:10 Beijing time on 17 July 2026."""
    from fengsui.foundation.journal import clock as the_clock

    wound = the_clock.WoundClock(NIGHT)
    the_clock.use(wound)
    yield wound
    the_clock.use(None)


@pytest.fixture
def node(db: None, clock: Any) -> Iterator[Any]:
    """The ledger of a fresh node. On leaving, a rebuild must give the same tables."""
    from fengsui.foundation.journal import incarnation, ledger, replay
    from fengsui.foundation.journal.keys import NodeKey

    opened = ledger.Ledger.open(NodeKey.fresh(), incarnation.mint(0))
    ledger.use(opened)
    try:
        yield opened
        changed = replay.rebuild_and_compare()
        assert not changed, f"a rebuild changes {', '.join(changed)}"
    finally:
        ledger.use(None)
