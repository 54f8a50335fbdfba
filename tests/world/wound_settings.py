"""Settings of a real node in a story: its clock is wound from outside, by a file with an offset."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from fengsui.config.settings import *  # noqa: F403
from fengsui.foundation.journal import clock


def wound_from(path: Path) -> Callable[[], datetime]:
    """The machine's clock and the seconds in the file on top. Every process reads the same."""
    seen, offset = 0, timedelta(0)

    def now() -> datetime:
        nonlocal seen, offset
        changed = path.stat().st_mtime_ns
        if changed != seen:
            seen, offset = changed, timedelta(seconds=float(path.read_text() or 0))
        return clock.machine_now() + offset

    return now


if os.environ.get("WOUND_CLOCK"):
    clock.use(wound_from(Path(os.environ["WOUND_CLOCK"])))
