"""A story begins with the standing county, a clock wound by hand, and phones that do not exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.world.night import Night


@pytest.fixture
def night(node: Any, clock: Any) -> Iterator[Night]:
    """The standing county at 02:10. When the story is over a rebuild must change nothing."""
    told = Night(clock)
    yield told
    told.close()
