"""The door to the writer for every other process."""

from __future__ import annotations

from typing import Any

from fengsui.foundation.journal.errors import WRITER_AWAY


def call(name: str, arguments: dict[str, Any]) -> Any:
    """Runs a command in the writer and returns its result or raises its Problem."""
    raise WRITER_AWAY()
