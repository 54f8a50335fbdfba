"""Rebuild: empty the projected tables, apply every fact again, compare."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from fengsui.foundation.journal import ledger as ledgers
from fengsui.foundation.journal.dispatch import projection_version
from fengsui.foundation.journal.models import FactState, NodeState, StoredFact, Waiting
from fengsui.foundation.journal.stored import decode
from fengsui.standards.divisions import scope_prefix

_CHUNK = 2000
_EMPTY_DIGEST = hashlib.sha256().hexdigest()
_PLACE_COLUMNS = ("place_code", "code", "scope")


def projected_models() -> list[type[models.Model]]:
    """Every model that the facts add up to."""
    return [model for model in apps.get_models() if getattr(model, "journal_projection", False)]


def digest() -> dict[str, str]:
    """One SHA-256 per projected table over its rows, node-local columns left out."""
    models_ = {model._meta.db_table: model for model in projected_models()}
    filled = _with_rows(list(models_))
    return {
        table: _table_digest(model) if table in filled else _EMPTY_DIGEST
        for table, model in models_.items()
    }


def _with_rows(tables: list[str]) -> set[str]:
    """Of these tables those that have a row, by one statement: most are empty on most nodes."""
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT {number} WHERE EXISTS (SELECT 1 FROM {connection.ops.quote_name(table)})"  # noqa: S608
                for number, table in enumerate(tables)
            )
        )
        return {tables[number] for (number,) in cursor.fetchall()}


def _columns(model: type[models.Model]) -> list[str]:
    excluded = getattr(model, "digest_exclude", ())
    return [
        column.attname
        for column in model._meta.concrete_fields
        if column.name not in excluded and column.attname not in excluded
    ]


def _table_digest(model: type[models.Model], chosen: Any = None) -> str:
    columns = _columns(model)
    primary = model._meta.pk.attname
    order = [primary] if primary in columns else columns
    digest = hashlib.sha256()
    rows: Any = model._default_manager.all() if chosen is None else chosen
    rows = rows.order_by(*order).values_list(*columns)
    for row in rows.iterator(chunk_size=_CHUNK):
        digest.update(repr(tuple(_comparable(value) for value in row)).encode())
    return digest.hexdigest()


def digest_of_place(scope: str) -> dict[str, str]:
    """What two nodes that hold the same place compare: its facts, and every table's rows there.

    Facts: those of feeds whose audience lies in the place, with what became of each. Rows: of
    projected tables that say where a row belongs.
    """
    prefix = scope_prefix(scope)
    facts = hashlib.sha256()
    rows = StoredFact.objects.filter(feed__audience__startswith=prefix).order_by(
        "feed__feed_id", "seq"
    )
    for row in rows.values_list("feed__feed_id", "seq", "header", "state").iterator(_CHUNK):
        facts.update(repr(tuple(_comparable(value) for value in row)).encode())
    found = {StoredFact._meta.db_table: facts.hexdigest()}
    for model in projected_models():
        column = next((name for name in _PLACE_COLUMNS if name in _columns(model)), None)
        if column is not None:
            chosen = model._default_manager.filter(**{f"{column}__startswith": prefix})
            found[model._meta.db_table] = _table_digest(model, chosen)
    return found


def _comparable(value: Any) -> Any:
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value


def rebuild() -> int:
    """Empties every projected table and replays the journal in arrival order; counts facts."""
    ledger = ledgers.current()
    with ledgers.writing(), ledger.group():
        count = rebuild_here()
    ledger.take_notices()
    return count


def rebuild_here() -> int:
    """The same inside an open transaction. What the facts cause besides rows is not repeated."""
    ledger = ledgers.current()
    ledger.insert_rows()
    ledger.is_rebuilding = True
    count = 0
    try:
        _empty([model._meta.db_table for model in projected_models()])
        Waiting.objects.all().delete()
        ledger.waiting = 0
        StoredFact.objects.filter(state=FactState.WAITING).update(state=FactState.APPLIED)
        for stored in _in_arrival_order():
            fact = decode(stored)
            if fact is not None:
                ledger.apply(fact, stored.arrival, None)
                count += 1
        ledger.insert_rows()
    finally:
        ledger.is_rebuilding = False
    return count


def rebuild_if_outdated() -> int | None:
    """Rebuilds where an app has raised its PROJECTION_VERSION since; None where none has."""
    current = projection_version()
    stored = NodeState.objects.values_list("projection_version", flat=True).get(id=1)
    if stored == current:
        return None
    count = rebuild() if stored else None
    NodeState.objects.filter(id=1).update(projection_version=current)
    return count


def _in_arrival_order() -> Iterator[StoredFact]:
    after = 0
    while True:
        page = list(
            StoredFact.objects.filter(arrival__gt=after)
            .exclude(state=FactState.NOT_APPLIED)
            .order_by("arrival")[:_CHUNK]
        )
        yield from page
        if len(page) < _CHUNK:
            return
        after = page[-1].arrival


def _empty(tables: list[str]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA defer_foreign_keys = ON")
        else:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table in sorted(_with_rows(tables)):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608


def rebuild_and_compare() -> list[str]:
    """The projected tables that a rebuild changes: none, if the applies keep their promise."""
    with transaction.atomic():
        before = digest()
        rebuild()
        after = digest()
    return [table for table, value in before.items() if after[table] != value]
