"""What keeps the folder of contents equal to what the facts refer to."""

from __future__ import annotations

from datetime import datetime

from fengsui.foundation.attachments import services
from fengsui.foundation.journal.jobs import Job

ROWS_PER_STEP = 50
_at = {"row": 0, "folder": 0}


def sweep_gone(now: datetime) -> bool:
    """Contents whose fact was erased go within seconds; after a restore too."""
    _at["row"], _ = services.sweep_gone(_at["row"], ROWS_PER_STEP)
    return _at["row"] > 0


def sweep_orphans(now: datetime) -> bool:
    """One of the 256 folders a time: all of them in about four hours."""
    services.sweep_orphans(f"{_at['folder']:02x}")
    _at["folder"] = (_at["folder"] + 1) % 256
    return False


def forget_old_uploads(now: datetime) -> bool:
    services.forget_old_uploads()
    return False


JOBS = (
    Job("attachments.sweep_gone", 5.0, sweep_gone, can_wait=True),
    Job("attachments.sweep_orphans", 60.0, sweep_orphans, can_wait=True),
    Job("attachments.forget_old_uploads", 600.0, forget_old_uploads, can_wait=True),
)
