"""Raw reads by a key column: thousands of rows a cycle, without binding their ids one by one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection

# SQLite and PostgreSQL both take more; past this a statement holds the writer too long.
IDS_PER_STATEMENT = 1000


def chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), IDS_PER_STATEMENT):
        yield ids[start : start + IDS_PER_STATEMENT]


def among(ids: Sequence[int], column: str = "id") -> tuple[str, list[Any]]:
    """A condition on a key column, and the values it binds. Consecutive ids are a range."""
    if len(ids) > 1 and is_run(ids):
        return f"{column} BETWEEN %s AND %s", [ids[0], ids[-1]]
    if connection.vendor == "sqlite":
        return f"{column} IN (SELECT value FROM json_each(%s))", [json.dumps(list(ids))]  # noqa: S608
    return f"{column} = ANY(%s)", [list(ids)]


def is_run(ids: Sequence[int]) -> bool:
    """Whether the ids are consecutive and in order, as those of one fact mostly are."""
    return ids[-1] - ids[0] == len(ids) - 1 and list(ids) == list(range(ids[0], ids[-1] + 1))


def select_among(
    columns: str, table: str, ids: Sequence[int], column: str = "id"
) -> list[tuple[Any, ...]]:
    """Raw rows of `table` by a key column; an index the planner must take, see `advance`."""
    found: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for chunk in chunks(ids):
            condition, bound = among(chunk, column)
            cursor.execute(f"SELECT {columns} FROM {table} WHERE {condition}", bound)  # noqa: S608
            found += cursor.fetchall()
    return found
