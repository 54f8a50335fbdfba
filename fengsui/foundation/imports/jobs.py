"""What the writer looks after: imports whose worker died, folders that nobody needs any more."""

from __future__ import annotations

from fengsui.foundation.imports.services.working import forget_old, start_again
from fengsui.foundation.journal.jobs import Job

JOBS = (
    Job("imports.start_again", 20.0, start_again),
    Job("imports.forget_old", 3600.0, forget_old, waits_for_record=False),
)
