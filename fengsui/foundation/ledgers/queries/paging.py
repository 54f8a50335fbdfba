"""One page of a ledger by keyset: as fast at the end of a million rows as at the start.

How many rows match is counted up to a maximum only, and that count decides the way: few rows are
found by the filter and sorted; many are read in the order's own index until the page is full.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import Coalesce

from fengsui.foundation.access.listed import Values
from fengsui.foundation.access.viewer import Viewer
from fengsui.foundation.ledgers.errors import BAD_QUERY
from fengsui.foundation.ledgers.queries import rows as reading
from fengsui.foundation.ledgers.queries.matching import PageRequest, in_state, matching, way_to
from fengsui.foundation.ledgers.queries.registry import ledger as ledger_of
from fengsui.foundation.ledgers.rules import PAGE_MAX, Ledger
from fengsui.foundation.ledgers.states import RowState

TOTAL_MAX = 10_000  # counting stops here: nobody reads the difference, everybody waits for it
INTERNAL_PAGE_MAX = 2_000
CURSOR_LENGTH_MAX = 400


@dataclass(frozen=True, slots=True)
class _Order:
    column: str  # the model's field
    is_descending: bool
    key: str  # the primary key

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((self.column, self.key)))


def page(name: str, asked: PageRequest, *, viewer: Viewer) -> dict[str, Any]:
    """{"items", "next", "total", "total_is_least", "text_match"} as people may see it.

    `text_match`: "contains", or "begins" where more than SCAN_MAX rows would have to be looked
    through for a text. Raises access.not_found, ledgers.bad_query.
    """
    if not 1 <= asked.limit <= PAGE_MAX:
        raise BAD_QUERY(zh=f"每页 1 至 {PAGE_MAX} 行", en=f"1 to {PAGE_MAX} rows a page")
    ledger = ledger_of(name, viewer)
    found = _page(ledger, asked, viewer)
    items = reading.for_people(ledger, found["rows"], viewer=viewer)
    return {
        "items": items,
        "next": found["next"],
        "total": found["total"],
        "total_is_least": found["total_is_least"],
        "text_match": found["text_match"],
    }


def every_row(name: str, asked: PageRequest, *, viewer: Viewer) -> Iterator[reading.Shaped]:
    """All rows that match, unmasked, in the order asked for: for exports, which mask by column.

    Each as `rows.read` gives it. Rows that change while it runs come once or not at all.
    """
    ledger = ledger_of(name, viewer)
    asked = replace(asked, limit=INTERNAL_PAGE_MAX)
    while True:
        found = _page(ledger, asked, viewer, is_counted=False)
        yield from found["rows"]
        if not found["next"]:
            return
        asked = replace(asked, after=found["next"])


def _page(
    ledger: Ledger, asked: PageRequest, viewer: Viewer, *, is_counted: bool = True
) -> dict[str, Any]:
    model = ledger.register.model
    order = _order(ledger, asked.order)
    way = way_to(ledger, asked, viewer)
    rows = matching(ledger, asked, viewer, way)
    if asked.after or not is_counted:
        total = _read_cursor(order, asked.after)[2] if asked.after else TOTAL_MAX + 1
    elif way.is_bounded:
        total = None  # counted in the same walk
    else:
        total = rows[: TOTAL_MAX + 1].values("pk").count()
    is_dense = not way.is_bounded and total is not None and total > TOTAL_MAX
    if is_dense:
        # Of many rows the page is read in the order's own index, the conditions row by row.
        rows = matching(ledger, asked, viewer, replace(way, by=order.column))
    keys = _keys(rows, order, asked, is_sorted_by_index=is_dense, is_counting=total is None)
    if total is None:
        total = keys[0]["matching_rows"] if keys else 0
    more = len(keys) > asked.limit
    keys = keys[: asked.limit]
    by_key = {
        one["id"]: one
        for one in reading.read(
            ledger,
            model._default_manager.filter(pk__in=[each[order.key] for each in keys]),
            viewer,
            whole=not is_counted,
        )
    }
    return {
        "rows": [by_key[each[order.key]] for each in keys if each[order.key] in by_key],
        "next": _cursor(order, keys[-1], min(total, TOTAL_MAX + 1)) if more else None,
        "total": min(total, TOTAL_MAX),
        "total_is_least": is_counted and total > TOTAL_MAX,
        "text_match": way.text_match if asked.q.strip() else "",
    }


# --- the order ------------------------------------------------------------------------------


def _order(ledger: Ledger, asked: str) -> _Order:
    key = ledger.register.model._meta.pk.attname
    if not asked:
        return _Order(ledger.register.place, is_descending=False, key=key)
    column = ledger.column(asked.removeprefix("-"))
    if column is None or not column.sortable or not column.is_stored:
        raise BAD_QUERY(zh=f"不能按“{asked}”排序", en=f"rows cannot be ordered by {asked!r}")
    return _Order(column.attribute, is_descending=asked.startswith("-"), key=key)


def _keys(
    rows: QuerySet[Any],
    order: _Order,
    asked: PageRequest,
    *,
    is_sorted_by_index: bool,
    is_counting: bool,
) -> list[dict[str, Any]]:
    """Order value and id of the rows of the page, and of one more where there is one."""
    wanted = asked.limit + 1
    if not is_sorted_by_index and order.column != order.key:
        # Sorted after the filter, though an index would give the order: the filter is the narrower.
        rows = rows.annotate(sort_value=Coalesce(F(order.column), F(order.column)))
        column = "sort_value"
    else:
        column = order.column
    fields = order.fields
    if is_counting:
        rows = rows.annotate(matching_rows=Window(Count("*")))
        fields = (*fields, "matching_rows")
    ordered = rows.order_by(*_ordering(column, order)).values(*fields)
    if not asked.after:
        return list(ordered[:wanted])
    found: list[dict[str, Any]] = []
    # One question per part of the keyset condition: an OR of them would use no index.
    for part in _after(order, column, asked.after):
        found += ordered.filter(part)[: wanted - len(found)]
        if len(found) >= wanted:
            break
    return found


def _ordering(column: str, order: _Order) -> list[Any]:
    """NULL comes first upwards and last downwards, on every database."""
    if column == order.key:
        return [f"-{column}" if order.is_descending else column]
    if order.is_descending:
        return [F(column).desc(nulls_last=True), f"-{order.key}"]
    return [F(column).asc(nulls_first=True), order.key]


def _after(order: _Order, column: str, cursor: str) -> list[Q]:
    value, key, _ = _read_cursor(order, cursor)
    later = "lt" if order.is_descending else "gt"
    if order.column == order.key:
        return [Q(**{f"{order.key}__{later}": key})]
    if value is None:
        ties = Q(**{f"{column}__isnull": True, f"{order.key}__{later}": key})
        return [ties] if order.is_descending else [ties, Q(**{f"{column}__isnull": False})]
    parts = [
        Q(**{column: value, f"{order.key}__{later}": key}),
        Q(**{f"{column}__{later}": value}),
    ]
    return [*parts, Q(**{f"{column}__isnull": True})] if order.is_descending else parts


def _cursor(order: _Order, row: Mapping[str, Any], total: int) -> str:
    value = row[order.column]
    if isinstance(value, datetime):
        value = {"at": value.astimezone(UTC).isoformat()}
    direction = "-" if order.is_descending else "+"
    mark = [direction + order.column, value, row[order.key], total]
    plain = json.dumps(mark, ensure_ascii=False)
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def _read_cursor(order: _Order, cursor: str) -> tuple[Any, Any, int]:
    """Order value and id of the last row seen, and how many rows matched at the first page."""
    try:
        if len(cursor) > CURSOR_LENGTH_MAX:
            raise ValueError
        plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        column, value, key, total = json.loads(plain)
        if column != ("-" if order.is_descending else "+") + order.column:
            raise ValueError
        if isinstance(value, dict):
            value = datetime.fromisoformat(value["at"])
        if not isinstance(key, (int, str)) or isinstance(value, (list, dict)):
            raise ValueError
        if type(total) is not int or not 0 <= total <= TOTAL_MAX + 1:
            raise ValueError
        return value, key, total
    except (ValueError, TypeError, KeyError, binascii.Error) as error:
        raise BAD_QUERY(zh="翻页标记已失效", en="the page mark is of another order") from error


def candidates(
    name: str, column: str, texts: Sequence[str], *, viewer: Viewer, limit: int = PAGE_MAX
) -> list[reading.Shaped]:
    """Current rows in which a stored text column has one of the texts: for near matches."""
    ledger = ledger_of(name, viewer)
    found = ledger.column(column)
    if found is None or not found.is_stored:
        raise BAD_QUERY(zh=f"没有“{column}”", en=f"there is no {column!r}")
    rows = reading.seen(ledger, viewer).filter(
        in_state(ledger.register.model, RowState.CURRENT),
        **{f"{found.attribute}__in": list(dict.fromkeys(texts))},
    )
    return reading.read(ledger, rows.order_by("pk")[:limit], viewer)


def by_keys(
    ledger: Ledger | str, keys: Sequence[Sequence[Any]], *, viewer: Viewer
) -> dict[tuple[Any, ...], reading.Shaped]:
    """Rows by the values of the key columns, in the columns' order; a current row before a
    withdrawn one, the older before the newer. At most INTERNAL_PAGE_MAX keys a call.
    """
    ledger = ledger_of(ledger, viewer) if isinstance(ledger, str) else ledger
    columns = ledger.keys
    wanted = {tuple(one) for one in keys}
    if len(wanted) > INTERNAL_PAGE_MAX:
        raise BAD_QUERY(zh="一次的行数太多", en="too many keys at a time")
    # The narrowest column that every key fills finds the rows; the others are compared here.
    filled = [at for at in range(len(columns)) if all(one[at] is not None for one in wanted)]
    if not filled:
        return {}
    position = max(filled, key=lambda at: len({one[at] for one in wanted}))
    values = {one[position] for one in wanted}
    found: dict[tuple[Any, ...], reading.Shaped] = {}
    rows = reading.seen(ledger, viewer).filter(
        **{f"{columns[position].attribute}__listed": Values(values)}
    )
    for row in reading.read(ledger, rows.order_by("-pk"), viewer, whole=True):
        key = tuple(row["values"].get(one.name) for one in columns)
        held = found.get(key)
        if key in wanted and (held is None or held["is_withdrawn"] or not row["is_withdrawn"]):
            found[key] = row
    return found
