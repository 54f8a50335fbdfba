"""The verbs on imports and exports."""

from fengsui.foundation.imports.services.carrying import begin, cancel
from fengsui.foundation.imports.services.checking import choose, correct, guess_at, said_of
from fengsui.foundation.imports.services.exporting import File, export, template
from fengsui.foundation.imports.services.mappings import drop_mapping, save_mapping
from fengsui.foundation.imports.services.receiving import (
    PIECE_BYTES_MAX,
    announce,
    note,
    take_piece,
)
from fengsui.foundation.imports.services.staging import STAGING_DAYS, Staging
from fengsui.foundation.imports.services.working import (
    forget,
    forget_old,
    set_viewer_resolver,
    start,
    work,
)

__all__ = [
    "PIECE_BYTES_MAX",
    "STAGING_DAYS",
    "File",
    "Staging",
    "announce",
    "begin",
    "cancel",
    "choose",
    "correct",
    "drop_mapping",
    "export",
    "forget",
    "forget_old",
    "guess_at",
    "note",
    "said_of",
    "save_mapping",
    "set_viewer_resolver",
    "start",
    "take_piece",
    "template",
    "work",
]
