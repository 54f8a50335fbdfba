"""A row of the preview in words: what it says, and what was there before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.imports.rules.cells import degrees_text
from fengsui.foundation.imports.rules.values import BEIJING
from fengsui.foundation.imports.services import registers
from fengsui.foundation.imports.services.staging import PreviewRow
from fengsui.foundation.ledgers.rules import Column, Ledger, masked
from fengsui.foundation.ledgers.states import ColumnKind


class Spoken:
    """How the places and persons are called that some rows speak of."""

    def __init__(self, ledger: Ledger, viewer: Viewer, rows: Sequence[PreviewRow]) -> None:
        values = [row.said for row in rows]
        values += [{name: pair[0] for name, pair in row.changes.items()} for row in rows]
        self._names = registers.names_for(ledger, [{"values": one} for one in values], viewer)

    def word(self, column: Column, value: Any, *, is_held: bool = False) -> str:
        """`is_held`: it comes from the register, so what is personal stays masked."""
        if value is None or value == "":
            return ""
        kind = column.kind
        if is_held and column.is_personal and isinstance(value, str):
            return masked(value)
        if kind is ColumnKind.CHOICE:
            return next((one.zh for one in column.choices if one.value == value), str(value))
        if kind is ColumnKind.PLACE:
            return self._names.places.get(value) or str(value)
        if kind is ColumnKind.REFERENCE:
            return self._names.rows.get((column.reference, value), f"编号 {value}")
        if kind is ColumnKind.POINT:
            return f"{degrees_text(value[0])}, {degrees_text(value[1])}"
        if kind is ColumnKind.OUTLINE:
            return "图形"
        if kind is ColumnKind.MOMENT:
            moment = datetime.fromtimestamp(value, UTC).astimezone(BEIJING)
            return f"{moment:%Y-%m-%d %H:%M}"
        if kind is ColumnKind.FLAG:
            return "是" if value else "否"
        return str(value)


def row_shown(ledger: Ledger, row: PreviewRow, spoken: Spoken) -> dict[str, Any]:
    columns = {one.name: one for one in ledger.columns}
    return {
        "n": row.n,
        "kind": row.kind.value,
        "state": row.state.value,
        "skip": row.is_skipped,
        "note": row.note,
        "is_restoring": row.is_restoring,
        "is_further": row.is_further,
        "values": {
            name: spoken.word(columns[name], value)
            for name, value in row.said.items()
            if name in columns
        },
        "changes": [
            {
                "column": name,
                "zh": columns[name].zh,
                "en": columns[name].en,
                "was": spoken.word(columns[name], pair[0], is_held=True),
                "will_be": spoken.word(columns[name], pair[1]),
            }
            for name, pair in row.changes.items()
            if name in columns
        ],
    }
