"""What a failed write says of the disk, and what the writer says of it until a write works."""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from django.db import DatabaseError

from fengsui.foundation.access.problems import ProblemKind
from fengsui.foundation.journal import clock
from fengsui.foundation.journal.errors import DISK_FULL, NOT_STORED, READ_ONLY

PROBE_SECONDS = 5.0
_PRIMARY = 0xFF  # https://www.sqlite.org/rescode.html: the rest of the code says more
_OF_SQLITE = MappingProxyType(
    {
        sqlite3.SQLITE_FULL: DISK_FULL,
        sqlite3.SQLITE_READONLY: READ_ONLY,
        sqlite3.SQLITE_IOERR: NOT_STORED,
        sqlite3.SQLITE_CANTOPEN: NOT_STORED,
        sqlite3.SQLITE_CORRUPT: NOT_STORED,
    }
)
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_OF_POSTGRESQL = MappingProxyType(
    {"53100": DISK_FULL, "25006": READ_ONLY, "58030": NOT_STORED, "XX001": NOT_STORED}
)

log = logging.getLogger("fengsui.writer")


def problem_of(error: BaseException) -> ProblemKind | None:
    """DISK_FULL, READ_ONLY or NOT_STORED where the disk is the reason; None for anything else."""
    cause = error.__cause__ if isinstance(error, DatabaseError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _OF_SQLITE.get(code & _PRIMARY)
    return _OF_POSTGRESQL.get(getattr(cause, "sqlstate", None) or "")


@dataclass
class Storage:
    """How writing goes: "" while it works, else the code of the problem, and since when."""

    finding: str = ""
    since: datetime | None = None
    refused: int = 0

    def failed(self, kind: ProblemKind, commands: int) -> None:
        """A write was refused; said once in the log, not once a try."""
        self.refused += commands
        if self.finding != kind.code:
            log.error("the disk refuses writes: %s", kind.code, exc_info=True)
            self.finding, self.since = kind.code, clock.now()

    def worked(self) -> None:
        if self.finding:
            log.warning("the disk takes writes again")
        self.finding, self.since = "", None

    def plain(self) -> dict[str, str | int | None]:
        since = self.since.isoformat() if self.since else None
        return {"finding": self.finding, "since": since, "refused": self.refused}
