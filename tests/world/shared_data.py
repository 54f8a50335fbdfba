"""Real data beside the repository, which does not carry it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

SHARED_DATA = Path(
    os.environ.get("FENGSUI_SHARED_DATA", Path(__file__).parents[3] / "shared" / "data")
)


def shared(path: str) -> Path:
    """`path` below ../shared/data. Skips the test where it is absent, fails it in CI."""
    found = SHARED_DATA / path
    if not found.exists():
        reason = f"{found} is not here: this test reads real data that the repository leaves out"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found
