"""Write a bundle for a node; read one that somebody brought."""

from fengsui.exchange.bundles.services.reading import (
    Report,
    begin_reading,
    import_bundle,
    note_reading,
    note_refused,
    open_bundle,
)
from fengsui.exchange.bundles.services.writing import (
    Written,
    export_bundle,
    export_to_file,
    note_written,
)

__all__ = [
    "Report",
    "Written",
    "begin_reading",
    "export_bundle",
    "export_to_file",
    "import_bundle",
    "note_reading",
    "note_refused",
    "note_written",
    "open_bundle",
]
