"""Background work of the search box."""

from __future__ import annotations

from fengsui.foundation.journal.jobs import Job
from fengsui.review.search.services import follow

FOLLOW_SECONDS = 1.0

JOBS = (Job("search.follow", FOLLOW_SECONDS, follow, can_wait=True),)
