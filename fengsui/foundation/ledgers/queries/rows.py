"""Rows of a ledger as values and as what people read, a page of them at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from fengsui.foundation.access.listed import Values
from fengsui.foundation.access.problems import NOT_FOUND
from fengsui.foundation.access.queries import visible
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.journal import hlc
from fengsui.foundation.ledgers.facts import WITHDRAWN
from fengsui.foundation.ledgers.queries.registry import all_ledgers
from fengsui.foundation.ledgers.queries.shape import has, read_fields, shown_masked, value_of
from fengsui.foundation.ledgers.rules import Column, Ledger
from fengsui.foundation.ledgers.states import ColumnKind

KEYS_PER_QUERY = 2_000
_CLOCK_DIGITS = 16
OUT_OF_SIGHT = "（不在您的管辖范围）"

Shaped = dict[str, Any]


def seen(ledger: Ledger, viewer: Viewer) -> QuerySet[Any]:
    """The rows of the table that the viewer may see."""
    rows: QuerySet[Any] = ledger.register.model._default_manager.filter(
        visible(viewer, ledger.see, ledger.register.place)
    )
    return rows


def is_current(ledger: Ledger, row: Mapping[str, Any]) -> bool:
    if WITHDRAWN in row:
        return not row[WITHDRAWN]
    return row.get("until_at") is None


def read(
    ledger: Ledger, rows: QuerySet[Any], viewer: Viewer, *, whole: bool = True
) -> list[Shaped]:
    """Rows as {"id", "values" (unmasked), "is_withdrawn", "is_invented", "changed_at", "place"}.

    For the program; what goes to a person is masked by `page` and `row`.
    """
    names = read_fields(ledger, with_outlines=whole)
    key = ledger.register.model._meta.pk.attname
    found = list(rows.values(*names))
    stored = [
        one
        for one in ledger.columns
        if one.is_stored and (whole or one.kind is not ColumnKind.OUTLINE)
    ]
    more: Mapping[Any, Mapping[str, Any]] = {}
    if ledger.enrich is not None and found:
        more = ledger.enrich([row[key] for row in found], viewer)
    others = [one.name for one in ledger.columns if not one.is_stored]
    return [
        {
            "id": row[key],
            "values": {
                **{one.name: value_of(one, row) for one in stored},
                **{name: more.get(row[key], {}).get(name) for name in others},
            },
            "is_withdrawn": not is_current(ledger, row),
            "is_invented": bool(row.get("is_invented", False)),
            "changed_at": changed_at(row["field_clock"]),
            "place": row[ledger.register.place],
        }
        for row in found
    ]


def changed_at(clocks: str) -> datetime | None:
    """When a row was last changed; None: not since it was registered."""
    if clocks == "{}":
        return None
    import json

    latest = max(json.loads(clocks).values())
    return hlc.to_time(int(latest[:_CLOCK_DIGITS], 16))


def by_ids(ledger: Ledger, ids: Sequence[Any], *, viewer: Viewer) -> dict[Any, Shaped]:
    """Rows in sight by id, as `read` gives them."""
    found: dict[Any, Shaped] = {}
    for start in range(0, len(ids), KEYS_PER_QUERY):
        rows = seen(ledger, viewer).filter(pk__listed=Values(ids[start : start + KEYS_PER_QUERY]))
        found |= {one["id"]: one for one in read(ledger, rows, viewer)}
    return found


def one(ledger: Ledger, row_id: Any, *, viewer: Viewer) -> Shaped:
    """One row; raises access.not_found out of sight."""
    found = by_ids(ledger, [row_id], viewer=viewer)
    if row_id not in found:
        raise NOT_FOUND()
    return found[row_id]


# --- what people read -----------------------------------------------------------------------


def shown(
    ledger: Ledger, rows: Sequence[Shaped], *, viewer: Viewer, columns: Iterable[str] | None = None
) -> list[dict[str, str]]:
    """For each row {column: text} of references, places and choices; the others speak alone."""
    chosen = [
        one
        for one in ledger.columns
        if (columns is None or one.name in columns)
        and one.kind in (ColumnKind.REFERENCE, ColumnKind.PLACE, ColumnKind.CHOICE)
    ]
    names = _names(chosen, rows, viewer)
    return [
        {
            one.name: _text(one, row["values"].get(one.name), names)
            for one in chosen
            if row["values"].get(one.name) is not None
        }
        for row in rows
    ]


def _names(
    columns: Sequence[Column], rows: Sequence[Shaped], viewer: Viewer
) -> dict[str, Mapping[Any, str]]:
    """Ledger -> id -> name of what the rows refer to: one question for each ledger."""
    wanted: dict[str, set[Any]] = {}
    for column in columns:
        target = reference_of(column)
        if target:
            values = {row["values"].get(column.name) for row in rows} - {None}
            wanted.setdefault(target, set()).update(values)
    return {target: names_of(target, list(ids), viewer=viewer) for target, ids in wanted.items()}


def reference_of(column: Column) -> str:
    """The ledger that a column points into; "" where it points nowhere."""
    return column.reference or ("places" if column.kind is ColumnKind.PLACE else "")


def names_of(name: str, ids: Sequence[Any], *, viewer: Viewer) -> Mapping[Any, str]:
    """How people call rows of a ledger, of those in sight; withdrawn ones keep their name."""
    target = all_ledgers().get(name)
    if target is None or not ids:
        return {}
    if target.naming is not None:
        return target.naming(viewer, ids)
    column = target.column(target.title)
    attribute = column.attribute if column is not None else target.title
    found: dict[Any, str] = {}
    for start in range(0, len(ids), KEYS_PER_QUERY):
        rows = seen(target, viewer).filter(pk__listed=Values(ids[start : start + KEYS_PER_QUERY]))
        found |= dict(rows.values_list("pk", attribute))
    return found


def _text(column: Column, value: Any, names: Mapping[str, Mapping[Any, str]]) -> str:
    if column.kind is ColumnKind.CHOICE:
        return next((each.zh for each in column.choices if each.value == value), str(value))
    text = names.get(reference_of(column), {}).get(value)
    if text is None:
        return str(value) if column.kind is ColumnKind.PLACE else OUT_OF_SIGHT
    return text


def for_people(ledger: Ledger, rows: Sequence[Shaped], *, viewer: Viewer) -> list[Shaped]:
    """Rows with "shown" and with personal values masked; what goes out of the program."""
    texts = shown(ledger, rows, viewer=viewer)
    columns = {one.name: one for one in ledger.columns}
    return [
        {
            **row,
            "values": {
                name: shown_masked(columns[name], value) for name, value in row["values"].items()
            },
            "shown": text,
        }
        for row, text in zip(rows, texts, strict=True)
    ]


def current_ids(name: str, ids: Iterable[Any], *, viewer: Viewer) -> set[Any]:
    """Those of the ids that are current rows in sight; that a place exists is no secret."""
    wanted = list(ids)
    target = all_ledgers()[name]
    model = target.register.model
    are_places = target.register.place == model._meta.pk.attname
    rows = model._default_manager.all() if are_places else seen(target, viewer)
    names = [each for each in (WITHDRAWN, "until_at") if has(model, each)]
    found: set[Any] = set()
    for start in range(0, len(wanted), KEYS_PER_QUERY):
        piece = Values(wanted[start : start + KEYS_PER_QUERY])
        there = rows.filter(pk__listed=piece).values("pk", *names)
        found |= {row["pk"] for row in there if is_current(target, row)}
    return found
