"""A value of the register as a cell of a sheet that goes in again unchanged. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fengsui.foundation.imports.rules import safety, tables
from fengsui.foundation.imports.rules.columns import LAT, LON, ROW_ID, ROW_ID_ZH
from fengsui.foundation.imports.rules.values import BEIJING
from fengsui.foundation.ledgers.rules import Column, Ledger, masked
from fengsui.foundation.ledgers.states import ColumnKind
from fengsui.standards.coordinates import E7

HIDDEN = "**"  # where not even the length may show

Cell = str | int


@dataclass(frozen=True, slots=True)
class Head:
    """One column of the sheet: its header, and the column of the ledger it is (a part of)."""

    target: str
    zh: str
    column: Column | None

    @property
    def is_number(self) -> bool:
        return self.column is not None and self.column.kind is ColumnKind.WHOLE


def heads_of(ledger: Ledger, names: Sequence[str] | None = None) -> list[Head]:
    """The columns of an export: the row number, then those asked for (all where None)."""
    return [Head(ROW_ID, ROW_ID_ZH, None), *_heads(ledger, names)]


def _heads(ledger: Ledger, names: Sequence[str] | None) -> Iterator[Head]:
    for column in ledger.columns:
        if names is not None and column.name not in names and not column.is_key:
            continue
        if column.kind is ColumnKind.POINT:
            yield Head(column.name + LON, "经度", column)
            yield Head(column.name + LAT, "纬度", column)
        else:
            yield Head(column.name, column.zh, column)


@dataclass(frozen=True, slots=True)
class Names:
    """How places and rows that are referred to are called: code -> path, (ledger, id) -> name."""

    places: Mapping[str, str]
    rows: Mapping[tuple[str, int], str]
    # Ledgers whose names are personal: they are hidden where personal data is.
    personal: frozenset[str]


def cells_of(
    heads: Sequence[Head], row_id: Any, values: Mapping[str, Any], names: Names, *, in_full: bool
) -> list[Cell]:
    """The cells of one row. `in_full`: nothing is masked."""
    found: list[Cell] = []
    for head in heads:
        if head.column is None:
            found.append(str(row_id))
            continue
        value = values.get(head.column.name)
        hidden = not in_full and (head.column.is_personal or head.column.is_private)
        cell = _cell(head, head.column, value, names, hidden=hidden, in_full=in_full)
        # In every format: a workbook is saved as CSV by somebody sooner or later.
        found.append(safety.escaped(cell) if isinstance(cell, str) else cell)
    return found


def _cell(
    head: Head, column: Column, value: Any, names: Names, *, hidden: bool, in_full: bool
) -> Cell:
    if value is None or value == "":
        return ""
    kind = column.kind
    if kind is ColumnKind.REFERENCE:
        private = column.reference in names.personal and not in_full
        name = HIDDEN if hidden or private else names.rows.get((column.reference, value), "")
        return f"{name}（编号 {value}）"
    if hidden:
        if kind not in (ColumnKind.TEXT, ColumnKind.PHONE):
            return HIDDEN
        mask = masked(str(value))
        return mask if safety.is_masked(mask) else HIDDEN
    if kind is ColumnKind.POINT:
        return degrees_text(value[0] if head.target.endswith(LON) else value[1])
    if kind is ColumnKind.WHOLE:
        return int(value)
    return _word(column, value, names)


def _word(column: Column, value: Any, names: Names) -> str:
    kind = column.kind
    if kind is ColumnKind.CHOICE:
        return next((one.zh for one in column.choices if one.value == value), str(value))
    if kind is ColumnKind.PLACE and column.name != "code":
        return f"{value} {names.places.get(value, '')}".strip()
    if kind is ColumnKind.OUTLINE:
        text = json.dumps(value, separators=(",", ":"))
        return text if len(text) <= tables.CELL_LENGTH_MAX else safety.SEE_GEOJSON
    if kind is ColumnKind.MOMENT:
        return datetime.fromtimestamp(value, UTC).astimezone(BEIJING).isoformat(" ", "seconds")[:19]
    if kind is ColumnKind.FLAG:
        return "是" if value else "否"
    return str(value)


def degrees_text(e7: int) -> str:
    """Whole numbers of 1e-7 degree as degrees, exactly: no float comes in between."""
    sign, whole = "-" if e7 < 0 else "", abs(e7)
    return f"{sign}{whole // E7}.{whole % E7:07d}"


def feature(
    heads: Sequence[Head],
    cells: Sequence[Cell],
    values: Mapping[str, Any],
    *,
    shows: Mapping[str, bool],
) -> dict[str, Any]:
    """The row as a GeoJSON feature: its outline, else its point, where they may be shown."""
    geometry: Any = None
    for head in heads:
        column = head.column
        if column is None or not shows.get(column.name) or values.get(column.name) is None:
            continue
        if column.kind is ColumnKind.OUTLINE:
            geometry = values[column.name]
            break
        if column.kind is ColumnKind.POINT and geometry is None:
            lon, lat = values[column.name]
            geometry = {"type": "Point", "coordinates": [lon / E7, lat / E7]}
    properties = {
        head.zh: cell
        for head, cell in zip(heads, cells, strict=True)
        if not (head.column is not None and head.column.kind is ColumnKind.OUTLINE)
    }
    return {"type": "Feature", "properties": properties, "geometry": geometry}
