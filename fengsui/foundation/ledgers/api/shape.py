"""From the program's values to JSON and back: ids and references are strings there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fengsui.foundation.access.viewer import Permission, Viewer
from fengsui.foundation.ledgers import queries
from fengsui.foundation.ledgers.api.schemas import ColumnOut
from fengsui.foundation.ledgers.errors import BAD_QUERY
from fengsui.foundation.ledgers.rules import Column, Ledger
from fengsui.foundation.ledgers.states import ColumnKind

WHERE_LENGTH_MAX = 2_000
_ID_MAX = 1 << 63


def ledger_plain(ledger: Ledger, viewer: Viewer) -> dict[str, Any]:
    may_edit = bool(viewer.scopes(ledger.edit))
    return {
        "name": ledger.name,
        "zh": ledger.zh,
        "en": ledger.en,
        "title": ledger.title,
        "place": ledger.place,
        "may_edit": may_edit,
        "may_export": may_edit,
        "may_reveal": bool(viewer.scopes(Permission.REVEAL_PERSONAL)),
        "can_restore": ledger.can_restore,
        "columns": [column_plain(one) for one in ledger.columns],
        "rows_max": ledger.rows_max,
    }


def column_plain(column: Column) -> dict[str, Any]:
    names = ColumnOut.model_fields
    plain = {name: getattr(column, name) for name in names if name != "choices"}
    return {
        **plain,
        "kind": column.kind.value,
        "filter": column.filter.value,
        "choices": [{"value": str(o.value), "zh": o.zh, "en": o.en} for o in column.choices],
    }


def row_plain(ledger: Ledger, row: Mapping[str, Any]) -> dict[str, Any]:
    references = {one.name for one in ledger.columns if one.kind is ColumnKind.REFERENCE}
    values = {
        name: str(value) if name in references and value is not None else value
        for name, value in row["values"].items()
    }
    return {**row, "id": str(row["id"]), "values": values}


def whole(ledger: Ledger, row_id: Any, viewer: Viewer) -> dict[str, Any]:
    row = queries.one(ledger, row_id, viewer=viewer)
    shown = queries.for_people(ledger, [row], viewer=viewer)[0]
    return {
        **row_plain(ledger, shown),
        "may_edit": viewer.may(ledger.edit, row["place"]),
        "may_reveal": viewer.may(Permission.REVEAL_PERSONAL, row["place"]),
        "history": queries.history(ledger, row, viewer=viewer),
    }


def values_in(ledger: Ledger, values: Mapping[str, Any]) -> dict[str, Any]:
    """References come as strings; anything else stays as it came and is judged by the rules."""
    references = {one.name for one in ledger.columns if one.kind is ColumnKind.REFERENCE}
    return {
        name: reference_in(value) if name in references else value for name, value in values.items()
    }


def reference_in(value: Any) -> Any:
    is_id = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20
    return int(value) if is_id else (value or None)


def id_in(ledger: Ledger, text: str) -> Any:
    """The key of a row: the code of a place as it is, an id as a number."""
    is_text = ledger.register.model._meta.pk.get_internal_type() == "CharField"
    return text if is_text else number(text)


def number(text: str) -> int:
    is_number = text.isascii() and text.isdigit() and len(text) < 20
    return int(text) if is_number and int(text) < _ID_MAX else 0


def where(text: str) -> Mapping[str, Any] | None:
    if not text:
        return None
    try:
        found = json.loads(text) if len(text) <= WHERE_LENGTH_MAX else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise BAD_QUERY(zh="筛选不是 JSON 对象", en="the filter is not a JSON object")
    return found
