"""The words of imports: how far one is, and what becomes of each row."""

from __future__ import annotations

from enum import StrEnum


class ImportState(StrEnum):
    """Where an import stands. Reading, checking and carrying out go on after a stop."""

    RECEIVING = "receiving"  # pieces of the file are coming
    READING = "reading"
    READ = "read"  # headers are guessed; a person looks at them
    CHECKING = "checking"
    CHECKED = "checked"  # the preview is there
    RUNNING = "running"  # pieces are being written into the register
    DONE = "done"
    FAILED = "failed"  # the file could not be read; nothing was written
    CANCELLED = "cancelled"


AT_WORK = frozenset({ImportState.READING, ImportState.CHECKING, ImportState.RUNNING})
OVER = frozenset({ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED})


class RowKind(StrEnum):
    """What a row of the sheet would do to the register."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    FAULTY = "faulty"
    DOUBTFUL = "doubtful"


WRITTEN = frozenset({RowKind.NEW, RowKind.CHANGED})


class RowState(StrEnum):
    """What became of a row when it was carried out."""

    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"
    KEPT = "kept"  # somebody changed it in the meantime; it was left alone


class ExportFormat(StrEnum):
    XLSX = "xlsx"
    CSV = "csv"
    GEOJSON = "geojson"
